//! The node's keys: where they come from, and the loaded set.
//!
//! Invariant: loading is all or nothing, so a reload that fails leaves the old keys in place. The signing key and the
//! digest key are read at the start and not again: the one is told to every participant, and digests made with the
//! other stand in the journal.

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clearway_codec::value::SerialNumber;
use clearway_crypto::envelope::DecryptionKey;
use clearway_crypto::{DigestKey, EncryptionRing, KeyRing, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

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
    /// `decryption_keys`: serial number and private key, PKCS#8 PEM, of each encryption certificate of the node that a
    /// participant may still use.
    pub decryption: Vec<(SerialNumber, PathBuf)>,
    /// `digest_key`: 32 random bytes as 64 hexadecimal digits; with another one, no old digest is found.
    pub digest: PathBuf,
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
    /// What sensitive values are opened and sealed with.
    pub envelope: EnvelopeKeys,
    /// What account numbers and customers are digested with. Digests stand in the journal: it must stay the same.
    pub digest: Arc<DigestKey>,
}

/// The keys of digital envelopes; cheap to clone. Empty, the node can neither read nor send sensitive values.
#[derive(Clone, Debug, Default)]
pub struct EnvelopeKeys {
    /// What the node opens envelopes with, by serial number.
    pub decryption: Vec<(SerialNumber, Arc<DecryptionKey>)>,
    /// What it seals them with.
    pub encryption: Arc<EncryptionRing>,
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

    /// Loads the participants' signature keys alone; with [`load_envelope_keys`](Self::load_envelope_keys) what a
    /// reload swaps.
    ///
    /// # Errors
    /// As [`KeySource::load`].
    pub fn load_ring(&self) -> Result<Arc<KeyRing>, Error> {
        match self {
            Self::Files(files) => load_ring(&files.manifest).map(Arc::new),
            Self::Given(keys) => Ok(Arc::clone(&keys.ring)),
        }
    }

    /// The SHA-256 of the manifest as it is now, in hexadecimal digits; none for keys of the embedding program.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn manifest_digest(&self) -> Result<Option<String>, Error> {
        let Self::Files(files) = self else { return Ok(None) };
        let text = text::read_text(&files.manifest).map_err(|error| error.at("node.manifest"))?;
        let digest = clearway_crypto::sha256(text.as_bytes());
        Ok(Some(digest.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// Loads the keys of envelopes alone.
    ///
    /// # Errors
    /// As [`KeySource::load`].
    pub fn load_envelope_keys(&self) -> Result<EnvelopeKeys, Error> {
        match self {
            Self::Files(files) => files.load_envelope_keys(),
            Self::Given(keys) => Ok(keys.envelope.clone()),
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
        let (envelope, digest) = (self.load_envelope_keys()?, Arc::new(load_digest_key(&self.digest)?));
        Ok(NodeKeys { signing: Arc::new(signing), ring: Arc::new(ring), retired, envelope, digest })
    }

    fn load_envelope_keys(&self) -> Result<EnvelopeKeys, Error> {
        let mut decryption: Vec<(SerialNumber, Arc<DecryptionKey>)> = Vec::with_capacity(self.decryption.len());
        for (serial, file) in &self.decryption {
            if decryption.iter().any(|(known, _)| known == serial) {
                return Err(Error::new(Fault::Configuration, format!("{serial} is there twice")).at(DECRYPTION_KEYS));
            }
            decryption.push((*serial, Arc::new(load_decryption_key(file)?)));
        }
        let encryption = from_manifest(&self.manifest, EncryptionRing::from_manifest)?;
        Ok(EnvelopeKeys { decryption, encryption: Arc::new(encryption) })
    }
}

const DECRYPTION_KEYS: &str = "node.decryption_keys";
const DIGEST_KEY: &str = "node.digest_key";

fn load_decryption_key(file: &Path) -> Result<DecryptionKey, Error> {
    warn_if_open_to_others(file);
    let pem = Zeroizing::new(text::read_text(file).map_err(|error| error.at(DECRYPTION_KEYS))?);
    DecryptionKey::from_pkcs8_pem(&pem).map_err(|error| bad_key(DECRYPTION_KEYS, file, error))
}

fn load_digest_key(file: &Path) -> Result<DigestKey, Error> {
    warn_if_open_to_others(file);
    let hex = Zeroizing::new(text::read_text(file).map_err(|error| error.at(DIGEST_KEY))?);
    DigestKey::from_hex(&hex).map_err(|error| bad_key(DIGEST_KEY, file, error))
}

fn load_public(file: &Path) -> Result<VerifyingKey, Error> {
    let pem = text::read_text(file).map_err(|error| error.at("node.retired_keys"))?;
    VerifyingKey::from_spki_pem(&pem).map_err(|error| bad_key("node.retired_keys", file, error))
}

fn load_ring(manifest: &Path) -> Result<KeyRing, Error> {
    from_manifest(manifest, KeyRing::from_manifest)
}

/// Takes one kind of key out of the manifest.
type Parse<T> = fn(&str, &mut dyn FnMut(&str) -> io::Result<String>) -> Result<T, clearway_crypto::Error>;

fn from_manifest<T>(manifest: &Path, parse: Parse<T>) -> Result<T, Error> {
    let text = text::read_text(manifest).map_err(|error| error.at("node.manifest"))?;
    let folder = manifest.parent().unwrap_or_else(|| Path::new(""));
    parse(&text, &mut |file| fs::read_to_string(folder.join(file))).map_err(|error| {
        Error::new(Fault::Configuration, error.to_string()).at(manifest.display().to_string()).caused_by(error)
    })
}

fn bad_key(key: &str, file: &Path, error: clearway_crypto::Error) -> Error {
    Error::new(Fault::Configuration, error.to_string()).at(file.display().to_string()).at(key).caused_by(error)
}

/// Mounted secrets are often readable by a group, so this is no refusal.
pub(super) fn warn_if_open_to_others(file: &Path) {
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
            .field("envelope", &self.envelope.encryption.len())
            .finish_non_exhaustive()
    }
}
