//! Limits and defaults of the switch, each with its unit and where the rule comes from.
//!
//! Invariant: everything that a stranger can make grow has its bound here or in the configuration, and the
//! relations between the bounds hold at compile time. Used by every row above; a value that an operator may change
//! is only a *default* here and lives in [`crate::config`].

/// Participants that one node can know. Payments carry a participant as a `u16` index and `u16::MAX` is kept free
/// for "none".
pub const PARTICIPANTS_MAX: usize = u16::MAX as usize;

/// The index of no participant: the bank of a payment that names one which is not known.
pub const NO_PARTICIPANT: u16 = u16::MAX;

/// Workers (reactor threads) of one node.
pub const WORKERS_MAX: usize = 64;

/// Largest message accepted, in bytes; larger ones are answered 413 (wire.md 2.5: 64 KiB).
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Smallest value that `limits.body_bytes_max` may take, in bytes: a captured 201 is 1.3 to 1.6 KB and a signature
/// 512 at most.
pub const BODY_BYTES_MIN: usize = 4 * 1024;

/// A configuration file larger than this many bytes is refused unread.
pub const CONFIGURATION_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Unit in which the journal writes and a segment is measured, in bytes: the alignment that direct I/O asks for.
pub const JOURNAL_BLOCK_BYTES: u64 = 4096;

/// Smallest `journal.segment_bytes`.
pub const SEGMENT_BYTES_MIN: u64 = 1024 * 1024;
/// Largest `journal.segment_bytes`.
pub const SEGMENT_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;

/// Smallest `journal.group_bytes_max`: one group must hold the largest record, a request of [`BODY_BYTES_MAX`] with
/// what is sent on and answered.
pub const GROUP_BYTES_MIN: usize = 4 * BODY_BYTES_MAX;
/// Largest `journal.group_bytes_max`.
pub const GROUP_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Longest time span that any `*_ms` key of the configuration may name: one hour.
pub const TIMEOUT_MS_MAX: u64 = 60 * 60 * 1000;

/// Steps of a query or notice schedule.
pub const SCHEDULE_STEPS_MAX: usize = 8;

/// Latest step of a query or notice schedule, in milliseconds: one day.
pub const SCHEDULE_MS_MAX: u64 = 24 * 60 * 60 * 1000;

/// Connections that the admin server serves at once; the next one is closed unread.
pub const ADMIN_CONNECTIONS_MAX: usize = 16;

/// Admin connections that may be showing certificates at once, before it is known whose they are.
pub const ADMIN_HANDSHAKES_MAX: usize = 64;

/// Time an admin client has to show its certificate, in milliseconds.
pub const ADMIN_HANDSHAKE_MS_MAX: u64 = 2_000;

/// What ends within so many days is in the log once a day, unless `[tls]` says otherwise (ours).
pub const EXPIRY_WARNING_DAYS: u64 = 30;

/// Largest body of an operator's call, in bytes.
pub const ADMIN_BODY_BYTES_MAX: usize = 16 * 1024;

/// Largest body of a change of routes, in bytes: a whole table, with lists of digests.
pub const ROUTES_BODY_BYTES_MAX: usize = 256 * 1024;

/// Largest body of a comparison's findings, in bytes: a thousand differences.
pub const FINDINGS_BODY_BYTES_MAX: usize = 512 * 1024;

/// Time one admin connection may last from accept to last byte, in milliseconds.
pub const ADMIN_CONNECTION_MS_MAX: u64 = 10_000;

/// Time an admin client has for its request head, in milliseconds.
pub const ADMIN_HEADER_MS_MAX: u64 = 2_000;

/// Businesses that can be told apart in a participant's rules: one bit each.
pub const BUSINESSES_MAX: usize = 64;

/// Length of a business's name, in characters.
pub const BUSINESS_NAME_CHARS_MAX: usize = 40;

/// Requests a second, and at once, that a participant's rate may allow.
pub const RATE_PER_S_MAX: u32 = 1_000_000;

/// Longest distance that legs for one account can be kept apart, in milliseconds: longer, and they would miss the
/// receipt deadline.
pub const PACING_MS_MAX: u64 = 10_000;

/// Longest maintenance window, in seconds: 31 days.
pub const MAINTENANCE_S_MAX: u64 = 31 * 24 * 60 * 60;

/// Longest text of a maintenance window, in characters.
pub const MAINTENANCE_TEXT_CHARS_MAX: usize = 200;

/// Maintenance windows that are kept at once.
pub const MAINTENANCE_WINDOWS_MAX: usize = 1_000;

/// Limits of one institution at one bank that are kept at once.
pub const PAIR_LIMITS_MAX: usize = 100_000;

/// Links of one participant.
pub const LINKS_MAX: usize = 16;

/// Length of a link's or a centre's name, in characters.
pub const LINK_NAME_CHARS_MAX: usize = 32;

/// Largest weight of a link.
pub const LINK_WEIGHT_MAX: u16 = 1_000;

/// Different return codes counted by name in `clearway_refused_total`; more are counted under `other`.
pub const REFUSAL_CODES_MAX: usize = 128;

/// Connect deadline, in milliseconds (business.md 1, "Deadlines", ours).
pub const CONNECT_TIMEOUT_MS: u64 = 1_000;
/// Deadline of leg 1 (debit), in milliseconds (business.md 1, ours).
pub const LEG1_DEADLINE_MS: u64 = 8_000;
/// Deadline of leg 2 (credit), in milliseconds (business.md 1, ours).
pub const LEG2_DEADLINE_MS: u64 = 5_000;
/// Time after which the institution gets a receipt "in process" (ES000033, 02), in milliseconds (business.md 1,
/// rule 5).
pub const RECEIPT_DEADLINE_MS: u64 = 20_000;
/// Time a connection to a participant is kept waiting for an answer, in milliseconds. A bank's front end gives up
/// after 60 s (wire.md 2.5), and late answers are evidence, so it is longer than any deadline of a leg.
pub const ANSWER_TIMEOUT_MS: u64 = 60_000;
/// Instants of the queries after a leg became unknown, in milliseconds (business.md 1, rule 4: 5, 15, 30, 60, 120,
/// 300 s).
pub const QUERY_SCHEDULE_MS: [u64; 6] = [5_000, 15_000, 30_000, 60_000, 120_000, 300_000];
/// Instants of the resends of a terminal notice after the final state, in milliseconds (business.md 1, rule 6: 5 s,
/// 15 s, 1, 5, 15, 60 min).
pub const NOTICE_SCHEDULE_MS: [u64; 6] = [5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000];
/// Time a draining node waits for its running payments, in milliseconds (ours): one receipt deadline and a margin.
pub const DRAIN_DEADLINE_MS: u64 = 30_000;

const _: () = assert!(CONNECT_TIMEOUT_MS < LEG1_DEADLINE_MS && CONNECT_TIMEOUT_MS < LEG2_DEADLINE_MS);
const _: () = assert!(
    LEG1_DEADLINE_MS + LEG2_DEADLINE_MS < RECEIPT_DEADLINE_MS,
    "an institution that waits sees the outcome of two slow legs"
);
const _: () = assert!(RECEIPT_DEADLINE_MS < TIMEOUT_MS_MAX);
const _: () = assert!(LEG1_DEADLINE_MS < ANSWER_TIMEOUT_MS && LEG2_DEADLINE_MS < ANSWER_TIMEOUT_MS);
const _: () = assert!(RECEIPT_DEADLINE_MS < DRAIN_DEADLINE_MS);
const _: () = assert!(QUERY_SCHEDULE_MS.len() <= SCHEDULE_STEPS_MAX && NOTICE_SCHEDULE_MS.len() <= SCHEDULE_STEPS_MAX);
const _: () = assert!(GROUP_BYTES_MIN < GROUP_BYTES_MAX && (GROUP_BYTES_MIN as u64) < SEGMENT_BYTES_MIN);
const _: () = assert!(
    SEGMENT_BYTES_MIN.is_multiple_of(JOURNAL_BLOCK_BYTES) && SEGMENT_BYTES_MAX.is_multiple_of(JOURNAL_BLOCK_BYTES)
);
const _: () = assert!(BODY_BYTES_MIN < BODY_BYTES_MAX);
const _: () = assert!(ADMIN_HEADER_MS_MAX < ADMIN_CONNECTION_MS_MAX);
const _: () = assert!(PARTICIPANTS_MAX < u32::MAX as usize && WORKERS_MAX.is_power_of_two());
