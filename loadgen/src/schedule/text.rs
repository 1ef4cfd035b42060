//! Profiles as text: what stands on the command line, and what reports say.
//!
//! ```text
//! steps   500x10s,1000x10s      rate x length; lengths in s, m, h or ms
//! ramp    100..3000             from .. to
//! ```

use super::day::DAY_PEAK_OVER_MEAN;
use super::profile::{Profile, Step};
use crate::error::Error;
use std::fmt;

/// Units of a length and their seconds, longest name first.
const UNITS: [(&str, f64); 4] = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3_600.0)];

impl Profile {
    /// Steps, such as `500x10s,1000x10s`.
    ///
    /// # Errors
    /// [`Error::Plan`], naming the step that cannot be understood.
    pub fn steps(text: &str) -> Result<Self, Error> {
        text.split(',').map(|part| step(part.trim())).collect::<Result<_, _>>().map(|steps| Self::Steps { steps })
    }

    /// A ramp, such as `100..3000`.
    ///
    /// # Errors
    /// [`Error::Plan`], when it is not two rates.
    pub fn ramp(text: &str) -> Result<Self, Error> {
        let fault = || Error::Plan(format!("ramp {text}: expected FROM..TO in requests a second, such as 100..3000"));
        let (from, to) = text.split_once("..").filter(|(_, to)| !to.starts_with('.')).ok_or_else(fault)?;
        let [from, to] = [from, to].map(|rate| rate.trim().parse());
        Ok(Self::Ramp { from_per_s: from.map_err(|_| fault())?, to_per_s: to.map_err(|_| fault())? })
    }
}

fn step(text: &str) -> Result<Step, Error> {
    let fault = || Error::Plan(format!("step {text:?}: expected RATExLENGTH, such as 500x10s; units are s, m, h, ms"));
    let (rate, length) = text.split_once('x').ok_or_else(fault)?;
    let (number, unit_s) =
        UNITS.iter().find_map(|(unit, unit_s)| Some((length.strip_suffix(unit)?, unit_s))).ok_or_else(fault)?;
    let rate_per_s = rate.trim().parse().map_err(|_| fault())?;
    let number: f64 = number.trim().parse().map_err(|_| fault())?;
    Ok(Step { rate_per_s, seconds: number * unit_s })
}

impl fmt::Display for Profile {
    /// In the words of the command line; the file of a trace with its size.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant { rate_per_s } => write!(f, "{rate_per_s}/s"),
            Self::Steps { steps } => {
                f.write_str("steps ")?;
                for (place, step) in steps.iter().enumerate() {
                    let comma = if place == 0 { "" } else { "," };
                    write!(f, "{comma}{}x{}s", step.rate_per_s, step.seconds)?;
                }
                Ok(())
            }
            Self::Ramp { from_per_s, to_per_s } => write!(f, "ramp {from_per_s}..{to_per_s}"),
            Self::Day { mean_per_s } => {
                write!(f, "day of {mean_per_s}/s, peak {:.0}/s", mean_per_s * DAY_PEAK_OVER_MEAN)
            }
            Self::Replay(replay) => {
                write!(f, "replay of {} ({} arrivals, time x {})", replay.file, replay.arrivals, replay.time_scale)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_understood() {
        for text in ["500x10s,1000x10s", "0.5x2.25s", "100x1s,0x3s,100x1s"] {
            let steps = Profile::steps(text).unwrap();
            assert_eq!(steps.to_string(), format!("steps {text}"));
        }
        for text in ["100..3000", "3000..0", "0.5..1.5"] {
            assert_eq!(Profile::ramp(text).unwrap().to_string(), format!("ramp {text}"));
        }
        let Profile::Steps { steps } = Profile::steps("1x500ms, 2 x 3m,4x1h").unwrap() else { unreachable!() };
        assert_eq!(steps.iter().map(|step| step.seconds).collect::<Vec<_>>(), [0.5, 180.0, 3_600.0]);
        assert_eq!(Profile::Day { mean_per_s: 300.0 }.to_string(), "day of 300/s, peak 2040/s");
    }

    #[test]
    fn nonsense_is_refused_in_its_own_words() {
        for text in ["", "500", "500x", "500x10", "x10s", "500x10d", "500x10s,", "axbs"] {
            let error = Profile::steps(text).unwrap_err().to_string();
            assert!(error.contains("500x10s"), "{text}: {error}");
        }
        for text in ["", "100", "100..", "..5", "100...5000", "a..b"] {
            let error = Profile::ramp(text).unwrap_err().to_string();
            assert!(error.contains("100..3000"), "{text}: {error}");
        }
    }
}
