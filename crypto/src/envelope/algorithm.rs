//! Names of what an envelope can be.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::suite::Suite;

/// How the session key is encrypted, and what it is a key for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EnvelopeAlgorithm {
    /// RSA with exactly 2048 bits, PKCS#1 v1.5; AES-256 (number 01).
    #[serde(rename = "rsa-aes256")]
    RsaAes256,
    /// SM2 with SM3 (GM/T 0003.4), ciphertext as DER; SM4 (number 02).
    #[serde(rename = "sm2-sm4")]
    Sm2Sm4,
}

impl EnvelopeAlgorithm {
    /// Both.
    pub const ALL: [Self; 2] = [Self::RsaAes256, Self::Sm2Sm4];

    /// The name used in configuration and manifests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaAes256 => "rsa-aes256",
            Self::Sm2Sm4 => "sm2-sm4",
        }
    }

    /// The suite whose keys have the form that this algorithm needs.
    pub(super) const fn key_form(self) -> Suite {
        match self {
            Self::RsaAes256 => Suite::Rsa2048Sha256,
            Self::Sm2Sm4 => Suite::Sm2Sm3,
        }
    }

    /// The algorithm that keys of this form serve.
    pub(super) fn of_key_form(suite: Suite) -> Result<Self, Error> {
        let reason = "only RSA and SM2 keys encrypt";
        Self::ALL.into_iter().find(|one| one.key_form() == suite).ok_or(Error::KeyRefused { suite, reason })
    }

    /// What stands before the session key.
    pub(super) const fn label(self) -> &'static [u8; 3] {
        match self {
            Self::RsaAes256 => b"01|",
            Self::Sm2Sm4 => b"02|",
        }
    }

    /// Length of the session key.
    pub(super) const fn session_key_bytes(self) -> usize {
        match self {
            Self::RsaAes256 => 32,
            Self::Sm2Sm4 => 16,
        }
    }
}

impl fmt::Display for EnvelopeAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for EnvelopeAlgorithm {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|one| one.name() == name).ok_or_else(|| Error::UnknownEnvelope(name.to_owned()))
    }
}

/// How the blocks of a value hang together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CipherMode {
    /// Cipher block chaining; a random IV stands before the ciphertext.
    #[default]
    Cbc,
    /// Electronic code book, without IV: only for a participant that has nothing else.
    Ecb,
}
