//! Payments a second at three times the sustained rate / at the sustained rate.
//!
//! Requests are signed before the first one leaves, so that the generator's core is free for the answers, and as many connections may be
//! open as the node takes: what is asked of it is not held back by what it has not yet answered.

use std::thread::sleep;
use std::time::Duration;

use clearway_crypto::Suite;
use clearway_loadgen::overload::{self, OverloadPlan, Stage, Step, carry_out};
use clearway_loadgen::record::RunRecord;

use super::node::{judge, payments};
use super::row::Goal;
use super::{Bench, Row};
use crate::error::Error;
use crate::rig::{Load, Rig, Setup, Trial};

/// How much is asked for, in sustained rates.
const FACTORS: [f64; 2] = [1.0, 3.0];
/// Connections of the load; a node takes 4,096 unless told otherwise.
const CONNECTIONS_MAX: usize = 4_000;

pub(super) fn measure(bench: &Bench, sustained: f64) -> Result<Vec<Row>, Error> {
    let mut rig = Rig::start(&Setup::of(Suite::EcdsaP256Sha256), &bench.scratch, &bench.cores)?;
    let (warm_up, measured) = bench.depth((3, 10), (1, 3));
    let plan = OverloadPlan {
        capacity_per_s: sustained,
        factors: FACTORS.to_vec(),
        warm_up: Duration::from_secs(warm_up),
        measured: Duration::from_secs(measured),
        recovery: Duration::ZERO,
        ..OverloadPlan::default()
    };
    let mut site = Site { rig: &mut rig, seed: bench.arguments.seed, trials: Vec::new() };
    let record = carry_out(plan, &mut site)?;
    let trials = site.trials;
    let ([usual, overload], [.., trial]) = (record.steps.as_slice(), trials.as_slice()) else {
        return Err(Error::Unsuited(format!("the sweep did not come to its end: {record}")));
    };
    let (value, floor) = (overload.report.payments_per_second, usual.report.payments_per_second);
    let row = Row::new("goodput_at_3x", "payments/s", value, Some(floor), Goal::RatioAtLeast(0.9))
        .with_note(note(overload, trial));
    let row = if overload.is_offered { row } else { row.undecided() };
    Ok(vec![judge(row, &trials)])
}

struct Site<'a> {
    rig: &'a mut Rig,
    seed: u64,
    trials: Vec<Trial>,
}

impl overload::Site for Site<'_> {
    type Error = Error;

    fn run(&mut self, stage: &Stage) -> Result<Option<RunRecord>, Error> {
        sleep(stage.cool_down);
        let (rate, measured) = (stage.profile.mean_per_s(stage.duration), stage.duration - stage.warm_up);
        let label = format!("{} x the sustained rate", stage.factor);
        let load = payments(&label, rate, stage.warm_up.as_secs_f64(), measured.as_secs_f64(), self.seed);
        let trial = self.rig.run(&Load {
            signed_before: true,
            connections_max: CONNECTIONS_MAX,
            backlog_max: CONNECTIONS_MAX,
            ..load
        })?;
        let record = trial.record();
        self.trials.push(trial);
        Ok(Some(record))
    }
}

fn note(overload: &Step, trial: &Trial) -> String {
    let (report, window) = (&overload.report, &trial.window);
    let refused: Vec<String> = window.status.refused.iter().map(|(code, count)| format!("{code} x {count}")).collect();
    let invalid: String = trial.doubts().iter().map(|reason| format!("; INVALID: {reason}")).collect();
    format!(
        "asked {:.0}/s, {:.0} % of it left in time over {} connections, {:.0}/s final within a second, refused {}, unknown {}; node refused {}; {}{invalid}",
        overload.rate_per_s,
        trial.offered * 100.0,
        report.connections,
        overload.goodput_per_s,
        report.refused,
        report.unknown,
        if refused.is_empty() { "nothing".to_owned() } else { refused.join(", ") },
        trial.describe()
    )
}
