//! Switched off by failures, back by trial, and no flapping, whatever happens.

use proptest::prelude::*;

use super::samples::switch_off;
use super::*;

const SECOND_US: u64 = 1_000_000;
const START_US: u64 = 1_795_140_000 * SECOND_US;

fn note(health: &mut Health, ends: impl IntoIterator<Item = LegEnd>, now_us: u64) {
    ends.into_iter().for_each(|end| {
        health.note(&switch_off(), end, now_us);
    });
}

fn repeat(end: LegEnd, times: usize) -> impl Iterator<Item = LegEnd> {
    std::iter::repeat_n(end, times)
}

#[test]
fn failures_or_timeouts_above_their_share_switch_off() {
    use LegEnd::{Answered, Failed, TimedOut};
    let rule = switch_off();
    for (good, bad, end, is_off) in [
        (0, 9, Failed, false),
        (0, 10, Failed, true),
        (6, 5, Failed, false),
        (5, 5, Failed, true),
        (8, 3, TimedOut, false),
        (7, 3, TimedOut, true),
        (100, 0, Failed, false),
    ] {
        let mut health = Health::default();
        note(&mut health, repeat(Answered, good).chain(repeat(end, bad)), START_US);
        let is = matches!(health.state(&rule, START_US), SwitchState::Off { .. });
        assert_eq!(is, is_off, "{good} answered, {bad} {end:?}");
    }
}

#[test]
fn what_left_the_window_counts_no_more() {
    let rule = switch_off();
    let mut health = Health::default();
    note(&mut health, repeat(LegEnd::Failed, 9), START_US);
    assert_eq!(health.window(&rule, START_US), [9, 9, 0]);
    let later = START_US + rule.window_us + SECOND_US;
    note(&mut health, repeat(LegEnd::Failed, 9), later);
    assert_eq!((health.window(&rule, later), health.state(&rule, later)), ([9, 9, 0], SwitchState::On));
}

#[test]
fn it_returns_by_trial_and_rests_longer_each_time() {
    let rule = switch_off();
    let mut health = Health::default();
    let mut now_us = START_US;
    note(&mut health, repeat(LegEnd::Failed, 10), now_us);
    for rest_us in [1, 2, 4, 8, 16, 16].map(|seconds| seconds * SECOND_US) {
        assert_eq!(health.state(&rule, now_us), SwitchState::Off { until_us: now_us + rest_us });
        assert!(!health.admit(&rule, now_us + rest_us - 1));
        now_us += rest_us;
        let admitted = (0..20).filter(|_| health.admit(&rule, now_us)).count();
        assert_eq!(admitted, 5, "no more than its trial legs");
        assert_eq!(health.note(&rule, LegEnd::Answered, now_us), None);
        assert_eq!(health.note(&rule, LegEnd::Failed, now_us), None, "one of five may fail");
        assert!(health.note(&rule, LegEnd::Failed, now_us).is_some());
    }
    let SwitchState::Off { until_us } = health.state(&rule, now_us) else { panic!("it is off") };
    assert!(health.admit(&rule, until_us));
    for _ in 0..4 {
        assert_eq!(health.note(&rule, LegEnd::Answered, until_us), None);
    }
    assert_eq!(health.note(&rule, LegEnd::Answered, until_us), Some(SwitchState::On));
    assert_eq!(health.window(&rule, until_us), [0; 3], "it begins anew");
}

#[test]
fn places_that_are_not_used_come_back() {
    let rule = switch_off();
    let mut health = Health::default();
    note(&mut health, repeat(LegEnd::Failed, 10), START_US);
    let now_us = START_US + rule.rest_us;
    assert_eq!((0..9).filter(|_| health.admit(&rule, now_us)).count(), 5);
    health.forgo();
    assert_eq!(health.state(&rule, now_us), SwitchState::Trial { left: 1 });
    // The others never come back: the trial is made again.
    assert!(health.admit(&rule, now_us + rule.window_us + 1));
    assert_eq!(health.state(&rule, now_us + rule.window_us + 1), SwitchState::Trial { left: 4 });
}

fn any_end() -> impl Strategy<Value = LegEnd> {
    prop_oneof![3 => Just(LegEnd::Answered), 2 => Just(LegEnd::Failed), 1 => Just(LegEnd::TimedOut)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Any row of outcomes at any pace: it is off for at least its rest, comes back only by trial, and each switching-off needs
    /// failures of its own. So there is no flapping.
    #[test]
    fn it_does_not_flap(steps in prop::collection::vec((any_end(), 0_u64..400_000, any::<bool>()), 0..600)) {
        let rule = switch_off();
        let (mut health, mut now_us) = (Health::default(), START_US);
        let (mut off_at_us, mut noted_since, mut offs) = (0, 0_u32, 0_u32);
        for (end, wait_us, is_legs_own) in steps {
            now_us += wait_us;
            let before = health.state(&rule, now_us);
            // A leg comes back only if it was let through, but for those that were out before.
            if !health.admit(&rule, now_us) && is_legs_own {
                prop_assert!(!matches!(before, SwitchState::On));
                continue;
            }
            noted_since += 1;
            match health.note(&rule, end, now_us) {
                Some(SwitchState::Off { until_us }) => {
                    prop_assert!(until_us >= now_us + rule.rest_us && until_us <= now_us + rule.rest_max_us);
                    let by_trial = matches!(before, SwitchState::Trial { .. });
                    prop_assert!(noted_since >= rule.least || by_trial);
                    (off_at_us, noted_since) = (now_us, 0);
                    offs += 1;
                }
                Some(SwitchState::On) => {
                    prop_assert!(now_us >= off_at_us + rule.rest_us);
                    noted_since = 0;
                }
                Some(SwitchState::Trial { .. }) => prop_assert!(false, "a trial begins by a leg"),
                None => {}
            }
        }
        let seconds = (now_us - START_US) / rule.rest_us;
        prop_assert!(u64::from(offs) <= seconds + 1, "{offs} in {seconds} rests");
    }

    /// Where nothing fails, nothing is ever switched off.
    #[test]
    fn what_answers_stays_on(waits in prop::collection::vec(0_u64..3_000_000, 0..200)) {
        let (rule, mut health, mut now_us) = (switch_off(), Health::default(), START_US);
        for wait_us in waits {
            now_us += wait_us;
            prop_assert!(health.admit(&rule, now_us));
            prop_assert_eq!(health.note(&rule, LegEnd::Answered, now_us), None);
        }
    }
}
