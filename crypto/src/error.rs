//! What can go wrong outside the hot path.
//!
//! A signature that does not verify is no error: [`crate::Backends::verify`] says `false`. A key that
//! may not be used for a message is a refusal with its own type, [`KeyError`]. Everything here is
//! about loading, making or using our own keys.

use std::io;

use crate::envelope::EnvelopeAlgorithm;
use crate::suite::Suite;

/// Why a key, a manifest or a signing job failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The name is not one of [`Suite::ALL`].
    #[error("unknown signature suite {0:?}; known are {known}", known = suite_names())]
    UnknownSuite(String),
    /// The name is not one of [`crate::backend::ALL`].
    #[error("unknown signature backend {0:?}")]
    UnknownBackend(String),
    /// The backend was asked to serve a suite that it does not have.
    #[error("backend {backend} has no {suite}")]
    NoSuchSuite {
        /// Name of the backend.
        backend: &'static str,
        /// The suite it lacks.
        suite: Suite,
    },
    /// No backend is configured for this suite.
    #[error("no backend serves {0}")]
    NoBackend(Suite),
    /// The text holds no PEM section of the wanted kind, or a broken one.
    #[error("no readable PEM section {wanted:?}")]
    Pem {
        /// The label looked for, `PRIVATE KEY` or `PUBLIC KEY`.
        wanted: &'static str,
    },
    /// The DER inside the PEM section is not a key structure.
    #[error("malformed {structure}")]
    Encoding {
        /// The structure that was expected.
        structure: &'static str,
    },
    /// The algorithm identifier names none of the four suites.
    #[error("key algorithm {0} belongs to no known suite")]
    UnknownAlgorithm(String),
    /// The key is of a known suite but must not be used.
    #[error("{suite} key refused: {reason}")]
    KeyRefused {
        /// The suite named by the algorithm identifier.
        suite: Suite,
        /// What is wrong with the key.
        reason: &'static str,
    },
    /// The system's random generator or the library failed to make a key.
    #[error("cannot generate a {0} key")]
    Generation(Suite),
    /// The library failed to sign (its random generator failed, or an internal check did).
    #[error("cannot sign with {0}")]
    Signing(Suite),
    /// The name is not one of [`crate::envelope::EnvelopeAlgorithm::ALL`].
    #[error("unknown envelope algorithm {0:?}; known are rsa-aes256, sm2-sm4")]
    UnknownEnvelope(String),
    /// The library failed to encrypt, or the random generator did.
    #[error("cannot encrypt with {0}")]
    Sealing(EnvelopeAlgorithm),
    /// A value is longer than [`crate::envelope::VALUE_BYTES_MAX`].
    #[error("a value to encrypt is longer than {max} bytes", max = crate::envelope::VALUE_BYTES_MAX)]
    ValueTooLong,
    /// The text is no digest key.
    #[error("a digest key is 64 hexadecimal digits")]
    DigestKey,
    /// The text is no key for files.
    #[error("a key for files is 64 hexadecimal digits")]
    FileKey,
    /// The library failed to encrypt a file.
    #[error("cannot encrypt the file")]
    FileSeal,
    /// An encrypted file is not as it was written, has another name, or needs another key. Deliberately says no more.
    #[error("the encrypted file cannot be opened: damaged, cut off, renamed, or under another key")]
    FileUnreadable,
    /// The manifest is not TOML of the documented form.
    #[error("key manifest: {0}")]
    Manifest(#[from] Box<toml::de::Error>),
    /// One entry of the manifest is wrong.
    #[error("key manifest, entry {entry} ({key}): {reason}")]
    ManifestEntry {
        /// Number of the `[[key]]` table, from 1.
        entry: usize,
        /// Institution and serial number as written.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// A key file named by the manifest could not be read.
    #[error("key file {file} ({key}): {source}")]
    KeyFile {
        /// The file as the manifest names it.
        file: String,
        /// Institution and serial number of the entry.
        key: String,
        /// The reader's error.
        source: io::Error,
    },
    /// A key file named by the manifest holds no usable key.
    #[error("key file {file} ({key}): {source}")]
    KeyInFile {
        /// The file as the manifest names it.
        file: String,
        /// Institution and serial number of the entry.
        key: String,
        /// Why the key was refused.
        source: Box<Self>,
    },
    /// The same institution and serial number were given twice.
    #[error("key {0} is there twice")]
    DuplicateKey(String),
    /// The validity window is empty.
    #[error("key {0}: valid_from is not before valid_until")]
    EmptyValidity(String),
}

fn suite_names() -> String {
    Suite::ALL.map(Suite::name).join(", ")
}

/// Why the key ring has no key for a message: a refusal, the sender's fault or our configuration's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum KeyError {
    /// No key of this institution is known.
    #[error("unknown institution")]
    UnknownInstitution,
    /// The institution is known, the serial number is nobody's.
    #[error("unknown key serial number")]
    UnknownSerial,
    /// The institution is known, the serial number belongs to another institution.
    #[error("key belongs to another institution")]
    WrongOwner,
    /// Now is before the key's `valid_from`.
    #[error("key is not yet valid")]
    NotYetValid,
    /// Now is at or after the key's `valid_until`.
    #[error("key has expired")]
    Expired,
}
