//! Runs in virtual time: the schedule, a server of known behaviour and the tally, with the percentiles that must come out.

use super::outcome::Outcome;
use super::tally::{Tally, Timing};
use crate::histogram::Quantiles;
use crate::kind::Kind;
use crate::known::{Course, KnownBehaviour, Law};
use crate::schedule::{Arrival, Profile, Schedule};
use std::collections::VecDeque;
use std::sync::mpsc;
use std::time::Duration;

const SEED: u64 = 20_261_120;

/// Every request leaves at its instant and is answered when the server's course says so.
fn run(behaviour: &KnownBehaviour, arrival: Arrival, rate_per_s: f64, length: Duration) -> Quantiles {
    let (cuts, _kept) = mpsc::channel();
    let mut tally = Tally::new(Duration::ZERO, length, cuts);
    let mut course = Course::new(behaviour);
    let mut under_way: VecDeque<(u64, u64)> = VecDeque::new();
    let answer = |tally: &mut Tally, (due_ns, done_ns): (u64, u64)| {
        let timing = Timing { due_ns, sent_ns: due_ns, done_ns, is_timed: true, is_forbidden: false };
        tally.note_outcome(Kind::Bare, timing, &Outcome::Bare(200), None);
    };
    for due in Schedule::new(&Profile::constant(rate_per_s), arrival, length, SEED) {
        while let Some(first) = under_way.pop_front_if(|(_, done_ns)| *done_ns <= due.at_ns) {
            answer(&mut tally, first);
        }
        tally.note_time(due.at_ns);
        tally.note_scheduled(due.at_ns);
        tally.note_sent(Kind::Bare, due.at_ns, due.at_ns);
        under_way.push_back((due.at_ns, course.due_ns(due.at_ns)));
    }
    under_way.into_iter().for_each(|last| answer(&mut tally, last));
    tally.measured.response.quantiles()
}

/// The reported percentiles are those of the law within 2 %.
fn assert_law(behaviour: &KnownBehaviour, arrival: Arrival, rate_per_s: f64, seconds: u64, quantiles: &[f64]) {
    let law = Law::of(behaviour, arrival, rate_per_s).unwrap();
    let seen = run(behaviour, arrival, rate_per_s, Duration::from_secs(seconds));
    let reported = [(0.5, seen.p50), (0.9, seen.p90), (0.99, seen.p99), (0.999, seen.p999)];
    for (quantile, value_us) in reported.into_iter().filter(|(quantile, _)| quantiles.contains(quantile)) {
        let ratio = value_us as f64 / law.quantile_us(quantile);
        assert!(
            (ratio - 1.0).abs() < 0.02,
            "seed {SEED}, {behaviour:?} at {rate_per_s}/s, {quantile}: {value_us} us, {ratio}"
        );
    }
}

fn behaviour(service_us: u64, servers: Option<usize>, stall: Option<&str>) -> KnownBehaviour {
    let stall = stall.map(|text| text.parse().unwrap());
    KnownBehaviour { service: Duration::from_micros(service_us), servers, stall, ..KnownBehaviour::default() }
}

#[test]
fn fixed_service_times_are_reported_as_they_are() {
    for (service_us, servers) in [(500, None), (20_000, None), (1_000, Some(1)), (8_000, Some(8))] {
        assert_law(&behaviour(service_us, servers, None), Arrival::Constant, 1_000.0, 20, &[0.5, 0.9, 0.99, 0.999]);
    }
}

/// A closed loop would count one request of each connection for each stall.
#[test]
fn a_stall_of_a_second_in_ten_is_in_the_percentiles() {
    let stalls = behaviour(20_000, None, Some("1s/10s"));
    for arrival in [Arrival::Constant, Arrival::Poisson] {
        assert_law(&stalls, arrival, 1_000.0, 100, &[0.5, 0.99, 0.999]);
    }
}

#[test]
fn the_queue_behind_a_stall_is_in_the_percentiles() {
    let queue = behaviour(20_000, Some(20), Some("1s/10s"));
    // Long enough that the first period, which has no stall before it, does not count.
    assert_law(&queue, Arrival::Constant, 600.0, 400, &[0.5, 0.9, 0.99, 0.999]);
    assert_law(&queue, Arrival::Constant, 800.0, 400, &[0.9, 0.99, 0.999]);
    let hiccup = behaviour(1_000, Some(1), Some("100ms/10s"));
    assert_law(&hiccup, Arrival::Constant, 800.0, 400, &[0.99, 0.999]);
}

#[test]
fn a_queue_of_chance_waits_as_erlang_says() {
    assert_law(&behaviour(1_000, Some(1), None), Arrival::Poisson, 600.0, 700, &[0.5, 0.9, 0.99]);
}
