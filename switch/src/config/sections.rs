//! The sections of `clearway.toml`: every key with its unit, default and the source of the default.
//!
//! Invariant: a section that was read from a file and one made by `Default` differ only in what the file says;
//! unknown keys are refused.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clearway_codec::value::{InstitutionId, SerialNumber};
use clearway_crypto::{Backends, Suite, backend};
use serde::Deserialize;

use crate::constants;
use crate::error::{Error, Fault};

/// `[node]`: who this node is and what it runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSection {
    /// `id`: the switch's own institution id, IssrId of everything it sends (NetsUnion's is G4000311000018, wire.md 4).
    pub id: InstitutionId,
    /// `serial`: serial number of its signing key, SignSN of everything it sends.
    pub serial: SerialNumber,
    /// `workers`: reactor threads, 1 to 64. Default 1.
    pub workers: usize,
    /// `pin_cores`: the core of each worker; empty (the default) leaves the choice to the system.
    pub pin_cores: Vec<usize>,
}

/// `[listen]`: where participants post their messages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListenSection {
    /// `address`: default 127.0.0.1:9201. Port 0 lets the system choose.
    pub address: SocketAddr,
    /// `transport`: `mtls` (default) or `plain-http`.
    pub transport: ListenTransport,
}

/// How participants reach the node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListenTransport {
    /// `mtls`: TLS with a certificate on both sides; needs `[tls]`. The default.
    #[default]
    Mtls,
    /// `plain-http`: whoever reaches the port can post; for lines that something else protects.
    PlainHttp,
}

impl ListenTransport {
    /// Its name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mtls => "mtls",
            Self::PlainHttp => "plain-http",
        }
    }
}

impl Default for ListenSection {
    fn default() -> Self {
        Self { address: loopback(9201), transport: ListenTransport::Mtls }
    }
}

/// `[routes]`: over which channels legs go, see [`crate::routing`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoutesSection {
    /// `file`: the table of routes; none (the default): every leg goes to its bank itself.
    pub file: Option<PathBuf>,
}

/// How journal groups are brought to the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalDriver {
    /// `auto`: the fastest that this machine allows.
    #[default]
    Auto,
    /// `io_uring`: io_uring with O_DIRECT, or no start.
    IoUring,
    /// `pwrite`: `pwritev2` with RWF_DSYNC, or `pwrite` and `fdatasync`.
    Pwrite,
}

/// `[journal]`: durability. There is no key that turns syncing off.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JournalSection {
    /// `dir`: folder of segments and checkpoints. Default `journal`.
    pub dir: PathBuf,
    /// `driver`: `auto` (default), `io_uring` or `pwrite`.
    pub driver: JournalDriver,
    /// `segment_bytes`: size of a segment, a multiple of 4096 from 1 MiB to 2 GiB. Default 64 MiB.
    pub segment_bytes: u64,
    /// `segments_ahead`: segments zeroed ahead of the one being written, 1 to 16. Default 2.
    pub segments_ahead: usize,
    /// `group_bytes_max`: most bytes made durable by one sync, a multiple of 4096 from 256 KiB to 16 MiB. Default 1
    /// MiB.
    pub group_bytes_max: usize,
    /// `groups_in_flight_max`: groups being written at once, 1 to 16. Default 1.
    pub groups_in_flight_max: usize,
    /// `linger_us`: least time from one group to the next, in microseconds, 0 to 1,000,000. Default 400: an idle node
    /// waits for nobody, a busy one makes more records durable with one write.
    pub linger_us: u64,
}

impl Default for JournalSection {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("journal"),
            driver: JournalDriver::Auto,
            segment_bytes: 64 * 1024 * 1024,
            segments_ahead: 2,
            group_bytes_max: 1024 * 1024,
            groups_in_flight_max: 1,
            linger_us: 400,
        }
    }
}

impl JournalSection {
    /// Bytes of records in memory that are not durable yet, at most: 32 MiB, and never less than four groups.
    #[must_use]
    pub fn backlog_bytes_max(&self) -> usize {
        self.group_bytes_max.saturating_mul(4).max(32 * 1024 * 1024)
    }

    /// Bytes kept free for running payments when the disk is full: 64 MiB, and never more than the segments ahead hold.
    #[must_use]
    pub fn reserve_bytes(&self) -> u64 {
        self.segment_bytes.saturating_mul(self.segments_ahead as u64).min(64 * 1024 * 1024)
    }
}

/// `[timing]`: deadlines and schedules, all in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimingSection {
    /// `connect_timeout_ms`: time to open a connection to a participant. Default 1,000 (business.md 1).
    pub connect_timeout_ms: u64,
    /// `leg1_deadline_ms`: debit leg, for participants that name none of their own. Default 8,000 (business.md 1).
    pub leg1_deadline_ms: u64,
    /// `leg2_deadline_ms`: credit leg, for participants that name none of their own. Default 5,000 (business.md 1).
    pub leg2_deadline_ms: u64,
    /// `receipt_deadline_ms`: when the institution is told "in process". Default 20,000 (business.md 1, rule 5).
    pub receipt_deadline_ms: u64,
    /// `answer_timeout_ms`: how long a connection is kept waiting for an answer. Default 60,000 (wire.md 2.5).
    pub answer_timeout_ms: u64,
    /// `query_schedule_ms`: instants of the queries, counted from when the leg became unknown; rising, 1 to 8 of them.
    /// Default 5, 15, 30, 60, 120, 300 s (business.md 1, rule 4).
    pub query_schedule_ms: Vec<u64>,
    /// `notice_schedule_ms`: instants of the resends of a terminal notice, counted from the final state; rising, 1
    /// to 8 of them. Default 5 s, 15 s, 1, 5, 15, 60 min (business.md 1, rule 6).
    pub notice_schedule_ms: Vec<u64>,
    /// `drain_deadline_ms`: how long a node that was told to stop waits for running payments. Default 30,000 (ours).
    pub drain_deadline_ms: u64,
}

impl Default for TimingSection {
    fn default() -> Self {
        Self {
            connect_timeout_ms: constants::CONNECT_TIMEOUT_MS,
            leg1_deadline_ms: constants::LEG1_DEADLINE_MS,
            leg2_deadline_ms: constants::LEG2_DEADLINE_MS,
            receipt_deadline_ms: constants::RECEIPT_DEADLINE_MS,
            answer_timeout_ms: constants::ANSWER_TIMEOUT_MS,
            query_schedule_ms: constants::QUERY_SCHEDULE_MS.to_vec(),
            notice_schedule_ms: constants::NOTICE_SCHEDULE_MS.to_vec(),
            drain_deadline_ms: constants::DRAIN_DEADLINE_MS,
        }
    }
}

/// `[limits]`: what strangers and participants can make grow. Defaults are ours unless a source is named.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsSection {
    /// `payments_max`: payments held in memory, at some 220 bytes each as they come: those of open batches, and what is left to do of
    /// others. Default 12,000,000.
    pub payments_max: usize,
    /// `in_flight_max`: payments of the whole node without a receipt; more are refused with PS500001. Default 20,000.
    pub in_flight_max: u32,
    /// `in_flight_per_participant_max`: the same for one participant that names no quota of its own. Default 5,000.
    pub in_flight_per_participant_max: u32,
    /// `connections_max`: open connections of participants to the node; one more is closed unread. Default 4,096.
    pub connections_max: usize,
    /// `connections_per_participant_max`: connections of the node to one participant that names no number of its
    /// own. Default 256.
    pub connections_per_participant_max: u16,
    /// `body_bytes_max`: largest message, 4,096 to 65,536 bytes; larger ones get 413. Default 65,536 (wire.md 2.5).
    pub body_bytes_max: usize,
    /// `head_bytes_max`: largest HTTP head, 1,024 to 65,536 bytes. Default 16,384.
    pub head_bytes_max: usize,
    /// `headers_max`: most HTTP header lines, 8 to 256. Default 64.
    pub headers_max: usize,
    /// `receive_timeout_ms`: time from a request's first byte to its last. Default 5,000.
    pub receive_timeout_ms: u64,
}

impl Default for LimitsSection {
    fn default() -> Self {
        Self {
            payments_max: 12_000_000,
            in_flight_max: 20_000,
            in_flight_per_participant_max: 5_000,
            connections_max: 4_096,
            connections_per_participant_max: 256,
            body_bytes_max: constants::BODY_BYTES_MAX,
            head_bytes_max: 16 * 1024,
            headers_max: 64,
            receive_timeout_ms: 5_000,
        }
    }
}

/// `[checkpoint]`: bounds the time of a restart.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CheckpointSection {
    /// `interval_s`: a checkpoint at the latest this many seconds after the last, 1 to 86,400. Default 300.
    pub interval_s: u64,
    /// `tail_bytes_max`: a checkpoint at the latest after this many bytes of journal, 1 MiB to 1 TiB. Default 2
    /// GiB: two seconds of replay.
    pub tail_bytes_max: u64,
}

impl Default for CheckpointSection {
    fn default() -> Self {
        Self { interval_s: 300, tail_bytes_max: 2 * 1024 * 1024 * 1024 }
    }
}

/// `[crypto]`: which backend serves a suite, as `suite = "backend"`; suites not named use the fastest measured one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct CryptoSection {
    /// Backend name by suite.
    pub backends: BTreeMap<Suite, String>,
}

impl CryptoSection {
    /// The backends to use.
    ///
    /// # Errors
    /// A backend that does not exist or does not have the suite.
    pub fn backends(&self) -> Result<Backends, Error> {
        let mut backends = Backends::default();
        for (suite, name) in &self.backends {
            let fault = |what: String| {
                let known: Vec<_> =
                    backend::ALL.iter().filter(|backend| backend.serves(*suite)).map(|backend| backend.name).collect();
                Error::new(Fault::Configuration, what)
                    .at(format!("crypto.{suite}"))
                    .remedy(format!("use one of: {}", known.join(", ")))
            };
            let chosen = backend::by_name(name).ok_or_else(|| fault(format!("unknown backend {name:?}")))?;
            backends = backends.with(*suite, chosen).map_err(|error| fault(error.to_string()))?;
        }
        Ok(backends)
    }
}

/// A port of this machine alone.
pub(super) fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
