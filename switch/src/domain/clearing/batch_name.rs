//! The batches of the books: one of payments and one of adjustments an hour.

use std::fmt;
use std::str::FromStr;

use clearway_codec::value::{BatchId, Date, DisputeBatchId, ValueError};
use serde::{Deserialize, Serialize};

const DISPUTES: u64 = 1 << 32;
const HOUR_US: u64 = 3_600_000_000;
const BEIJING_OFFSET_HOURS: u64 = 8;

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

    /// When its hour is over, unix microseconds.
    #[must_use]
    pub const fn ends_us(self) -> u64 {
        let hours = self.hour.date().days() as u64 * 24 + self.hour.sequence() as u64;
        hours.saturating_sub(BEIJING_OFFSET_HOURS) * HOUR_US
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
}
