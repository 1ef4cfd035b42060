//! The four signature suites, as one table.
//!
//! Invariant: a suite's name is the same in configuration, manifests, metrics and reports, and
//! [`Suite::index`] is its row in every table of this crate. Used by every other module.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The longest signature of any suite, in bytes (RSA-2048).
pub const SIGNATURE_BYTES_MAX: usize = 256;

/// One way of signing a message: algorithm, curve or key size, digest and signature encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Suite {
    /// RSA with exactly 2048 bits, PKCS#1 v1.5, SHA-256 (`SHA256withRSA`); 256 raw bytes.
    #[serde(rename = "rsa-2048-sha256")]
    Rsa2048Sha256,
    /// SM2 with SM3 (GM/T 0003.2), user id `1234567812345678`; DER `SEQUENCE { r, s }`.
    #[serde(rename = "sm2-sm3")]
    Sm2Sm3,
    /// ECDSA on NIST P-256 with SHA-256; DER `SEQUENCE { r, s }`.
    #[serde(rename = "ecdsa-p256-sha256")]
    EcdsaP256Sha256,
    /// Ed25519 (RFC 8032, pure); 64 raw bytes.
    #[serde(rename = "ed25519")]
    Ed25519,
}

impl Suite {
    /// Every suite, in the order of [`Suite::index`].
    pub const ALL: [Self; 4] = [Self::Rsa2048Sha256, Self::Sm2Sm3, Self::EcdsaP256Sha256, Self::Ed25519];

    /// The name used in configuration, manifests, metrics and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa2048Sha256 => "rsa-2048-sha256",
            Self::Sm2Sm3 => "sm2-sm3",
            Self::EcdsaP256Sha256 => "ecdsa-p256-sha256",
            Self::Ed25519 => "ed25519",
        }
    }

    /// Row of this suite in a table of [`Suite::ALL`]`.len()` rows.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Rsa2048Sha256 => 0,
            Self::Sm2Sm3 => 1,
            Self::EcdsaP256Sha256 => 2,
            Self::Ed25519 => 3,
        }
    }

    /// The longest signature of this suite, in bytes. Anything longer is refused unread.
    #[must_use]
    pub const fn signature_bytes_max(self) -> usize {
        match self {
            Self::Rsa2048Sha256 => 256,
            // 2 + (2 + 33) + (2 + 33): both integers with a leading zero byte.
            Self::Sm2Sm3 | Self::EcdsaP256Sha256 => 72,
            Self::Ed25519 => 64,
        }
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Suite {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|suite| suite.name() == name).ok_or_else(|| Error::UnknownSuite(name.to_owned()))
    }
}
