//! The demo's result, under the names of the project's reports.

use clearway_crypto::Suite;
use clearway_loadgen::business::Business;
use clearway_loadgen::oracle::OfBusiness;
use clearway_loadgen::record::StageBudget;
use clearway_loadgen::{GeneratorCost, Mix, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

use crate::cpu::Cores;
use crate::machine::Machine;
use crate::probe::{CryptoFloor, ExchangeFloor};
use crate::rig::{Quantiles, Registry, Transport, Trial};

/// Exchanges of one payment: with the institution and with two banks.
pub(crate) const EXCHANGES_PER_PAYMENT: f64 = 3.0;

/// What `demo --json` writes. The keys up to `verdict` are the contract; those behind it explain.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// Final, durable payments and refunds a second over the measured window, as the institutions saw them.
    pub payments_per_second: f64,
    /// Time in the platform, waits for banks excluded, by the node's own account.
    pub internal_us: Quantiles,
    /// From the intended instant to the last byte of the answer, payments and refunds.
    pub response_us: Quantiles,
    /// CPU of the node's process for each final payment; the queries among them are paid for too.
    pub cpu_us_per_payment: f64,
    /// Three signatures and three verifications, on the node's core in this run.
    pub crypto_floor_us: f64,
    /// What a payment costs beyond its signatures, in units of three bare exchanges of this run.
    pub overhead: f64,
    /// Signature suite.
    pub suite: String,
    /// What durable means.
    pub durability: String,
    /// How the journal reached the disk.
    pub journal_driver: String,
    /// Transactions that the switch said it had taken, warm-up included.
    pub accepted: u64,
    /// Of these, final, and known as such to their institution.
    #[serde(rename = "final")]
    pub finals: u64,
    /// Of these, without an end.
    pub unknown: u64,
    /// Acknowledged and lost.
    pub lost: u64,
    /// Took money more than once.
    pub debited_twice: u64,
    /// `good`: no rule broken and nothing open. `open`: no rule broken. `bad`: a rule broken.
    pub verdict: &'static str,
    /// Whether latencies and rates are to be believed.
    pub valid: bool,
    /// Why not.
    pub invalid_because: Vec<String>,
    /// What messages travelled over.
    pub transport: Transport,
    /// From the actual sending to the last byte of the answer.
    pub service_us: Quantiles,
    /// Where the time and CPU of a payment went inside the node, by its own account.
    pub stages: StageBudget,
    /// What the stages leave of their totals.
    pub residual: Residual,
    /// Bare HTTP/1.1 exchange on the node's core in this run.
    pub exchange_floor: ExchangeFloor,
    /// Its parts, and the backend that was fastest.
    pub crypto_floor: CryptoFloor,
    /// Share of a core that the node used.
    pub node_busy: f64,
    /// Share of its cores that the load used.
    pub load_busy: f64,
    /// What the load cost: the sending thread, and the banks with the institutions' notice desks.
    pub generator_cpu_us_per_payment: GeneratorCost,
    /// Share of all cores of the machine that others used.
    pub others_busy: f64,
    /// Requests a second asked for.
    pub rate: f64,
    /// Length of the window.
    pub seconds: f64,
    /// Length of the warm-up.
    pub warm_up_seconds: f64,
    /// Seed.
    pub seed: u64,
    /// What was sent.
    pub mix: Mix,
    /// Requests sent, warm-up included.
    pub sent: u64,
    /// Of these, more than a millisecond late.
    pub late: u64,
    /// Requests that never left.
    pub dropped: u64,
    /// Signed refusals.
    pub refused: u64,
    /// Durable groups in the window.
    pub journal_groups: u64,
    /// Bytes of the journal for each final payment.
    pub journal_bytes_per_payment: f64,
    /// Time of one write and sync of the journal since the node's start.
    pub journal_sync_us: Quantiles,
    /// Resident memory of the node at the end of the window.
    pub node_resident_bytes: u64,
    /// How the transactions of each business ended: their wire states, refusals and what has no end.
    pub businesses: BTreeMap<Business, OfBusiness>,
    /// What came of each kind of request: wire states, return codes, names of faults.
    pub requests: BTreeMap<String, BTreeMap<String, u64>>,
    /// The node's registry of agreements and mandates beside what both ends of each say.
    pub registry: Registry,
    /// Everything the oracle said.
    pub oracle: Verdict,
    /// Who ran where.
    pub cores: Cores,
    /// The machine.
    pub machine: Machine,
}

/// What no stage explains, microseconds of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Residual {
    /// Of its time from first to last byte.
    pub wall_us: f64,
    /// Of its CPU: threads that belong to no stage.
    pub cpu_us: f64,
}

impl Residual {
    fn of(stages: &StageBudget) -> Self {
        Self { wall_us: stages.residual_wall_us(), cpu_us: stages.residual_cpu_us() }
    }
}

impl Outcome {
    pub(super) fn new(
        trial: &Trial,
        suite: Suite,
        crypto: CryptoFloor,
        exchange: ExchangeFloor,
        cores: Cores,
        machine: Machine,
    ) -> Self {
        let (report, window, verdict) = (&trial.report, &trial.window, &trial.verdict);
        let status = &window.status;
        let doubts = trial.doubts();
        Self {
            payments_per_second: report.payments_per_second,
            internal_us: window.internal_us,
            response_us: report.response_us.into(),
            cpu_us_per_payment: window.cpu_us_per_payment(),
            crypto_floor_us: crypto.payment_us(),
            overhead: overhead(window.cpu_us_per_payment(), &crypto, &exchange),
            suite: suite.to_string(),
            durability: status.journal.durability.clone(),
            journal_driver: status.journal.driver.clone(),
            accepted: verdict.accepted,
            finals: verdict.finals,
            unknown: verdict.unknown,
            lost: verdict.lost,
            debited_twice: verdict.debited_twice,
            verdict: word(verdict),
            valid: doubts.is_empty(),
            invalid_because: doubts,
            transport: trial.transport,
            service_us: report.service_us.into(),
            stages: window.stages.clone(),
            residual: Residual::of(&window.stages),
            exchange_floor: exchange,
            crypto_floor: crypto,
            node_busy: window.node_busy(),
            load_busy: window.load_busy,
            generator_cpu_us_per_payment: window.generator_cpu_us_per_payment,
            others_busy: window.others_busy,
            rate: trial.load.rate_per_s,
            seconds: trial.load.measured.as_secs_f64(),
            warm_up_seconds: trial.load.warm_up.as_secs_f64(),
            seed: trial.load.seed,
            mix: trial.load.mix.clone(),
            sent: report.sent,
            late: report.late,
            dropped: report.dropped,
            refused: report.refused,
            journal_groups: window.groups,
            journal_bytes_per_payment: window.journal_bytes as f64 / window.finals.max(1) as f64,
            journal_sync_us: status.journal.sync_us,
            node_resident_bytes: status.resident_bytes,
            businesses: verdict.businesses.clone(),
            requests: report.kinds.iter().map(|(kind, of_kind)| (kind.clone(), of_kind.outcomes.clone())).collect(),
            registry: trial.registry.clone(),
            oracle: verdict.clone(),
            cores,
            machine,
        }
    }

    /// Whether the verdict is good, the registry agrees, and there was something to judge.
    pub fn is_good(&self) -> bool {
        self.oracle.ok && self.registry.differing == 0 && self.finals > 0
    }
}

/// What a payment costs beyond its signatures, in units of three bare exchanges.
pub(crate) fn overhead(cpu_us_per_payment: f64, crypto: &CryptoFloor, exchange: &ExchangeFloor) -> f64 {
    (cpu_us_per_payment - crypto.payment_us()) / (EXCHANGES_PER_PAYMENT * exchange.server_cpu_us)
}

fn word(verdict: &Verdict) -> &'static str {
    match (verdict.ok, verdict.is_safe()) {
        (true, _) => "good",
        (false, true) => "open",
        (false, false) => "bad",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overhead_counts_what_is_left_after_signatures() {
        let crypto = CryptoFloor { backend: "x", sign_us: 10.0, verify_us: 30.0 };
        let exchange = ExchangeFloor { server_cpu_us: 6.0, exchanges_per_s: 1.0, server_busy: 1.0 };
        assert!((overhead(156.0, &crypto, &exchange) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_verdict_has_one_word() {
        let good = Verdict { ok: true, money_conserved: true, ..Verdict::default() };
        let open = Verdict { unknown: 1, money_conserved: true, ..Verdict::default() };
        assert_eq!([word(&good), word(&open), word(&Verdict::default())], ["good", "open", "bad"]);
    }
}
