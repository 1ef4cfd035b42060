//! One run of load against a rig: warm-up, measured window, settlement, judgement.
//!
//! ```text
//!  |-- warm-up --|------------ window ------------|- last answers -|- settle -|- judge
//!                ^ reset histograms, status 1     ^ status 2
//! ```
//!
//! Invariant: the node's figures (CPU, finals, internal time) all belong to the window between the two looks at its status.

use std::time::{Duration, Instant};

use clearway_crypto::Suite;
use clearway_loadgen::run::Progress;
use clearway_loadgen::{Mix, Oracle, Plan, Report, Run, Settled, Settlement, Verdict, settle};

use super::{NodeStatus, Quantiles, Rig};
use crate::cpu::process_cpu;
use crate::error::Error;
use crate::interrupt;
use crate::progress::Display;

/// How often a run is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// The load's cores are saturated above this share: its own waiting would be taken for the node's.
const LOAD_BUSY_MAX: f64 = 0.9;
/// Time for what is open after the last answer.
const SETTLE_MAX: Duration = Duration::from_secs(45);

/// What to send, how fast and how long.
#[derive(Debug, Clone)]
pub struct Load {
    /// For the progress display.
    pub label: String,
    /// Requests a second: payments, refunds and queries together.
    pub rate_per_s: f64,
    /// Sent before the window.
    pub warm_up: Duration,
    /// The window.
    pub measured: Duration,
    /// What is sent.
    pub mix: Mix,
    /// Seed of schedule and contents.
    pub seed: u64,
    /// Most connections to the node, and so most requests under way.
    pub connections_max: usize,
    /// Sign every request before the first one leaves, so that the generator has more of its core for the answers.
    pub signed_before: bool,
}

/// The node during the window.
#[derive(Debug, Clone)]
pub struct Window {
    /// Length.
    pub seconds: f64,
    /// Payments and refunds that became final in it.
    pub finals: u64,
    /// CPU time that the node used in it, in microseconds.
    pub cpu_us: f64,
    /// Time in the platform, waits for banks excluded.
    pub internal_us: Quantiles,
    /// Groups that the journal made durable in it.
    pub groups: u64,
    /// Bytes that the journal made durable in it.
    pub journal_bytes: u64,
    /// Share of the load's cores that this process used in it.
    pub load_busy: f64,
    /// The node at its end.
    pub status: NodeStatus,
}

impl Window {
    /// CPU of the node for each final payment, queries and all else included.
    pub fn cpu_us_per_payment(&self) -> f64 {
        self.cpu_us / self.finals.max(1) as f64
    }

    /// Share of one core that the node used.
    pub fn node_busy(&self) -> f64 {
        self.cpu_us / (self.seconds * 1e6)
    }
}

/// A finished run.
#[derive(Debug)]
pub struct Trial {
    /// What was asked for.
    pub load: Load,
    /// The generator's view.
    pub report: Report,
    /// The node's view.
    pub window: Window,
    /// Share of the requests that were to leave by the end of the window that had left by then.
    pub offered: f64,
    /// What was still open at the end of the load.
    pub settled: Settled,
    /// The oracle's judgement.
    pub verdict: Verdict,
}

impl Trial {
    /// Why the latencies and rates are not to be believed; empty = they are.
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts = self.report.invalid.clone();
        if self.is_load_saturated() {
            let busy = self.window.load_busy * 100.0;
            doubts.push(format!("the load's cores are saturated ({busy:.0} % busy): latency includes its own queues"));
        }
        if self.is_debug() {
            doubts.push("debug build: run with --release".to_owned());
        }
        doubts
    }

    /// Whether not even the node's own figures are to be believed.
    pub fn is_worthless(&self) -> bool {
        self.is_load_saturated() || self.is_debug()
    }

    fn is_load_saturated(&self) -> bool {
        self.window.load_busy > LOAD_BUSY_MAX
    }

    fn is_debug(&self) -> bool {
        self.window.status.build != "release" || cfg!(debug_assertions)
    }

    /// What a reader of a rate or a latency wants to know beside it.
    pub fn describe(&self) -> String {
        let Window { internal_us, load_busy, status, .. } = &self.window;
        format!(
            "internal p50 {} p99 {} p999 {} us, sync p50 {} p99 {} us, node {:.0} % busy, load {:.0} %, verdict {}",
            internal_us.p50,
            internal_us.p99,
            internal_us.p999,
            status.journal.sync_us.p50,
            status.journal.sync_us.p99,
            self.window.node_busy() * 100.0,
            load_busy * 100.0,
            self.verdict.to_string().lines().next().unwrap_or_default()
        )
    }
}

/// The node at one moment.
struct Look {
    at: Instant,
    load_cpu: Duration,
    status: NodeStatus,
}

impl Rig {
    /// Runs `load`, settles and judges.
    ///
    /// # Errors
    /// The node ends, the generator cannot work, or Ctrl-C. That payments go wrong is a verdict, not an error.
    pub fn run(&mut self, load: &Load) -> Result<Trial, Error> {
        let plan = self.plan(load);
        let run = Run::start(&plan, &self.config, &self.target)?;
        let mut display = Display::start(&load.label, plan.duration);
        let opening = self.watch(&run, &mut display, load.warm_up, true)?;
        let closing = self.watch(&run, &mut display, plan.duration, false)?;
        let offered = run.progress().sent as f64 / (plan.rate_per_s * plan.duration.as_secs_f64()).max(1.0);
        while !run.is_finished() {
            self.pause()?;
        }
        drop(display);
        let finished = run.wait()?;
        let (report, mut tracker) = (finished.report, finished.tracker);
        let settlement = Settlement { limit: SETTLE_MAX, ..Settlement::default() };
        let settled = settle(&settlement, &self.config, &self.target, &mut tracker)?;
        self.node.check()?;
        let verdict = Oracle::judge(&self.counterparties.ledgers(), &tracker);
        let window = self.window(&opening, closing);
        Ok(Trial { load: load.clone(), report, window, offered, settled, verdict })
    }

    fn plan(&self, load: &Load) -> Plan {
        let duration = load.warm_up + load.measured;
        let usual = Plan::default();
        Plan {
            rate_per_s: load.rate_per_s,
            duration,
            warm_up: load.warm_up,
            mix: load.mix.clone(),
            seed: load.seed,
            pin_core: self.cores.load.first().copied(),
            connections_max: load.connections_max,
            prepare_ahead: if load.signed_before { duration + Duration::from_secs(1) } else { usual.prepare_ahead },
            ..usual
        }
    }

    /// Waits until the run has come to `until`, then looks at the node; with `reset` its latencies start anew.
    fn watch(&mut self, run: &Run, display: &mut Display, until: Duration, reset: bool) -> Result<Look, Error> {
        loop {
            let progress = run.progress();
            display.tell(progress.elapsed, || describe(&progress));
            let begun = progress.elapsed > Duration::ZERO;
            if (begun && progress.elapsed >= until) || run.is_finished() {
                break;
            }
            self.pause()?;
        }
        if reset {
            self.admin().reset_histograms()?;
        }
        let status = self.admin().status()?;
        Ok(Look { at: Instant::now(), load_cpu: process_cpu(), status })
    }

    fn pause(&mut self) -> Result<(), Error> {
        interrupt::check()?;
        self.node.check()?;
        std::thread::sleep(LOOK_EVERY);
        Ok(())
    }

    fn window(&self, opening: &Look, closing: Look) -> Window {
        let seconds = (closing.at - opening.at).as_secs_f64().max(1e-9);
        let load_cpu = closing.load_cpu.saturating_sub(opening.load_cpu).as_secs_f64();
        Window {
            seconds,
            finals: closing.status.finals().saturating_sub(opening.status.finals()),
            cpu_us: (closing.status.cpu_seconds - opening.status.cpu_seconds) * 1e6,
            internal_us: closing.status.internal_us,
            groups: closing.status.journal.groups.saturating_sub(opening.status.journal.groups),
            journal_bytes: closing.status.journal.bytes.saturating_sub(opening.status.journal.bytes),
            load_busy: load_cpu / (seconds * self.cores.load_capacity() as f64),
            status: closing.status,
        }
    }
}

fn describe(progress: &Progress) -> String {
    let Progress { sent, finals, refused, failed, late, dropped, .. } = progress;
    format!("sent {sent}, final {finals}, refused {refused}, failed {failed}, late {late}, dropped {dropped}")
}

/// Requests a second that a modest core holds for this suite, with room to spare.
pub(crate) const fn modest_rate(suite: Suite) -> f64 {
    match suite {
        Suite::EcdsaP256Sha256 | Suite::Ed25519 => 1_500.0,
        Suite::Sm2Sm3 => 600.0,
        Suite::Rsa2048Sha256 => 500.0,
    }
}
