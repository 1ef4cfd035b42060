//! The serial number of a signing certificate: ten digits.

use std::fmt;

use super::{ValueError, digits};

/// Serial number of a participant's signing (`SignSN`) or encryption certificate: 10 digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialNumber([u8; 10]);

impl SerialNumber {
    pub(crate) const ZERO: Self = Self([b'0'; 10]);

    /// Reads 10 digits.
    ///
    /// # Errors
    /// [`ValueError::Length`] or [`ValueError::NotDigits`].
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        let bytes: [u8; 10] = text.try_into().map_err(|_| ValueError::Length)?;
        if digits::all_digits(&bytes) { Ok(Self(bytes)) } else { Err(ValueError::NotDigits) }
    }

    /// The 10 digits.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 10] {
        &self.0
    }

    /// The 10 digits as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SerialNumber({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_ten_digits() {
        let serial = SerialNumber::parse(b"4000068829").expect("ten digits");
        assert_eq!(serial.to_string(), "4000068829");
        assert_eq!(SerialNumber::parse(serial.as_bytes()), Ok(serial));
        assert_eq!(SerialNumber::parse(b"400006882"), Err(ValueError::Length));
        assert_eq!(SerialNumber::parse(b"40000688291"), Err(ValueError::Length));
        assert_eq!(SerialNumber::parse(b"400006882A"), Err(ValueError::NotDigits));
    }
}
