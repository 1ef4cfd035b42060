//! When a run ends itself: arguments of every command that sends load.

use clap::Args;
use clearway_loadgen::run::Valve;
use std::time::Duration;

#[derive(Debug, Clone, Args)]
pub(crate) struct ValveArguments {
    /// End the schedule when more requests than this are due and unanswered; 0 = any number.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    in_flight_max: usize,
    /// End the schedule when nothing was answered for so long while more than a hundred were sent; 0 = never.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = silence)]
    silence_max: Duration,
}

impl ValveArguments {
    pub(crate) fn valve(&self) -> Valve {
        Valve {
            in_flight_max: Some(self.in_flight_max).filter(|max| *max > 0),
            silence_max: Some(self.silence_max).filter(|silence| !silence.is_zero()),
        }
    }
}

fn silence(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        valve: ValveArguments,
    }

    #[test]
    fn it_is_on_by_default_and_can_be_turned_off() {
        let read = |words: &[&str]| Line::parse_from([&["run"], words].concat()).valve.valve();
        assert_eq!(read(&[]), Valve::default());
        assert_eq!(read(&["--in-flight-max", "0", "--silence-max", "0"]), Valve::OFF);
        assert_eq!(read(&["--in-flight-max", "7"]).in_flight_max, Some(7));
    }
}
