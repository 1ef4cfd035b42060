//! Payments a second at three times the sustained rate / at the sustained rate.
//!
//! Requests are signed before the first one leaves, so that the generator's core is free for the answers, and as many connections may be
//! open as the node takes: what is asked of it is not held back by what it has not yet answered.

use clearway_crypto::Suite;

use super::node::{judge, payments};
use super::row::Goal;
use super::{Bench, Row};
use crate::error::Error;
use crate::rig::{Load, Rig, Setup, Trial};

/// How much more is asked for than can be held.
const OVERLOAD: f64 = 3.0;
/// Connections of the load; a node takes 4,096 unless told otherwise.
const CONNECTIONS_MAX: usize = 4_000;
/// Below this share of what was to leave, the node has not seen the overload, unless every connection was waiting for it.
const OFFERED_MIN: f64 = 0.9;

pub(super) fn measure(bench: &Bench, sustained: f64) -> Result<Vec<Row>, Error> {
    let mut rig = Rig::start(&Setup::of(Suite::EcdsaP256Sha256), &bench.scratch, &bench.cores)?;
    let (warm_up, measured) = bench.depth((3.0, 10.0), (1.0, 3.0));
    let mut run = |label: &str, rate: f64| {
        let load = payments(label, rate, warm_up, measured, bench.arguments.seed);
        rig.run(&Load { signed_before: true, connections_max: CONNECTIONS_MAX, backlog_max: CONNECTIONS_MAX, ..load })
    };
    let usual = run("sustained", sustained)?;
    let overload = run("overload", OVERLOAD * sustained)?;
    let (value, floor) = (overload.report.payments_per_second, usual.report.payments_per_second);
    let row =
        Row::new("goodput_at_3x", "payments/s", value, Some(floor), Goal::RatioAtLeast(0.9)).with_note(note(&overload));
    let row = if is_seen(&overload) { row } else { row.undecided() };
    Ok(vec![judge(row, &[usual, overload])])
}

/// Whether the node was asked for as much as it was to be asked for.
fn is_seen(overload: &Trial) -> bool {
    overload.offered >= OFFERED_MIN || overload.report.connections >= CONNECTIONS_MAX
}

fn note(overload: &Trial) -> String {
    let (report, window) = (&overload.report, &overload.window);
    let refused: Vec<String> = window.status.refused.iter().map(|(code, count)| format!("{code} x {count}")).collect();
    let invalid: String = overload.doubts().iter().map(|reason| format!("; INVALID: {reason}")).collect();
    format!(
        "asked {:.0}/s, {:.0} % of it left in time over {} connections, refused {}, unknown {}; node refused {}; {}{invalid}",
        overload.load.rate_per_s,
        overload.offered * 100.0,
        report.connections,
        report.refused,
        report.unknown,
        if refused.is_empty() { "nothing".to_owned() } else { refused.join(", ") },
        overload.describe()
    )
}
