//! The process stops at each step, and at each record that the journal does not take: afterwards everything is as if it had not.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::hvps::{Fate, Hvps};
use super::*;

/// Stops at the n-th step.
pub(super) struct Stop(pub(super) AtomicUsize);
struct Stopped;

impl Steps for Stop {
    fn taken(&self, _: &'static str) {
        if self.0.fetch_sub(1, Ordering::Relaxed) == 1 {
            // Without a word on stderr.
            resume_unwind(Box::new(Stopped));
        }
    }
}

impl World {
    /// A turn that may be stopped or refused; whatever it was, the node starts again.
    pub(super) fn stumble(&self, settlement: &mut Settlement, steps: &dyn Steps) -> bool {
        let now_us = self.now_us.get();
        let turn = |desk: &Desk<'_>| settlement.turn(desk, &self.terms(), self, now_us);
        let outcome = catch_unwind(AssertUnwindSafe(|| self.with_desk(steps, turn)));
        let went = match outcome {
            Ok(turn) => turn.is_ok(),
            Err(cause) if cause.is::<Stopped>() => false,
            Err(cause) => resume_unwind(cause),
        };
        if !went {
            self.records_left.set(usize::MAX);
            *settlement = self.open();
        }
        went
    }
}

/// A day with a refusal, and the holiday's interest. Returns whether nothing went wrong.
fn play(world: &World, steps: &dyn Steps) -> bool {
    let mut settlement = world.open();
    let mut hvps = Hvps::default();
    let mut calls = 0;
    world.sealed("B202509300016", [-500_000_000, 300_000_000, 200_000_000]);
    world.batch("B202509300017", BatchPhase::Closed, [-1, 1, 0]);
    let mut went = true;
    for time in [
        "2025-10-09T09:00:00",
        "2025-10-09T09:30:00",
        "2025-10-09T09:31:00",
        "2025-10-09T09:45:00",
        "2025-10-09T09:46:00",
        "2025-10-09T09:47:00",
        "2025-10-09T15:30:00",
        "2025-10-09T19:00:00",
        "2025-10-10T09:00:00",
        "2025-10-10T09:01:00",
        "2025-10-10T09:02:00",
    ] {
        world.now_us.set(at(time));
        // A stopped process starts again within the same minute, until there is nothing to do.
        while !world.stumble(&mut settlement, steps) {
            went = false;
        }
        hvps.take(
            world.dir(),
            || Fate::Once,
            || {
                calls += 1;
                calls != 1
            },
        );
        hvps.deliver(world.dir(), || Fate::Once);
    }
    let moved: i128 = hvps.moved_fen.values().sum();
    assert_eq!((moved, settlement.live.len()), (0, 0));
    went
}

#[test]
fn stopped_at_every_step_it_comes_to_the_same_bytes() {
    let undisturbed = World::new();
    assert!(play(&undisturbed, &NoSteps));
    let wanted = files(undisturbed.dir());
    let entries = |world: &World| {
        let keys = [Space::Session, Space::Order, Space::Notice, Space::Case].map(Space::keys);
        keys.map(|keys| world.registers.book_entries(keys))
    };
    assert!(wanted.len() > 10 && entries(&undisturbed)[1].len() == 6, "{:?}", wanted.keys());
    let compare = |world: &World, stop: &str| {
        let found = files(world.dir());
        assert!(found == wanted, "{stop}: {:?} is not {:?}", found.keys(), wanted.keys());
        let same = entries(world)
            .iter()
            .flatten()
            .zip(entries(&undisturbed).iter().flatten().cloned().collect::<Vec<_>>())
            .all(|(one, other)| one.key == other.key && one.bytes == other.bytes);
        assert!(same, "{stop}: other entries");
    };
    let mut stops = 0;
    loop {
        stops += 1;
        let world = World::new();
        if play(&world, &Stop(AtomicUsize::new(stops))) {
            break;
        }
        compare(&world, &format!("stopped at step {stops}"));
    }
    assert!(stops > 50, "only {stops} steps");
    for refused in 0.. {
        let world = World::new();
        world.records_left.set(refused);
        if play(&world, &NoSteps) {
            break;
        }
        compare(&world, &format!("record {refused} refused"));
    }
}
