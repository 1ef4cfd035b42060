//! The clearing batch of a payment. Invariant: a day before the year 2687, a sequence 1 to 9999.

use std::fmt;

use bytes::{BufMut, BytesMut};

use super::{BeijingTime, Date, ValueError, digits};

const LEN: usize = 13;
/// Low bits of the compact form that hold the sequence.
const SEQUENCE_BITS: u32 = 14;
/// Days must fit the upper 18 bits.
const DAYS_END: i32 = 1 << (u32::BITS - SEQUENCE_BITS);
const SEQUENCE_MAX: u32 = 9_999;
/// Batches are hourly.
const BATCHES_PER_DAY: u32 = 24;

const _: () = assert!(SEQUENCE_MAX < 1 << SEQUENCE_BITS);

/// A clearing batch: `B`, its day, and its number within the day.
///
/// ```text
/// wire     B 20261120 0011                    number = hour of acceptance + 1
/// compact  [ 18 bits days since 1970 | 14 bits number ]     a u32, ordered as time is
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(u32);

impl BatchId {
    /// The batch that a payment accepted at `time` belongs to.
    #[must_use]
    pub fn at(time: BeijingTime) -> Self {
        let sequence = time.hour() % BATCHES_PER_DAY + 1;
        // A clock beyond the year 2687 gets the last day that fits; there is no better answer.
        let days = time.date().days().min(DAYS_END - 1);
        Self((days as u32) << SEQUENCE_BITS | sequence)
    }

    /// Batch `sequence` (1 to 9999) of `date`.
    ///
    /// # Errors
    /// [`ValueError::Date`] from the year 2687 on, [`ValueError::Form`] for a sequence out of
    /// range.
    pub const fn new(date: Date, sequence: u32) -> Result<Self, ValueError> {
        if date.days() >= DAYS_END {
            return Err(ValueError::Date);
        }
        if sequence == 0 || sequence > SEQUENCE_MAX {
            return Err(ValueError::Form);
        }
        Ok(Self((date.days() as u32) << SEQUENCE_BITS | sequence))
    }

    /// Reads `B`, `yyyymmdd` and four digits.
    ///
    /// # Errors
    /// [`ValueError::Length`], [`ValueError::Form`], [`ValueError::NotDigits`] or
    /// [`ValueError::Date`].
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        let text: &[u8; LEN] = text.try_into().map_err(|_| ValueError::Length)?;
        let [b'B', rest @ ..] = text else {
            return Err(ValueError::Form);
        };
        let (date, sequence) = rest.split_at(8);
        Self::new(Date::parse(date)?, digits::parse(sequence)? as u32)
    }

    /// From the compact form, if it is one.
    #[must_use]
    pub const fn from_u32(compact: u32) -> Option<Self> {
        let sequence = compact & ((1 << SEQUENCE_BITS) - 1);
        if sequence == 0 || sequence > SEQUENCE_MAX { None } else { Some(Self(compact)) }
    }

    /// The compact form; greater means later.
    #[must_use]
    pub const fn as_u32(self) -> u32 {
        self.0
    }

    /// The day of the batch.
    #[must_use]
    pub const fn date(self) -> Date {
        match Date::from_days((self.0 >> SEQUENCE_BITS) as i32) {
            Some(date) => date,
            // 18 bits of days end in the year 2687.
            None => unreachable!(),
        }
    }

    /// The number within the day, 1 to 9999.
    #[must_use]
    pub const fn sequence(self) -> u32 {
        self.0 & ((1 << SEQUENCE_BITS) - 1)
    }

    /// The 13 characters.
    #[must_use]
    pub fn to_text(self) -> [u8; LEN] {
        let mut text = [b'B'; LEN];
        text[1..9].copy_from_slice(&self.date().to_text());
        digits::write(u64::from(self.sequence()), &mut text[9..]);
        text
    }

    /// Appends the 13 characters to `out`.
    pub fn write(self, out: &mut BytesMut) {
        out.put_slice(&self.to_text());
    }
}

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "B{}{:04}", self.date(), self.sequence())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn takes_the_hour_of_acceptance() {
        // Captured messages: 2018-07-12T14:11:54 went into 0015, 2017-10-11T14:52:30 as well.
        for (time, batch) in [
            ("2018-07-12T14:11:54", "B201807120015"),
            ("2017-10-11T14:52:30", "B201710110015"),
            ("2026-11-20T00:00:00", "B202611200001"),
            ("2026-11-20T23:59:59", "B202611200024"),
        ] {
            let time = BeijingTime::parse(time.as_bytes()).expect(time);
            assert_eq!(BatchId::at(time).to_string(), batch);
        }
    }

    #[test]
    fn refuses_what_is_no_batch() {
        use ValueError as E;
        let table: &[(&str, E)] = &[
            ("", E::Length),
            ("B20261120001", E::Length),
            ("D202611200011", E::Form),
            ("B202611200000", E::Form),
            ("B20261120001x", E::NotDigits),
            ("B202613010001", E::Date),
            ("B999912310001", E::Date),
        ];
        for (text, error) in table {
            assert_eq!(BatchId::parse(text.as_bytes()), Err(*error), "{text:?}");
        }
        assert_eq!(BatchId::from_u32(0), None);
        assert_eq!(BatchId::from_u32(10_000), None);
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(days in 0..DAYS_END, sequence in 1..=SEQUENCE_MAX) {
            let date = Date::from_days(days).expect("in range");
            let batch = BatchId::new(date, sequence)?;
            let mut out = BytesMut::new();
            batch.write(&mut out);
            prop_assert_eq!(BatchId::parse(&out), Ok(batch));
            let text = batch.to_string();
            prop_assert_eq!(text.as_bytes(), &out[..]);
            prop_assert_eq!(BatchId::from_u32(batch.as_u32()), Some(batch));
            prop_assert_eq!((batch.date(), batch.sequence()), (date, sequence));
        }
    }
}
