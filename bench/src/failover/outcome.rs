//! What a failover run found, one row for each way of dying.

use std::collections::BTreeMap;

use clearway_loadgen::Verdict;
use clearway_loadgen::business::Business;
use serde::Serialize;

use super::arguments::{Arguments, Death};
use super::course::Course;
use crate::cpu::Cores;
use crate::machine::Machine;
use crate::rig::{Quantiles, Transport, Trial};

/// New legs go over the standby within this, in milliseconds.
pub const TO_STANDBY_MAX_MS: f64 = 1_000.0;
/// There and back: more are flapping.
pub const MOVES_MAX: u32 = 2;

/// Outcomes of a leg that nobody knows the truth of before a query.
const UNKNOWN: [&str; 5] = ["timed-out", "broken", "not-ok", "unreadable", "bad-signature"];

/// What `failover --json` writes.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// Whether every death was survived as wanted.
    pub met: bool,
    /// Most that is wanted of the time to the first leg on the standby, in milliseconds.
    pub to_standby_max_ms: f64,
    /// One for each way of dying.
    pub deaths: Vec<DeathOutcome>,
    /// Payments a second, all banks.
    pub rate: f64,
    /// Length of the outage, in seconds.
    pub outage_s: f64,
    /// Length of the load after it, in seconds.
    pub after_s: f64,
    /// Signature suite.
    pub suite: String,
    /// What messages travelled over.
    pub transport: Transport,
    /// Who ran where.
    pub cores: Cores,
    /// The machine.
    pub machine: Machine,
}

/// One way of dying.
#[derive(Debug, Clone, Serialize)]
pub struct DeathOutcome {
    /// Which.
    pub fault: Death,
    /// What the two links of the bank saw.
    #[serde(flatten)]
    pub course: Course,
    /// Payments of all banks: how they ended.
    pub payments: BTreeMap<&'static str, u64>,
    /// Payments, all banks, without a success within a second of their instant, from the death of the line on.
    pub affected: u64,
    /// Requests for legs to the bank whose outcome was unknown before a query.
    pub unknown_legs: u64,
    /// Requests for legs to the bank of which no byte left.
    pub unsent_legs: u64,
    /// Queries that the bank was asked.
    pub queries: u64,
    /// From the intended instant to the last byte of the answer, all banks.
    pub response_us: Quantiles,
    /// Whether the switch-over, the switch-back and the books are as wanted.
    pub met: bool,
    /// Everything the oracle said.
    pub verdict: Verdict,
    /// What disturbed the run: it says nothing about the books.
    pub doubts: Vec<String>,
}

impl DeathOutcome {
    pub(super) fn new(fault: Death, course: Course, trial: &Trial, legs: &BTreeMap<String, u64>, queries: u64) -> Self {
        let of = trial.verdict.businesses.get(&Business::Payment).cloned().unwrap_or_default();
        let payments = BTreeMap::from([
            ("00", of.success),
            ("01", of.failure),
            ("03", of.presumed_success),
            ("04", of.presumed_failure),
            ("refused", of.refused),
            ("other", of.other),
        ]);
        let unknown_legs = UNKNOWN.iter().filter_map(|outcome| legs.get(*outcome)).sum();
        let is_quick = course.to_standby_ms.is_some_and(|ms| ms <= TO_STANDBY_MAX_MS);
        let is_back = course.to_switch_back_ms.is_some() && course.moves <= MOVES_MAX;
        Self {
            fault,
            affected: trial.report.affected,
            payments,
            unknown_legs,
            unsent_legs: legs.get("not-sent").copied().unwrap_or(0),
            queries,
            response_us: trial.report.response_us.into(),
            met: is_quick && is_back && trial.verdict.ok,
            verdict: trial.verdict.clone(),
            doubts: trial.doubts(),
            course,
        }
    }
}

impl Outcome {
    pub(super) fn new(arguments: &Arguments, deaths: Vec<DeathOutcome>, cores: Cores, machine: Machine) -> Self {
        Self {
            met: deaths.iter().all(|death| death.met),
            to_standby_max_ms: TO_STANDBY_MAX_MS,
            deaths,
            rate: arguments.rate,
            outage_s: arguments.outage,
            after_s: arguments.after,
            suite: arguments.suite.to_string(),
            transport: Transport::of(arguments.run.tls),
            cores,
            machine,
        }
    }
}
