//! Limits and defaults of the generator, in one place, with their relations.

use std::time::Duration;

/// Largest body read from the switch or sent by it, in bytes (the wire's own limit).
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Default bound on simultaneously open connections of one run.
pub const CONNECTIONS_MAX: usize = 1_024;

/// Default bound on requests that are due but wait for a free connection; the next one is dropped and counted.
pub const BACKLOG_MAX: usize = 20_000;

/// A request that left later than this after its intended instant counts as late, in microseconds.
pub const LATE_AFTER_US: u64 = 1_000;

/// Default deadline of payments, from their intended instants: what is final by then is goodput, and a payment without a
/// success by then counts as affected by whatever goes on.
pub const DEADLINE: Duration = Duration::from_secs(1);

/// Messages composed and signed in one go; the width that batch signature backends like.
pub const PREPARE_BURST: usize = 8;

/// Most signature jobs that one flush of a desk hands to the backend at once.
pub const DESK_BURST_MAX: usize = 64;

/// Earlier payments remembered as candidates for refunds, queries and duplicates.
pub const HISTORY_MAX: usize = 4_096;

/// Distinct verified refusals remembered, so that a burst of byte-identical ones is verified once.
pub const REFUSALS_CACHED_MAX: usize = 64;

/// Longest bank serial number on the wire, in characters (`DbtrBankId`, `CdtrBankId`).
pub const SERIAL_CHARS_MAX: usize = 64;

/// Examples of each kind of violation kept in a verdict; all are counted.
pub const EXAMPLES_PER_KIND_MAX: usize = 5;

/// A simulated bank that "never answers" lets the connection go after this long, in milliseconds.
pub const SILENCE_MS: u64 = 300_000;

/// Largest document read from a `/ledger` page, in bytes.
pub const LEDGER_PAGE_BYTES_MAX: usize = 1 << 30;

/// Highest rate that a profile may ask for, in requests a second.
pub const RATE_PER_S_MAX: f64 = 10_000_000.0;

/// Most requests of one run: what the ten sequence digits of a transaction id can number.
pub const ARRIVALS_MAX: u64 = 10_000_000_000;

/// Most steps of one profile.
pub const STEPS_MAX: usize = 1_000;

/// Most arrivals of one trace; each takes 9 bytes of memory.
pub const TRACE_ARRIVALS_MAX: usize = 50_000_000;

/// Longest line of a trace, in bytes.
pub const TRACE_LINE_BYTES_MAX: usize = 64;

/// Most requests that are composed and signed ahead of their instants within the lead, however many are due at once.
pub const PREPARED_MAX: usize = 65_536;

const _: () = assert!(PREPARE_BURST <= DESK_BURST_MAX);
/// Memory of one request that waits for its instant, in bytes: the buffer of its message, and its place.
pub const PREPARED_BYTES: f64 = 3_072.0;

/// Most memory of requests that are signed before a run begins, in bytes.
pub const PREPARED_BYTES_MAX: f64 = 2e9;

const _: () = assert!(PREPARE_BURST <= PREPARED_MAX);
const _: () = assert!(CONNECTIONS_MAX <= BACKLOG_MAX);
