//! One scenario: load, a fault at a position, its repair, and what came of it.

use std::time::{Duration, Instant};

use clearway_loadgen::Run;
use clearway_tests::proxy::{Course, Cut, Door, Flow, Plan};
use clearway_tests::wait;

use crate::report::Row;
use crate::rig::{ACTIVE, RATE, Rig, STANDBY};
use crate::watch::Spot;

/// A fault at a position, and what must come of it.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) position: &'static str,
    pub(crate) fault: &'static str,
    /// Whether payments run when it strikes.
    pub(crate) loaded: bool,
    /// Whether the lines carry TLS.
    pub(crate) tls: bool,
    /// Brings the fault about.
    pub(crate) strike: fn(&Rig),
    pub(crate) expected: Expected,
}

/// What new legs do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// They go to the standby, and go well.
    Switches,
    /// They stay where they are, and go well.
    Stays,
    /// They go wherever the node thinks best, and none is lost.
    Either,
    /// There is nowhere to go: they end, one way or the other, and go well again after the repair.
    Nowhere,
}

/// Legs, or payments, that show what goes on.
const ENOUGH: usize = 40;

impl Scenario {
    /// Runs it on a network of its own.
    pub(crate) fn play(&self, rig: &Rig, seed: u64) -> Row {
        let before = self.loaded.then(|| self.begin(rig, seed));
        (self.strike)(rig);
        let struck = rig.watch.fired().unwrap_or_else(Instant::now);
        let run = before.unwrap_or_else(|| rig.load(seed, RATE));
        self.await_effect(rig, &run);
        let switched_after_ms = rig.switched_after_ms(struck);
        rig.repair();
        rig.await_finals(&run, ENOUGH as u64);
        let outcome = rig.finish(run);
        Row { position: self.position, fault: self.fault, switched_after_ms, outcome }
    }

    fn begin(&self, rig: &Rig, seed: u64) -> Run {
        let run = rig.load(seed, RATE);
        rig.await_finals(&run, ENOUGH as u64);
        run
    }

    fn await_effect(&self, rig: &Rig, run: &Run) {
        match self.expected {
            Expected::Switches => rig.await_standby(run, ENOUGH),
            Expected::Stays => rig.await_legs(ACTIVE, 2 * ENOUGH),
            Expected::Either | Expected::Nowhere => rig.await_finals(run, 2 * ENOUGH as u64),
        }
    }

    /// Holds what came of it against what must.
    pub(crate) fn judge(&self, row: &Row) {
        let told = format!("{} / {}: {row:?}", self.position, self.fault);
        let outcome = &row.outcome;
        assert!(outcome.verdict.ok && outcome.verdict.unknown == 0, "{told}");
        match self.expected {
            Expected::Switches => assert!(row.switched_after_ms.is_some() && outcome.presumed == 0, "{told}"),
            Expected::Stays => assert_eq!((row.switched_after_ms, outcome.failed), (None, 0), "{told}"),
            Expected::Either => assert_eq!(outcome.presumed, 0, "{told}"),
            Expected::Nowhere => assert!(outcome.failed > 0 && outcome.failed < outcome.payments, "{told}"),
        }
    }
}

/// The next leg on the active line is cut there, and then the line is gone.
fn cut_then(rig: &Rig, spot: Spot, cut: Cut, then: fn(&Rig)) {
    rig.watch.arm(ACTIVE, spot, cut);
    wait::until("the blow", || rig.watch.fired());
    then(rig);
}

fn shut_down(rig: &Rig) {
    rig.lines[ACTIVE].shut_down();
}

fn unplug(rig: &Rig) {
    rig.lines[ACTIVE].unplug();
}

/// Open connections swallow everything, and so do new ones.
fn silence(rig: &Rig) {
    rig.lines[ACTIVE].set_plan(Plan::deaf());
    rig.lines[ACTIVE].strike(Cut::Silence);
}

/// Nothing becomes of new connections, in one way or another, and the pool is empty.
fn only_new(rig: &Rig, plan: Option<Plan>, door: Door) {
    if let Some(plan) = plan {
        rig.lines[ACTIVE].set_plan(plan);
    }
    rig.lines[ACTIVE].set_door(door);
    rig.lines[ACTIVE].strike(Cut::Close);
}

const LATE: Duration = Duration::from_millis(100);
const TRICKLE: Duration = Duration::from_millis(5);
/// Connections whose order is changed.
const DISORDERED: usize = 8;
/// Times that a line goes down and comes back.
const FLAPS: usize = 6;

/// A bank that takes its time, or a narrow line.
fn slow(rig: &Rig, answer: Flow) {
    rig.watch.set_course(ACTIVE, Course { answer, ..Course::default() });
}

/// The pool is emptied, and of the next connections the last is let through first.
fn reorder(rig: &Rig) {
    let line = &rig.lines[ACTIVE];
    line.queue(std::iter::repeat_n(Plan::held(), DISORDERED));
    line.strike(Cut::Close);
    wait::until("connections that wait", || {
        (line.held().len() == DISORDERED || rig.watch.legs_on(STANDBY) > 0).then_some(())
    });
    for number in line.held().into_iter().rev() {
        assert!(line.release(number), "it was held");
    }
}

fn flap(rig: &Rig) {
    let line = &rig.lines[ACTIVE];
    for _ in 0..FLAPS {
        line.shut_down();
        let refused = rig.site.counterparties().bank_counts()[rig.bank].1.legs;
        // Some payments in each state of the line; how long that takes is the line's affair.
        wait::until("payments go on", || {
            (rig.site.counterparties().bank_counts()[rig.bank].1.legs > refused + 5).then_some(())
        });
        line.repair();
        rig.await_legs(STANDBY, 5);
    }
}

/// The pool is emptied, and every handshake from now on ends like this.
fn spoil_handshakes(rig: &Rig, plan: Plan) {
    only_new(rig, Some(plan), Door::Open);
}

/// All of them.
pub(crate) const SCENARIOS: &[Scenario] = &[
    row("idle", "host shut down", false, shut_down, Expected::Switches),
    row("idle", "cable cut", false, unplug, Expected::Switches),
    row("idle", "silence", false, silence, Expected::Switches),
    row("under load", "host shut down", true, shut_down, Expected::Switches),
    row("under load", "cable cut", true, unplug, Expected::Switches),
    row("under load", "silence", true, silence, Expected::Switches),
    row(
        "between head and body",
        "reset, then refused",
        true,
        |rig| cut_then(rig, Spot::AfterHead, Cut::Reset, shut_down),
        Expected::Switches,
    ),
    row(
        "between head and body",
        "cable cut",
        true,
        |rig| cut_then(rig, Spot::AfterHead, Cut::Silence, unplug),
        Expected::Switches,
    ),
    row(
        "request out",
        "reset, then refused",
        true,
        |rig| cut_then(rig, Spot::BeforeAnswer, Cut::Reset, shut_down),
        Expected::Switches,
    ),
    row(
        "request out",
        "cable cut",
        true,
        |rig| cut_then(rig, Spot::BeforeAnswer, Cut::Silence, unplug),
        Expected::Switches,
    ),
    row(
        "in the answer",
        "closed, then refused",
        true,
        |rig| cut_then(rig, Spot::InAnswer, Cut::Close, shut_down),
        Expected::Switches,
    ),
    row(
        "in the answer",
        "cable cut",
        true,
        |rig| cut_then(rig, Spot::InAnswer, Cut::Silence, unplug),
        Expected::Switches,
    ),
    row("during connect", "refused", true, |rig| only_new(rig, None, Door::Refused), Expected::Switches),
    row("during connect", "no answer to SYN", true, |rig| only_new(rig, None, Door::Hung), Expected::Switches),
    row("during connect", "half open", true, |rig| only_new(rig, Some(Plan::deaf()), Door::Open), Expected::Switches),
    row(
        "during connect",
        "accepted, then reset",
        true,
        |rig| only_new(rig, Some(Plan::cut_at_once(Cut::Reset)), Door::Open),
        Expected::Switches,
    ),
    tls("during the TLS handshake", "reset in the greeting", |rig| {
        spoil_handshakes(rig, Plan::cut_request(60, Cut::Reset))
    }),
    tls("during the TLS handshake", "silence in the greeting", |rig| {
        spoil_handshakes(rig, Plan::cut_request(60, Cut::Silence));
    }),
    tls("during the TLS handshake", "closed in the reply", |rig| {
        spoil_handshakes(rig, Plan::cut_answer(100, Cut::Close))
    }),
    tls("during the TLS handshake", "silence in the reply", |rig| {
        spoil_handshakes(rig, Plan::cut_answer(100, Cut::Silence));
    }),
    tls("under load, over TLS", "host shut down", shut_down),
    tls("under load, over TLS", "cable cut", unplug),
    row("in every answer", "100 ms late", true, |rig| slow(rig, Flow::late(LATE)), Expected::Stays),
    row("in every answer", "trickles", true, |rig| slow(rig, Flow::slow(64, TRICKLE)), Expected::Either),
    row("during connect", "out of order", true, reorder, Expected::Either),
    row("flapping", "host shut down and up", true, flap, Expected::Either),
    row("on the standby", "host shut down", true, |rig| rig.lines[STANDBY].shut_down(), Expected::Stays),
    row("on the standby", "cable cut", true, |rig| rig.lines[STANDBY].unplug(), Expected::Stays),
    row(
        "both at once",
        "host shut down",
        true,
        |rig| rig.lines.iter().for_each(|line| line.shut_down()),
        Expected::Nowhere,
    ),
    row("both at once", "cable cut", true, |rig| rig.lines.iter().for_each(|line| line.unplug()), Expected::Nowhere),
];

const fn row(
    position: &'static str,
    fault: &'static str,
    loaded: bool,
    strike: fn(&Rig),
    expected: Expected,
) -> Scenario {
    Scenario { position, fault, loaded, tls: false, strike, expected }
}

const fn tls(position: &'static str, fault: &'static str, strike: fn(&Rig)) -> Scenario {
    Scenario { position, fault, loaded: true, tls: true, strike, expected: Expected::Switches }
}
