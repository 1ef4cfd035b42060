//! Ten thousand random fault schedules, and those that once found something.

use super::S;
use super::world::{Summary, World};

/// Seeds that found a fault, one a line, with what it was.
const FOUND: &str = include_str!("seeds.txt");
/// Schedules of one test; there are four, so that they run side by side.
const SCHEDULES: u64 = 2_500;
/// Simulated time of each.
const LASTS_US: u64 = 25 * S;

fn run_all(first: u64) {
    let mut sum = Summary::default();
    for seed in first..first + SCHEDULES {
        let one = World::new(seed).run(LASTS_US);
        sum = Summary {
            sent: sum.sent + one.sent,
            refused: sum.refused + one.refused,
            waited: sum.waited + one.waited,
            downs: sum.downs + one.downs,
            switches: sum.switches + one.switches,
            trials: sum.trials + one.trials,
            digest: sum.digest ^ one.digest,
        };
    }
    // A world in which nothing happens would prove nothing.
    assert!(sum.downs > SCHEDULES && sum.trials > SCHEDULES / 2 && sum.switches > SCHEDULES, "{sum:?}");
    assert!(sum.sent > 100 * SCHEDULES && sum.waited > 0 && sum.refused > 0, "{sum:?}");
}

#[test]
fn the_first_2500_schedules_hold() {
    run_all(0);
}

#[test]
fn the_second_2500_schedules_hold() {
    run_all(SCHEDULES);
}

#[test]
fn the_third_2500_schedules_hold() {
    run_all(2 * SCHEDULES);
}

#[test]
fn the_fourth_2500_schedules_hold() {
    run_all(3 * SCHEDULES);
}

#[test]
fn schedules_that_found_something_hold() {
    let seeds = FOUND.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_whitespace().next());
    for seed in seeds {
        World::new(seed.parse().expect("a seed")).run(LASTS_US);
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in 0..50 {
        assert_eq!(World::new(seed).run(LASTS_US), World::new(seed).run(LASTS_US), "seed {seed}");
    }
}
