//! The ring itself: three hash tables, each read-only.
//!
//! Invariant: every record's institution and serial are in the sets beside the table. Lookups allocate
//! nothing and cost the same for two keys and for thousands; the hash is keyed, so senders cannot make
//! it slow by choosing names.

use std::collections::{HashMap, HashSet};

use crate::error::{Error, KeyError};
use crate::key::VerifyingKey;

/// Institution id, 14 characters (wire.md 4).
type Institution = [u8; 14];
/// Certificate serial number `SignSN`, 10 digits (wire.md 2.2).
type Serial = [u8; 10];

/// One public key and when it may be used.
#[derive(Clone, Debug)]
pub struct KeyRecord {
    /// The institution it belongs to.
    pub institution: [u8; 14],
    /// Its serial number, as `SignSN` names it.
    pub serial: [u8; 10],
    /// The key.
    pub key: VerifyingKey,
    /// First second at which it is valid, since 1970-01-01T00:00:00Z.
    pub valid_from_unix_secs: u64,
    /// First second at which it is no longer valid.
    pub valid_until_unix_secs: u64,
}

impl KeyRecord {
    /// `institution/serial`, for messages.
    fn name(&self) -> String {
        format!("{}/{}", String::from_utf8_lossy(&self.institution), String::from_utf8_lossy(&self.serial))
    }

    fn at(&self, now_unix_secs: u64) -> Result<&VerifyingKey, KeyError> {
        if now_unix_secs < self.valid_from_unix_secs {
            Err(KeyError::NotYetValid)
        } else if now_unix_secs >= self.valid_until_unix_secs {
            Err(KeyError::Expired)
        } else {
            Ok(&self.key)
        }
    }
}

/// All known public keys by institution and serial number: an immutable snapshot.
///
/// ```
/// use clearway_crypto::{KeyError, KeyRing, SigningKey, Suite};
///
/// let key = SigningKey::generate(Suite::Ed25519)?;
/// let ring = KeyRing::builder()
///     .add(*b"Z2000000000088", *b"4000000088", key.verifying_key().clone(), 1_000, 2_000)
///     .build()?;
/// assert!(ring.lookup(b"Z2000000000088", b"4000000088", 1_999).is_ok());
/// assert_eq!(
///     ring.lookup(b"Z2000000000088", b"4000000088", 2_000).unwrap_err(),
///     KeyError::Expired,
/// );
/// # Ok::<(), clearway_crypto::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeyRing {
    records: HashMap<(Institution, Serial), KeyRecord>,
    institutions: HashSet<Institution>,
    serials: HashSet<Serial>,
}

impl KeyRing {
    /// An empty ring to add keys to.
    #[must_use]
    pub fn builder() -> KeyRingBuilder {
        KeyRingBuilder::default()
    }

    /// The key that `institution` may sign with under `serial` at `now_unix_secs`.
    ///
    /// A key is valid from the first instant of its window up to, not including, its end.
    ///
    /// # Errors
    /// The [`KeyError`] that says why there is none, checked in the order of its variants.
    pub fn lookup(
        &self,
        institution: &[u8; 14],
        serial: &[u8; 10],
        now_unix_secs: u64,
    ) -> Result<&VerifyingKey, KeyError> {
        match self.records.get(&(*institution, *serial)) {
            Some(record) => record.at(now_unix_secs),
            None if !self.institutions.contains(institution) => Err(KeyError::UnknownInstitution),
            None if self.serials.contains(serial) => Err(KeyError::WrongOwner),
            None => Err(KeyError::UnknownSerial),
        }
    }

    /// Every record, in no particular order; for metrics (days left) and listings.
    pub fn iter(&self) -> impl Iterator<Item = &KeyRecord> {
        self.records.values()
    }

    /// Number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no key at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

/// Collects keys for a [`KeyRing`].
#[derive(Debug, Default)]
pub struct KeyRingBuilder {
    records: Vec<KeyRecord>,
}

impl KeyRingBuilder {
    /// Adds one key: valid from `valid_from_unix_secs` up to, not including, `valid_until_unix_secs`.
    #[must_use]
    pub fn add(
        mut self,
        institution: [u8; 14],
        serial: [u8; 10],
        key: VerifyingKey,
        valid_from_unix_secs: u64,
        valid_until_unix_secs: u64,
    ) -> Self {
        self.records.push(KeyRecord { institution, serial, key, valid_from_unix_secs, valid_until_unix_secs });
        self
    }

    /// Makes the ring.
    ///
    /// # Errors
    /// [`Error::EmptyValidity`] or [`Error::DuplicateKey`] (same institution and serial twice).
    pub fn build(self) -> Result<KeyRing, Error> {
        let mut ring = KeyRing::default();
        for record in self.records {
            if record.valid_from_unix_secs >= record.valid_until_unix_secs {
                return Err(Error::EmptyValidity(record.name()));
            }
            ring.institutions.insert(record.institution);
            ring.serials.insert(record.serial);
            let name = (record.institution, record.serial);
            if let Some(earlier) = ring.records.insert(name, record) {
                return Err(Error::DuplicateKey(earlier.name()));
            }
        }
        Ok(ring)
    }
}
