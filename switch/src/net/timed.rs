//! What the polls of a task cost.

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::time::Instant;

use super::meter::{Meter, OnFlush};
use crate::metrics::{Spent, Stage};

/// Runs `future` and charges the time of each of its polls to the stage that `stage_of` names after it, told whether the future
/// is done. A poll never blocks, so its time is CPU.
pub(super) async fn timed<F: Future>(future: F, spent: Spent, mut stage_of: impl FnMut(bool) -> Stage) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let began = Instant::now();
        let polled = future.as_mut().poll(context);
        spent.charge(stage_of(polled.is_ready()), began.elapsed());
        polled
    })
    .await
}

/// Runs a connection under `meter`: what a poll costs that has written is charged to `writing`, what any other costs to reading.
pub(super) async fn timed_connection<F: Future, N: OnFlush>(
    connection: F,
    spent: Spent,
    meter: Rc<Meter<N>>,
    writing: Stage,
) -> F::Output {
    let mut last_write = None;
    timed(connection, spent, |_| {
        let before = std::mem::replace(&mut last_write, meter.last_write());
        if last_write == before { Stage::Read } else { writing }
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn every_poll_is_charged_to_the_stage_that_is_named_after_it() {
        let (spent, mut told) = (Spent::default(), Vec::new());
        let yields_once = async {
            tokio::task::yield_now().await;
            std::hint::black_box((0..1_000).sum::<u64>())
        };
        let sum = timed(yields_once, spent.clone(), |is_done| {
            told.push(is_done);
            if is_done { Stage::Read } else { Stage::Forward }
        });
        assert_eq!((sum.await, told), (499_500, vec![false, true]));
        let huge = u64::try_from(Duration::from_secs(3_600).as_nanos()).unwrap();
        let charged = spent.settle(huge);
        assert!([Stage::Read, Stage::Forward].iter().all(|stage| charged[*stage as usize] > 0), "{charged:?}");
        assert_eq!(charged[Stage::Write as usize], 0);
    }
}
