//! The batches of the books: one of payments and one of adjustments an hour.

use std::fmt;
use std::str::FromStr;

use clearway_codec::value::{BatchId, BeijingTime, Date, DisputeBatchId, ValueError};
use serde::{Deserialize, Serialize};

use super::hour::hour_us;
use super::next_hour;

const DISPUTES: u64 = 1 << 32;

/// One batch, of either kind; in the order of time, payments first. In files and entries it is its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct BatchName {
    hour: BatchId,
    is_of_disputes: bool,
}

impl BatchName {
    /// The batch of payments.
    #[must_use]
    pub const fn payments(batch: BatchId) -> Self {
        Self { hour: batch, is_of_disputes: false }
    }

    /// The batch of adjustments.
    #[must_use]
    pub fn disputes(batch: DisputeBatchId) -> Self {
        let hour =
            BatchId::from_u32(batch.as_u32()).unwrap_or_else(|| unreachable!("a dispute batch is numbered alike"));
        Self { hour, is_of_disputes: true }
    }

    /// The batch of payments of the same hour.
    #[must_use]
    pub const fn hour(self) -> BatchId {
        self.hour
    }

    /// The batch of adjustments of the same hour, as a batch of its own kind; none for payments.
    #[must_use]
    pub fn dispute_batch(self) -> Option<DisputeBatchId> {
        if self.is_of_disputes { DisputeBatchId::from_u32(self.hour.as_u32()) } else { None }
    }

    /// Whether it holds adjustments.
    #[must_use]
    pub const fn is_of_disputes(self) -> bool {
        self.is_of_disputes
    }

    /// Its natural day.
    #[must_use]
    pub const fn date(self) -> Date {
        self.hour.date()
    }

    /// The batch of payments of an instant, unix microseconds.
    #[must_use]
    pub fn at(at_us: u64) -> Self {
        Self::payments(BatchId::at(BeijingTime::from_unix_micros(at_us)))
    }

    /// The batch of adjustments of the same hour.
    #[must_use]
    pub const fn of_disputes(self) -> Self {
        Self { is_of_disputes: true, ..self }
    }

    /// When its hour is over, unix microseconds.
    #[must_use]
    pub const fn ends_us(self) -> u64 {
        hour_us(self.date(), self.hour.sequence())
    }

    /// The batch of its kind of the hour behind; itself at the end of the calendar.
    #[must_use]
    pub fn next_hour(self) -> Self {
        Self { hour: next_hour(self.hour).unwrap_or(self.hour), ..self }
    }

    /// A number for it, below 2^33.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.hour.as_u32() as u64 | if self.is_of_disputes { DISPUTES } else { 0 }
    }

    /// The batch with this number.
    #[must_use]
    pub fn from_u64(number: u64) -> Option<Self> {
        let hour = BatchId::from_u32(u32::try_from(number & !DISPUTES).ok()?)?;
        Some(Self { hour, is_of_disputes: number & DISPUTES != 0 })
    }
}

impl From<BatchName> for String {
    fn from(batch: BatchName) -> Self {
        batch.to_string()
    }
}

impl TryFrom<String> for BatchName {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        text.parse()
    }
}

impl fmt::Display for BatchName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = if self.is_of_disputes { 'D' } else { 'B' };
        write!(f, "{letter}{}{:04}", self.hour.date(), self.hour.sequence())
    }
}

impl FromStr for BatchName {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text.as_bytes() {
            [b'D', ..] => DisputeBatchId::parse(text.as_bytes()).map(Self::disputes),
            _ => BatchId::parse(text.as_bytes()).map(Self::payments),
        }
    }
}

#[cfg(test)]
mod tests {
    use clearway_codec::value::BeijingTime;

    use super::*;

    #[test]
    fn names_and_numbers_read_back_in_the_order_of_time() {
        let names = ["B202611200001", "D202611200001", "B202611200002", "D202612310024"];
        let batches: Vec<BatchName> = names.iter().map(|name| name.parse().expect("a batch")).collect();
        assert!(batches.is_sorted());
        for (name, batch) in names.iter().zip(&batches) {
            assert_eq!(batch.to_string(), *name);
            assert_eq!(BatchName::from_u64(batch.as_u64()), Some(*batch));
            let last = BatchId::at(BeijingTime::from_unix_micros(batch.ends_us() - 1));
            let next = BatchId::at(BeijingTime::from_unix_micros(batch.ends_us()));
            assert!(last == batch.hour() && next > last, "{name}");
            let json = serde_json::to_string(batch).expect("a text");
            assert_eq!(serde_json::from_str::<BatchName>(&json).expect("a batch"), *batch);
        }
        assert!("X202611200001".parse::<BatchName>().is_err());
        assert_eq!(BatchName::from_u64(1 << 40), None);
    }

    #[test]
    fn hours_follow_one_another() {
        let batch = |name: &str| name.parse::<BatchName>().expect("a batch");
        let at = |text: &str| BeijingTime::parse(text.as_bytes()).expect("a time").unix_micros();
        for (time, name, ends, next) in [
            ("2026-11-20T10:59:59", "B202611200011", "2026-11-20T11:00:00", "B202611200012"),
            ("2026-12-31T23:00:00", "B202612310024", "2027-01-01T00:00:00", "B202701010001"),
            ("2026-11-20T00:00:00", "B202611200001", "2026-11-20T01:00:00", "B202611200002"),
        ] {
            assert_eq!(BatchName::at(at(time)), batch(name));
            assert_eq!(batch(name).ends_us(), at(ends));
            assert_eq!(batch(name).next_hour(), batch(next));
            assert_eq!(batch(name).of_disputes().next_hour(), batch(next).of_disputes());
            assert_eq!(BatchName::at(batch(name).ends_us()), batch(next));
        }
    }
}
