//! Names of what a file can be encrypted with.

use std::fmt;
use std::str::FromStr;

/// How a file is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileCipher {
    /// AES-256 in counter mode, HMAC-SHA256.
    Aes256,
    /// SM4 in counter mode, HMAC-SM3.
    Sm4,
}

impl FileCipher {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Aes256, Self::Sm4];

    /// Its name in configuration and key files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aes256 => "aes-256",
            Self::Sm4 => "sm4",
        }
    }

    /// As the header has it.
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Aes256 => 1,
            Self::Sm4 => 2,
        }
    }
}

impl fmt::Display for FileCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for FileCipher {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|one| one.name() == name).ok_or(())
    }
}
