//! How fast, how long, and how spread: the arguments of a schedule.

use clap::Args;
use clearway_loadgen::{Arrival, Error, Plan, Profile};
use std::time::Duration;

#[derive(Debug, Args)]
pub(crate) struct ScheduleArguments {
    /// Requests a second, over all institutions and kinds.
    #[arg(long, default_value_t = 100.0)]
    rate: f64,
    /// How long requests are scheduled.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Leave so many seconds at the start out of latencies and rates.
    #[arg(long, default_value_t = 0.0)]
    warm_up_seconds: f64,
    /// Spread of arrivals.
    #[arg(long, value_enum, default_value_t)]
    arrival: Arrival,
}

impl ScheduleArguments {
    /// `plan` with this schedule.
    pub(crate) fn apply(&self, plan: Plan) -> Result<Plan, Error> {
        Ok(Plan {
            profile: Profile::constant(self.rate),
            duration: seconds("seconds", self.seconds)?,
            warm_up: seconds("warm-up-seconds", self.warm_up_seconds)?,
            arrival: self.arrival,
            ..plan
        })
    }
}

/// A length of time that an argument gives in seconds.
pub(crate) fn seconds(name: &str, value: f64) -> Result<Duration, Error> {
    Duration::try_from_secs_f64(value).map_err(|_| Error::Plan(format!("{name} = {value}: not a length of time")))
}
