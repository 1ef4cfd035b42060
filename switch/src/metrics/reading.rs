//! What other parts of the node say about themselves at the moment of a scrape.
//!
//! The metrics stand below journal, table and crypto and do not know them; the node hands in one [`Probe`] that
//! fills a [`Readings`].

use serde::Serialize;

/// Reads the state of the node's parts. Called once per scrape, never on the hot path.
pub type Probe = Box<dyn Fn() -> Readings + Send + Sync>;

/// State of the node's parts at one moment.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Readings {
    /// `true` when the node takes payments.
    pub ready: bool,
    /// The journal.
    pub journal: JournalReading,
    /// The table of payments.
    pub table: TableReading,
    /// Which backend serves each suite: (suite, backend).
    pub backends: Vec<(String, String)>,
    /// How far the node's clock is ahead of the wall clock, in microseconds.
    pub clock_ahead_us: u64,
    /// Every key of the ring.
    #[serde(skip)]
    pub keys: Vec<KeyReading>,
    /// Every certificate in use.
    #[serde(skip)]
    pub certificates: Vec<CertificateReading>,
    /// Queues without a worker of their own: (name, length).
    pub queues: Vec<(&'static str, u64)>,
    /// Every channel of a bank that has more than itself.
    #[serde(skip)]
    pub channels: Vec<ChannelReading>,
    /// Every link of every participant.
    #[serde(skip)]
    pub links: Vec<LinkReading>,
    /// Every batch that is not settled, oldest first.
    pub batches: Vec<BatchReading>,
    /// How the keeper of the books does.
    pub books: BooksReading,
    /// Joint operations.
    #[serde(skip)]
    pub operations: OperationsReading,
}

/// How the keeper of the books does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BooksReading {
    /// Batches that are stopped: a person must look.
    pub stopped: u64,
    /// Tasks that fail now, and are tried again.
    pub failing: u64,
    /// Failures since the start.
    pub failures: u64,
    /// Seconds since it was last through with everything.
    pub idle_s: u64,
}

/// One batch that is not settled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BatchReading {
    /// Its name, `B` or `D` and 12 digits.
    pub batch: String,
    /// Whether it takes nothing any more.
    pub is_closed: bool,
    /// Payments, or adjustments, that it waits for.
    pub unfinished: u64,
    /// Payments booked in it.
    pub booked: u64,
    /// The sum of all its positions, fen: 0, or the books are wrong.
    pub position_sum_fen: i64,
    /// Seconds since its hour ended; 0 while it runs.
    pub over_s: u64,
}

/// One channel of a bank.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChannelReading {
    /// The bank's id.
    pub bank: String,
    /// The channel's number.
    pub channel: String,
    /// Whether it takes legs: it is enabled, and its failures have not switched it off.
    pub is_on: bool,
    /// What its volume has counted today, fen.
    pub day_fen: u64,
    /// What its volume has counted this month, fen.
    pub month_fen: u64,
}

/// What joint operations counted.
#[derive(Debug, Clone, Default)]
pub struct OperationsReading {
    /// By business and leg.
    pub businesses: Vec<BusinessReading>,
    /// Messages that participants acknowledged.
    pub sent: u64,
    /// Messages that they did not.
    pub failed: u64,
}

/// The legs of one business.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BusinessReading {
    /// Name of the business.
    pub business: &'static str,
    /// 1 or 2.
    pub leg: u8,
    /// Legs that ended since the start.
    pub count: u64,
    /// Those to which the other side agreed.
    pub business_ok: u64,
    /// Those with a usable answer in time.
    pub system_ok: u64,
    /// Business success of the last minute, in hundredths of a percent; `None`: there was no leg.
    pub business_rate: Option<u64>,
    /// System success of the last minute, likewise.
    pub system_rate: Option<u64>,
}

/// State of the journal.
#[derive(Debug, Clone, Default, Serialize)]
pub struct JournalReading {
    /// The driver that won at start, for instance `io_uring+o_direct`.
    pub driver: String,
    /// What "durable" means here, for instance `fdatasync`.
    pub durability: String,
    /// Why the journal stopped, when it did.
    pub poisoned: Option<String>,
    /// Groups made durable.
    pub groups: u64,
    /// Frames made durable.
    pub frames: u64,
    /// Bytes made durable.
    pub bytes: u64,
    /// Groups appended and not durable yet.
    pub lag_groups: u64,
    /// CPU of the threads that write groups and prepare segments, microseconds.
    pub cpu_us: u64,
    /// `ok`, `low` or `full`.
    pub space: String,
    /// Time of one write and sync.
    pub sync_us: Latency,
}

/// State of the table.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct TableReading {
    /// Payments held.
    pub payments: u64,
    /// Memory held, in bytes.
    pub bytes: u64,
    /// Payments that have left it, on shelves; those that came back and left again count anew.
    pub shelved: u64,
    /// Memory of the filters that know new payments from those, in bytes.
    pub filter_bytes: u64,
}

/// One key of the key ring.
#[derive(Debug, Clone, Default)]
pub struct KeyReading {
    /// The institution it belongs to.
    pub institution: String,
    /// Its serial number.
    pub serial: String,
    /// End of its validity, in unix seconds.
    pub valid_until_unix_secs: u64,
}

/// One certificate, or what goes with certificates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateReading {
    /// `own`, `ca`, `revocation-lists` or `peer`; of the operator's door `door`, `door-ca`, `door-revocation-lists` or
    /// `operator`.
    pub usage: &'static str,
    /// The DNS name in it; empty where there is none.
    pub name: String,
    /// Its last second, unix.
    pub until_unix_secs: u64,
}

/// One link of a participant.
#[derive(Debug, Clone, Default)]
pub struct LinkReading {
    /// The participant's institution id.
    pub participant: String,
    /// The link's name.
    pub link: String,
    /// The centre that owns it.
    pub centre: String,
    /// 0 up, 1 suspect, 2 down, 3 recovering, 4 trial.
    pub state: u8,
    /// Seconds since it became so.
    pub since_s: u64,
    /// Whether it takes new messages.
    pub in_use: bool,
    /// Whether the operator drained it.
    pub drained: bool,
    /// Messages out over it.
    pub in_flight: u32,
    /// Connections, busy and idle.
    pub connections: u32,
    /// Trouble by kind.
    pub errors: Vec<(&'static str, u64)>,
    /// Time to connect.
    pub connect: LinkLatency,
    /// Time from the last byte out to the first one in.
    pub answer: LinkLatency,
}

/// A latency of a link.
#[derive(Debug, Clone, Default)]
pub struct LinkLatency {
    /// (upper bound in microseconds, measurements in the bucket), without the last one, which has no bound.
    pub buckets: Vec<(u64, u64)>,
    /// Measurements above every bound.
    pub above: u64,
    /// All added up, microseconds.
    pub sum_us: u64,
}

impl LinkLatency {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| count).sum::<u64>().saturating_add(self.above)
    }
}

/// Quantiles of a duration in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// Values counted.
    pub count: u64,
    /// Half of all values are not larger.
    pub p50: u64,
    /// 90 % of all values are not larger.
    pub p90: u64,
    /// 99 % of all values are not larger.
    pub p99: u64,
    /// 99.9 % of all values are not larger.
    pub p999: u64,
    /// The largest value.
    pub max: u64,
}

impl Latency {
    /// The quantiles with their exported labels.
    #[must_use]
    pub fn quantiles(&self) -> [(&'static str, u64); 5] {
        [("0.5", self.p50), ("0.9", self.p90), ("0.99", self.p99), ("0.999", self.p999), ("1", self.max)]
    }
}

impl From<&super::HistogramSnapshot> for Latency {
    fn from(histogram: &super::HistogramSnapshot) -> Self {
        Self {
            count: histogram.count(),
            p50: histogram.quantile(50_000),
            p90: histogram.quantile(90_000),
            p99: histogram.quantile(99_000),
            p999: histogram.quantile(99_900),
            max: histogram.maximum(),
        }
    }
}
