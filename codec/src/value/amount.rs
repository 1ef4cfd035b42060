//! Money: integer fen, never a float. Invariant: `0 < fen <= AMOUNT_FEN_MAX`.

use std::fmt;

use bytes::{BufMut, BytesMut};

use super::{ValueError, digits};
use crate::limits::AMOUNT_FEN_MAX;

/// Longest text: `CNY9999999999.99`.
const TEXT_BYTES_MAX: usize = 16;
/// Most digits before the point.
const YUAN_DIGITS_MAX: usize = 10;

/// An amount of money in fen (a hundredth of a yuan), above zero and at most
/// [`AMOUNT_FEN_MAX`].
///
/// ```text
/// CNY 1283 . 85      currency, yuan without a needless zero, point, two digits of fen
/// ```
///
/// ```
/// use clearway_codec::{Amount, ValueError};
///
/// let amount = Amount::parse(b"CNY1283.85")?;
/// assert_eq!(amount.fen(), 128_385);
/// assert_eq!(amount.to_text().as_bytes(), b"CNY1283.85");
/// assert_eq!(Amount::parse(b"CNY0.00"), Err(ValueError::Zero));
/// # Ok::<(), ValueError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u64);

impl Amount {
    /// An amount of `fen`.
    ///
    /// # Errors
    /// [`ValueError::Zero`], or [`ValueError::TooLarge`] above [`AMOUNT_FEN_MAX`].
    pub const fn from_fen(fen: u64) -> Result<Self, ValueError> {
        match fen {
            0 => Err(ValueError::Zero),
            1..=AMOUNT_FEN_MAX => Ok(Self(fen)),
            _ => Err(ValueError::TooLarge),
        }
    }

    /// Reads `CNY`, yuan, a point and exactly two digits.
    ///
    /// # Errors
    /// A [`ValueError`] that says what is wrong: currency, sign, decimals, zero, size.
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        if text.is_empty() {
            return Err(ValueError::Empty);
        }
        let number = text.strip_prefix(b"CNY").ok_or(ValueError::Currency)?;
        match number.split_last_chunk() {
            Some((yuan, &[b'.', tens, ones])) if is_number(yuan) && is_number(&[tens, ones]) => {
                Self::from_fen(fen_of(yuan, [tens, ones])?)
            }
            _ => Err(form_fault(number)),
        }
    }

    /// The amount in fen.
    #[must_use]
    pub const fn fen(self) -> u64 {
        self.0
    }

    /// The wire text, in a buffer of its own on the stack.
    #[must_use]
    pub fn to_text(self) -> AmountText {
        let mut bytes = *b"CNY0000000000.00";
        let yuan = self.0 / 100;
        digits::write(yuan, &mut bytes[3..13]);
        digits::write(self.0 % 100, &mut bytes[14..16]);
        let zeros = YUAN_DIGITS_MAX - 1 - yuan.checked_ilog10().unwrap_or(0) as usize;
        bytes.copy_within(3 + zeros.., 3);
        AmountText { bytes, len: (TEXT_BYTES_MAX - zeros) as u8 }
    }

    /// Appends the wire text to `out`.
    pub fn write(self, out: &mut BytesMut) {
        out.put_slice(self.to_text().as_bytes());
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

/// The wire text of an [`Amount`], at most 16 bytes of ASCII.
#[derive(Clone, Copy, Debug)]
pub struct AmountText {
    bytes: [u8; TEXT_BYTES_MAX],
    len: u8,
}

impl AmountText {
    /// The text as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl std::ops::Deref for AmountText {
    type Target = str;

    fn deref(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

/// Fen out of the digits of yuan and the two of fen.
fn fen_of(yuan: &[u8], cents: [u8; 2]) -> Result<u64, ValueError> {
    if yuan.len() > 1 && yuan.starts_with(b"0") {
        return Err(ValueError::LeadingZero);
    }
    if yuan.len() > YUAN_DIGITS_MAX {
        return Err(ValueError::TooLarge);
    }
    // At most ten and two digits: far below what a u64 holds.
    Ok(digits::parse(yuan)? * 100 + digits::parse(&cents)?)
}

fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && digits::all_digits(text)
}

/// What is wrong with text that is not digits, a point and two digits.
fn form_fault(number: &[u8]) -> ValueError {
    match number.first() {
        Some(b'-') => ValueError::Negative,
        Some(b'+') => ValueError::PlusSign,
        _ if number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') => ValueError::Decimals,
        _ => ValueError::NotDigits,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_each_bad_form_with_its_own_error() {
        use ValueError as E;
        let table: &[(&str, E)] = &[
            ("", E::Empty),
            ("1.00", E::Currency),
            ("USD1.00", E::Currency),
            ("cny1.00", E::Currency),
            ("CNY", E::Decimals),
            ("CNY1", E::Decimals),
            ("CNY1.0", E::Decimals),
            ("CNY1.000", E::Decimals),
            ("CNY1.2.34", E::Decimals),
            ("CNY.50", E::Decimals),
            ("CNY-1.00", E::Negative),
            ("CNY+1.00", E::PlusSign),
            ("CNY0.00", E::Zero),
            ("CNY01.00", E::LeadingZero),
            ("CNY00.50", E::LeadingZero),
            ("CNY1,000.00", E::NotDigits),
            ("CNY 1.00", E::NotDigits),
            ("CNY1.0O", E::NotDigits),
            ("CNY1.00 ", E::NotDigits),
            ("CNY10000000000.00", E::TooLarge),
            ("CNY99999999999999999999999999.99", E::TooLarge),
        ];
        for (text, error) in table {
            assert_eq!(Amount::parse(text.as_bytes()), Err(*error), "{text:?}");
        }
    }

    #[test]
    fn keeps_the_ends_of_the_range() {
        for (text, fen) in [
            ("CNY0.01", 1),
            ("CNY0.10", 10),
            ("CNY1.00", 100),
            ("CNY9.99", 999),
            ("CNY10.00", 1_000),
            ("CNY9999999999.99", AMOUNT_FEN_MAX),
        ] {
            let amount = Amount::parse(text.as_bytes()).expect(text);
            assert_eq!(amount.fen(), fen);
            assert_eq!(amount.to_string(), text);
        }
        assert_eq!(Amount::from_fen(AMOUNT_FEN_MAX + 1), Err(ValueError::TooLarge));
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(fen in 1..=AMOUNT_FEN_MAX) {
            let amount = Amount::from_fen(fen)?;
            let mut out = BytesMut::new();
            amount.write(&mut out);
            prop_assert_eq!(Amount::parse(&out), Ok(amount));
            let text = amount.to_text();
            prop_assert_eq!(&out[..], text.as_bytes());
        }

        #[test]
        fn reads_no_text_that_it_would_write_otherwise(text in "CNY[-+0-9.]{0,14}") {
            if let Ok(amount) = Amount::parse(text.as_bytes()) {
                prop_assert_eq!(amount.to_string(), text);
            }
        }
    }
}
