//! What the account of the stages leaves unexplained, and what keeping it costs: both against the payment itself.

use std::time::Duration;

use clearway_crypto::Suite;

use super::node::judge;
use super::row::Goal;
use super::side::Side;
use super::{Bench, Row};
use crate::error::Error;
use crate::probe::measure_account;
use crate::rig::Setup;

/// Windows; the one with the median cost counts.
const ROUNDS: usize = 3;

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>, Error> {
    let mut side = Side::start(bench, &Setup::of(Suite::EcdsaP256Sha256))?;
    for _ in 0..bench.depth(ROUNDS, 1) {
        side.run(bench, "stages")?;
    }
    let account_us = measure_account(bench.cores.node, Duration::from_millis(100))?;
    let trial = side.median()?;
    let stages = &trial.window.stages;
    let note = format!("{} at {:.0}/s, {stages}", trial.report.suite, trial.load.rate_per_s).replace('\n', ";");
    let row = |name: &str, value_us: f64, of_us: f64, most: f64| {
        Row::new(name, "us", value_us, Some(of_us), Goal::RatioAtMost(most))
    };
    let rows = [
        row("stage_account_cpu", account_us, trial.window.cpu_us_per_payment(), 0.01).with_note(
            "a payment that shares no burst with another, clock readings included, best of 5 rounds on the node's core",
        ),
        row("stage_residual_wall", stages.residual_wall_us().abs(), stages.total_wall_us, 0.01),
        row("stage_residual_cpu", stages.residual_cpu_us().abs(), stages.total_cpu_us, 0.05).with_note(note),
    ];
    Ok(rows.map(|row| judge(row, &side.trials)).into())
}
