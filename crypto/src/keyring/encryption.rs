//! Whom values can be encrypted for, with which key and how.
//!
//! Invariant: as for [`KeyRing`](super::KeyRing): a ring never changes, a reload builds a new one. An institution has at
//! most one encryption key: to change it, the institution must be able to open with both for a while, so the switch
//! needs only the newest.

use std::collections::HashMap;
use std::io;

use serde::{Deserialize, Serialize};

use super::manifest::{Manifest, fixed};
use crate::envelope::{CipherMode, EncryptionKey, EnvelopeAlgorithm};
use crate::error::Error;

/// One `[[encryption_key]]` as written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EncryptionRow {
    institution: String,
    serial: String,
    algorithm: EnvelopeAlgorithm,
    #[serde(default)]
    mode: CipherMode,
    file: String,
}

/// How to encrypt for one institution, and how it encrypts.
#[derive(Clone, Debug)]
pub struct EncryptionRecord {
    /// Serial number of its encryption certificate: `NcrptnSN` of what is sent to it.
    pub serial: [u8; 10],
    /// The key.
    pub key: EncryptionKey,
    /// The cipher mode that it can read, and that it writes.
    pub mode: CipherMode,
}

/// The encryption keys of all institutions: an immutable snapshot.
#[derive(Clone, Debug, Default)]
pub struct EncryptionRing {
    records: HashMap<[u8; 14], EncryptionRecord>,
}

impl EncryptionRing {
    /// Takes records by institution.
    ///
    /// # Errors
    /// [`Error::DuplicateKey`] when an institution is there twice.
    pub fn new(records: impl IntoIterator<Item = ([u8; 14], EncryptionRecord)>) -> Result<Self, Error> {
        let mut ring = Self::default();
        for (institution, record) in records {
            let name = || format!("{} for encryption", String::from_utf8_lossy(&institution));
            if ring.records.insert(institution, record).is_some() {
                return Err(Error::DuplicateKey(name()));
            }
        }
        Ok(ring)
    }

    /// Reads the `[[encryption_key]]` tables of a manifest and, through `read`, every key file that they name.
    ///
    /// # Errors
    /// As [`KeyRing::from_manifest`](super::KeyRing::from_manifest).
    pub fn from_manifest(manifest_toml: &str, read: &mut dyn FnMut(&str) -> io::Result<String>) -> Result<Self, Error> {
        let rows = Manifest::parse(manifest_toml)?.encryption_key;
        let records: Vec<_> =
            rows.into_iter().enumerate().map(|(at, row)| row.load(at + 1, read)).collect::<Result<_, _>>()?;
        Self::new(records)
    }

    /// How to encrypt for `institution`.
    #[must_use]
    pub fn find(&self, institution: &[u8; 14]) -> Option<&EncryptionRecord> {
        self.records.get(institution)
    }

    /// Number of institutions that have a key.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether nobody has one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

impl EncryptionRow {
    fn load(
        self,
        entry: usize,
        read: &mut dyn FnMut(&str) -> io::Result<String>,
    ) -> Result<([u8; 14], EncryptionRecord), Error> {
        let name = format!("{}/{}, for encryption", self.institution, self.serial);
        let wrong = |reason: String| Error::ManifestEntry { entry, key: name.clone(), reason };
        let institution = fixed(&self.institution, u8::is_ascii_alphanumeric)
            .ok_or_else(|| wrong("institution is not 14 ASCII letters and digits".to_owned()))?;
        let serial =
            fixed(&self.serial, u8::is_ascii_digit).ok_or_else(|| wrong("serial is not 10 digits".to_owned()))?;
        let pem =
            read(&self.file).map_err(|source| Error::KeyFile { file: self.file.clone(), key: name.clone(), source })?;
        let key = EncryptionKey::from_spki_pem(&pem).map_err(|source| Error::KeyInFile {
            file: self.file.clone(),
            key: name.clone(),
            source: Box::new(source),
        })?;
        if key.algorithm() != self.algorithm {
            return Err(wrong(format!("{} holds a key for {}, not {}", self.file, key.algorithm(), self.algorithm)));
        }
        Ok((institution, EncryptionRecord { serial, key, mode: self.mode }))
    }
}

/// One `[[encryption_key]]` of a manifest, for writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptionEntry {
    /// The institution the key belongs to: 14 ASCII letters and digits.
    pub institution: [u8; 14],
    /// Serial number of its encryption certificate: 10 ASCII digits.
    pub serial: [u8; 10],
    /// What the key is for.
    pub algorithm: EnvelopeAlgorithm,
    /// The cipher mode that the institution reads and writes.
    pub mode: CipherMode,
    /// The file with the public key, as the reader shall be asked for it.
    pub file: String,
}

impl EncryptionEntry {
    /// The entry as one `[[encryption_key]]` table, to stand anywhere in a manifest.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let row = EncryptionRow {
            institution: String::from_utf8_lossy(&self.institution).into_owned(),
            serial: String::from_utf8_lossy(&self.serial).into_owned(),
            algorithm: self.algorithm,
            mode: self.mode,
            file: self.file.clone(),
        };
        toml::to_string(&Manifest { key: Vec::new(), encryption_key: vec![row] }).expect("a row is plain TOML")
    }
}
