//! Every fault at every position.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use clearway_tests::seed::Seed;

use crate::report::{Row, publish};
use crate::rig::Rig;
use crate::scenario::SCENARIOS;

/// Scenarios at the same time: most of each is waiting.
const AT_ONCE: usize = 4;

#[test]
fn whatever_breaks_wherever_the_oracle_agrees_and_new_legs_find_a_way() {
    let seed = Seed::of_test("scenarios").number();
    let (next, rows) = (AtomicUsize::new(0), Mutex::new(Vec::<(usize, Row)>::new()));
    std::thread::scope(|scope| {
        let players: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(|| play(&next, &rows, seed))).collect();
        players.into_iter().for_each(|player| player.join().expect("a scenario that can be played"));
    });
    let mut rows = rows.into_inner().expect("no player panicked");
    rows.sort_by_key(|(place, _)| *place);
    let (_, rows): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    publish(&rows);
    SCENARIOS.iter().zip(&rows).for_each(|(scenario, row)| scenario.judge(row));
}

fn play(next: &AtomicUsize, rows: &Mutex<Vec<(usize, Row)>>, seed: u64) {
    loop {
        let place = next.fetch_add(1, Ordering::Relaxed);
        let Some(scenario) = SCENARIOS.get(place) else { return };
        let rig = Rig::start(seed, |_| {});
        let row = scenario.play(&rig, seed);
        rows.lock().expect("no player panicked").push((place, row));
    }
}
