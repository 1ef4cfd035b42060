//! Every fault at every position.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use clearway_tests::seed::Seed;

use crate::report::{Row, publish};
use crate::rig::Rig;
use crate::scenario::{SCENARIOS, Scenario};

/// Scenarios at the same time: most of each is waiting.
const AT_ONCE: usize = 4;

/// Plays only the scenarios whose position or fault contains this.
const ONLY: &str = "CLEARWAY_SCENARIO";

#[test]
fn whatever_breaks_wherever_the_oracle_agrees_and_new_legs_find_a_way() {
    let seed = Seed::of_test("scenarios").number();
    let only = std::env::var(ONLY).unwrap_or_default();
    let is_wanted = |scenario: &&Scenario| scenario.position.contains(&only) || scenario.fault.contains(&only);
    let scenarios: Vec<_> = SCENARIOS.iter().filter(is_wanted).collect();
    let (next, rows) = (AtomicUsize::new(0), Mutex::new(Vec::<(usize, Row)>::new()));
    let play_some = || {
        while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
            play(scenario, seed, &rows);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(play_some);
        }
    });
    let mut rows = rows.into_inner().expect("no player panicked");
    rows.sort_by_key(|(place, _)| *place);
    let (_, rows): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    publish(&rows);
    assert_eq!(rows.len(), scenarios.len(), "some could not be played to their end, see above");
    scenarios.iter().zip(&rows).for_each(|(scenario, row)| scenario.judge(row));
}

/// A scenario that cannot be played to its end has printed why, and the others are played all the same.
fn play(scenario: &Scenario, seed: u64, rows: &Mutex<Vec<(usize, Row)>>) {
    let place = SCENARIOS.iter().position(|other| std::ptr::eq(other, scenario)).unwrap_or_default();
    match catch_unwind(AssertUnwindSafe(|| scenario.play(&Rig::start(seed, scenario.tls), seed))) {
        Ok(row) => rows.lock().expect("nobody panics with it").push((place, row)),
        Err(_) => eprintln!("not played to its end: {} / {}", scenario.position, scenario.fault),
    }
}
