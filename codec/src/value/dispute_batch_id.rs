//! The batch of a dispute's adjustment. Invariant: as a clearing batch, but for its letter.

use std::fmt;

use super::{BatchId, BeijingTime, Date, ValueError};

const LEN: usize = 13;

/// A batch of adjustments: `D`, its day, and its number within the day.
///
/// ```
/// use clearway_codec::DisputeBatchId;
///
/// let batch = DisputeBatchId::parse(b"D202611200007")?;
/// assert_eq!((batch.date().to_string().as_str(), batch.sequence()), ("20261120", 7));
/// assert_eq!(&batch.to_text(), b"D202611200007");
/// # Ok::<(), clearway_codec::ValueError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DisputeBatchId(BatchId);

impl DisputeBatchId {
    /// Batch `sequence` (1 to 9999) of `date`.
    ///
    /// # Errors
    /// As [`BatchId::new`].
    pub fn new(date: Date, sequence: u32) -> Result<Self, ValueError> {
        BatchId::new(date, sequence).map(Self)
    }

    /// Reads `D`, `yyyymmdd` and four digits.
    ///
    /// # Errors
    /// As [`BatchId::parse`].
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        let mut text: [u8; LEN] = text.try_into().map_err(|_| ValueError::Length)?;
        if text[0] != b'D' {
            return Err(ValueError::Form);
        }
        text[0] = b'B';
        BatchId::parse(&text).map(Self)
    }

    /// The batch of an adjustment made at `time`: numbered by the hour, as clearing batches are (ours), so that it falls into the books
    /// of the hour in which it is made and never into those of what it corrects.
    #[must_use]
    pub fn at(time: BeijingTime) -> Self {
        Self(BatchId::at(time))
    }

    /// From the compact form, if it is one.
    #[must_use]
    pub fn from_u32(compact: u32) -> Option<Self> {
        BatchId::from_u32(compact).map(Self)
    }

    /// The compact form; greater means later.
    #[must_use]
    pub const fn as_u32(self) -> u32 {
        self.0.as_u32()
    }

    /// The day of the batch.
    #[must_use]
    pub const fn date(self) -> Date {
        self.0.date()
    }

    /// The number within the day, 1 to 9999.
    #[must_use]
    pub const fn sequence(self) -> u32 {
        self.0.sequence()
    }

    /// The 13 characters.
    #[must_use]
    pub fn to_text(self) -> [u8; LEN] {
        let mut text = self.0.to_text();
        text[0] = b'D';
        text
    }
}

impl fmt::Display for DisputeBatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "D{}{:04}", self.date(), self.sequence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adjustment_belongs_to_the_hour_in_which_it_is_made() {
        for (time, batch) in [
            ("2026-11-20T00:00:00", "D202611200001"),
            ("2026-11-20T10:59:59", "D202611200011"),
            ("2026-11-20T23:59:59", "D202611200024"),
            ("2026-11-21T00:00:00", "D202611210001"),
        ] {
            let found = DisputeBatchId::at(BeijingTime::parse(time.as_bytes()).expect("a time"));
            assert_eq!(found.to_string(), batch);
            assert_eq!(DisputeBatchId::parse(batch.as_bytes()), Ok(found));
            assert_eq!(DisputeBatchId::from_u32(found.as_u32()), Some(found));
        }
    }

    #[test]
    fn differs_from_a_clearing_batch_by_its_letter() {
        let batch = DisputeBatchId::parse(b"D202611209999").expect("a batch");
        assert_eq!(batch.to_string(), "D202611209999");
        assert_eq!(DisputeBatchId::new(batch.date(), batch.sequence()), Ok(batch));
        for (text, error) in [
            ("", ValueError::Length),
            ("B202611200001", ValueError::Form),
            ("D202611200000", ValueError::Form),
            ("D20261120000x", ValueError::NotDigits),
            ("D202613010001", ValueError::Date),
        ] {
            assert_eq!(DisputeBatchId::parse(text.as_bytes()), Err(error), "{text:?}");
        }
    }
}
