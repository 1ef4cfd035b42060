//! The dispute batch (DsptBatchId) that an adjustment belongs to.

use std::fmt;

use clearway_codec::value::{BatchId, BeijingTime, ValueError};

const LEN: usize = 13;

/// `D`, a day, and a number within the day.
///
/// ```text
/// wire     D 20261120 0011        number = hour + 1 (ours), as of the clearing batches
/// ```
///
/// So an adjustment falls into the books of the hour in which it is made, never into those of what it corrects.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DisputeBatch(BatchId);

impl DisputeBatch {
    /// The batch of an adjustment made at `at_us`, microseconds since 1970.
    #[must_use]
    pub fn at(at_us: u64) -> Self {
        Self(BatchId::at(BeijingTime::from_unix_micros(at_us)))
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

    /// The 13 characters.
    #[must_use]
    pub fn to_text(self) -> [u8; LEN] {
        let mut text = [0; LEN];
        for (place, byte) in text.iter_mut().zip(self.0.to_string().bytes()) {
            *place = byte;
        }
        text[0] = b'D';
        text
    }
}

impl fmt::Display for DisputeBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.to_text()).unwrap_or_default())
    }
}

impl fmt::Debug for DisputeBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
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
            let at_us = BeijingTime::parse(time.as_bytes()).expect("a time").unix_micros();
            let found = DisputeBatch::at(at_us);
            assert_eq!(found.to_string(), batch);
            assert_eq!(DisputeBatch::parse(batch.as_bytes()), Ok(found));
            assert_eq!(DisputeBatch::from_u32(found.as_u32()), Some(found));
        }
        for text in ["B202611200011", "D20261120001", "D202611320011", "D202611200000", "D2026112x0011"] {
            assert!(DisputeBatch::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
