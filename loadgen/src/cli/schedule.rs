//! How fast, how long, and how arrivals are spread: the part of the command line that becomes the schedule of a plan.

use clap::Args;
use clearway_loadgen::schedule::{Replay, Trace};
use clearway_loadgen::{Arrival, Error, Plan, Profile};
use std::path::PathBuf;
use std::time::Duration;

/// Length of a run whose profile has none of its own.
const DURATION: Duration = Duration::from_secs(10);
/// Rate of a run that asks for nothing.
const RATE_PER_S: f64 = 100.0;

/// At most one profile; 100 requests a second without any.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub(crate) struct ScheduleArguments {
    /// Requests a second, over all institutions and kinds; 100 without any profile.
    #[arg(long, value_name = "PER_S", group = "profile")]
    rate: Option<f64>,
    /// One rate after the other, each for a while: 500x10s,0x5s,1000x1m
    #[arg(long, value_name = "RATExLENGTH,...", group = "profile", value_parser = steps)]
    steps: Option<Profile>,
    /// From one rate to another in a straight line: 100..3000
    #[arg(long, value_name = "FROM..TO", group = "profile", value_parser = ramp)]
    ramp: Option<Profile>,
    /// The day of the greatest rush in the length of the run, with this mean rate: from noon to noon, the peak at midnight,
    /// 6.8 times the mean.
    #[arg(long, value_name = "MEAN_PER_S", group = "profile")]
    day: Option<f64>,
    /// A recorded trace: CSV with offset_us, and with kind where it says what was sent; of --record-trace, or of
    /// `clearway journal arrivals`.
    #[arg(long, value_name = "FILE", group = "profile")]
    replay: Option<PathBuf>,
    /// What the offsets of the trace are multiplied by: 0.1 plays it ten times as fast.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    time_scale: f64,
    /// How long requests are scheduled; without it all of the steps or of the trace, else 10 seconds.
    #[arg(long)]
    seconds: Option<f64>,
    /// Leave so many seconds at the start out of latencies and rates.
    #[arg(long, default_value_t = 0.0)]
    warm_up_seconds: f64,
    /// Spread of arrivals; a trace has its own.
    #[arg(long, value_enum, default_value_t)]
    arrival: Arrival,
    /// Write when each request was due, and what it was, to this file: a trace for --replay.
    #[arg(long, value_name = "FILE")]
    record_trace: Option<PathBuf>,
}

impl ScheduleArguments {
    /// `plan` with this schedule; reads the trace.
    pub(crate) fn apply(&self, plan: Plan) -> Result<Plan, Error> {
        let profile = self.profile()?;
        let duration = match (self.seconds, profile.length()) {
            (Some(value), _) => seconds("seconds", value)?,
            (None, Some(length)) => length,
            (None, None) => DURATION,
        };
        let warm_up = seconds("warm-up-seconds", self.warm_up_seconds)?;
        Ok(Plan { profile, duration, warm_up, arrival: self.arrival, keeps_trace: self.record_trace.is_some(), ..plan })
    }

    /// Writes the trace where that was asked for.
    pub(crate) fn save_trace(&self, trace: Option<&Trace>) -> Result<(), Error> {
        match (&self.record_trace, trace) {
            (Some(path), Some(trace)) => trace.save(path),
            _ => Ok(()),
        }
    }

    fn profile(&self) -> Result<Profile, Error> {
        if let Some(path) = &self.replay {
            return Replay::load(path, self.time_scale).map(Profile::Replay);
        }
        let day = self.day.map(|mean_per_s| Profile::Day { mean_per_s });
        let given = self.steps.clone().or_else(|| self.ramp.clone()).or(day);
        Ok(given.unwrap_or_else(|| Profile::constant(self.rate.unwrap_or(RATE_PER_S))))
    }
}

fn steps(text: &str) -> Result<Profile, String> {
    Profile::steps(text).map_err(|error| error.to_string())
}

fn ramp(text: &str) -> Result<Profile, String> {
    Profile::ramp(text).map_err(|error| error.to_string())
}

/// A length of time that an argument gives in seconds.
pub(crate) fn seconds(name: &str, value: f64) -> Result<Duration, Error> {
    Duration::try_from_secs_f64(value).map_err(|_| Error::Plan(format!("{name} = {value}: not a length of time")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::io::Write;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        schedule: ScheduleArguments,
    }

    fn plan(words: &str) -> Result<Plan, String> {
        let line = Line::try_parse_from(std::iter::once("run").chain(words.split_whitespace()));
        let schedule = line.map_err(|error| error.to_string())?.schedule;
        let plan = schedule.apply(Plan::default()).map_err(|error| error.to_string())?;
        plan.check().map_err(|error| error.to_string())?;
        Ok(plan)
    }

    #[test]
    fn every_profile_has_its_words() {
        let table = [
            ("", "100/s", 10.0),
            ("--rate 250 --seconds 3", "250/s", 3.0),
            ("--steps 500x10s,1000x5s", "steps 500x10s,1000x5s", 15.0),
            ("--steps 500x10s --seconds 4", "steps 500x10s", 4.0),
            ("--ramp 100..3000 --seconds 60", "ramp 100..3000", 60.0),
            ("--day 300 --arrival poisson", "day of 300/s, peak 2040/s", 10.0),
        ];
        for (words, profile, seconds) in table {
            let plan = plan(words).unwrap();
            assert_eq!((plan.profile.to_string().as_str(), plan.duration.as_secs_f64()), (profile, seconds), "{words}");
        }
    }

    #[test]
    fn a_trace_is_read_and_sets_the_length() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"offset_us,kind\n0,payment\n2000000,refund\n").unwrap();
        let path = file.path().display();
        let plan = plan(&format!("--replay {path} --time-scale 0.5")).unwrap();
        assert_eq!(plan.profile.expected(plan.duration), 2.0);
        assert_eq!(plan.duration, Duration::from_nanos(1_000_000_001));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let table = [
            ("--rate 5 --ramp 1..2", "cannot be used with"),
            ("--steps 5x1s --day 3", "cannot be used with"),
            ("--ramp 5", "100..3000"),
            ("--rate 0", "above 0"),
            ("--seconds=-1", "seconds = -1"),
            ("--replay no-such-file", "no-such-file"),
        ];
        for (words, reason) in table {
            let error = plan(words).unwrap_err();
            assert!(error.contains(reason), "{words}: {error}");
        }
    }
}
