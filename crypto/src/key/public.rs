//! The public half: checks it, parses it once for every backend, shares it cheaply.
//!
//! Invariant: see [`VerifyingKey`]. Made from the manifest's files or from a private key.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm,
};
use ring::signature::RsaPublicKeyComponents;
use sm3::{Digest, Sm3};

use super::{encoding, point};
use crate::error::Error;
use crate::sha256;
use crate::suite::Suite;

/// The user id of every SM2 signature (GM/T 0009, 10); part of what is digested.
pub(super) const SM2_USER_ID: &str = "1234567812345678";
/// The only RSA modulus length that is used, in bytes: wire.md 2.3.
const RSA_MODULUS_BYTES: usize = 256;
/// The smallest RSA public exponent that is accepted.
const RSA_EXPONENT_MIN: u64 = 65_537;
/// The largest: what both libraries can compute with.
const RSA_EXPONENT_MAX: u64 = (1 << 33) - 1;
/// An uncompressed point: 04, x, y.
pub(super) const POINT_BYTES: usize = 65;

/// A public key: checked, parsed once, cheap to clone.
///
/// Accepted are RSA keys of exactly 2048 bits with an odd exponent of at least 65537, points that lie
/// on their curve in uncompressed form, and Ed25519 points that are not of small order.
#[derive(Clone)]
pub struct VerifyingKey {
    inner: Arc<Inner>,
}

struct Inner {
    suite: Suite,
    spki: Vec<u8>,
    forms: PublicForms,
}

/// The key in the form of each backend that has its suite.
pub(crate) enum PublicForms {
    Rsa(RsaPublic),
    P256(PointPublic<POINT_BYTES>),
    Ed25519(PointPublic<32>),
    Sm2(Sm2Public),
}

pub(crate) struct RsaPublic {
    pub(crate) aws_lc: ParsedPublicKey,
    pub(crate) ring: RsaPublicKeyComponents<Vec<u8>>,
}

pub(crate) struct PointPublic<const BYTES: usize> {
    pub(crate) aws_lc: ParsedPublicKey,
    pub(crate) point: [u8; BYTES],
}

pub(crate) struct Sm2Public {
    pub(crate) efficient: efficient_sm2::PublicKey,
    pub(crate) rustcrypto: sm2::dsa::VerifyingKey,
    /// ZA of GM/T 0003.2, 5.5: the digest of user id, curve and public key.
    pub(crate) za: [u8; 32],
}

impl VerifyingKey {
    /// Reads the first `PUBLIC KEY` section (SubjectPublicKeyInfo); the suite follows from it.
    ///
    /// # Errors
    /// [`Error::Pem`], [`Error::Encoding`], [`Error::UnknownAlgorithm`] or [`Error::KeyRefused`].
    pub fn from_spki_pem(pem: &str) -> Result<Self, Error> {
        Self::from_spki_der(&encoding::public_der(pem)?)
    }

    /// Reads a SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// [`Error::Encoding`], [`Error::UnknownAlgorithm`] or [`Error::KeyRefused`].
    pub fn from_spki_der(der: &[u8]) -> Result<Self, Error> {
        let (suite, bits) = encoding::read_public(der)?;
        let forms = match suite {
            Suite::Rsa2048Sha256 => PublicForms::Rsa(rsa(bits)?),
            Suite::EcdsaP256Sha256 => PublicForms::P256(p256(bits)?),
            Suite::Ed25519 => PublicForms::Ed25519(ed25519(bits)?),
            Suite::Sm2Sm3 => PublicForms::Sm2(sm2_forms(bits)?),
        };
        let inner = Inner { suite, spki: der.to_vec(), forms };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The key as a `PUBLIC KEY` section.
    #[must_use]
    pub fn to_spki_pem(&self) -> String {
        encoding::public_pem(&self.inner.spki).expect("a parsed key encodes again")
    }

    /// The key as a SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.inner.spki
    }

    /// The suite whose signatures this key verifies.
    #[must_use]
    pub fn suite(&self) -> Suite {
        self.inner.suite
    }

    pub(crate) fn forms(&self) -> &PublicForms {
        &self.inner.forms
    }
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.inner.spki == other.inner.spki
    }
}

impl Eq for VerifyingKey {}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = sha256(&self.inner.spki);
        write!(f, "VerifyingKey({}, sha256 {a:02x}{b:02x}{c:02x}{d:02x}..)", self.inner.suite)
    }
}

fn rsa(bits: &[u8]) -> Result<RsaPublic, Error> {
    let refuse = |reason| Error::KeyRefused { suite: Suite::Rsa2048Sha256, reason };
    let (n, e) = encoding::read_rsa_public(bits)?;
    if n.len() != RSA_MODULUS_BYTES || n[0] < 0x80 {
        return Err(refuse("modulus is not of 2048 bits"));
    }
    if n[RSA_MODULUS_BYTES - 1] % 2 == 0 {
        return Err(refuse("modulus is even"));
    }
    let exponent = match e.len() {
        1..=8 => e.iter().fold(0, |value: u64, byte| value << 8 | u64::from(*byte)),
        _ => return Err(refuse("exponent is too long")),
    };
    if !(RSA_EXPONENT_MIN..=RSA_EXPONENT_MAX).contains(&exponent) || exponent % 2 == 0 {
        return Err(refuse("exponent is even, below 65537 or above 33 bits"));
    }
    Ok(RsaPublic {
        aws_lc: parse(Suite::Rsa2048Sha256, &RSA_PKCS1_2048_8192_SHA256, bits)?,
        ring: RsaPublicKeyComponents { n: n.to_vec(), e: e.to_vec() },
    })
}

fn p256(bits: &[u8]) -> Result<PointPublic<POINT_BYTES>, Error> {
    let suite = Suite::EcdsaP256Sha256;
    let point = uncompressed(suite, bits)?;
    Ok(PointPublic { aws_lc: parse(suite, &ECDSA_P256_SHA256_ASN1, bits)?, point })
}

fn ed25519(bits: &[u8]) -> Result<PointPublic<32>, Error> {
    let suite = Suite::Ed25519;
    let refuse = |reason| Error::KeyRefused { suite, reason };
    let point = <[u8; 32]>::try_from(bits).map_err(|_| refuse("key is not of 32 bytes"))?;
    if let Some(fault) = point::ed25519_fault(&point) {
        return Err(refuse(fault));
    }
    Ok(PointPublic { aws_lc: parse(suite, &ED25519, bits)?, point })
}

fn sm2_forms(bits: &[u8]) -> Result<Sm2Public, Error> {
    let suite = Suite::Sm2Sm3;
    let point = uncompressed(suite, bits)?;
    let rustcrypto = sm2::dsa::VerifyingKey::from_sec1_bytes(SM2_USER_ID, &point).map_err(|_| off_curve(suite))?;
    Ok(Sm2Public {
        efficient: efficient_sm2::PublicKey::from_slice(&point[1..]),
        rustcrypto,
        za: identity_digest(&point),
    })
}

fn uncompressed(suite: Suite, bits: &[u8]) -> Result<[u8; POINT_BYTES], Error> {
    match <[u8; POINT_BYTES]>::try_from(bits) {
        Ok(point) if point[0] == 4 => Ok(point),
        _ => Err(Error::KeyRefused { suite, reason: "point is not in uncompressed form" }),
    }
}

fn parse(suite: Suite, algorithm: &'static dyn VerificationAlgorithm, bits: &[u8]) -> Result<ParsedPublicKey, Error> {
    ParsedPublicKey::new(algorithm, bits).map_err(|_| off_curve(suite))
}

fn off_curve(suite: Suite) -> Error {
    Error::KeyRefused {
        suite,
        reason: match suite {
            Suite::Rsa2048Sha256 => "library refuses modulus or exponent",
            _ => "point is not on the curve",
        },
    }
}

/// a, b, x and y of the base point (GM/T 0003.5), as ZA wants them.
const SM2_CURVE: [u8; 128] = curve_bytes();

const fn curve_bytes() -> [u8; 128] {
    let words: [u64; 16] = [
        0xffff_fffe_ffff_ffff,
        0xffff_ffff_ffff_ffff,
        0xffff_ffff_0000_0000,
        0xffff_ffff_ffff_fffc,
        0x28e9_fa9e_9d9f_5e34,
        0x4d5a_9e4b_cf65_09a7,
        0xf397_89f5_15ab_8f92,
        0xddbc_bd41_4d94_0e93,
        0x32c4_ae2c_1f19_8119,
        0x5f99_0446_6a39_c994,
        0x8fe3_0bbf_f266_0be1,
        0x715a_4589_334c_74c7,
        0xbc37_36a2_f4f6_779c,
        0x59bd_cee3_6b69_2153,
        0xd0a9_877c_c62a_4740,
        0x02df_32e5_2139_f0a0,
    ];
    let mut bytes = [0; 128];
    let mut at = 0;
    while at < 128 {
        bytes[at] = words[at / 8].to_be_bytes()[at % 8];
        at += 1;
    }
    bytes
}

/// `ZA = SM3(bits of id as u16 || id || a || b || xG || yG || xA || yA)`.
fn identity_digest(point: &[u8; POINT_BYTES]) -> [u8; 32] {
    const ID_BITS: u16 = (SM2_USER_ID.len() * 8) as u16;
    let mut sm3 = Sm3::new();
    sm3.update(ID_BITS.to_be_bytes());
    sm3.update(SM2_USER_ID);
    sm3.update(SM2_CURVE);
    sm3.update(&point[1..]);
    sm3.finalize().into()
}
