//! `clearway-loadgen overload`.

use super::Ending;
use super::find_max::VERIFY_SHARE;
use super::ground::Ground;
use super::load::LoadArguments;
use super::results::ResultArguments;
use super::schedule::seconds;
use super::view::ViewArguments;
use clap::Args;
use clearway_loadgen::html::overload_page;
use clearway_loadgen::overload::{self, End, FACTORS, OverloadPlan, OverloadRecord, Stage, Step, carry_out};
use clearway_loadgen::record::RunRecord;
use clearway_loadgen::search::SearchRecord;
use clearway_loadgen::{Arrival, Error, Plan};
use std::path::{Path, PathBuf};

/// Connections, unless told otherwise: a node takes 4,096, and what is asked of it must not be held back by what it has
/// not answered yet.
const CONNECTIONS_MAX: usize = 4_000;

#[derive(Debug, Args)]
pub(crate) struct Overload {
    #[command(flatten)]
    load: LoadArguments,
    #[command(flatten)]
    sweep: SweepArguments,
    #[command(flatten)]
    view: ViewArguments,
    /// Exit code 1 unless goodput at three times the capacity is at least this share of that at the capacity.
    #[arg(long, default_value_t = 0.9)]
    min_goodput: f64,
    #[command(flatten)]
    results: ResultArguments,
}

/// Which loads, and for how long.
#[derive(Debug, Args)]
pub(crate) struct SweepArguments {
    /// What the target can sustain, in requests a second.
    #[arg(long, required_unless_present = "capacity_from")]
    capacity: Option<f64>,
    /// The same, from the record of a find-max.
    #[arg(long, value_name = "FILE", conflicts_with = "capacity")]
    capacity_from: Option<PathBuf>,
    /// Offered loads as multiples of the capacity, rising, separated by commas.
    #[arg(long, value_delimiter = ',', default_values_t = FACTORS)]
    factors: Vec<f64>,
    /// A payment that is final later than this after its intended instant is no goodput, in milliseconds.
    #[arg(long, default_value_t = 1_000.0)]
    deadline_ms: f64,
    /// Load before what is measured, at each factor.
    #[arg(long, default_value_t = 2.0)]
    warm_up_seconds: f64,
    /// Measured time at each factor.
    #[arg(long, default_value_t = 8.0)]
    measured_seconds: f64,
    /// Pause between two loads.
    #[arg(long, default_value_t = 2.0)]
    cool_down_seconds: f64,
    /// Load of the recovery as a multiple of the capacity; one of the factors.
    #[arg(long, default_value_t = 0.5)]
    recovery_factor: f64,
    /// How long the target is watched after the highest load; 0 = not at all.
    #[arg(long, default_value_t = 15.0)]
    recovery_seconds: f64,
    /// Spread of arrivals.
    #[arg(long, value_enum, default_value_t)]
    arrival: Arrival,
}

impl Overload {
    pub(super) fn carry_out(self) -> Result<Ending, Error> {
        let plan = self.sweep.plan()?;
        plan.check()?;
        let title = format!("clearway-loadgen overload  capacity {:.1}/s", plan.capacity_per_s);
        let mut site = Site {
            ground: Ground::open(&self.load, &self.view, &title)?,
            plan: self.load.plan_like(Plan {
                arrival: self.sweep.arrival,
                connections_max: CONNECTIONS_MAX,
                verify_share: VERIFY_SHARE,
                // The generator's core is free for the answers then.
                signed_before: true,
                ..Plan::default()
            }),
        };
        let manifest = site.ground.manifest()?;
        let record = carry_out(plan, &mut site);
        site.ground.display.finish();
        let mut record = record?;
        record.manifest = Some(manifest);
        self.results.tell(&record, overload_page)?;
        Ok(self.ending(&record))
    }

    fn ending(&self, record: &OverloadRecord) -> Ending {
        let is_kept = record.goodput_at_3x.is_none_or(|share| share >= self.min_goodput);
        let is_back = record.recovery.as_ref().is_none_or(overload::Recovery::is_recovered);
        match record.end {
            End::Unsafe => Ending::Bad,
            End::TargetDown => Ending::TargetDown,
            End::Stopped => Ending::Interrupted,
            End::Complete if !record.is_offered() => Ending::Invalid,
            End::Complete if is_kept && is_back => Ending::Good,
            End::Complete => Ending::Bad,
        }
    }
}

impl SweepArguments {
    fn plan(&self) -> Result<OverloadPlan, Error> {
        let from_file = self.capacity_from.as_deref().map(read_capacity).transpose()?;
        Ok(OverloadPlan {
            capacity_per_s: self.capacity.or(from_file).unwrap_or_default(),
            factors: self.factors.clone(),
            deadline: seconds("deadline-ms / 1000", self.deadline_ms / 1_000.0)?,
            warm_up: seconds("warm-up-seconds", self.warm_up_seconds)?,
            measured: seconds("measured-seconds", self.measured_seconds)?,
            cool_down: seconds("cool-down-seconds", self.cool_down_seconds)?,
            recovery_factor: self.recovery_factor,
            recovery: seconds("recovery-seconds", self.recovery_seconds)?,
        })
    }
}

/// The last good rate of a search's record.
fn read_capacity(path: &Path) -> Result<f64, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::File { path: path.into(), source })?;
    let fault = |message: String| Error::Config { path: path.into(), message };
    let record: SearchRecord = serde_json::from_str(&text).map_err(|error| fault(error.to_string()))?;
    record.capacity_per_s().ok_or_else(|| fault(format!("found no rate that holds: {}", record.end)))
}

struct Site<'a> {
    ground: Ground<'a>,
    plan: Plan,
}

impl overload::Site for Site<'_> {
    type Error = Error;

    fn run(&mut self, stage: &Stage) -> Result<Option<RunRecord>, Error> {
        let plan = Plan {
            profile: stage.profile.clone(),
            warm_up: stage.warm_up,
            duration: stage.duration,
            deadline: stage.deadline,
            // What waits for a connection for longer than the connections take is late for any deadline.
            backlog_max: self.plan.connections_max,
            ..self.plan.clone()
        };
        let label = match stage.is_recovery {
            true => "recovery".to_owned(),
            false => format!("{} x at {:.1}/s", stage.factor, plan.profile.mean_per_s(plan.duration)),
        };
        self.ground.run(&label, &plan, stage.cool_down)
    }

    fn tell(&mut self, step: &Step) {
        self.ground.display.note(step.to_string());
    }
}
