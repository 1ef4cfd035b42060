//! The JSON of `GET /status`: exact percentiles over a window, and what a benchmark or an operator reads first.

use std::collections::BTreeMap;

use serde::Serialize;

use super::meters::{Case, Count, Level, Timing};
use super::process;
use super::reading::{JournalReading, Latency, Readings, TableReading};
use super::stage::StagesReading;
use super::totals::Totals;

/// A snapshot of the node.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// Version of this crate.
    pub version: &'static str,
    /// `release` or `debug`.
    pub build: &'static str,
    /// Process id.
    pub pid: u32,
    /// Seconds since the node started.
    pub uptime_seconds: f64,
    /// User and system time of the process, in seconds.
    pub cpu_seconds: f64,
    /// Resident memory of the process, in bytes.
    pub resident_bytes: u64,
    /// `true` when the node takes payments.
    pub ready: bool,
    /// Backend of each suite.
    pub backends: BTreeMap<String, String>,
    /// The journal.
    pub journal: JournalReading,
    /// The table of payments.
    pub table: TableReading,
    /// In-platform time, bank waits excluded, over the window.
    pub internal_us: Latency,
    /// All timings over the window, by name.
    pub timings: BTreeMap<&'static str, Latency>,
    /// Where payments' time and CPU go, over the window.
    pub stages: StagesReading,
    /// Final payments by wire status.
    pub payments: BTreeMap<&'static str, u64>,
    /// Payments and refunds accepted.
    pub accepted: u64,
    /// Accepted and not final.
    pub unfinished: i64,
    /// Refusals by return code.
    pub refused: BTreeMap<String, u64>,
    /// All counters, by name.
    pub counts: BTreeMap<&'static str, u64>,
    /// All levels, by name.
    pub levels: BTreeMap<&'static str, i64>,
    /// Cases opened, by kind.
    pub cases: BTreeMap<&'static str, u64>,
}

/// The wire statuses that are final, with their index.
pub(super) const FINAL_STATUSES: [(usize, &str); 4] = [(0, "00"), (1, "01"), (3, "03"), (4, "04")];

impl Status {
    pub(super) fn new(totals: &Totals, stages: StagesReading, readings: Readings, uptime_micros: u64) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            build: if cfg!(debug_assertions) { "debug" } else { "release" },
            pid: std::process::id(),
            uptime_seconds: seconds(uptime_micros),
            cpu_seconds: seconds(process::cpu_micros()),
            resident_bytes: process::resident_bytes(),
            ready: readings.ready,
            backends: readings.backends.into_iter().collect(),
            journal: readings.journal,
            table: readings.table,
            internal_us: totals.timing(Timing::Internal).into(),
            timings: Timing::ALL.iter().map(|timing| (timing.export_name(), totals.timing(*timing).into())).collect(),
            stages,
            payments: FINAL_STATUSES.into_iter().map(|(index, code)| (code, totals.statuses[index])).collect(),
            accepted: totals.count(Count::PaymentsAccepted),
            unfinished: totals.level(Level::UnfinishedPayments),
            refused: totals.refused.clone(),
            counts: Count::ALL.iter().map(|meter| (meter.export_name(), totals.count(*meter))).collect(),
            levels: Level::ALL.iter().map(|meter| (meter.export_name(), totals.level(*meter))).collect(),
            cases: Case::ALL.iter().zip(&totals.cases).map(|(case, count)| (case.export_name(), *count)).collect(),
        }
    }

    /// The status as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// Microseconds as seconds. Exact for a process life of centuries to better than a microsecond.
#[allow(clippy::cast_precision_loss)]
pub(super) fn seconds(micros: u64) -> f64 {
    micros as f64 / 1_000_000.0
}
