//! The HdrHistogram interval log (format 1.2, V2 encoding): latencies of every slice, value by value.
//!
//! ```text
//! #[StartTime: 1795203346.007 (seconds since epoch)]
//! Tag=response,0.000,1.000,17.423,HISTFAAAA...     from, length, largest value in ms, histogram of microseconds
//! ```
//!
//! Invariant: adding up all intervals of `response`, `service` or `internal` gives exactly the histogram behind the
//! report's figure of that name. Answers to requests that were due during the warm-up stand under tags of their own.

use crate::error::Error;
use crate::histogram::Latencies;
use crate::manifest::unix_millis;
use crate::record::Interval;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, IntervalLogWriterBuilder, LogEntry, Tag};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// The tags: measured ones, then those of the warm-up.
pub const TAGS: [&str; 6] =
    ["response", "service", "internal", "warm-up-response", "warm-up-service", "warm-up-internal"];

/// Largest log read, in bytes.
const LOG_BYTES_MAX: u64 = 256 << 20;
/// The largest value of each interval is printed in milliseconds, for people.
const MICROS_PER_PRINTED: f64 = 1_000.0;

/// Writes the intervals of a run that `started_at` ([`Report::started_at`](crate::Report::started_at)).
///
/// # Errors
/// What the writer fails with.
pub fn write_hlog(out: &mut impl Write, started_at: &str, intervals: &[Interval]) -> io::Result<()> {
    let started = UNIX_EPOCH + Duration::from_millis(unix_millis(started_at).unwrap_or(0));
    let mut serializer = V2DeflateSerializer::new();
    let mut log = IntervalLogWriterBuilder::new()
        .add_comment("[Histogram log format version 1.2]")
        .add_comment("[Values are microseconds; the maximum of an interval is printed in milliseconds]")
        .with_start_time(started)
        .with_base_time(started)
        .with_max_value_divisor(MICROS_PER_PRINTED)
        .begin_log_with(out, &mut serializer)?;
    for interval in intervals {
        for (tag, packed) in TAGS.into_iter().zip(by_tag(interval)) {
            if let (Some(latencies), Some(tag)) = (Latencies::unpack(packed), Tag::new(tag)) {
                log.write_histogram(latencies.histogram(), interval.at, interval.length, Some(tag))
                    .map_err(|error| io::Error::other(error.to_string()))?;
            }
        }
    }
    Ok(())
}

fn by_tag(interval: &Interval) -> [&[u8]; 6] {
    let Interval { measured, warm_up, .. } = interval;
    [&measured.response, &measured.service, &measured.internal, &warm_up.response, &warm_up.service, &warm_up.internal]
}

/// One interval of a log.
#[derive(Debug, Clone, PartialEq)]
pub struct Logged {
    /// Its tag; empty without one.
    pub tag: String,
    /// Its beginning, as written: from the start of the run in logs that [`write_hlog`] wrote.
    pub at: Duration,
    /// Its length.
    pub length: Duration,
    /// Its values, in microseconds.
    pub latencies: Latencies,
}

/// Reads an interval log of this or any other writer of the family.
///
/// # Errors
/// [`Error::File`] when it cannot be read; [`Error::Config`] when it is no interval log.
pub fn read_hlog(path: &Path) -> Result<Vec<Logged>, Error> {
    let fault = |source| Error::File { path: path.into(), source };
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(fault)?.take(LOG_BYTES_MAX).read_to_end(&mut bytes).map_err(fault)?;
    parse_hlog(&bytes).map_err(|message| Error::Config { path: path.into(), message })
}

fn parse_hlog(bytes: &[u8]) -> Result<Vec<Logged>, String> {
    let mut read = Vec::new();
    for entry in IntervalLogIterator::new(bytes) {
        let entry = entry.map_err(|fault| format!("no line of an interval log: {fault:?}"))?;
        let LogEntry::Interval(interval) = entry else { continue };
        let at = interval.start_timestamp();
        let packed = BASE64_STANDARD.decode(interval.encoded_histogram());
        let latencies = packed.ok().and_then(|packed| Latencies::unpack(&packed));
        read.push(Logged {
            tag: interval.tag().map(|tag| tag.as_str().to_owned()).unwrap_or_default(),
            at,
            length: interval.duration(),
            latencies: latencies.ok_or_else(|| format!("interval at {:.3} s: no histogram", at.as_secs_f64()))?,
        });
    }
    Ok(read)
}

/// All values under one tag.
pub fn sum_of_tag(logged: &[Logged], tag: &str) -> Latencies {
    let mut sum = Latencies::new();
    logged.iter().filter(|interval| interval.tag == tag).for_each(|interval| sum.merge(&interval.latencies));
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Draws;
    use crate::record::{PackedTrio, Trio};

    fn trio(draws: &mut Draws) -> Trio {
        let mut trio = Trio::default();
        for _ in 0..draws.bits() % 400 {
            trio.response.record(draws.bits() % 9_000_000);
            trio.service.record(draws.bits() % 5_000);
            if draws.chance(0.3) {
                trio.internal.record(draws.bits() % 900);
            }
        }
        trio
    }

    fn intervals(seed: u64) -> (Vec<Interval>, Trio) {
        let (mut draws, mut sum) = (Draws::new(seed, 0), Trio::default());
        let interval = |second: u64| {
            let measured = trio(&mut draws);
            sum.merge(&measured);
            let warm_up = if second < 2 { trio(&mut draws).pack() } else { PackedTrio::default() };
            let (at, length) = (Duration::from_secs(second), Duration::from_secs(1));
            Interval { at, length, measured: measured.pack(), warm_up }
        };
        ((0..10).map(interval).collect(), sum)
    }

    #[test]
    fn what_is_read_adds_up_to_what_was_written() {
        for seed in 1..=10 {
            let (intervals, sum) = intervals(seed);
            let mut text = Vec::new();
            write_hlog(&mut text, "2026-11-20T19:35:46.007Z", &intervals).unwrap();
            let logged = parse_hlog(&text).unwrap();
            let read = |tag| sum_of_tag(&logged, tag);
            let read = Trio { response: read("response"), service: read("service"), internal: read("internal") };
            assert_eq!(read, sum, "seed {seed}");
            assert!(logged.iter().all(|interval| interval.length == Duration::from_secs(1)));
            assert!(logged.iter().all(|interval| TAGS.contains(&interval.tag.as_str())));
            let mut again = Vec::new();
            write_hlog(&mut again, "2026-11-20T19:35:46.007Z", &intervals).unwrap();
            assert_eq!(text, again, "seed {seed}: the same record gives the same bytes");
        }
    }

    #[test]
    fn broken_logs_are_refused() {
        let (intervals, _) = intervals(3);
        let mut text = Vec::new();
        write_hlog(&mut text, "", &intervals).unwrap();
        let text = String::from_utf8(text).unwrap();
        for broken in
            [text.replacen("HIST", "HINT", 1), text.replacen("Tag=response,0.000", "Tag=response,x", 1), "x".into()]
        {
            assert!(parse_hlog(broken.as_bytes()).is_err());
        }
        assert!(parse_hlog(b"").unwrap().is_empty());
    }
}
