//! The machine of one link, step by step.

use super::super::{Change, Facts, Group, LinkNumber, LinkSpec, Observation, ProbeKind, Role, State, Takers, Why};
use super::{MS, S, rules};

const ONE: LinkNumber = LinkNumber::new(1).expect("below 16");

/// A single active link, and the time.
struct Bench {
    group: Group,
    now_us: u64,
}

impl Bench {
    fn new(rules: super::LinkRules) -> Self {
        let spec = LinkSpec { role: Role::Active, weight: 1 };
        Self { group: Group::new(rules, &[spec], 0, 0), now_us: 0 }
    }

    fn state(&self) -> State {
        self.group.detector(ONE).unwrap().state()
    }

    fn see(&mut self, after_us: u64, seen: Observation) -> (State, Vec<Why>) {
        self.now_us += after_us;
        let mut changes = Vec::new();
        self.group.observe(ONE, seen, self.group.detector(ONE).unwrap().present_trial(), self.now_us, &mut changes);
        (self.state(), reasons(&changes))
    }

    fn tick(&mut self, after_us: u64, silent_us: u64) -> (State, Vec<Why>) {
        self.now_us += after_us;
        let mut changes = Vec::new();
        self.group.tick(&[Facts { silent_us, heard_us: 0 }], self.now_us, &mut changes);
        (self.state(), reasons(&changes))
    }

    fn due_in_us(&self) -> Option<u64> {
        self.group.probe_due_us(ONE, Facts::default()).map(|due_us| due_us.saturating_sub(self.now_us))
    }
}

fn reasons(changes: &[Change]) -> Vec<Why> {
    let why = |change: &Change| match *change {
        Change::State { why, .. } => Some(why),
        Change::Takers { .. } => None,
    };
    changes.iter().filter_map(why).collect()
}

#[test]
fn every_observation_has_its_consequence_on_a_link_that_is_up() {
    for (seen, first, second) in [
        (Observation::Answered, State::Up, State::Up),
        (Observation::HttpError, State::Up, State::Up),
        (Observation::BadSignature, State::Up, State::Up),
        (Observation::ProbeGood, State::Up, State::Up),
        (Observation::ProbeErring, State::Up, State::Up),
        // What may be the end of one connection is doubt, however often.
        (Observation::Broken, State::Suspect, State::Suspect),
        (Observation::TimedOut, State::Suspect, State::Suspect),
        // What cannot be anything else is a failure, and two are enough.
        (Observation::Refused, State::Suspect, State::Down),
        (Observation::ConnectTimedOut, State::Suspect, State::Down),
        (Observation::Handshake, State::Suspect, State::Down),
        (Observation::Silent, State::Suspect, State::Down),
        (Observation::ProbeRefused, State::Suspect, State::Down),
        (Observation::ProbeHandshake, State::Suspect, State::Down),
        (Observation::ProbeBroken, State::Suspect, State::Down),
        (Observation::ProbeTimedOut, State::Suspect, State::Down),
    ] {
        let mut bench = Bench::new(rules());
        assert_eq!(bench.see(S, seen).0, first, "{seen:?}");
        assert_eq!(bench.see(MS, seen).0, second, "{seen:?} twice");
    }
}

#[test]
fn failures_count_in_a_row_alone() {
    let mut bench = Bench::new(rules());
    for _ in 0..10 {
        assert_eq!(bench.see(MS, Observation::Refused).0, State::Suspect);
        assert_eq!(bench.see(2 * S, Observation::Answered).0, State::Up);
    }
    assert_eq!(bench.see(MS, Observation::Refused).0, State::Suspect);
    assert_eq!(bench.see(MS, Observation::ProbeRefused), (State::Down, vec![Why::Refused]));
}

#[test]
fn trouble_and_answers_in_turn_are_one_suspicion() {
    let mut bench = Bench::new(rules());
    let mut changes = 0;
    for _ in 0..1_000 {
        changes += bench.see(MS, Observation::Broken).1.len();
        changes += bench.see(MS, Observation::Answered).1.len();
    }
    assert!(changes <= 5, "{changes} changes in two seconds");
}

#[test]
fn a_long_row_of_errors_brings_a_link_down_and_one_answer_ends_the_row() {
    let mut bench = Bench::new(rules());
    for _ in 0..99 {
        assert_eq!(bench.see(MS, Observation::HttpError).0, State::Up);
    }
    bench.see(MS, Observation::Answered);
    for _ in 0..99 {
        bench.see(MS, Observation::BadSignature);
    }
    assert_eq!(bench.see(MS, Observation::BadSignature), (State::Down, vec![Why::BadSignatures]));
    let mut never = Bench::new(super::LinkRules { errors_in_row_max: 0, ..rules() });
    (0..10_000).for_each(|_| drop(never.see(MS, Observation::HttpError)));
    assert_eq!(never.state(), State::Up);
}

#[test]
fn up_again_takes_hold_down_good_probes_and_a_trial() {
    let mut bench = Bench::new(rules());
    bench.see(S, Observation::Refused);
    bench.see(MS, Observation::Refused);
    assert_eq!(bench.due_in_us(), Some(2 * S), "left alone for the hold-down");
    assert_eq!(bench.see(MS, Observation::ProbeGood).0, State::Down, "too early to count");
    assert_eq!(bench.see(0, Observation::Answered).0, State::Down, "late news of before");
    assert_eq!(bench.see(2 * S, Observation::ProbeGood), (State::Recovering, vec![Why::ProbeGood]));
    assert!(bench.group.takers().is_empty());
    bench.group.probe_sent(ONE, bench.now_us);
    assert_eq!(bench.due_in_us(), Some(150 * MS), "asked often");
    assert_eq!(bench.see(MS, Observation::ProbeGood).0, State::Recovering);
    assert_eq!(bench.see(MS, Observation::ProbeGood), (State::Trial, vec![Why::ProbesGood]));
    assert_eq!(bench.group.takers(), Takers::only(ONE));
    let detector = bench.group.detector(ONE).unwrap().clone();
    let places: Vec<_> = (0..5).map(|_| bench.group.choose(Takers::NONE, 0, bench.now_us)).collect();
    assert_eq!(places.iter().filter(|choice| matches!(choice, super::super::Choice::Link(..))).count(), 3);
    assert!(detector.has_trial_place() && !bench.group.detector(ONE).unwrap().has_trial_place());
    assert_eq!(bench.see(MS, Observation::Answered).0, State::Trial);
    assert_eq!(bench.see(MS, Observation::Answered).0, State::Trial);
    assert_eq!(bench.see(MS, Observation::Answered), (State::Up, vec![Why::TrialPassed]));
}

#[test]
fn a_failure_on_the_way_up_starts_it_all_over() {
    let to_recovering = || {
        let mut bench = Bench::new(rules());
        bench.see(S, Observation::Refused);
        bench.see(MS, Observation::Refused);
        bench.see(3 * S, Observation::ProbeGood);
        bench
    };
    let mut recovering = to_recovering();
    assert_eq!(recovering.see(MS, Observation::ProbeTimedOut), (State::Down, vec![Why::ProbeTimedOut]));
    for failure in [Observation::Broken, Observation::HttpError, Observation::TimedOut, Observation::ProbeErring] {
        let mut bench = to_recovering();
        bench.see(MS, Observation::ProbeGood);
        bench.see(MS, Observation::ProbeGood);
        assert_eq!(bench.see(MS, failure).0, State::Down, "{failure:?} in a trial");
    }
}

#[test]
fn a_slow_bank_whose_probes_are_good_passes_its_trial_by_time() {
    let mut bench = Bench::new(rules());
    bench.see(S, Observation::Refused);
    bench.see(MS, Observation::Refused);
    bench.see(3 * S, Observation::ProbeGood);
    bench.see(MS, Observation::ProbeGood);
    bench.see(MS, Observation::ProbeGood);
    assert_eq!(bench.tick(10 * S, 0).0, State::Trial, "nothing was tried yet");
    bench.group.choose(Takers::NONE, 0, bench.now_us);
    assert_eq!(bench.tick(999 * MS, 999 * MS).0, State::Trial);
    assert_eq!(bench.tick(MS, S), (State::Up, vec![Why::TrialOver]));
}

#[test]
fn silence_is_asked_about_and_is_no_failure_by_itself() {
    let mut bench = Bench::new(rules());
    bench.group.probe_sent(ONE, 0);
    assert_eq!(bench.tick(S, 299 * MS).0, State::Up);
    assert!(bench.due_in_us().unwrap() > S);
    assert_eq!(bench.tick(MS, 300 * MS).0, State::Up);
    assert_eq!(bench.due_in_us(), Some(0), "asked at once");
    let connect = super::LinkRules { probe: ProbeKind::Connect, ..rules() };
    let mut bench = Bench::new(connect);
    assert_eq!(bench.tick(S, 8 * S - 1).0, State::Up);
    assert_eq!(bench.tick(25 * MS, 8 * S).0, State::Suspect);
    assert_eq!(bench.tick(25 * MS, 8 * S), (State::Down, vec![Why::Silent]));
}

#[test]
fn without_probes_the_hold_down_ends_in_a_trial() {
    let mut bench = Bench::new(super::LinkRules { probe: ProbeKind::None, ..rules() });
    assert_eq!(bench.due_in_us(), None);
    bench.see(S, Observation::Refused);
    bench.see(MS, Observation::Refused);
    assert_eq!(bench.tick(2 * S - 1, 0).0, State::Down);
    assert_eq!(bench.tick(1, 0), (State::Trial, vec![Why::HoldDownOver]));
}

#[test]
fn a_probe_that_failed_while_an_answer_came_says_nothing() {
    let mut bench = Bench::new(rules());
    let facts = Facts { silent_us: 0, heard_us: 500 };
    let mut changes = Vec::new();
    bench.group.probe_ended(ONE, Observation::ProbeTimedOut, (400, facts), 600, &mut changes);
    assert!(changes.is_empty() && bench.state() == State::Up);
    bench.group.probe_ended(ONE, Observation::ProbeTimedOut, (500, facts), 600, &mut changes);
    assert_eq!(bench.state(), State::Suspect);
}
