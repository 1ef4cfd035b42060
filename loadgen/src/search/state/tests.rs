//! The search against systems that are simulated: what a trial says is drawn, never measured.

use super::*;
use crate::random::Draws;
use std::collections::BTreeMap;

/// A target that holds rates up to a capacity, more or less, behind a generator that is not perfect either.
#[derive(Debug, Clone, Copy)]
struct System {
    capacity_per_s: f64,
    /// Width of the band, in logarithms of the rate, in which trials go either way.
    noise: f64,
    /// Probability that a trial is bad for a reason of its own.
    stall: f64,
    /// Probability that the generator spoils a trial.
    spoilt: f64,
    /// What the generator can do at most.
    generator_per_s: f64,
}

impl System {
    const fn steady(capacity_per_s: f64) -> Self {
        Self { capacity_per_s, noise: 0.0, stall: 0.0, spoilt: 0.0, generator_per_s: f64::INFINITY }
    }

    fn answer(&self, rate_per_s: f64, draws: &mut Draws) -> Outcome {
        if rate_per_s > self.generator_per_s || draws.chance(self.spoilt) {
            return Outcome::Invalid;
        }
        let distance = (rate_per_s / self.capacity_per_s).ln();
        let likely = if self.noise > 0.0 {
            1.0 / (1.0 + (-distance / self.noise).exp())
        } else {
            f64::from(u8::from(distance > 0.0))
        };
        if draws.chance(likely) || draws.chance(self.stall) { Outcome::Bad } else { Outcome::Good }
    }
}

/// Everything that happened in one search.
struct Course {
    end: End,
    search: Search,
    trials: Vec<(Attempt, Outcome)>,
}

fn run(plan: &SearchPlan, system: &System, seed: u64) -> Course {
    let mut search = Search::new(plan.clone()).unwrap();
    let (mut draws, mut trials) = (Draws::new(seed, 0), Vec::new());
    loop {
        match search.next() {
            Next::Done(end) => return Course { end, search, trials },
            Next::Try(attempt) => {
                assert_eq!(search.next(), Next::Try(attempt), "asking changes nothing");
                let outcome = system.answer(attempt.rate_per_s, &mut draws);
                search.note(outcome);
                trials.push((attempt, outcome));
            }
        }
    }
}

/// What must be true of every course, whatever the system.
fn check(plan: &SearchPlan, course: &Course, context: &str) {
    let Course { end, search, trials } = course;
    assert_eq!(trials.len(), search.trials() as usize, "{context}");
    assert!(trials.len() <= plan.trials_max as usize, "{context}");
    let mut rates: BTreeMap<u64, [u32; 4]> = BTreeMap::new();
    for (attempt, outcome) in trials {
        assert!((plan.min_per_s..=plan.max_per_s).contains(&attempt.rate_per_s), "{context}: {attempt:?}");
        let is_hold = attempt.phase == Phase::Hold;
        assert_eq!(attempt.measured, if is_hold { plan.hold } else { plan.probe }, "{context}");
        let counts = rates.entry(attempt.rate_per_s.to_bits()).or_default();
        match outcome {
            Outcome::Good => counts[0] += u32::from(is_hold),
            Outcome::Bad if is_hold => counts[1] += 1,
            Outcome::Bad => counts[2] += 1,
            Outcome::Invalid => counts[3] += 1,
        }
        assert!(counts[3] <= plan.invalid_max + 1, "{context}: tried in spite of the generator");
        assert!(counts[1].max(counts[2]) <= plan.bad_needs, "{context}: tried although it had failed");
    }
    let counts = |rate: f64| rates[&rate.to_bits()];
    if let Some(good) = search.last_good() {
        assert_eq!(counts(good)[..2], [plan.repeats, 0], "{context}: good needs all repeats");
    }
    if let Some(bad) = search.first_bad() {
        assert!(counts(bad)[1].max(counts(bad)[2]) >= plan.bad_needs, "{context}: bad needs k of n");
        assert!(search.last_good().is_none_or(|good| good < bad), "{context}");
    }
    let is_settled = matches!(end, End::Found | End::Ceiling);
    assert!(!is_settled || search.last_good().is_some(), "{context}: {end:?} without a good rate");
}

#[test]
fn a_steady_limit_is_found_within_the_precision_from_either_side() {
    let plan = SearchPlan::default();
    for start in [200.0, 3_000.0, 90_000.0] {
        for capacity in [11.0, 333.0, 2_999.0, 3_000.0, 3_001.0, 71_000.0] {
            let plan = SearchPlan { start_per_s: start, ..plan.clone() };
            let course = run(&plan, &System::steady(capacity), 0);
            let context = format!("{start} {capacity}");
            check(&plan, &course, &context);
            assert_eq!(course.end, End::Found, "{context}");
            let (good, bad) = (course.search.last_good().unwrap(), course.search.first_bad().unwrap());
            assert!(good <= capacity && capacity < bad && bad <= good * 1.03 + 1e-9, "{context}: {good} {bad}");
            assert!(course.trials.len() <= 60, "{context}: {} trials", course.trials.len());
        }
    }
}

/// The number of trials of a steady system: those of the ramp, of the bisection, and the repeats.
#[test]
fn the_number_of_trials_is_what_the_plan_implies() {
    let plan = SearchPlan::default();
    let course = run(&plan, &System::steady(5_000.0), 0);
    // 200 x 1.5^8 = 5,126 is the first that fails: 8 good, 2 bad; ln 1.5 / ln 1.03 = 13.7: 4 halvings; 3 holds.
    let of = |phase| course.trials.iter().filter(|(attempt, _)| attempt.phase == phase).count();
    assert_eq!((of(Phase::Ramp), of(Phase::Hold)), (10, 3));
    assert!((4..=8).contains(&of(Phase::Bisection)), "{}", of(Phase::Bisection));
}

#[test]
fn the_same_outcomes_give_the_same_course() {
    let system = System { noise: 0.05, stall: 0.1, spoilt: 0.1, ..System::steady(4_321.0) };
    for seed in 0..50 {
        let (one, other) = (run(&SearchPlan::default(), &system, seed), run(&SearchPlan::default(), &system, seed));
        assert_eq!((one.trials, one.end, one.search), (other.trials, other.end, other.search), "seed {seed}");
    }
}

/// Monotone systems with noise: the result lies within the precision and the band of the noise.
#[test]
fn a_noisy_limit_is_found_within_precision_and_noise() {
    let plan = SearchPlan::default();
    for seed in 0..2_000 {
        let mut draws = Draws::new(seed, 1);
        let noise = 0.02 * draws.unit();
        let system = System { noise, ..System::steady(50.0 * 1_000_f64.powf(draws.unit())) };
        let course = run(&plan, &system, seed);
        let context = format!("seed {seed}: {system:?}");
        check(&plan, &course, &context);
        let good = course.search.last_good().unwrap_or_else(|| panic!("{context}: {:?}", course.end));
        let distance = (good / system.capacity_per_s).ln();
        // Ten times the width: 1 trial in 20,000 goes against the odds there, and it takes several.
        assert!(distance.abs() <= 0.03 + 10.0 * noise, "{context}: {good}");
    }
}

/// One trial in twenty stalls and one in twenty is spoilt: nothing is blamed on the target that it did not do, and what is
/// found is still near.
#[test]
fn stalls_and_spoilt_trials_move_the_result_by_little() {
    let plan = SearchPlan::default();
    let system = System { noise: 0.01, stall: 0.05, spoilt: 0.05, ..System::steady(5_000.0) };
    let mut found = Vec::new();
    for seed in 0..1_000 {
        let course = run(&plan, &system, seed);
        check(&plan, &course, &format!("seed {seed}"));
        found.extend(course.search.last_good());
    }
    found.sort_by(f64::total_cmp);
    let at = |share: f64| found[(share * (found.len() - 1) as f64) as usize] / 5_000.0;
    assert!(found.len() > 990, "{} of 1000 found a rate", found.len());
    assert!(at(1.0) < 1.06, "{}", at(1.0));
    assert!(at(0.5) > 0.94 && at(0.1) > 0.7, "{} {}", at(0.5), at(0.1));
}

#[test]
fn each_end_has_its_name() {
    let plan = SearchPlan::default();
    let weak = System { generator_per_s: 3_000.0, ..System::steady(5_000.0) };
    let cases = [
        (plan.clone(), System::steady(5_000.0), End::Found, true),
        (plan.clone(), System::steady(5.0), End::Nothing, false),
        (SearchPlan { max_per_s: 4_000.0, ..plan.clone() }, System::steady(5_000.0), End::Ceiling, true),
        (plan.clone(), weak, End::Generator, true),
        (plan.clone(), System { generator_per_s: 1.0, ..weak }, End::Generator, false),
        (SearchPlan { trials_max: 7, ..plan.clone() }, System::steady(5_000.0), End::Trials, false),
    ];
    for (plan, system, end, is_found) in cases {
        let course = run(&plan, &system, 0);
        check(&plan, &course, &format!("{end:?}"));
        assert_eq!((course.end, course.search.last_good().is_some()), (end, is_found), "{system:?}");
    }
}

#[test]
fn the_generator_is_never_taken_for_the_target() {
    let plan = SearchPlan::default();
    let weak = System { generator_per_s: 3_000.0, ..System::steady(50_000.0) };
    let course = run(&plan, &weak, 0);
    assert_eq!(course.search.first_bad(), None);
    // 200 x 1.5^6 is the last rung that it could do.
    assert!(course.search.last_good().is_some_and(|rate| (rate - 2_278.125).abs() < 1e-6));
    let spoilt = course.trials.iter().filter(|(_, outcome)| *outcome == Outcome::Invalid).count();
    assert_eq!(spoilt, 3, "tried, and tried twice again");
}

/// Outcomes as a script: what hysteresis makes of them.
#[test]
fn bad_needs_two_of_three_and_good_needs_every_hold() {
    use Outcome::{Bad, Good, Invalid};
    let plan = SearchPlan { start_per_s: 100.0, max_per_s: 100.0, min_per_s: 100.0, ..SearchPlan::default() };
    let cases: [(&[Outcome], End); 8] = [
        (&[Good, Good, Good, Good], End::Ceiling),
        (&[Bad, Bad], End::Nothing),
        (&[Bad, Good, Bad], End::Nothing),
        (&[Bad, Good, Good, Good, Good, Good], End::Ceiling),
        (&[Invalid, Good, Good, Invalid, Good, Good], End::Ceiling),
        (&[Invalid, Invalid, Invalid], End::Generator),
        (&[Good, Good, Bad, Bad], End::Nothing),
        (&[Good, Bad, Good, Good], End::Nothing),
    ];
    for (outcomes, end) in cases {
        let mut search = Search::new(plan.clone()).unwrap();
        for outcome in outcomes {
            assert!(matches!(search.next(), Next::Try(_)), "{outcomes:?} ended early");
            search.note(*outcome);
        }
        assert_eq!(search.next(), Next::Done(end), "{outcomes:?}");
        search.note(Good);
        assert_eq!(search.trials() as usize, outcomes.len(), "what is over stays over");
    }
}

#[test]
fn a_target_that_was_shaken_is_left_alone_for_a_while() {
    let plan = SearchPlan::default();
    let course = run(&plan, &System::steady(5_000.0), 0);
    let pauses = course.trials.windows(2).map(|pair| (pair[0].1, pair[1].0.cool_down));
    for (before, pause) in pauses {
        assert_eq!(pause, if before == Outcome::Good { std::time::Duration::ZERO } else { plan.cool_down });
    }
}
