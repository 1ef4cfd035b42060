use super::*;
use crate::answer::Answer;
use crate::plan::Plan;
use crate::random::Draws;
use crate::report::{Measured, Report};
use clearway_codec::{MessageType, ReturnCode, TrxId, TrxStatus};
use std::sync::mpsc::{Receiver, channel};

const SECOND_NS: u64 = 1_000_000_000;
const MILLI_NS: u64 = 1_000_000;

/// Ten seconds, the first two of them warm-up.
fn tally() -> (Tally, Receiver<Cut>) {
    let (sender, cuts) = channel();
    (Tally::new(Duration::from_secs(2), Duration::from_secs(10), sender), cuts)
}

fn report(tally: &Tally) -> Report {
    let plan = Plan { warm_up: Duration::from_secs(2), ..Plan::default() };
    Report::new(&plan, &Measured::default(), tally)
}

fn receipt(status: TrxStatus) -> Outcome {
    let id = TrxId::from_u128(20_261_120 * 10_u128.pow(23) + 1).unwrap();
    let message_type = MessageType::Epcc206;
    Outcome::Answered(Answer::Receipt { message_type, id, status, code: None, serial: None, contract: None, digest: 0 })
}

fn refusal() -> Outcome {
    Outcome::Answered(Answer::Refusal(ReturnCode::SUCCESS))
}

/// A payment due at this instant, sent at once, answered after `took_ns`.
fn pay(tally: &mut Tally, due_ns: u64, took_ns: u64, is_forbidden: bool, outcome: &Outcome) {
    tally.note_scheduled(due_ns);
    tally.note_sent(Kind::Payment, due_ns, due_ns);
    let timing = Timing { due_ns, sent_ns: due_ns, done_ns: due_ns + took_ns, is_timed: true, is_forbidden };
    tally.note_outcome(Kind::Payment, timing, outcome, Some(took_ns / 2_000));
}

#[test]
fn refusals_are_errors_unless_they_were_asked_for() {
    let (mut tally, _cuts) = tally();
    let cases = [
        (false, refusal(), 1),
        (true, refusal(), 0),
        (false, receipt(TrxStatus::Success), 0),
        (true, receipt(TrxStatus::Success), 1),
        (true, receipt(TrxStatus::Failure), 0),
        (false, receipt(TrxStatus::Failure), 0),
        (false, Outcome::Failed(crate::wire::ExchangeFault::Unconnected), 1),
    ];
    let mut errors = 0;
    for (place, (is_forbidden, outcome, expected)) in cases.into_iter().enumerate() {
        pay(&mut tally, 3 * SECOND_NS, MILLI_NS, is_forbidden, &outcome);
        errors += expected;
        assert_eq!(report(&tally).errors, errors, "case {place}");
    }
    tally.note_scheduled(4 * SECOND_NS);
    tally.note_dropped(4 * SECOND_NS);
    assert_eq!(report(&tally).errors, errors + 1);
}

#[test]
fn rates_are_of_the_window_and_latencies_of_what_was_due_in_it() {
    let (mut tally, _cuts) = tally();
    let success = receipt(TrxStatus::Success);
    for request in 0..100 {
        pay(&mut tally, request * 100 * MILLI_NS, 150 * MILLI_NS, false, &success);
    }
    tally.note_time(10_050 * MILLI_NS);
    let report = report(&tally);
    assert_eq!((report.scheduled, report.finals), (100, 100));
    assert!((report.window_start_s - 2.0).abs() < 1e-9 && (report.window_seconds - 8.0).abs() < 1e-9);
    assert!((report.offered_per_s - 10.0).abs() < 1e-9 && (report.achieved_per_s - 10.0).abs() < 1e-9);
    // Two answers came after the schedule, two within it were due before the window.
    assert!((report.payments_per_second - 10.0).abs() < 1e-9, "{}", report.payments_per_second);
    assert!((report.drain_seconds - 0.05).abs() < 1e-9, "{}", report.drain_seconds);
    assert_eq!((report.response_us.count, report.lateness_us.count), (80, 80));
    assert!((report.response_us.p50 as f64 / 150_000.0 - 1.0).abs() < 0.001);
    assert!(report.invalid.is_empty(), "{:?}", report.invalid);
}

#[test]
fn a_run_that_was_stopped_has_the_rates_of_what_there_was_of_it() {
    for (stop_ns, window_s) in [(6 * SECOND_NS, 4.0), (2 * SECOND_NS, 0.0), (SECOND_NS, 0.0)] {
        let (mut tally, _cuts) = tally();
        let requests = stop_ns / (100 * MILLI_NS);
        (0..requests).for_each(|request| {
            pay(&mut tally, request * 100 * MILLI_NS, MILLI_NS, false, &receipt(TrxStatus::Success))
        });
        tally.note_stop(stop_ns);
        let report = report(&tally);
        assert!((report.window_seconds - window_s).abs() < 1e-9, "{}", report.window_seconds);
        let rate = if window_s > 0.0 { 10.0 } else { 0.0 };
        assert!((report.payments_per_second - rate).abs() < 1e-9, "{}", report.payments_per_second);
        assert!((report.offered_per_s - rate).abs() < 1e-9, "{}", report.offered_per_s);
    }
}

/// Whatever happens, each request is counted once, and the slices add up to the run.
#[test]
fn every_request_ends_once() {
    for seed in 1..=10 {
        let mut draws = Draws::new(seed, 0);
        let (mut tally, cuts) = tally();
        let mut due_ns = 0;
        for _ in 0..500 {
            due_ns += draws.bits() % (40 * MILLI_NS);
            if draws.chance(0.1) {
                tally.note_scheduled(due_ns);
                tally.note_dropped(due_ns);
            } else {
                let outcome = if draws.chance(0.8) { receipt(TrxStatus::Success) } else { refusal() };
                pay(&mut tally, due_ns, draws.bits() % (30 * MILLI_NS), draws.chance(0.2), &outcome);
            }
        }
        let counts = tally.finish(due_ns + SECOND_NS);
        let seen = tally.seen;
        let sum = |of: fn(&Counts) -> u64| counts.iter().map(of).sum::<u64>();
        assert_eq!((seen.scheduled, seen.sent + seen.dropped, seen.sent), (500, 500, seen.completed), "seed {seed}");
        assert_eq!((sum(|it| it.scheduled), sum(|it| it.sent)), (seen.scheduled, seen.sent), "seed {seed}");
        assert_eq!((sum(|it| it.finals), sum(|it| it.refused)), (seen.finals, seen.refused), "seed {seed}");
        let mut measured = Trio::default();
        cuts.try_iter().for_each(|cut| measured.merge(&cut.measured));
        assert_eq!(measured, tally.measured, "seed {seed}");
    }
}
