//! Which way a message travels.

use std::fmt;

use super::ValueError;

/// Direction of one hop (`Drctn`): two digits, the first `1` towards the switch and `2` away from
/// it, the second for whom: `1` payment institution, `2` payer's bank, `3` payee's bank.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Direction([u8; 2]);

impl Direction {
    /// 11: payment institution to switch.
    pub const PI_TO_SWITCH: Self = Self(*b"11");
    /// 21: switch to payment institution.
    pub const SWITCH_TO_PI: Self = Self(*b"21");
    /// 12: payer's bank to switch.
    pub const PAYER_BANK_TO_SWITCH: Self = Self(*b"12");
    /// 22: switch to payer's bank.
    pub const SWITCH_TO_PAYER_BANK: Self = Self(*b"22");
    /// 13: payee's bank to switch.
    pub const PAYEE_BANK_TO_SWITCH: Self = Self(*b"13");
    /// 23: switch to payee's bank.
    pub const SWITCH_TO_PAYEE_BANK: Self = Self(*b"23");

    /// Reads two digits. Whether they are the right ones here is the receiver's business rule.
    ///
    /// # Errors
    /// [`ValueError::Length`] or [`ValueError::NotDigits`].
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        match *text {
            [first @ b'0'..=b'9', second @ b'0'..=b'9'] => Ok(Self([first, second])),
            [_, _] => Err(ValueError::NotDigits),
            _ => Err(ValueError::Length),
        }
    }

    /// The two digits.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 2] {
        &self.0
    }

    /// The two digits as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Direction({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_two_digits() {
        assert_eq!(Direction::parse(b"22"), Ok(Direction::SWITCH_TO_PAYER_BANK));
        assert_eq!(Direction::parse(Direction::PI_TO_SWITCH.as_bytes()).map(|d| d.to_string()), Ok("11".into()));
        assert_eq!(Direction::parse(b"2"), Err(ValueError::Length));
        assert_eq!(Direction::parse(b"2x"), Err(ValueError::NotDigits));
    }
}
