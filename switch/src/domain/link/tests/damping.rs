//! Flap damping: a bound on how often a link changes.

use super::super::{Change, Choice, Facts, Group, LinkNumber, LinkSpec, Observation, Penalty, Role, State, Takers};
use super::{MS, S, rules};

#[test]
fn the_hold_down_doubles_and_is_forgotten_by_halves() {
    let rules = rules();
    let mut penalty = Penalty::default();
    let held: Vec<_> = (0..7).map(|_| penalty.add(&rules, 1_000 * S) / S).collect();
    assert_eq!(held, [2, 4, 8, 16, 32, 60, 60]);
    let half = rules.flap_half_life_us;
    assert_eq!(penalty.value(half, 1_000 * S), 7_000);
    assert_eq!(penalty.value(half, 1_000 * S + half), 3_500);
    assert_eq!(penalty.value(half, 1_000 * S + half * 3 / 2), 2_625);
    assert_eq!(penalty.value(half, 1_000 * S + 100 * half), 0);
    assert_eq!(penalty.add(&rules, 1_000 * S + 100 * half), 2 * S, "long ago is forgotten");
    for _ in 0..100 {
        penalty.add(&rules, 0);
    }
    assert!(penalty.value(half, 0) <= 10_000, "bounded");
}

/// A link that passes every probe and fails its first real message, beside one that works, for an hour.
#[test]
fn a_link_that_always_fails_again_is_tried_ever_more_rarely() {
    let rules = rules();
    let specs = [Role::Active, Role::Standby].map(|role| LinkSpec { role, weight: 1 });
    let mut group = Group::new(rules, &specs, 0, 0);
    let bad = LinkNumber::at(0);
    let (mut downs, mut switches, mut lost) = (0, 0, 0);
    for step in 1..(3_600 * S / (25 * MS)) {
        let now_us = step * 25 * MS;
        let mut changes = Vec::new();
        group.tick(&[Facts::default(); 2], now_us, &mut changes);
        if group.probe_due_us(bad, Facts::default()).is_some_and(|due_us| due_us <= now_us) {
            group.probe_sent(bad, now_us);
            group.observe(bad, Observation::ProbeGood, 0, now_us, &mut changes);
        }
        if let Choice::Link(link, trial) = group.choose(Takers::NONE, step as u32, now_us)
            && link == bad
        {
            lost += 1;
            group.observe(bad, Observation::Broken, trial, now_us, &mut changes);
            group.observe(bad, Observation::Refused, trial, now_us, &mut changes);
            group.observe(bad, Observation::Refused, trial, now_us, &mut changes);
        }
        downs += changes.iter().filter(|one| matches!(one, Change::State { to: State::Down, .. })).count();
        switches += changes.iter().filter(|one| matches!(one, Change::Takers { .. })).count();
    }
    // Ten seconds before it is used again, and a minute of hold-down soon: less than once a minute.
    assert!((30..65).contains(&downs), "{downs} times down in an hour");
    assert!(switches <= 2 * downs && lost <= downs * rules.trial_messages as usize, "{switches} switches, {lost} lost");
}

/// The same link alone: nothing else is left, so it is not held down for longer than the first time.
#[test]
fn the_last_link_is_not_held_down_for_long() {
    let mut group = Group::new(rules(), &[LinkSpec { role: Role::Active, weight: 1 }], 0, 0);
    let one = LinkNumber::at(0);
    let mut now_us = 0;
    for turn in 0..20 {
        let mut changes = Vec::new();
        group.observe(one, Observation::Refused, group.detector(one).unwrap().present_trial(), now_us, &mut changes);
        group.observe(one, Observation::Refused, 0, now_us, &mut changes);
        assert_eq!(group.detector(one).unwrap().state(), State::Down, "turn {turn}");
        let due_us = group.probe_due_us(one, Facts::default()).unwrap();
        assert_eq!(due_us - now_us, 2 * S, "turn {turn}");
        now_us = due_us;
        for _ in 0..3 {
            group.observe(one, Observation::ProbeGood, 0, now_us, &mut changes);
        }
        assert_eq!(group.detector(one).unwrap().state(), State::Trial, "turn {turn}");
        group.probe_sent(one, now_us);
    }
}
