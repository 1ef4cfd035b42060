//! The receiver's public key: seals session keys for it.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rsa::{Pkcs1PublicEncryptingKey, PublicEncryptingKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sm2::elliptic_curve::common::getrandom::SysRng;

use super::algorithm::{CipherMode, EnvelopeAlgorithm};
use super::sealing::Sealing;
use super::session_key::SessionKey;
use crate::error::Error;
use crate::key::VerifyingKey;
use crate::sha256;

/// Encrypts for one receiver: checked, parsed once, cheap to clone.
///
/// Accepted is what [`VerifyingKey`] accepts of RSA and SM2.
#[derive(Clone)]
pub struct EncryptionKey {
    inner: Arc<Inner>,
}

struct Inner {
    algorithm: EnvelopeAlgorithm,
    /// The same key as the checks and encodings of signature keys know it.
    source: VerifyingKey,
    form: PublicForm,
}

enum PublicForm {
    Rsa(Pkcs1PublicEncryptingKey),
    Sm2(sm2::pke::EncryptingKey),
}

impl EncryptionKey {
    /// Reads the first `PUBLIC KEY` section (SubjectPublicKeyInfo); the algorithm follows from it.
    ///
    /// # Errors
    /// [`Error::Pem`], [`Error::Encoding`], [`Error::UnknownAlgorithm`] or [`Error::KeyRefused`], also for keys that
    /// only sign.
    pub fn from_spki_pem(pem: &str) -> Result<Self, Error> {
        Self::from_checked(VerifyingKey::from_spki_pem(pem)?)
    }

    pub(super) fn from_checked(source: VerifyingKey) -> Result<Self, Error> {
        let suite = source.suite();
        let algorithm = EnvelopeAlgorithm::of_key_form(suite)?;
        let form = match algorithm {
            EnvelopeAlgorithm::RsaAes256 => rsa(source.spki_der()),
            EnvelopeAlgorithm::Sm2Sm4 => sm2_form(source.spki_der()),
        };
        let form = form.ok_or(Error::KeyRefused { suite, reason: "library refuses it for encryption" })?;
        Ok(Self { inner: Arc::new(Inner { algorithm, source, form }) })
    }

    /// The key as a `PUBLIC KEY` section.
    #[must_use]
    pub fn to_spki_pem(&self) -> String {
        self.inner.source.to_spki_pem()
    }

    /// What it encrypts with.
    #[must_use]
    pub fn algorithm(&self) -> EnvelopeAlgorithm {
        self.inner.algorithm
    }

    /// Draws a session key, encrypts it for the receiver, and is ready for values.
    ///
    /// # Errors
    /// [`Error::Sealing`] when randomness or the library fails.
    pub fn seal(&self, mode: CipherMode) -> Result<Sealing, Error> {
        let fault = || Error::Sealing(self.inner.algorithm);
        let session_key = SessionKey::draw(self.inner.algorithm)?;
        let envelope = match &self.inner.form {
            PublicForm::Rsa(key) => {
                let mut room = vec![0; key.ciphertext_size()];
                key.encrypt(session_key.text(), &mut room).map_err(|_| fault())?;
                room
            }
            PublicForm::Sm2(key) => key.encrypt_der(&mut SysRng, session_key.text()).map_err(|_| fault())?,
        };
        Ok(Sealing::new(session_key, mode, STANDARD.encode(envelope)))
    }
}

fn rsa(spki: &[u8]) -> Option<PublicForm> {
    let key = PublicEncryptingKey::from_der(spki).ok()?;
    Pkcs1PublicEncryptingKey::new(key).ok().map(PublicForm::Rsa)
}

fn sm2_form(spki: &[u8]) -> Option<PublicForm> {
    use sm2::pkcs8::DecodePublicKey;
    sm2::PublicKey::from_public_key_der(spki).ok().map(|key| PublicForm::Sm2(sm2::pke::EncryptingKey::new(key)))
}

impl PartialEq for EncryptionKey {
    fn eq(&self, other: &Self) -> bool {
        self.inner.source == other.inner.source
    }
}

impl Eq for EncryptionKey {}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = sha256(self.inner.source.spki_der());
        write!(f, "EncryptionKey({}, sha256 {a:02x}{b:02x}{c:02x}{d:02x}..)", self.inner.algorithm)
    }
}
