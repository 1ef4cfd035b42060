//! PEM and DER around keys: which suite a key belongs to, and where its bits are.
//!
//! ```text
//! PUBLIC KEY    SubjectPublicKeyInfo  SEQUENCE { algorithm, BIT STRING }                (RFC 5280)
//! PRIVATE KEY   PrivateKeyInfo        SEQUENCE { version, algorithm, OCTET STRING, .. }  (RFC 5958)
//! algorithm     SEQUENCE { OID, parameters }:
//!   1.2.840.113549.1.1.1  NULL                    RSA
//!   1.2.840.10045.2.1     1.2.840.10045.3.1.7     EC on P-256
//!   1.2.840.10045.2.1     1.2.156.10197.1.301     EC on SM2
//!   1.3.101.112           -                       Ed25519
//! ```
//!
//! Invariant: the DER is strict (the `der` crate refuses anything else), so one key has one encoding.

use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject;
use sm2::pkcs8::der::asn1::{AnyRef, UintRef};
use sm2::pkcs8::der::{Decode, Reader, SecretDocument, SliceReader};
use sm2::pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use sm2::pkcs8::{Document, LineEnding, ObjectIdentifier, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::suite::Suite;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SM2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

const PUBLIC_LABEL: &str = "PUBLIC KEY";
const PRIVATE_LABEL: &str = "PRIVATE KEY";

/// DER of the first `PUBLIC KEY` section.
pub(super) fn public_der(pem: &str) -> Result<Vec<u8>, Error> {
    SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes())
        .map(|der| der.to_vec())
        .map_err(|_| Error::Pem { wanted: PUBLIC_LABEL })
}

/// DER of the first section, which must be a `PRIVATE KEY`; decoded straight into memory that is wiped.
pub(super) fn private_der(pem: &str) -> Result<SecretDocument, Error> {
    match SecretDocument::from_pem(pem) {
        Ok((PRIVATE_LABEL, der)) => Ok(der),
        _ => Err(Error::Pem { wanted: PRIVATE_LABEL }),
    }
}

/// PEM of a public key's DER.
pub(super) fn public_pem(der: &[u8]) -> Result<String, Error> {
    Document::try_from(der)
        .and_then(|document| document.to_pem(PUBLIC_LABEL, LineEnding::LF))
        .map_err(|_| public_fault())
}

/// PEM of a private key's DER.
pub(super) fn private_pem(der: &[u8]) -> Result<Zeroizing<String>, Error> {
    SecretDocument::try_from(der)
        .and_then(|document| document.to_pem(PRIVATE_LABEL, LineEnding::LF))
        .map_err(|_| private_fault())
}

/// Suite and key bits of a SubjectPublicKeyInfo.
pub(super) fn read_public(der: &[u8]) -> Result<(Suite, &[u8]), Error> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| public_fault())?;
    let suite = suite_of(&info.algorithm)?;
    let bits = info.subject_public_key.as_bytes().ok_or_else(public_fault)?;
    Ok((suite, bits))
}

/// Suite of a PrivateKeyInfo.
pub(super) fn read_private(der: &[u8]) -> Result<Suite, Error> {
    let info = PrivateKeyInfoRef::try_from(der).map_err(|_| private_fault())?;
    suite_of(&info.algorithm)
}

/// Modulus and exponent of an RSAPublicKey, big-endian without leading zeros.
pub(super) fn read_rsa_public(bits: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let fault = |_| Error::Encoding { structure: "RSAPublicKey" };
    let mut reader = SliceReader::new(bits).map_err(fault)?;
    let (n, e) = reader
        .sequence(|inner| Ok::<_, sm2::pkcs8::der::Error>((UintRef::decode(inner)?, UintRef::decode(inner)?)))
        .map_err(fault)?;
    reader.finish().map_err(fault)?;
    Ok((n.as_bytes(), e.as_bytes()))
}

fn suite_of(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<Suite, Error> {
    let parameters = algorithm.parameters;
    let curve = parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    match (algorithm.oid, curve) {
        (RSA, _) if parameters == Some(AnyRef::NULL) => Ok(Suite::Rsa2048Sha256),
        (EC, Some(P256)) => Ok(Suite::EcdsaP256Sha256),
        (EC, Some(SM2)) => Ok(Suite::Sm2Sm3),
        (ED25519, _) if parameters.is_none() => Ok(Suite::Ed25519),
        (oid, Some(curve)) => Err(Error::UnknownAlgorithm(format!("{oid} on curve {curve}"))),
        (oid, None) => Err(Error::UnknownAlgorithm(oid.to_string())),
    }
}

fn public_fault() -> Error {
    Error::Encoding { structure: "SubjectPublicKeyInfo" }
}

fn private_fault() -> Error {
    Error::Encoding { structure: "PKCS#8 PrivateKeyInfo" }
}
