//! The node's keys: where they come from, and the loaded set.
//!
//! Invariant: loading is all or nothing, so a reload that fails leaves the old ring in place.

use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clearway_codec::value::SerialNumber;
use clearway_crypto::{KeyRing, SigningKey, VerifyingKey};

use super::text;
use crate::error::{Error, Fault};

/// Where the node's keys come from.
#[derive(Clone)]
pub enum KeySource {
    /// Files; read at start and at every reload.
    Files(KeyFiles),
    /// Keys of the embedding program; a reload yields them again.
    Given(NodeKeys),
}

/// The key files that `[node]` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFiles {
    /// `key`: the node's private key, PKCS#8 PEM.
    pub signing_key: PathBuf,
    /// `manifest`: the participants' public keys; its files are relative to its own folder.
    pub manifest: PathBuf,
    /// `retired_keys`: serial number and public key of the node's earlier keys, for the re-verification of old
    /// messages.
    pub retired: Vec<(SerialNumber, PathBuf)>,
}

/// Loaded keys; cheap to clone.
#[derive(Clone)]
pub struct NodeKeys {
    /// What the node signs with.
    pub signing: Arc<SigningKey>,
    /// What it verifies participants with.
    pub ring: Arc<KeyRing>,
    /// Its earlier public keys, by serial number.
    pub retired: Vec<(SerialNumber, VerifyingKey)>,
}

impl KeySource {
    /// Loads everything.
    ///
    /// # Errors
    /// A file that cannot be read, holds no key, or a manifest with a fault; the error names the file.
    pub fn load(&self) -> Result<NodeKeys, Error> {
        match self {
            Self::Files(files) => files.load(),
            Self::Given(keys) => Ok(keys.clone()),
        }
    }

    /// Loads the participants' keys alone: what a reload swaps.
    ///
    /// # Errors
    /// As [`KeySource::load`].
    pub fn load_ring(&self) -> Result<Arc<KeyRing>, Error> {
        match self {
            Self::Files(files) => load_ring(&files.manifest).map(Arc::new),
            Self::Given(keys) => Ok(Arc::clone(&keys.ring)),
        }
    }
}

impl KeyFiles {
    fn load(&self) -> Result<NodeKeys, Error> {
        warn_if_open_to_others(&self.signing_key);
        let pem = text::read_text(&self.signing_key).map_err(|error| error.at("node.key"))?;
        let signing =
            SigningKey::from_pkcs8_pem(&pem).map_err(|error| bad_key("node.key", &self.signing_key, error))?;
        let ring = load_ring(&self.manifest)?;
        let retired = self
            .retired
            .iter()
            .map(|(serial, file)| Ok((*serial, load_public(file)?)))
            .collect::<Result<_, Error>>()?;
        Ok(NodeKeys { signing: Arc::new(signing), ring: Arc::new(ring), retired })
    }
}

fn load_public(file: &Path) -> Result<VerifyingKey, Error> {
    let pem = text::read_text(file).map_err(|error| error.at("node.retired_keys"))?;
    VerifyingKey::from_spki_pem(&pem).map_err(|error| bad_key("node.retired_keys", file, error))
}

fn load_ring(manifest: &Path) -> Result<KeyRing, Error> {
    let text = text::read_text(manifest).map_err(|error| error.at("node.manifest"))?;
    let folder = manifest.parent().unwrap_or_else(|| Path::new(""));
    KeyRing::from_manifest(&text, &mut |file| fs::read_to_string(folder.join(file))).map_err(|error| {
        Error::new(Fault::Configuration, error.to_string()).at(manifest.display().to_string()).caused_by(error)
    })
}

fn bad_key(key: &str, file: &Path, error: clearway_crypto::Error) -> Error {
    Error::new(Fault::Configuration, error.to_string()).at(file.display().to_string()).at(key).caused_by(error)
}

/// Mounted secrets are often readable by a group, so this is no refusal.
fn warn_if_open_to_others(file: &Path) {
    if let Ok(metadata) = fs::metadata(file)
        && metadata.permissions().mode() & 0o077 != 0
    {
        tracing::warn!(file = %file.display(), "the private key can be read by other users; chmod 600");
    }
}

impl fmt::Debug for KeySource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(files) => files.fmt(formatter),
            Self::Given(keys) => keys.fmt(formatter),
        }
    }
}

impl fmt::Debug for NodeKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suite = self.signing.suite();
        formatter
            .debug_struct("NodeKeys")
            .field("suite", &suite)
            .field("ring", &self.ring.len())
            .finish_non_exhaustive()
    }
}
