//! The private half: makes it, reads it, keeps it out of logs, wipes it.
//!
//! Invariant: see [`SigningKey`]. The default backends' forms are made at construction. The other
//! backends' libraries do not wipe theirs, so those are made when such a backend first signs: a node
//! that runs the defaults holds each secret once.

use std::fmt;
use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair};
use sm2::pkcs8::{EncodePrivateKey, EncodePublicKey};
use zeroize::Zeroizing;

use super::encoding;
use super::public::{PublicForms, SM2_USER_ID, VerifyingKey};
use super::wipe::Wiped;
use crate::error::Error;
use crate::suite::Suite;

/// How often a random SM2 scalar may fall outside the range before the generator counts as broken.
const SCALAR_TRIES: usize = 64;

/// A private key with its public half: checked, parsed, never printed, wiped at the end.
///
/// Neither `Clone` nor comparable: share it by reference or in an `Arc`.
pub struct SigningKey {
    suite: Suite,
    forms: SecretForms,
    ring: OnceLock<Option<RingSecret>>,
    pkcs8: Zeroizing<Vec<u8>>,
    verifying_key: VerifyingKey,
}

/// The key in the form of the default backend of its suite.
pub(crate) enum SecretForms {
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
    Sm2(Box<Sm2Secret>),
}

/// The key in ring's form.
#[allow(clippy::large_enum_variant)] // one per key and lazily made
pub(crate) enum RingSecret {
    Rsa(ring::signature::RsaKeyPair),
    P256(ring::signature::EcdsaKeyPair),
    Ed25519(ring::signature::Ed25519KeyPair),
}

pub(crate) struct Sm2Secret {
    efficient: Wiped<efficient_sm2::KeyPair>,
    rustcrypto: OnceLock<Option<Wiped<sm2::dsa::SigningKey>>>,
    source: sm2::SecretKey,
    pub(crate) za: [u8; 32],
}

impl Sm2Secret {
    pub(crate) fn efficient(&self) -> &efficient_sm2::KeyPair {
        self.efficient.get()
    }

    /// Made when first asked for.
    pub(crate) fn rustcrypto(&self) -> Option<&sm2::dsa::SigningKey> {
        let made =
            self.rustcrypto.get_or_init(|| sm2::dsa::SigningKey::new(SM2_USER_ID, &self.source).ok().map(Wiped::new));
        made.as_ref().map(Wiped::get)
    }
}

impl SigningKey {
    /// Makes a new key with the operating system's randomness. RSA takes some 50 ms, the others less
    /// than one.
    ///
    /// # Errors
    /// [`Error::Generation`] when randomness or the library fails.
    pub fn generate(suite: Suite) -> Result<Self, Error> {
        let der = match suite {
            Suite::Rsa2048Sha256 => RsaKeyPair::generate(KeySize::Rsa2048)
                .and_then(|pair| AsDer::<Pkcs8V1Der<'_>>::as_der(&pair))
                .ok()
                .map(|der| Zeroizing::new(der.as_ref().to_vec())),
            Suite::EcdsaP256Sha256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)
                .and_then(|pair| pair.to_pkcs8v1())
                .ok()
                .map(|der| Zeroizing::new(der.as_ref().to_vec())),
            // Version 1, without the public key inside: OpenSSL reads no other.
            Suite::Ed25519 => Ed25519KeyPair::generate()
                .and_then(|pair| pair.to_pkcs8v1())
                .ok()
                .map(|der| Zeroizing::new(der.as_ref().to_vec())),
            Suite::Sm2Sm3 => generate_sm2(),
        };
        Self::from_pkcs8_der(&der.ok_or(Error::Generation(suite))?)
    }

    /// Reads the first `PRIVATE KEY` section (PKCS#8, unencrypted); the suite follows from it.
    ///
    /// # Errors
    /// [`Error::Pem`], [`Error::Encoding`], [`Error::UnknownAlgorithm`] or [`Error::KeyRefused`], also
    /// when a public key inside does not belong to the private one.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, Error> {
        Self::from_pkcs8_der(encoding::private_der(pem)?.as_bytes())
    }

    /// Reads a PKCS#8 PrivateKeyInfo.
    ///
    /// # Errors
    /// As [`SigningKey::from_pkcs8_pem`].
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, Error> {
        let suite = encoding::read_private(der)?;
        let (forms, verifying_key) = match suite {
            Suite::Rsa2048Sha256 => rsa(der)?,
            Suite::EcdsaP256Sha256 => p256(der)?,
            Suite::Ed25519 => ed25519(der)?,
            Suite::Sm2Sm3 => sm2_forms(der)?,
        };
        Ok(Self { suite, forms, ring: OnceLock::new(), pkcs8: Zeroizing::new(der.to_vec()), verifying_key })
    }

    /// The key as a `PRIVATE KEY` section, in a string that is wiped when dropped.
    #[must_use]
    pub fn to_pkcs8_pem(&self) -> Zeroizing<String> {
        encoding::private_pem(&self.pkcs8).expect("a parsed key encodes again")
    }

    /// The suite this key signs with.
    #[must_use]
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// The public half.
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying_key
    }

    pub(crate) fn pkcs8_der(&self) -> &[u8] {
        &self.pkcs8
    }

    pub(crate) fn forms(&self) -> &SecretForms {
        &self.forms
    }

    /// The key for ring, made when first asked for; `None` for a suite that ring lacks.
    pub(crate) fn ring_secret(&self) -> Option<&RingSecret> {
        self.ring.get_or_init(|| self.make_ring_secret()).as_ref()
    }

    fn make_ring_secret(&self) -> Option<RingSecret> {
        let rng = ring::rand::SystemRandom::new();
        match self.suite {
            Suite::Rsa2048Sha256 => ring::signature::RsaKeyPair::from_pkcs8(&self.pkcs8).ok().map(RingSecret::Rsa),
            Suite::EcdsaP256Sha256 => ring::signature::EcdsaKeyPair::from_pkcs8(
                &ring::signature::ECDSA_P256_SHA256_ASN1_SIGNING,
                &self.pkcs8,
                &rng,
            )
            .ok()
            .map(RingSecret::P256),
            Suite::Ed25519 => {
                ring::signature::Ed25519KeyPair::from_pkcs8_maybe_unchecked(&self.pkcs8).ok().map(RingSecret::Ed25519)
            }
            Suite::Sm2Sm3 => None,
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, secret redacted)", self.suite)
    }
}

fn refused(suite: Suite) -> Error {
    Error::KeyRefused { suite, reason: "private key is malformed, out of range or not that of its public key" }
}

fn with_public(
    suite: Suite,
    forms: SecretForms,
    spki: Result<PublicKeyX509Der<'_>, aws_lc_rs::error::Unspecified>,
) -> Result<(SecretForms, VerifyingKey), Error> {
    let spki = spki.map_err(|_| refused(suite))?;
    Ok((forms, VerifyingKey::from_spki_der(spki.as_ref())?))
}

fn rsa(der: &[u8]) -> Result<(SecretForms, VerifyingKey), Error> {
    let suite = Suite::Rsa2048Sha256;
    let pair = RsaKeyPair::from_pkcs8(der).map_err(|_| refused(suite))?;
    let spki = pair.public_key().as_der();
    with_public(suite, SecretForms::Rsa(Box::new(pair)), spki)
}

fn p256(der: &[u8]) -> Result<(SecretForms, VerifyingKey), Error> {
    let suite = Suite::EcdsaP256Sha256;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der).map_err(|_| refused(suite))?;
    let spki = pair.public_key().as_der();
    with_public(suite, SecretForms::P256(Box::new(pair)), spki)
}

fn ed25519(der: &[u8]) -> Result<(SecretForms, VerifyingKey), Error> {
    let suite = Suite::Ed25519;
    let pair = Ed25519KeyPair::from_pkcs8(der).map_err(|_| refused(suite))?;
    let spki = pair.public_key().as_der();
    with_public(suite, SecretForms::Ed25519(Box::new(pair)), spki)
}

fn sm2_forms(der: &[u8]) -> Result<(SecretForms, VerifyingKey), Error> {
    let fault = || refused(Suite::Sm2Sm3);
    let info = sm2::pkcs8::PrivateKeyInfoRef::try_from(der).map_err(|_| fault())?;
    let source = sm2::SecretKey::try_from(info).map_err(|_| fault())?;
    let scalar = Zeroizing::new(source.to_bytes());
    if is_last_scalar(scalar.as_slice()) {
        return Err(fault());
    }
    let spki = source.public_key().to_public_key_der().map_err(|_| fault())?;
    let verifying_key = VerifyingKey::from_spki_der(spki.as_bytes())?;
    let PublicForms::Sm2(public) = verifying_key.forms() else {
        return Err(fault());
    };
    let secret = Sm2Secret {
        efficient: Wiped::new(efficient_sm2::KeyPair::new(scalar.as_slice()).map_err(|_| fault())?),
        rustcrypto: OnceLock::new(),
        za: public.za,
        source,
    };
    Ok((SecretForms::Sm2(Box::new(secret)), verifying_key))
}

/// Whether the scalar is n - 1, for which `1 + d` has no inverse (GM/T 0003.2 allows 1 ..= n - 2).
fn is_last_scalar(scalar: &[u8]) -> bool {
    let mut last = crate::backend::sm2_der::ORDER;
    last[31] -= 1;
    scalar == last
}

fn generate_sm2() -> Option<Zeroizing<Vec<u8>>> {
    let mut scalar = Zeroizing::new([0; 32]);
    for _ in 0..SCALAR_TRIES {
        aws_lc_rs::rand::fill(scalar.as_mut_slice()).ok()?;
        if let Ok(secret) = sm2::SecretKey::from_slice(scalar.as_slice()) {
            return secret.to_pkcs8_der().ok().map(|der| der.to_bytes());
        }
    }
    None
}
