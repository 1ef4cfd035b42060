//! `clearway-loadgen find-max`.

use super::Ending;
use super::ground::Ground;
use super::load::LoadArguments;
use super::results::ResultArguments;
use super::schedule::seconds;
use super::view::ViewArguments;
use clap::Args;
use clearway_loadgen::html::search_page;
use clearway_loadgen::record::RunRecord;
use clearway_loadgen::search::{self, Attempt, End, Search, SearchPlan, SearchRecord, Trial, carry_out};
use clearway_loadgen::{Arrival, Error, Plan, Profile, Slo};

/// Share of the answers whose signature is checked, unless told otherwise: the generator must not be the limit.
pub(super) const VERIFY_SHARE: f64 = 1.0 / 16.0;

#[derive(Debug, Args)]
pub(crate) struct FindMax {
    #[command(flatten)]
    load: LoadArguments,
    #[command(flatten)]
    search: SearchArguments,
    #[command(flatten)]
    view: ViewArguments,
    /// What a rate must hold: criteria separated by commas, of p50, p99.9, max, mean (each also .service, .internal),
    /// errors and achieved.
    #[arg(long, default_value = "p99<20ms,errors<0.01%")]
    slo: Slo,
    /// Exit code 1 unless at least this rate holds, in requests a second.
    #[arg(long)]
    at_least: Option<f64>,
    #[command(flatten)]
    results: ResultArguments,
}

/// Where and how it is searched.
#[derive(Debug, Args)]
pub(crate) struct SearchArguments {
    /// First rate tried, in requests a second.
    #[arg(long, default_value_t = 200.0)]
    start_rate: f64,
    /// Lowest rate tried.
    #[arg(long, default_value_t = 10.0)]
    min_rate: f64,
    /// Highest rate tried.
    #[arg(long, default_value_t = 1e6)]
    max_rate: f64,
    /// Factor from one rate of the ramp to the next.
    #[arg(long, default_value_t = 1.5)]
    step: f64,
    /// How far apart the last good and the first bad rate may be at the end, in per cent.
    #[arg(long, default_value_t = 3.0)]
    precision_percent: f64,
    /// Load before what is measured, in every trial.
    #[arg(long, default_value_t = 2.0)]
    warm_up_seconds: f64,
    /// Measured time of a trial on the way.
    #[arg(long, default_value_t = 5.0)]
    probe_seconds: f64,
    /// Measured time of each repeat of what was found.
    #[arg(long, default_value_t = 15.0)]
    hold_seconds: f64,
    /// Repeats that must all be good.
    #[arg(long, default_value_t = 3)]
    repeats: u32,
    /// Pause after a trial that was not good.
    #[arg(long, default_value_t = 2.0)]
    cool_down_seconds: f64,
    /// Most trials of all kinds.
    #[arg(long, default_value_t = 60)]
    trials_max: u32,
    /// Spread of arrivals.
    #[arg(long, value_enum, default_value_t)]
    arrival: Arrival,
}

impl FindMax {
    pub(super) fn carry_out(self) -> Result<Ending, Error> {
        let search = Search::new(self.search.plan()?)?;
        let title = format!("clearway-loadgen find-max  {}", self.slo);
        let mut site = Site {
            ground: Ground::open(&self.load, &self.view, &title)?,
            plan: self.load.plan_like(Plan {
                arrival: self.search.arrival,
                verify_share: VERIFY_SHARE,
                ..Plan::default()
            }),
        };
        let manifest = site.ground.manifest()?;
        let record = carry_out(search, &self.slo, &mut site);
        site.ground.display.finish();
        let mut record = record?;
        record.manifest = Some(manifest);
        self.results.tell(&record, search_page)?;
        Ok(self.ending(&record))
    }

    fn ending(&self, record: &SearchRecord) -> Ending {
        match record.end {
            End::Found | End::Ceiling if record.capacity_per_s() >= self.at_least => Ending::Good,
            End::Found | End::Ceiling | End::Nothing | End::Unsafe => Ending::Bad,
            End::Generator | End::Trials => Ending::Invalid,
            End::TargetDown => Ending::TargetDown,
            End::Stopped => Ending::Interrupted,
        }
    }
}

impl SearchArguments {
    fn plan(&self) -> Result<SearchPlan, Error> {
        Ok(SearchPlan {
            start_per_s: self.start_rate,
            min_per_s: self.min_rate.min(self.start_rate),
            max_per_s: self.max_rate,
            step: self.step,
            precision: self.precision_percent / 100.0,
            warm_up: seconds("warm-up-seconds", self.warm_up_seconds)?,
            probe: seconds("probe-seconds", self.probe_seconds)?,
            hold: seconds("hold-seconds", self.hold_seconds)?,
            repeats: self.repeats,
            cool_down: seconds("cool-down-seconds", self.cool_down_seconds)?,
            trials_max: self.trials_max,
            ..SearchPlan::default()
        })
    }
}

struct Site<'a> {
    ground: Ground<'a>,
    plan: Plan,
}

impl search::Site for Site<'_> {
    type Error = Error;

    fn run(&mut self, attempt: &Attempt) -> Result<Option<RunRecord>, Error> {
        let plan = Plan {
            profile: Profile::constant(attempt.rate_per_s),
            warm_up: attempt.warm_up,
            duration: attempt.warm_up + attempt.measured,
            ..self.plan.clone()
        };
        let label = format!("{} at {:.1}/s", attempt.phase, attempt.rate_per_s);
        self.ground.run(&label, &plan, attempt.cool_down)
    }

    fn tell(&mut self, trial: &Trial) {
        self.ground.display.note(trial.to_string());
    }
}
