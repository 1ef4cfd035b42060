//! Payments a second at three times the sustained rate / at the sustained rate.

use clearway_crypto::Suite;

use super::node::payments;
use super::row::Goal;
use super::{Bench, Row};
use crate::error::Error;
use crate::rig::{Load, Rig, Setup, Trial};

/// How much more is asked for than can be held.
const OVERLOAD: f64 = 3.0;

pub(super) fn measure(bench: &Bench, sustained: f64) -> Result<Vec<Row>, Error> {
    let mut rig = Rig::start(&Setup::of(Suite::EcdsaP256Sha256), &bench.scratch, &bench.cores)?;
    let (warm_up, measured) = bench.depth((3.0, 10.0), (1.0, 3.0));
    let mut run = |label: &str, rate: f64| {
        let load = payments(label, rate, warm_up, measured, bench.arguments.seed);
        rig.run(&Load { signed_before: true, ..load })
    };
    let usual = run("sustained", sustained)?;
    let overload = run("overload", OVERLOAD * sustained)?;
    let (value, floor) = (overload.report.payments_per_second, usual.report.payments_per_second);
    let row = Row::new("goodput_at_3x", "payments/s", value, Some(floor), Goal::RatioAtLeast(0.9)).with_note(note(&overload));
    let offered = overload.report.sent as f64 / overload.report.scheduled.max(1) as f64;
    // Were the generator the limit, the node would not have seen three times the rate.
    let decided = overload.verdict.is_safe() && (offered > 0.95 || row.met == Some(true));
    Ok(vec![if decided { row } else { row.undecided() }])
}

fn note(overload: &Trial) -> String {
    let (report, window) = (&overload.report, &overload.window);
    let refused: Vec<String> = window.status.refused.iter().map(|(code, count)| format!("{code} x {count}")).collect();
    let invalid: String = report.invalid.iter().map(|reason| format!("; generator: {reason}")).collect();
    format!(
        "asked {:.0}/s, sent {} of {}, refused {}, unknown {}; node refused {}; internal p99 {} us; node {:.0} % busy, load {:.0} %; verdict {}{invalid}",
        overload.load.rate_per_s,
        report.sent,
        report.scheduled,
        report.refused,
        report.unknown,
        refused.join(", "),
        window.internal_us.p99,
        window.node_busy() * 100.0,
        window.load_busy * 100.0,
        overload.verdict.to_string().lines().next().unwrap_or_default()
    )
}
