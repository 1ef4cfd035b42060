//! Sends each request at its instant and composes the next ones in between.
//!
//! Invariant: what is due goes out before anything is prepared, and the other tasks of the thread get their turn after
//! every burst.

use super::lanes::{Lanes, Parts};
use super::preparer::Preparer;
use super::timer::Timer;
use crate::error::Error;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs the whole schedule, or until `stop`, and waits for the last answer.
pub(super) async fn pace(mut parts: Parts, mut preparer: Preparer, stop: &AtomicBool) -> Result<Rc<Lanes>, Error> {
    let timer = Timer::new().map_err(|error| Error::Start("the pacing timer", error))?;
    while preparer.wants() {
        preparer.prepare(&mut parts.history)?;
    }
    let lanes = Lanes::open(parts);
    while !stop.load(Ordering::Relaxed) {
        let now = lanes.origin.nanos();
        while let Some(request) = preparer.take_due(now) {
            lanes.dispatch(request);
        }
        lanes.publish();
        if preparer.wants() {
            preparer.prepare(&mut lanes.history.borrow_mut())?;
            tokio::task::yield_now().await;
            continue;
        }
        let Some(due) = preparer.next_due() else { break };
        let pause = due.saturating_sub(lanes.origin.nanos());
        timer.sleep(pause).await.map_err(|error| Error::Start("the pacing timer", error))?;
    }
    lanes.drain().await;
    lanes.publish();
    Ok(lanes)
}
