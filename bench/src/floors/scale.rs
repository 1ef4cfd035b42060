//! What a payment costs a node that knows 2,000 participants and 5 million agreements, against one with ten and some hundred.
//!
//! Both nodes run on the same core and take the same load in turn, from the same ten participants; the load's payments draw from all the
//! agreements. The other participants are in tables, key ring and metrics, and send nothing.

use clearway_crypto::Suite;

use super::node::judge;
use super::row::Goal;
use super::side::Side;
use super::{Bench, Row};
use crate::error::Error;
use crate::rig::{Setup, Trial};

/// Participants of the large node, the ten that take part among them, and its agreements.
const PARTICIPANTS: usize = 2_000;
const AGREEMENTS: u64 = 5_000_000;
/// The same for `--quick`.
const PARTICIPANTS_QUICK: usize = 200;
const AGREEMENTS_QUICK: u64 = 200_000;
/// "No worse by more than noise": what other machines than an idle one give for two runs of the same node.
const RATIO_MAX: f64 = 1.1;

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>, Error> {
    let suite = Suite::EcdsaP256Sha256;
    let (participants, agreements) = bench.depth((PARTICIPANTS, AGREEMENTS), (PARTICIPANTS_QUICK, AGREEMENTS_QUICK));
    let small = Setup::of(suite);
    let idle = participants - small.institutions - small.banks;
    let large = Setup { idle, agreements, ..small.clone() };
    eprintln!("writing {participants} participants and {agreements} agreements");
    let mut small = Side::start(bench, &small)?;
    let mut large = Side::start(bench, &large)?;
    // In turn: what else the machine does meanwhile hits both alike.
    for _ in 0..bench.depth(3, 2) {
        small.run(bench, "10 participants")?;
        large.run(bench, "many participants")?;
    }
    let (runs, floor, value) = (large.trials.len(), small.median()?, large.median()?);
    let row = Row::new(
        "cpu_us_per_payment_at_2000_participants_5m_agreements",
        "us",
        value.window.cpu_us_per_payment(),
        Some(floor.window.cpu_us_per_payment()),
        Goal::RatioAtMost(RATIO_MAX),
    );
    let scaled = if bench.arguments.quick { "; scaled down by --quick" } else { "" };
    let row = row.with_note(format!(
        "{participants} participants and {agreements} agreements against 10 and some hundred, median of {} runs in turn, {} by {}; resident {} MB against {} MB; {}{scaled}",
        runs,
        value.report.suite,
        value.window.status.backends.get(&value.report.suite).map_or("?", String::as_str),
        value.window.status.resident_bytes >> 20,
        floor.window.status.resident_bytes >> 20,
        value.describe()
    ));
    let trials: Vec<Trial> = small.trials.into_iter().chain(large.trials).collect();
    // A payment on an agreement that was not found fails at once, and costs less.
    let row = if trials.iter().any(failed_payments) { row.missed() } else { judge(row, &trials) };
    Ok(vec![if bench.arguments.quick { row.undecided() } else { row }])
}

/// Whether the node let a payment fail: banks are healthy and every agreement is there.
fn failed_payments(trial: &Trial) -> bool {
    trial.verdict.refused > 0 || trial.verdict.businesses.values().any(|of| of.failure > 0)
}
