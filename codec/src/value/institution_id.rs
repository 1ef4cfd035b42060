//! Who a participant is: fourteen letters and digits.

use std::fmt;

use super::{ValueError, digits};

/// Identity of a bank, a payment institution or the switch: 14 ASCII letters and digits.
///
/// ```text
/// C1 0308 44 00136 2      class | institution | province | sequence | check digit
/// ```
///
/// The check digit's rule is not public and the simple ones do not fit, so it is not validated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstitutionId([u8; 14]);

impl InstitutionId {
    pub(crate) const ZERO: Self = Self([b'0'; 14]);

    /// Reads 14 letters and digits.
    ///
    /// # Errors
    /// [`ValueError::Length`] or [`ValueError::NotAlphanumeric`].
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        let bytes: [u8; 14] = text.try_into().map_err(|_| ValueError::Length)?;
        if digits::all_alphanumeric(&bytes) { Ok(Self(bytes)) } else { Err(ValueError::NotAlphanumeric) }
    }

    /// The 14 characters.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 14] {
        &self.0
    }

    /// The 14 characters as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for InstitutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for InstitutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InstitutionId({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_fourteen_characters() {
        let id = InstitutionId::parse(b"G4000311000018").expect("the switch's own");
        assert_eq!(id.to_string(), "G4000311000018");
        assert_eq!(InstitutionId::parse(id.as_bytes()), Ok(id));
        assert_eq!(InstitutionId::parse(b"G400031100001"), Err(ValueError::Length));
        assert_eq!(InstitutionId::parse(b"G40003110000181"), Err(ValueError::Length));
        assert_eq!(InstitutionId::parse(b"G4000311 00018"), Err(ValueError::NotAlphanumeric));
        assert_eq!(InstitutionId::parse(b"G4000311\xff00018"), Err(ValueError::NotAlphanumeric));
    }
}
