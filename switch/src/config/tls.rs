//! `[tls]`: how the node proves who it is, and whom it believes.

use std::fs;
use std::path::{Path, PathBuf};

use clearway_crypto::transport::{Credentials, Material, TransportError, Trust, Versions};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::keys::warn_if_open_to_others;
use crate::constants::EXPIRY_WARNING_DAYS;
use crate::error::{Error, Fault};

/// `[tls]`: certificates of the connections between node and participants. Read at start and again at every reload.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSection {
    /// `certificate`: the node's own, PEM, then those between it and its authority.
    pub certificate: PathBuf,
    /// `private_key`: of the certificate, PEM.
    pub private_key: PathBuf,
    /// `ca`: the authorities whose certificates are believed, PEM.
    pub ca: PathBuf,
    /// `revocation_lists`: of those authorities, PEM or DER. Where there is one, every certificate must be covered by one.
    /// Default none: nothing counts as revoked.
    #[serde(default)]
    pub revocation_lists: Vec<PathBuf>,
    /// `versions`: `"both"` (default), `"1.2"` or `"1.3"`.
    #[serde(default)]
    pub versions: TlsVersions,
    /// `handshake_timeout_ms`: time of an incoming handshake, 1 to 60,000. Default 3,000 (ours).
    #[serde(default = "handshake_timeout_ms")]
    pub handshake_timeout_ms: u64,
    /// `handshakes_max`: incoming handshakes under way at once, 1 to 100,000; one more is refused. Default 256 (ours).
    #[serde(default = "handshakes_max")]
    pub handshakes_max: usize,
    /// `expiry_warning_days`: a certificate that ends within so many days is in the log once a day, 0 to 3,650. Default 30
    /// (ours).
    #[serde(default = "expiry_warning_days")]
    pub expiry_warning_days: u64,
}

/// Versions of TLS that are spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum TlsVersions {
    /// `"both"`: 1.2 and 1.3.
    #[default]
    #[serde(rename = "both")]
    Both,
    /// `"1.2"` alone.
    #[serde(rename = "1.2")]
    Tls12,
    /// `"1.3"` alone.
    #[serde(rename = "1.3")]
    Tls13,
}

const fn handshake_timeout_ms() -> u64 {
    3_000
}

const fn handshakes_max() -> usize {
    256
}

const fn expiry_warning_days() -> u64 {
    EXPIRY_WARNING_DAYS
}

impl TlsSection {
    /// A section with the defaults for everything that is not a file.
    #[must_use]
    pub const fn new(certificate: PathBuf, private_key: PathBuf, ca: PathBuf) -> Self {
        Self {
            certificate,
            private_key,
            ca,
            revocation_lists: Vec::new(),
            versions: TlsVersions::Both,
            handshake_timeout_ms: handshake_timeout_ms(),
            handshakes_max: handshakes_max(),
            expiry_warning_days: expiry_warning_days(),
        }
    }

    /// Takes relative paths from `folder`.
    pub(super) fn resolve(mut self, folder: &Path) -> Self {
        let own = [&mut self.certificate, &mut self.private_key, &mut self.ca];
        for file in own.into_iter().chain(&mut self.revocation_lists) {
            *file = folder.join(&*file);
        }
        self
    }

    /// Every range, as (key, value, least, most).
    pub(super) fn ranges(&self) -> [(&'static str, u64, u64, u64); 3] {
        [
            ("tls.handshake_timeout_ms", self.handshake_timeout_ms, 1, 60_000),
            ("tls.handshakes_max", self.handshakes_max as u64, 1, 100_000),
            ("tls.expiry_warning_days", self.expiry_warning_days, 0, 3_650),
        ]
    }

    /// Reads all its files.
    ///
    /// # Errors
    /// A file that cannot be read or does not hold what it should; the error names it.
    pub fn load(&self) -> Result<Material, Error> {
        let files = TlsFiles {
            certificate: &self.certificate,
            private_key: &self.private_key,
            ca: &self.ca,
            revocation_lists: &self.revocation_lists,
        };
        files.load("tls", self.versions.into())
    }
}

impl From<TlsVersions> for Versions {
    fn from(versions: TlsVersions) -> Self {
        match versions {
            TlsVersions::Both => Self::Both,
            TlsVersions::Tls12 => Self::Tls12,
            TlsVersions::Tls13 => Self::Tls13,
        }
    }
}

/// Where certificates lie, whatever section names them.
#[derive(Debug, Clone, Copy)]
pub struct TlsFiles<'a> {
    /// The certificate, PEM, then those above it.
    pub certificate: &'a Path,
    /// Its private key, PEM.
    pub private_key: &'a Path,
    /// The authorities, PEM.
    pub ca: &'a Path,
    /// Their revocation lists, PEM or DER.
    pub revocation_lists: &'a [PathBuf],
}

impl TlsFiles<'_> {
    /// Reads all of them; faults are named as keys of `section`.
    ///
    /// # Errors
    /// A file that cannot be read or does not hold what it should; the error names it.
    pub fn load(&self, section: &str, versions: Versions) -> Result<Material, Error> {
        let key = |key: &str| format!("{section}.{key}");
        let read =
            |name: &str, path: &Path| fs::read(path).map_err(|error| Error::file("read", path, error).at(key(name)));
        warn_if_open_to_others(self.private_key);
        let certificate = read("certificate", self.certificate)?;
        let private_key = Zeroizing::new(read("private_key", self.private_key)?);
        let credentials = Credentials::from_pem(&certificate, &private_key).map_err(|error| match error {
            TransportError::Pem { wanted: "PRIVATE KEY" }
            | TransportError::PrivateKey
            | TransportError::KeyMismatch => unusable(&key("private_key"), self.private_key, error),
            _ => unusable(&key("certificate"), self.certificate, error),
        })?;
        let authorities = read("ca", self.ca)?;
        let mut trust =
            Trust::from_pem(&authorities, &[[]; 0]).map_err(|error| unusable(&key("ca"), self.ca, error))?;
        for path in self.revocation_lists {
            let list = read("revocation_lists", path)?;
            trust =
                trust.with_revocation_list(&list).map_err(|error| unusable(&key("revocation_lists"), path, error))?;
        }
        Ok(Material { credentials, trust, versions })
    }
}

fn unusable(key: &str, path: &Path, error: TransportError) -> Error {
    Error::new(Fault::Configuration, error.to_string()).at(path.display().to_string()).at(key).caused_by(error)
}
