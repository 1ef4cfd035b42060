//! The 31-digit identity of a transaction. Invariant: its first eight digits are a real day.

use std::fmt;

use bytes::{BufMut, BytesMut};

use super::{Date, ValueError, digits};

const LEN: usize = 31;
/// The 31 digits are read as 15 + 16, so that each half fits a `u64`.
const LOW_DIGITS: usize = 16;
const LOW_MODULUS: u128 = 10_u128.pow(LOW_DIGITS as u32);
/// What the date is multiplied by: 23 digits follow it.
const DATE_MODULUS: u128 = 10_u128.pow(23);

/// Identity of a transaction: date, time and serial of the sender, control digits.
///
/// ```text
/// 20261120 2109076633976199 0 770101      8 date | 16 serial | 1 spare | 6 control, the last 2 the shard
/// ```
///
/// Kept as one `u128`: 16 bytes instead of 31, and a key that hashes and compares in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrxId(u128);

impl TrxId {
    /// Reads 31 digits.
    ///
    /// # Errors
    /// [`ValueError::Length`], [`ValueError::NotDigits`], or [`ValueError::Date`] when the first
    /// eight digits are no day.
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        let text: &[u8; LEN] = text.try_into().map_err(|_| ValueError::Length)?;
        let (high, low) = text.split_at(LEN - LOW_DIGITS);
        let high = digits::parse(high)?;
        Date::from_number(high / 10_000_000)?;
        Ok(Self(u128::from(high) * LOW_MODULUS + u128::from(digits::parse(low)?)))
    }

    /// The identity whose 31 digits spell `number`, if they start with a real day.
    #[must_use]
    pub fn from_u128(number: u128) -> Option<Self> {
        let date = u64::try_from(number / DATE_MODULUS).ok()?;
        Date::from_number(date).ok().map(|_| Self(number))
    }

    /// The number that the 31 digits spell.
    #[must_use]
    pub const fn as_u128(self) -> u128 {
        self.0
    }

    /// The day the identity was made on, by its own account.
    #[must_use]
    pub fn date(self) -> Date {
        let number = (self.0 / DATE_MODULUS) as u64;
        // Both constructors have checked the date.
        Date::from_number(number).unwrap_or_else(|_| unreachable!())
    }

    /// The 31 digits.
    #[must_use]
    pub fn to_text(self) -> [u8; LEN] {
        let mut text = [0; LEN];
        let (high, low) = text.split_at_mut(LEN - LOW_DIGITS);
        digits::write((self.0 / LOW_MODULUS) as u64, high);
        digits::write((self.0 % LOW_MODULUS) as u64, low);
        text
    }

    /// Appends the 31 digits to `out`.
    pub fn write(self, out: &mut BytesMut) {
        out.put_slice(&self.to_text());
    }
}

impl fmt::Display for TrxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:031}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_what_is_no_identity() {
        use ValueError as E;
        let table: &[(&str, E)] = &[
            ("", E::Length),
            ("202611202109076633976199077010", E::Length),
            ("20261120210907663397619907701011", E::Length),
            ("2026112021090766339761990770l01", E::NotDigits),
            ("2026112a21090766339761990770101", E::NotDigits),
            ("2026113121090766339761990770101", E::Date),
            ("0000000000000000000000000000000", E::Date),
        ];
        for (text, error) in table {
            assert_eq!(TrxId::parse(text.as_bytes()), Err(*error), "{text:?}");
        }
        assert_eq!(TrxId::from_u128(0), None);
        assert_eq!(TrxId::from_u128(u128::MAX), None);
        assert_eq!(TrxId::from_u128(20_261_131 * DATE_MODULUS), None);
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(days in 0..=2_932_896_i32, rest in 0..DATE_MODULUS) {
            let date = Date::from_days(days).expect("in range");
            let number = u128::from(date.to_number()) * DATE_MODULUS + rest;
            let id = TrxId::from_u128(number).expect("a real day");
            let mut out = BytesMut::new();
            id.write(&mut out);
            prop_assert_eq!(TrxId::parse(&out), Ok(id));
            let text = id.to_string();
            prop_assert_eq!(text.as_bytes(), &out[..]);
            prop_assert_eq!(id.as_u128(), number);
            prop_assert_eq!(id.date(), date);
        }
    }
}
