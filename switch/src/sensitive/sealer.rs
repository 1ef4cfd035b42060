//! Opens what comes in, seals what goes out, digests what must be known again.

use std::sync::Arc;

use arc_swap::ArcSwap;
use clearway_codec::catalogue::Leaf;
use clearway_codec::{Checked, Field, InstitutionId, MessageType, SerialNumber, schema};
use clearway_crypto::envelope::{DecryptionKey, Opening};
use clearway_crypto::{DigestKey, EncryptionRing};
use zeroize::Zeroizing;

use super::clear::Clear;
use super::error::{OpenError, SealError};
use super::sealed::Sealed;
use crate::config::EnvelopeKeys;

/// Keeps the digests apart from any other use of the key.
const DIGEST_DOMAIN: &str = "account or customer";

/// The node's decryption keys, the participants' encryption keys, and the digest key.
///
/// One for all workers. The keys of envelopes are swapped whole when they are reloaded; the digest key stays.
#[derive(Debug)]
pub struct Sealer {
    keys: ArcSwap<EnvelopeKeys>,
    digest: Arc<DigestKey>,
}

impl Sealer {
    /// Takes the keys as they were loaded.
    #[must_use]
    pub fn new(keys: EnvelopeKeys, digest: Arc<DigestKey>) -> Self {
        Self { keys: ArcSwap::from_pointee(keys), digest }
    }

    /// Takes other keys of envelopes, from the next message on.
    pub fn replace(&self, keys: EnvelopeKeys) {
        self.keys.store(Arc::new(keys));
    }

    /// What digests and keys of files are made with.
    #[must_use]
    pub fn digest_key(&self) -> Arc<DigestKey> {
        Arc::clone(&self.digest)
    }

    /// What others' envelopes are sealed with now.
    #[must_use]
    pub fn encryption_ring(&self) -> Arc<EncryptionRing> {
        Arc::clone(&self.keys.load().encryption)
    }

    /// The clear values of a received message; `None` when it carries no encrypted one.
    ///
    /// # Errors
    /// [`OpenError`], which says how the sender is refused.
    pub fn open(&self, message: &Checked<'_>) -> Result<Option<Clear>, OpenError> {
        let message_type = message.message_type();
        let mut fields = schema(message_type).encrypted_fields().iter().copied();
        let Some(first) = fields.find(|field| message.field(*field).is_some()) else {
            return Ok(None);
        };
        let opening = self.opening(message)?;
        let mut clear = Clear::default();
        for field in std::iter::once(first).chain(fields) {
            if let Some(text) = message.text(field) {
                let opened = opening.open(&text).map_err(|_| OpenError::Unreadable)?;
                check(message_type, field, &opened)?;
                clear.put(field, opened);
            }
        }
        Ok(Some(clear))
    }

    /// Seals those of `fields` that `clear` has, for the participant `to`.
    ///
    /// # Errors
    /// [`SealError`], which says how the transaction is refused.
    pub fn seal(&self, to: &InstitutionId, clear: &Clear, fields: &[Field]) -> Result<Sealed, SealError> {
        let keys = self.keys.load();
        let record = keys.encryption.find(to.as_bytes()).ok_or(SealError::NoKey)?;
        let serial = SerialNumber::parse(&record.serial).map_err(|_| SealError::NoKey)?;
        let texts: Vec<_> = fields.iter().filter_map(|field| Some((*field, clear.get(*field)?))).collect();
        if texts.is_empty() {
            return Ok(Sealed { serial, envelope: String::new(), values: Vec::new() });
        }
        let sealing = record.key.seal(record.mode).map_err(|_| SealError::Failed)?;
        let seal = |(field, text): (Field, &str)| Ok((field, sealing.seal(text).map_err(|_| SealError::Failed)?));
        let values = texts.into_iter().map(seal).collect::<Result<_, _>>()?;
        Ok(Sealed { serial, envelope: sealing.into_envelope(), values })
    }

    /// A whole text sealed for the participant `to`: the serial number of its certificate, the envelope and the cipher text, with bars
    /// between them (ours). Empty when sealing fails; none when the manifest has no key of it.
    #[must_use]
    pub fn seal_text(&self, to: &InstitutionId, text: &str) -> Option<String> {
        let keys = self.keys.load();
        let record = keys.encryption.find(to.as_bytes())?;
        let seal = || {
            let sealing = record.key.seal(record.mode).ok()?;
            let sealed = sealing.seal(text).ok()?;
            Some(format!("{}|{}|{sealed}", String::from_utf8_lossy(&record.serial), sealing.into_envelope()))
        };
        Some(seal().unwrap_or_default())
    }

    /// Whether values can be sealed for the participant `to`.
    #[must_use]
    pub fn has_key_of(&self, to: &InstitutionId) -> bool {
        self.keys.load().encryption.find(to.as_bytes()).is_some()
    }

    /// The digest that stands for an account number or a customer's id; never 0, so that 0 can say "none".
    #[must_use]
    pub fn digest(&self, text: &str) -> u64 {
        self.digest.digest(DIGEST_DOMAIN, text).max(1)
    }

    fn opening(&self, message: &Checked<'_>) -> Result<Opening, OpenError> {
        let serial = message.text(Field::NcrptnSN).ok_or(OpenError::NoEnvelope)?;
        let envelope = message.text(Field::DgtlEnvlp).ok_or(OpenError::NoEnvelope)?;
        let keys = self.keys.load();
        let key = find(&keys, &serial).ok_or(OpenError::UnknownKey)?;
        // A sender that names no mode of its own in the manifest uses that of the wire.
        let sender = keys.encryption.find(message.header().issuer.as_bytes());
        Ok(key.open(&envelope, sender.map(|record| record.mode).unwrap_or_default()))
    }
}

fn find<'k>(keys: &'k EnvelopeKeys, serial: &str) -> Option<&'k DecryptionKey> {
    keys.decryption.iter().find(|(known, _)| known.as_str() == serial).map(|(_, key)| &**key)
}

/// What the catalogue says of the clear value, and what any message can hold.
fn check(message_type: MessageType, field: Field, text: &Zeroizing<String>) -> Result<(), OpenError> {
    let leaf = leaf_of(message_type, field).ok_or(OpenError::Unreadable)?;
    let allowed = if is_text(field) { |c: char| !c.is_control() } else { |c: char| c.is_ascii_graphic() };
    let fits =
        !text.is_empty() && text.chars().count() <= usize::from(leaf.clear_chars_max) && text.chars().all(allowed);
    fits.then_some(()).ok_or(OpenError::Unreadable)
}

/// Names, and the numbers of some documents ("南字第01234号"), are text in any script; numbers of accounts and telephones
/// are printable ASCII.
fn is_text(field: Field) -> bool {
    ["Nm", "IDNo"].iter().any(|end| field.name().ends_with(end))
}

fn leaf_of(message_type: MessageType, field: Field) -> Option<&'static Leaf> {
    let mut found = None;
    schema(message_type).walk(&mut |_, element| {
        if let Some(leaf) = element.leaf().filter(|leaf| leaf.field == field) {
            found = Some(leaf);
        }
    });
    found
}
