//! The manifest: a TOML file that lists the keys of all participants.
//!
//! ```toml
//! [[key]]
//! institution = "Z2000000000088"            # 14 ASCII letters and digits
//! serial = "4000000088"                     # 10 digits
//! suite = "rsa-2048-sha256"                 # must be that of the key in the file
//! file = "Z2000000000088.pub.pem"           # SubjectPublicKeyInfo, PEM
//! valid_from = 2026-01-01T00:00:00+08:00    # valid from this instant ..
//! valid_until = 2028-01-01T00:00:00+08:00   # .. up to, not including, this one
//!
//! [[encryption_key]]                        # at most one of each institution; see the envelope
//! institution = "Z2000000000088"
//! serial = "4600000088"                     # of the encryption certificate: NcrptnSN
//! algorithm = "rsa-aes256"                  # or sm2-sm4; must be that of the key in the file
//! mode = "cbc"                              # the default; or ecb
//! file = "Z2000000000088.enc.pub.pem"
//! ```
//!
//! Invariant: either the whole manifest is good, or the old ring stays. Files are read through a
//! function of the caller, as this crate opens none.

use std::io;

use serde::{Deserialize, Serialize};

use super::encryption::EncryptionRow;
use super::moment;
use super::ring::{KeyRing, KeyRingBuilder};
use crate::error::Error;
use crate::key::VerifyingKey;
use crate::suite::Suite;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) key: Vec<Row>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) encryption_key: Vec<EncryptionRow>,
}

impl Manifest {
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| Box::new(error).into())
    }
}

/// One `[[key]]` as written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    institution: String,
    serial: String,
    suite: Suite,
    file: String,
    valid_from: toml::Value,
    valid_until: toml::Value,
}

/// One entry of a manifest, for writing.
///
/// ```
/// # use clearway_crypto::{ManifestEntry, Suite};
/// let entry = ManifestEntry {
///     institution: *b"Z2000000000088",
///     serial: *b"4000000088",
///     suite: Suite::Sm2Sm3,
///     file: "Z2000000000088.pub.pem".to_owned(),
///     valid_from_unix_secs: 1_767_196_800,
///     valid_until_unix_secs: 1_830_268_800,
/// };
/// assert!(entry.to_toml().contains("valid_from = 2026-01-01T00:00:00+08:00"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestEntry {
    /// The institution the key belongs to: 14 ASCII letters and digits.
    pub institution: [u8; 14],
    /// Its serial number: 10 ASCII digits.
    pub serial: [u8; 10],
    /// The key's suite.
    pub suite: Suite,
    /// The file with the public key, as the reader shall be asked for it.
    pub file: String,
    /// First second at which the key is valid.
    pub valid_from_unix_secs: u64,
    /// First second at which it is no longer valid.
    pub valid_until_unix_secs: u64,
}

impl ManifestEntry {
    /// The entry as one `[[key]]` table. A manifest is any number of them, one after the other.
    ///
    /// # Panics
    /// When a validity bound lies after the year 9999.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let moment = |unix_secs| toml::Value::Datetime(moment::write(unix_secs).expect("a date before the year 10000"));
        let row = Row {
            institution: String::from_utf8_lossy(&self.institution).into_owned(),
            serial: String::from_utf8_lossy(&self.serial).into_owned(),
            suite: self.suite,
            file: self.file.clone(),
            valid_from: moment(self.valid_from_unix_secs),
            valid_until: moment(self.valid_until_unix_secs),
        };
        toml::to_string(&Manifest { key: vec![row], encryption_key: Vec::new() }).expect("a row is plain TOML")
    }
}

impl KeyRing {
    /// Reads the `[[key]]` tables of a manifest and, through `read`, every key file that they name.
    ///
    /// # Errors
    /// [`Error::Manifest`] for the form; [`Error::ManifestEntry`], [`Error::KeyFile`],
    /// [`Error::KeyInFile`], [`Error::DuplicateKey`] or [`Error::EmptyValidity`] for one entry, each
    /// naming the key and where it applies the file.
    pub fn from_manifest(manifest_toml: &str, read: &mut dyn FnMut(&str) -> io::Result<String>) -> Result<Self, Error> {
        let manifest = Manifest::parse(manifest_toml)?;
        let mut builder = Self::builder();
        for (at, row) in manifest.key.into_iter().enumerate() {
            builder = add_row(builder, at + 1, &row, read)?;
        }
        builder.build()
    }
}

fn add_row(
    builder: KeyRingBuilder,
    entry: usize,
    row: &Row,
    read: &mut dyn FnMut(&str) -> io::Result<String>,
) -> Result<KeyRingBuilder, Error> {
    let name = || format!("{}/{}", row.institution, row.serial);
    let wrong = |reason: String| Error::ManifestEntry { entry, key: name(), reason };
    let institution = fixed(&row.institution, u8::is_ascii_alphanumeric)
        .ok_or_else(|| wrong("institution is not 14 ASCII letters and digits".to_owned()))?;
    let serial = fixed(&row.serial, u8::is_ascii_digit).ok_or_else(|| wrong("serial is not 10 digits".to_owned()))?;
    let valid_from = moment::read(&row.valid_from).map_err(|e| wrong(format!("valid_from: {e}")))?;
    let valid_until = moment::read(&row.valid_until).map_err(|e| wrong(format!("valid_until: {e}")))?;
    let pem = read(&row.file).map_err(|source| Error::KeyFile { file: row.file.clone(), key: name(), source })?;
    let key = VerifyingKey::from_spki_pem(&pem).map_err(|source| Error::KeyInFile {
        file: row.file.clone(),
        key: name(),
        source: Box::new(source),
    })?;
    if key.suite() != row.suite {
        let (file, found, said) = (&row.file, key.suite(), row.suite);
        return Err(wrong(format!("{file} holds a {found} key, not {said}")));
    }
    Ok(builder.add(institution, serial, key, valid_from, valid_until))
}

/// `text` as exactly `N` bytes that all pass `allowed`.
pub(super) fn fixed<const N: usize>(text: &str, allowed: impl Fn(&u8) -> bool) -> Option<[u8; N]> {
    let bytes: [u8; N] = text.as_bytes().try_into().ok()?;
    bytes.iter().all(allowed).then_some(bytes)
}
