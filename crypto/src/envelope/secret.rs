//! The receiver's private key: opens envelopes, is never printed, wiped at the end.
//!
//! Invariant: see [`DecryptionKey`]. RSA keys live in aws-lc, which wipes what it frees; RustCrypto's SM2 form is wiped
//! here.

use std::fmt;

use aws_lc_rs::rsa::{Pkcs1PrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sm2::pkcs8::der::Decode;
use zeroize::Zeroizing;

use super::ENVELOPE_CHARS_MAX;
use super::algorithm::{CipherMode, EnvelopeAlgorithm};
use super::opening::{Opening, Unreadable};
use super::public::EncryptionKey;
use super::session_key::SessionKey;
use crate::error::Error;
use crate::key::{SigningKey, Wiped};

/// Opens envelopes: checked, parsed, redacted, wiped.
///
/// Neither `Clone` nor comparable: share it by reference or in an `Arc`.
pub struct DecryptionKey {
    form: SecretForm,
    /// The same key as the checks and encodings of signature keys know it.
    source: SigningKey,
    encryption_key: EncryptionKey,
}

enum SecretForm {
    Rsa(Box<Pkcs1PrivateDecryptingKey>),
    Sm2(Wiped<sm2::pke::DecryptingKey>),
}

impl DecryptionKey {
    /// Makes a new key with the operating system's randomness. RSA takes some 50 ms, SM2 less than one.
    ///
    /// # Errors
    /// [`Error::Generation`] when randomness or the library fails.
    pub fn generate(algorithm: EnvelopeAlgorithm) -> Result<Self, Error> {
        Self::from_checked(SigningKey::generate(algorithm.key_form())?)
    }

    /// Reads the first `PRIVATE KEY` section (PKCS#8, unencrypted); the algorithm follows from it.
    ///
    /// # Errors
    /// [`Error::Pem`], [`Error::Encoding`], [`Error::UnknownAlgorithm`] or [`Error::KeyRefused`], also for keys that
    /// only sign.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, Error> {
        Self::from_checked(SigningKey::from_pkcs8_pem(pem)?)
    }

    fn from_checked(source: SigningKey) -> Result<Self, Error> {
        let suite = source.suite();
        let encryption_key = EncryptionKey::from_checked(source.verifying_key().clone())?;
        let form = match encryption_key.algorithm() {
            EnvelopeAlgorithm::RsaAes256 => rsa(source.pkcs8_der()),
            EnvelopeAlgorithm::Sm2Sm4 => sm2_form(source.pkcs8_der()),
        };
        let form = form.ok_or(Error::KeyRefused { suite, reason: "library refuses it for decryption" })?;
        Ok(Self { form, source, encryption_key })
    }

    /// The key as a `PRIVATE KEY` section, in a string that is wiped when dropped.
    #[must_use]
    pub fn to_pkcs8_pem(&self) -> Zeroizing<String> {
        self.source.to_pkcs8_pem()
    }

    /// The public half.
    #[must_use]
    pub fn encryption_key(&self) -> &EncryptionKey {
        &self.encryption_key
    }

    /// What it decrypts.
    #[must_use]
    pub fn algorithm(&self) -> EnvelopeAlgorithm {
        self.encryption_key.algorithm()
    }

    /// Opens an envelope, given as base64. Whether it opened shows only when a value is read.
    #[must_use]
    pub fn open(&self, envelope: &str, mode: CipherMode) -> Opening {
        match self.session_key(envelope) {
            Ok(key) => Opening::new(key, mode, true),
            Err(Unreadable) => Opening::new(SessionKey::draw_decoy(self.algorithm()), mode, false),
        }
    }

    fn session_key(&self, envelope: &str) -> Result<SessionKey, Unreadable> {
        if envelope.len() > ENVELOPE_CHARS_MAX {
            return Err(Unreadable);
        }
        let bytes = STANDARD.decode(envelope).map_err(|_| Unreadable)?;
        let text = match &self.form {
            SecretForm::Rsa(key) => open_rsa(key, &bytes),
            SecretForm::Sm2(key) => open_sm2(key.get(), &bytes),
        };
        SessionKey::from_text(self.algorithm(), text.ok_or(Unreadable)?).ok_or(Unreadable)
    }
}

fn open_rsa(key: &Pkcs1PrivateDecryptingKey, envelope: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut room = Zeroizing::new(vec![0; key.min_output_size()]);
    let text = key.decrypt(envelope, &mut room).ok()?;
    Some(Zeroizing::new(text.to_vec()))
}

fn open_sm2(key: &sm2::pke::DecryptingKey, envelope: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = sm2::pke::Cipher::<'_, sm2::Sm2, sm3::Sm3>::from_der(envelope).ok()?;
    key.decrypt_cipher(&cipher).ok().map(Zeroizing::new)
}

fn rsa(pkcs8: &[u8]) -> Option<SecretForm> {
    let key = PrivateDecryptingKey::from_pkcs8(pkcs8).ok()?;
    Pkcs1PrivateDecryptingKey::new(key).ok().map(|key| SecretForm::Rsa(Box::new(key)))
}

fn sm2_form(pkcs8: &[u8]) -> Option<SecretForm> {
    let info = sm2::pkcs8::PrivateKeyInfoRef::try_from(pkcs8).ok()?;
    let secret = sm2::SecretKey::try_from(info).ok()?;
    Some(SecretForm::Sm2(Wiped::new(sm2::pke::DecryptingKey::new(secret))))
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionKey({}, secret redacted)", self.algorithm())
    }
}
