//! Decimal digits, there and back. Invariant: no function here overflows for the lengths its
//! callers pass (at most 19 digits into a `u64`). Called by every value type.

use super::ValueError;

/// The number that `text` spells; at most 19 digits.
pub(crate) fn parse(text: &[u8]) -> Result<u64, ValueError> {
    debug_assert!(text.len() <= 19);
    let mut number = 0_u64;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(ValueError::NotDigits);
        }
        number =
            number.checked_mul(10).and_then(|tens| tens.checked_add(u64::from(digit))).ok_or(ValueError::TooLarge)?;
    }
    Ok(number)
}

/// Writes `number` into `out`, right-aligned, padded with zeros; higher digits are lost.
pub(crate) fn write(mut number: u64, out: &mut [u8]) {
    for place in out.iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Whether every byte is a digit. Without an early exit, so that it becomes vector code.
pub(crate) fn all_digits(text: &[u8]) -> bool {
    text.iter().fold(true, |all, byte| all & byte.is_ascii_digit())
}

/// Whether every byte is an ASCII letter or digit.
pub(crate) fn all_alphanumeric(text: &[u8]) -> bool {
    text.iter().fold(true, |all, byte| all & byte.is_ascii_alphanumeric())
}

/// Whether every byte is printable ASCII, space included.
pub(crate) fn all_printable(text: &[u8]) -> bool {
    text.iter().fold(true, |all, byte| all & matches!(byte, b' '..=b'~'))
}
