//! The five states of a transaction that the wire knows.

use std::fmt;

use super::ValueError;

/// Wire status of a transaction (`TrxStatus`). 00, 01, 03 and 04 are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum TrxStatus {
    /// 00: the money has moved.
    Success = 0,
    /// 01: nothing has moved, or it has been undone.
    Failure = 1,
    /// 02: not known yet; never in a statement.
    InProcess = 2,
    /// 03: the payer's side succeeded, the payee's stayed unknown.
    PresumedSuccess = 3,
    /// 04: the payer's side stayed unknown.
    PresumedFailure = 4,
}

impl TrxStatus {
    /// Every status, in the order of the codes.
    pub const ALL: [Self; 5] =
        [Self::Success, Self::Failure, Self::InProcess, Self::PresumedSuccess, Self::PresumedFailure];

    /// Reads `00` to `04`.
    ///
    /// # Errors
    /// [`ValueError::Length`] or [`ValueError::UnknownCode`].
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        match text {
            b"00" => Ok(Self::Success),
            b"01" => Ok(Self::Failure),
            b"02" => Ok(Self::InProcess),
            b"03" => Ok(Self::PresumedSuccess),
            b"04" => Ok(Self::PresumedFailure),
            [_, _] => Err(ValueError::UnknownCode),
            _ => Err(ValueError::Length),
        }
    }

    /// The two digits.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Success => "00",
            Self::Failure => "01",
            Self::InProcess => "02",
            Self::PresumedSuccess => "03",
            Self::PresumedFailure => "04",
        }
    }

    /// The two digits.
    #[must_use]
    pub const fn as_bytes(self) -> &'static [u8] {
        self.code().as_bytes()
    }

    /// Whether this status can never change again once told to anyone.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::InProcess)
    }
}

impl fmt::Display for TrxStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_codes_and_no_other() {
        for status in TrxStatus::ALL {
            assert_eq!(TrxStatus::parse(status.as_bytes()), Ok(status));
            assert_eq!(status.to_string(), status.code());
            assert_eq!(status.is_final(), status.code() != "02");
        }
        assert_eq!(TrxStatus::parse(b"05"), Err(ValueError::UnknownCode));
        assert_eq!(TrxStatus::parse(b"0"), Err(ValueError::Length));
    }
}
