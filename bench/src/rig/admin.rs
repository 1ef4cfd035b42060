//! The node's operator door: the little HTTP that asking `/status` takes.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use clearway_loadgen::node::StageLook;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A saturated node answers late, a dead one not at all.
const TIMEOUT: Duration = Duration::from_secs(10);
/// More than any answer has.
const ANSWER_BYTES_MAX: u64 = 4 << 20;

/// Lines of one call of an import: well below the 16 KiB that the node takes.
const LINES_MAX: usize = 100;

/// What the node says of imported lines.
#[derive(Debug, Deserialize)]
struct Imported {
    rejected: Vec<Rejected>,
}

#[derive(Debug, Deserialize)]
struct Rejected {
    reason: String,
}

/// Where the operator asks.
#[derive(Debug, Clone, Copy)]
pub struct Admin(SocketAddr);

/// Quantiles of a time in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Median.
    pub p50: u64,
    /// 90 in 100 were at most this.
    pub p90: u64,
    /// 99 in 100 were at most this.
    pub p99: u64,
    /// 999 in 1000 were at most this.
    pub p999: u64,
    /// The largest.
    pub max: u64,
}

impl From<clearway_loadgen::histogram::Quantiles> for Quantiles {
    fn from(seen: clearway_loadgen::histogram::Quantiles) -> Self {
        Self { p50: seen.p50, p90: seen.p90, p99: seen.p99, p999: seen.p999, max: seen.max }
    }
}

/// What the benchmark reads of the node's `/status`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NodeStatus {
    /// `release` or `debug`.
    pub build: String,
    /// User and system time of the process, in seconds.
    pub cpu_seconds: f64,
    /// Resident memory, in bytes.
    pub resident_bytes: u64,
    /// The journal.
    pub journal: JournalStatus,
    /// Time in the platform since the last reset, waits for banks excluded.
    pub internal_us: Quantiles,
    /// Where payments' time and CPU went since the start.
    pub stages: StageLook,
    /// Final payments by wire status since the start.
    pub payments: BTreeMap<String, u64>,
    /// Payments accepted and not final.
    pub unfinished: i64,
    /// Refusals by return code since the start.
    pub refused: BTreeMap<String, u64>,
    /// Backend of each suite.
    pub backends: BTreeMap<String, String>,
}

/// What it says of its journal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct JournalStatus {
    /// The driver that won.
    pub driver: String,
    /// What durable means there.
    pub durability: String,
    /// Groups made durable.
    pub groups: u64,
    /// Records made durable.
    pub frames: u64,
    /// Bytes made durable.
    pub bytes: u64,
    /// Time of one write and sync.
    pub sync_us: Quantiles,
}

impl NodeStatus {
    /// Payments and refunds that are final.
    pub fn finals(&self) -> u64 {
        self.payments.values().sum()
    }
}

impl Admin {
    /// At this address.
    pub fn new(address: SocketAddr) -> Self {
        Self(address)
    }

    /// How the node is.
    ///
    /// # Errors
    /// It does not answer, or not in this form.
    pub fn status(self) -> Result<NodeStatus, Error> {
        let body = self.ask("GET", "/status", "")?;
        serde_json::from_slice(&body).map_err(Error::failed("read the node's status"))
    }

    /// How the requests for legs to a bank ended since the node's start, by outcome.
    ///
    /// # Errors
    /// It does not answer.
    pub fn leg_outcomes(self, bank: &str) -> Result<BTreeMap<String, u64>, Error> {
        let text = self.ask("GET", "/metrics", "")?;
        Ok(outcomes_of(&String::from_utf8_lossy(&text), bank))
    }

    /// Starts a new window for the node's latencies.
    ///
    /// # Errors
    /// It does not answer.
    pub fn reset_histograms(self) -> Result<(), Error> {
        self.ask("POST", "/status/reset-histogram", r#"{"by":"bench"}"#).map(drop)
    }

    /// What it knows of an agreement or a mandate, as JSON; none if it does not know the number.
    ///
    /// # Errors
    /// It does not answer, or not so.
    pub fn agreement(self, number: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = format!("/agreements/{number}");
        let answer = self.exchange("GET", &path, "")?;
        if answer.starts_with(b"HTTP/1.1 404 ") { Ok(None) } else { whole(&path, &answer).map(Some) }
    }

    /// Imports agreements, line by line of an import file.
    ///
    /// # Errors
    /// It does not answer, or rejects a line.
    pub fn import_agreements(self, file: &str) -> Result<(), Error> {
        let lines: Vec<&str> = file.lines().collect();
        for lines in lines.chunks(LINES_MAX) {
            let body = serde_json::json!({ "by": "bench", "lines": lines }).to_string();
            let answer = self.ask("POST", "/agreements/import", &body)?;
            let said: Imported = serde_json::from_slice(&answer).map_err(Error::failed("read the node's import"))?;
            if let Some(rejected) = said.rejected.first() {
                return Err(Error::Node(format!("rejects an agreement: {}", rejected.reason)));
            }
        }
        Ok(())
    }

    fn ask(self, method: &str, path: &str, body: &str) -> Result<Vec<u8>, Error> {
        whole(path, &self.exchange(method, path, body)?)
    }

    /// Head and body of the answer, whatever its status.
    fn exchange(self, method: &str, path: &str, body: &str) -> Result<Vec<u8>, Error> {
        let mut answer = Vec::new();
        let mut exchange = || {
            let mut stream = TcpStream::connect_timeout(&self.0, TIMEOUT)?;
            stream.set_read_timeout(Some(TIMEOUT))?;
            write!(
                stream,
                "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                self.0,
                body.len()
            )?;
            stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)
        };
        exchange().map_err(Error::machine(format!("{method} http://{}{path}", self.0)))?;
        Ok(answer)
    }
}

/// The lines `clearway_leg_outcomes_total{bank="B",leg="1",outcome="O"} N` of one bank, both legs added up.
fn outcomes_of(metrics: &str, bank: &str) -> BTreeMap<String, u64> {
    let mut outcomes = BTreeMap::new();
    for line in metrics.lines() {
        let Some((labels, count)) =
            line.strip_prefix("clearway_leg_outcomes_total{").and_then(|rest| rest.split_once("} "))
        else {
            continue;
        };
        let label = |name: &str| labels.split(',').find_map(|label| label.strip_prefix(name)?.strip_prefix("=\""));
        let (of, outcome) = (label("bank"), label("outcome").map(|text| text.trim_end_matches('"')));
        if let (Some(of), Some(outcome), Ok(count)) = (of, outcome, count.trim().parse::<f64>())
            && of.trim_end_matches('"') == bank
        {
            *outcomes.entry(outcome.to_owned()).or_insert(0) += count as u64;
        }
    }
    outcomes
}

fn whole(path: &str, answer: &[u8]) -> Result<Vec<u8>, Error> {
    let body = body_of(answer).map(<[u8]>::to_vec);
    body.ok_or_else(|| Error::Node(format!("{path}: {:?}", String::from_utf8_lossy(answer))))
}

/// The body of a 200 whose end is the end of the connection.
fn body_of(answer: &[u8]) -> Option<&[u8]> {
    let rest = answer.strip_prefix(b"HTTP/1.1 200 ")?;
    let end = rest.windows(4).position(|four| four == b"\r\n\r\n")?;
    rest.get(end + 4..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_of_both_legs_of_one_bank_are_added_up() {
        let metrics = "# TYPE clearway_leg_outcomes_total counter\n\
            clearway_leg_outcomes_total{bank=\"C1\",leg=\"1\",outcome=\"success\"} 3\n\
            clearway_leg_outcomes_total{bank=\"C1\",leg=\"2\",outcome=\"success\"} 4\n\
            clearway_leg_outcomes_total{bank=\"C1\",leg=\"1\",outcome=\"timed-out\"} 1\n\
            clearway_leg_outcomes_total{bank=\"C2\",leg=\"1\",outcome=\"success\"} 9\n\
            clearway_payments_total{status=\"00\"} 7\n";
        let expected = [("success".to_owned(), 7), ("timed-out".to_owned(), 1)];
        assert_eq!(outcomes_of(metrics, "C1"), BTreeMap::from(expected));
    }

    #[test]
    fn only_a_whole_200_has_a_body() {
        assert_eq!(body_of(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n{}"), Some(&b"{}"[..]));
        for broken in [&b"HTTP/1.1 200 OK\r\nA: b\r\n"[..], b"HTTP/1.1 404 Not Found\r\n\r\n{}", b""] {
            assert_eq!(body_of(broken), None);
        }
    }
}
