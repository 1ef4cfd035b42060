//! Verifies the signature of a kept message once more, with the keys of today's key ring as they stood when the
//! message was kept.

use std::fmt;

use clearway_codec::limits::SIGNATURE_BYTES_MAX;
use clearway_codec::value::{InstitutionId, SerialNumber};
use clearway_codec::{Decoder, Header, Message, decode_signature};
use clearway_crypto::{Backends, KeyError, VerifyJob, VerifyingKey};
use serde::{Serialize, Serializer};

use crate::config::{Config, NodeKeys};
use crate::error::Error;

/// What the signature of one message is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureVerdict {
    /// It verifies, with a key that was valid when the message was kept.
    Valid,
    /// It does not verify.
    Invalid,
    /// There is no signature block, or no base64 in it.
    Missing,
    /// The key that the message names cannot be used for it.
    NoKey(KeyError),
    /// The message cannot be read.
    Unreadable(clearway_codec::Error),
}

impl SignatureVerdict {
    /// Whether it verifies.
    #[must_use]
    pub fn is_valid(self) -> bool {
        self == Self::Valid
    }
}

impl fmt::Display for SignatureVerdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Valid => formatter.write_str("valid"),
            Self::Invalid => formatter.write_str("INVALID"),
            Self::Missing => formatter.write_str("MISSING"),
            Self::NoKey(why) => write!(formatter, "NO KEY: {why}"),
            Self::Unreadable(why) => write!(formatter, "UNREADABLE: {why}"),
        }
    }
}

impl Serialize for SignatureVerdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Judges messages; holds the keys of both sides. Cheap to clone.
#[derive(Clone)]
pub struct SignatureJudge {
    node: InstitutionId,
    serial: SerialNumber,
    keys: NodeKeys,
    backends: Backends,
    decoder: Decoder,
}

impl fmt::Debug for SignatureJudge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SignatureJudge")
            .field("node", &self.node)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl SignatureJudge {
    /// Loads the keys that `config` names.
    ///
    /// # Errors
    /// Keys that cannot be loaded, an unknown backend.
    pub fn new(config: &Config) -> Result<Self, Error> {
        Ok(Self {
            node: config.node.id,
            serial: config.node.serial,
            keys: config.keys.load()?,
            backends: config.crypto.backends()?,
            decoder: Decoder::new(),
        })
    }

    /// Reads `document`, kept at `at_us`, and judges its signature.
    pub(super) fn judge<'d>(&mut self, document: &'d [u8], at_us: u64) -> (Option<Message<'d>>, SignatureVerdict) {
        match self.decoder.decode(document) {
            Ok(message) => {
                let verdict = self.verify(&message, at_us);
                (Some(message), verdict)
            }
            Err(error) => (None, SignatureVerdict::Unreadable(error)),
        }
    }

    fn verify(&self, message: &Message<'_>, at_us: u64) -> SignatureVerdict {
        let mut signature = [0; SIGNATURE_BYTES_MAX];
        let text = message.signature_text().unwrap_or_default();
        let Ok(length) = decode_signature(text, &mut signature) else {
            return SignatureVerdict::Missing;
        };
        let key = match self.key_of(&message.header(), at_us) {
            Ok(key) => key,
            Err(why) => return SignatureVerdict::NoKey(why),
        };
        let job =
            VerifyJob { key, message: message.signed_bytes(), signature: signature.get(..length).unwrap_or_default() };
        if self.backends.verify(&job) { SignatureVerdict::Valid } else { SignatureVerdict::Invalid }
    }

    fn key_of(&self, header: &Header, at_us: u64) -> Result<&VerifyingKey, KeyError> {
        if header.issuer != self.node {
            return self.keys.ring.lookup(header.issuer.as_bytes(), header.sign_sn.as_bytes(), at_us / 1_000_000);
        }
        if header.sign_sn == self.serial {
            return Ok(self.keys.signing.verifying_key());
        }
        let retired = self.keys.retired.iter().find(|(serial, _)| *serial == header.sign_sn);
        retired.map(|(_, key)| key).ok_or(KeyError::UnknownSerial)
    }
}
