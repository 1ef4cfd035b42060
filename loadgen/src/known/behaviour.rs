//! What a server of known behaviour does.

use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Largest body of an answer, in bytes.
pub const ANSWER_BYTES_MAX: usize = 1 << 20;
/// Most servers behind one queue.
pub const SERVERS_MAX: usize = 100_000;

/// How every request is answered. The default answers at once, 200 and empty, for ever.
///
/// ```
/// use clearway_loadgen::known::KnownBehaviour;
/// use std::time::Duration;
///
/// let behaviour = KnownBehaviour {
///     service: Duration::from_micros(500),
///     stall: Some("1s/10s".parse()?),
///     ..KnownBehaviour::default()
/// };
/// assert!(behaviour.check().is_ok());
/// # Ok::<(), clearway_loadgen::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KnownBehaviour {
    /// Work that one request is, the same for each.
    pub service: Duration,
    /// Servers that take requests from one queue, first come first served, each one request at a time; `None` =
    /// every request is worked on from the moment it is read.
    pub servers: Option<usize>,
    /// Times in which nothing is worked on.
    pub stall: Option<Stall>,
    /// When it ends connections.
    pub closing: Option<Closing>,
    /// HTTP status of every answer, 200 to 599.
    pub status: u16,
    /// Length of every answer's body, 0 to [`ANSWER_BYTES_MAX`].
    pub answer_bytes: usize,
}

impl Default for KnownBehaviour {
    fn default() -> Self {
        Self { service: Duration::ZERO, servers: None, stall: None, closing: None, status: 200, answer_bytes: 0 }
    }
}

impl KnownBehaviour {
    /// Checks that it can be carried out.
    ///
    /// # Errors
    /// [`Error::Behaviour`], naming what cannot be.
    pub fn check(&self) -> Result<(), Error> {
        let stall = self.stall.unwrap_or(Stall { length: Duration::ZERO, period: Duration::from_secs(1) });
        let rate = self.closing.map_or(1.0, |closing| match closing {
            Closing::EveryNth(number) | Closing::Cut(number) => number as f64,
            Closing::PerSecond(rate) => f64::from(rate),
        });
        let faults = [
            (self.service > Duration::from_secs(3_600), "service time: at most an hour"),
            (self.servers.is_some_and(|servers| !(1..=SERVERS_MAX).contains(&servers)), "servers: 1 to 100000"),
            (stall.length >= stall.period, "stall: must be shorter than its period"),
            (rate < 1.0, "closing: at least 1"),
            (!(200..=599).contains(&self.status), "status: 200 to 599"),
            (self.answer_bytes > ANSWER_BYTES_MAX, "answer: at most 1 MiB"),
        ];
        match faults.iter().find(|(found, _)| *found) {
            Some((_, fault)) => Err(Error::Behaviour(format!("known server: {fault}"))),
            None => Ok(()),
        }
    }
}

/// The server stands still for everybody during the last `length` of every `period` since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stall {
    /// How long it stands still.
    pub length: Duration,
    /// From the start of one stall to the start of the next.
    pub period: Duration,
}

impl fmt::Display for Stall {
    /// As it is parsed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}us/{}us", self.length.as_micros(), self.period.as_micros())
    }
}

impl FromStr for Stall {
    type Err = Error;

    /// Reads `LENGTH/PERIOD`, each a number with `s`, `ms` or `us`: `1s/10s`, `250ms/2s`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let fault = || Error::Behaviour(format!("stall `{text}`: not LENGTH/PERIOD such as 1s/10s or 250ms/2s"));
        let (length, period) = text.split_once('/').ok_or_else(fault)?;
        let length = read_duration(length).ok_or_else(fault)?;
        let period = read_duration(period).ok_or_else(fault)?;
        Ok(Self { length, period })
    }
}

fn read_duration(text: &str) -> Option<Duration> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let (number, unit) = text.split_at(digits);
    let seconds = match unit {
        "s" => 1.0,
        "ms" => 1e-3,
        "us" => 1e-6,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

/// When connections end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closing {
    /// The n-th answer of every connection is its last and says so (`Connection: close`).
    EveryNth(u64),
    /// So many times a second, evenly, over all connections: the next answer is its connection's last and says so.
    PerSecond(u32),
    /// In place of every n-th answer of a connection the connection closes without a word: its sender cannot know what
    /// became of the request.
    Cut(u64),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stalls_read_and_print() {
        let stall: Stall = "1s/10s".parse().unwrap();
        assert_eq!((stall.length, stall.period), (Duration::from_secs(1), Duration::from_secs(10)));
        for text in ["1s/10s", "250ms/2s", "1.5ms/20us", "0s/1s"] {
            let stall: Stall = text.parse().unwrap();
            assert_eq!(stall.to_string().parse::<Stall>().unwrap(), stall, "{text}");
        }
        for text in
            ["", "1s", "1/10", "1s/", "/1s", "-1s/10s", "1s/10h", "s/s", "1e9s/1s", "99999999999999999999999s/1s"]
        {
            assert!(text.parse::<Stall>().is_err(), "{text}");
        }
    }

    #[test]
    fn each_impossible_behaviour_is_refused() {
        let broken: [fn(&mut KnownBehaviour); 7] = [
            |known| known.service = Duration::from_secs(3_601),
            |known| known.servers = Some(0),
            |known| known.stall = Some(Stall { length: Duration::from_secs(1), period: Duration::from_secs(1) }),
            |known| known.closing = Some(Closing::EveryNth(0)),
            |known| known.closing = Some(Closing::PerSecond(0)),
            |known| known.status = 100,
            |known| known.answer_bytes = ANSWER_BYTES_MAX + 1,
        ];
        assert!(KnownBehaviour::default().check().is_ok());
        for (case, breakage) in broken.iter().enumerate() {
            let mut behaviour = KnownBehaviour::default();
            breakage(&mut behaviour);
            assert!(behaviour.check().is_err(), "case {case}");
        }
    }
}
