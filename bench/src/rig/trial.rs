//! What one run of load gave, and whether it is to be believed.
//!
//! Invariant: the node's figures (CPU, finals, internal time) all belong to the window between two looks at its status. A verdict is about
//! payments and holds under any disturbance; a figure is about speed and does not.

use std::time::Duration;

use clearway_crypto::Suite;
use clearway_loadgen::record::{Recording, RunRecord, StageBudget};
use clearway_loadgen::{Mix, Report, Settled, Verdict};
use serde::{Deserialize, Serialize};

use super::{NodeStatus, Quantiles, Registry, Transport};

/// The load's cores are saturated above this share: its own waiting would be taken for the node's.
const LOAD_BUSY_MAX: f64 = 0.9;
/// Above this share of all cores used by others, a figure says more about them.
const OTHERS_BUSY_MAX: f64 = 0.1;
/// A run that stood still for longer, in seconds, was stopped from outside.
const STALLED_MAX_S: f64 = 0.5;

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
    /// Most requests that wait for a connection; more are dropped, and counted.
    pub backlog_max: usize,
    /// Sign every request before the first one leaves, so that the generator has more of its core for the answers.
    pub signed_before: bool,
    /// Banks, by place, whose payments are left out of the latencies.
    pub apart: Vec<u16>,
}

/// CPU of the generator for each final payment of a window, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct GeneratorCost {
    /// The sending thread: composing, signing, sending, reading receipts. What was signed before the run is not in it.
    pub sender: f64,
    /// Banks and institutions' notice desks.
    pub banks: f64,
}

/// The node during the window.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Window {
    /// Length.
    pub seconds: f64,
    /// Payments and refunds that became final in it.
    pub finals: u64,
    /// CPU time that the node used in it, in microseconds.
    pub cpu_us: f64,
    /// Time in the platform, waits for banks excluded.
    pub internal_us: Quantiles,
    /// Where the time of the payments that ended in it went, and the node's CPU.
    pub stages: StageBudget,
    /// Groups that the journal made durable in it.
    pub groups: u64,
    /// Bytes that the journal made durable in it.
    pub journal_bytes: u64,
    /// Bytes that crossed loopback in it, headers and acknowledgements included, whoever sent them; `None` when the system does not count
    /// them.
    pub network_bytes: Option<u64>,
    /// Mean number of requests under way in it, counted at each look at the run.
    pub in_flight_mean: f64,
    /// Share of the load's cores that this process used in it.
    pub load_busy: f64,
    /// What the load cost.
    pub generator_cpu_us_per_payment: GeneratorCost,
    /// Share of all cores of the machine that neither node nor load used, and that were busy.
    pub others_busy: f64,
    /// Longest time for which this process did not come to look, in seconds.
    pub stalled_s: f64,
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
    /// What messages travelled over.
    pub transport: Transport,
    /// The generator's view.
    pub report: Report,
    /// The same over time, with the latencies behind it.
    pub recording: Recording,
    /// The node's view.
    pub window: Window,
    /// Share of the requests that were to leave by the end of the window that had left by then.
    pub offered: f64,
    /// What was still open at the end of the load.
    pub settled: Settled,
    /// The oracle's judgement.
    pub verdict: Verdict,
    /// The node's registry beside both ends'.
    pub registry: Registry,
}

impl Trial {
    /// The generator's view as a record, settled and judged.
    pub fn record(&self) -> RunRecord {
        RunRecord {
            stages: Some(self.window.stages.clone()).filter(|budget| budget.payments > 0),
            settled: Some(self.settled),
            verdict: Some(self.verdict.clone()),
            ..RunRecord::new(self.report.clone(), &self.recording)
        }
    }

    /// Why the latencies and rates are not to be believed; empty = they are.
    pub fn doubts(&self) -> Vec<String> {
        self.limits().into_iter().chain(self.disturbances()).collect()
    }

    /// Reasons in this program: the load was the limit, not the node.
    pub fn limits(&self) -> Vec<String> {
        let mut limits = self.report.invalid.clone();
        let busy = self.window.load_busy * 100.0;
        limits.extend(self.is_saturated().then(|| format!("the load's cores are saturated ({busy:.0} % busy)")));
        limits
    }

    /// Whether the load's cores had nothing left.
    pub fn is_saturated(&self) -> bool {
        self.window.load_busy > LOAD_BUSY_MAX
    }

    /// Reasons outside of it: they say nothing about the node, and a figure that suffered from them decides nothing.
    pub fn disturbances(&self) -> Vec<String> {
        let Window { others_busy, stalled_s, status, .. } = &self.window;
        let is_debug = status.build != "release" || cfg!(debug_assertions);
        [
            (*others_busy > OTHERS_BUSY_MAX)
                .then(|| format!("others used {:.0} % of this machine meanwhile", others_busy * 100.0)),
            (*stalled_s > STALLED_MAX_S).then(|| format!("this process stood still for {stalled_s:.1} s")),
            is_debug.then(|| "debug build: run with --release".to_owned()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What a reader of a rate or a latency wants to know beside it.
    pub fn describe(&self) -> String {
        let Window { internal_us, load_busy, others_busy, status, .. } = &self.window;
        format!(
            "{}, internal p50 {} p99 {} p999 {} us, sync p50 {} p99 {} us, node {:.0} % busy, load {:.0} %, others {:.0} %, verdict {}",
            self.transport,
            internal_us.p50,
            internal_us.p99,
            internal_us.p999,
            status.journal.sync_us.p50,
            status.journal.sync_us.p99,
            self.window.node_busy() * 100.0,
            load_busy * 100.0,
            others_busy * 100.0,
            self.verdict.to_string().lines().next().unwrap_or_default()
        )
    }
}

/// Requests a second that a modest core holds for this suite, with room to spare.
pub(crate) const fn modest_rate(suite: Suite) -> f64 {
    match suite {
        Suite::EcdsaP256Sha256 | Suite::Ed25519 => 1_500.0,
        Suite::Sm2Sm3 => 600.0,
        Suite::Rsa2048Sha256 => 500.0,
    }
}
