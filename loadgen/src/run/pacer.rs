//! Sends each request at its instant and composes the next ones in between.
//!
//! Invariant: what is due goes out before anything is prepared, and the other tasks of the thread get their turn after
//! every burst.

use super::clerk::read_answers;
use super::dialogue::Dialogue;
use super::lanes::{Lanes, Parts};
use super::preparer::Preparer;
use super::valve::Watch;
use crate::error::Error;
use crate::timer::Timer;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Longest sleep of the pacer, so that it sees a stop.
const PAUSE_NS_MAX: u64 = 50_000_000;
const PUBLISH_EVERY: Duration = Duration::from_millis(20);

/// Runs the schedule to its end, to `stop`, or until the valve closes, and waits for the last answer.
pub(super) async fn pace<D: Dialogue>(
    parts: Parts<D>,
    preparer: &mut Preparer<D>,
    stop: &AtomicBool,
) -> Result<Rc<Lanes<D>>, Error> {
    let timer = Timer::new().map_err(|error| Error::Start("the pacing timer", error))?;
    while preparer.wants(0) && !stop.load(Ordering::Relaxed) {
        preparer.prepare(0, &parts.dialogue)?;
    }
    let watch = Watch::new(parts.plan.valve);
    let lanes = Lanes::open(parts);
    let publisher = tokio::task::spawn_local(publish(Rc::clone(&lanes)));
    let clerk = tokio::task::spawn_local(read_answers(Rc::clone(&lanes)));
    let is_whole = follow(preparer, &lanes, &timer, watch, stop).await?;
    if !is_whole {
        lanes.tally.borrow_mut().note_stop(lanes.origin.nanos());
    }
    lanes.drain().await;
    publisher.abort();
    clerk.abort();
    lanes.publish();
    Ok(lanes)
}

/// Whether the schedule was followed to its end.
async fn follow<D: Dialogue>(
    preparer: &mut Preparer<D>,
    lanes: &Rc<Lanes<D>>,
    timer: &Timer,
    mut watch: Watch,
    stop: &AtomicBool,
) -> Result<bool, Error> {
    while !stop.load(Ordering::Relaxed) {
        let now = lanes.origin.nanos();
        while let Some(request) = preparer.take_due(now) {
            lanes.dispatch(request);
        }
        if let Some(abort) = watch.look(now, lanes.standing()) {
            lanes.abort(abort);
            return Ok(false);
        }
        if preparer.wants(now) {
            preparer.prepare(now, &lanes.dialogue)?;
            tokio::task::yield_now().await;
            continue;
        }
        let Some(turn) = preparer.next_turn() else { return Ok(true) };
        let pause = turn.saturating_sub(lanes.origin.nanos()).min(PAUSE_NS_MAX);
        timer.sleep(pause).await.map_err(|error| Error::Start("the pacing timer", error))?;
    }
    Ok(false)
}

/// Shows the progress to other threads, for ever. That its timer always runs out before any time-out of a request is
/// worth two system calls a request: the runtime wakes itself for each new timer that is earlier than all others.
async fn publish(lanes: Rc<Lanes<impl Dialogue>>) {
    loop {
        lanes.publish();
        tokio::time::sleep(PUBLISH_EVERY).await;
    }
}
