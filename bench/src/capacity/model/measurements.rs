//! What the course has measured: the input of the model, and what `measurements.json` holds.
//!
//! Invariant: only what was measured stands here, each figure with its unit in its name. Steps that were INVALID stand here
//! too, with their reasons, so that a page can show them; the model does not count them.

use clearway_loadgen::histogram::Quantiles;
use clearway_loadgen::record::StageBudget;
use serde::{Deserialize, Serialize};

/// Name and version of the document's form.
pub const FORMAT: &str = "clearway-capacity-measurements/1";

/// Everything that a capacity report is derived from.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Measurements {
    /// [`FORMAT`].
    pub format: String,
    /// Whether this was the short course: fewer and shorter steps.
    pub quick: bool,
    /// Seed of schedules and contents.
    pub seed: u64,
    /// Where it was measured.
    pub machine: MachineFacts,
    /// What the headline steps ran with.
    pub setting: Setting,
    /// Steps of load, in ascending order of `offered_per_s`, invalid ones included.
    pub steps: Vec<Step>,
    /// Highest rate that held with each number of cores for the node, ascending; one entry where the machine gives no more.
    pub cores: Vec<CorePoint>,
    /// The same load with each signature suite; the headline's own among them.
    pub suites: Vec<Variant>,
    /// The same load over each transport, `plain` and `tls`.
    pub transports: Vec<Variant>,
    /// The same load with each journal driver that this machine has.
    pub durabilities: Vec<Variant>,
    /// What cannot be beaten on this machine.
    pub floors: Floors,
    /// Where a payment's time and CPU went at the step nearest below the SLO's limit; `None` when the node was not asked.
    pub stages: Option<StageBudget>,
    /// What closing a batch cost; `None` when no batch was closed.
    pub books: Option<BooksFigure>,
    /// What could not be measured here, and why.
    pub skipped: Vec<String>,
}

/// The machine, as far as the model and the page need it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MachineFacts {
    /// Processor model.
    pub cpu: String,
    /// Cores that the measuring process could use.
    pub cores: u32,
    /// Cores of the node in the headline steps.
    pub node_cores: u32,
    /// Cores of generator and banks together.
    pub load_cores: u32,
    /// Memory, in bytes.
    pub memory_bytes: u64,
    /// Kernel.
    pub kernel: String,
    /// File system of the journal.
    pub filesystem: String,
    /// Compiler; `None` when it could not be asked.
    pub rustc: Option<String>,
    /// `release` or `debug`.
    pub build: String,
    /// Commit, `-dirty` when the tree was changed since; `None` outside of a working tree.
    pub commit: Option<String>,
    /// Whether something runs beneath the kernel.
    pub virtual_machine: bool,
    /// The command line, absolute paths by their last part.
    pub command: Vec<String>,
    /// When the course began, seconds since 1970, UTC.
    pub started_unix_s: u64,
}

/// What a figure was taken with; without it no figure is to be quoted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Setting {
    /// Signature suite of all keys.
    pub suite: String,
    /// `plain` or `tls`.
    pub transport: String,
    /// What durable means, in the node's words.
    pub durability: String,
    /// How the journal reached the disk.
    pub journal_driver: String,
    /// What was sent, as the generator's command line says it.
    pub mix: String,
    /// Share of messages whose signature generator and banks checked, 0 to 1.
    pub verify_share: f64,
    /// Payment institutions.
    pub institutions: u32,
    /// Banks.
    pub banks: u32,
}

/// One rate, held for a while.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Step {
    /// Stem of its raw files.
    pub name: String,
    /// Requests a second that the schedule asked for.
    pub offered_per_s: f64,
    /// Final, durable payments and refunds a second within the window.
    pub achieved_per_s: f64,
    /// Length of the window, in seconds.
    pub seconds: f64,
    /// From the intended instant to the answer, in microseconds.
    pub response_us: Quantiles,
    /// From the actual sending to the answer, in microseconds.
    pub service_us: Quantiles,
    /// Inside the node, waits for banks excluded, in microseconds.
    pub internal_us: Quantiles,
    /// Mean number of requests under way within the window, counted and not computed.
    pub in_flight_mean: f64,
    /// (dropped + unknown + refusals that nobody asked for) / scheduled, 0 to 1.
    pub error_share: f64,
    /// What the node used.
    pub usage: Usage,
    /// Conditions of the SLO that it broke, with what was measured; empty = the SLO held.
    pub breaches: Vec<String>,
    /// Why its figures are not to be believed; empty = they are. Not counted by the model otherwise.
    pub invalid: Vec<String>,
}

impl Step {
    /// Whether it counts.
    pub fn is_valid(&self) -> bool {
        self.invalid.is_empty()
    }

    /// Whether it counts and the SLO held.
    pub fn holds(&self) -> bool {
        self.is_valid() && self.breaches.is_empty()
    }
}

/// What a node used within a window.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// User and system time / final payment, in microseconds.
    pub cpu_us_per_payment: f64,
    /// Cores' worth of CPU that the node used: 0.8 is four fifths of one core.
    pub busy_cores: f64,
    /// Cores' worth of CPU that the generator's sending thread and the banks used.
    pub load_busy_cores: f64,
    /// Journal / final payment, in bytes.
    pub journal_bytes_per_payment: f64,
    /// Durable groups / final payment: one write and sync each.
    pub syncs_per_payment: f64,
    /// One write and sync, in microseconds, since the node's start.
    pub sync_us: SyncTimes,
    /// Resident memory at the window's end, in bytes.
    pub resident_bytes: u64,
    /// Bytes that the node received / final payment, headers and acknowledgements included; half of what crossed loopback, which does not
    /// tell directions. 0 when not counted.
    pub received_bytes_per_payment: f64,
    /// Bytes that the node sent / final payment: the other half. 0 when not counted.
    pub sent_bytes_per_payment: f64,
}

/// How long durable writes took, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct SyncTimes {
    /// Median.
    pub p50: f64,
    /// 99 in 100 took at most this.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

/// What a node with so many cores carried.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CorePoint {
    /// Stem of its raw files.
    pub name: String,
    /// Cores of the node.
    pub cores: u32,
    /// Highest rate tried that held the SLO, final payments a second.
    pub rate_per_s: f64,
    /// CPU of the node for each final payment there, in microseconds.
    pub cpu_us_per_payment: f64,
    /// Why it is not to be believed; empty = it is.
    pub invalid: Vec<String>,
}

/// One value of an axis: the same load with one thing different.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Variant {
    /// The value: a suite, a transport, a journal driver.
    pub name: String,
    /// In words, where the name does not say it: what durable means with a driver, the backend of a suite.
    pub detail: String,
    /// Three signatures and three verifications with it, in microseconds of one core; `None` where the axis is no suite.
    pub crypto_floor_us: Option<f64>,
    /// How it went.
    pub step: Step,
}

/// What cannot be beaten on this machine, measured in the same course.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Floors {
    /// One signature and one verification of each suite.
    pub signatures: Vec<SignatureFloor>,
    /// One bare HTTP exchange, server's side, in microseconds of one core.
    pub exchange_us: f64,
    /// One small durable write into a zeroed file.
    pub sync_us: SyncTimes,
    /// Sequential durable writes, in bytes a second; `None` when not measured.
    pub disk_bytes_per_s: Option<f64>,
    /// Memory of one payment in the table, in bytes; `None` when not measured.
    pub bytes_per_live_payment: Option<f64>,
}

/// What one signature costs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SignatureFloor {
    /// Suite.
    pub suite: String,
    /// The fastest backend of this machine.
    pub backend: String,
    /// To sign, in microseconds of one core.
    pub sign_us: f64,
    /// To verify, in microseconds of one core.
    pub verify_us: f64,
}

/// What closing the books of a small batch cost.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BooksFigure {
    /// Payments of the batch.
    pub payments: u64,
    /// Archive on disk, in bytes.
    pub archive_bytes: u64,
    /// Statements of all participants on disk, in bytes.
    pub statement_bytes: u64,
    /// From the last final payment to the batch's sums, in seconds.
    pub seal_seconds: f64,
    /// Writing the archive, in seconds.
    pub archive_seconds: f64,
    /// Writing all statements, in seconds.
    pub statement_seconds: f64,
    /// `gzip` or `zstd`.
    pub compression: String,
}
