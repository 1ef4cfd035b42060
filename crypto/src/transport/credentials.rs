//! What one side shows of itself: its certificate, and the key that proves it.

use std::fmt;
use std::sync::Arc;

use rustls::Error;
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::certificate::validity;
use super::error::TransportError;

/// A certificate with its chain and its private key; cheap to clone. Invariant: the key belongs to the certificate.
#[derive(Clone)]
pub struct Credentials {
    key: Arc<CertifiedKey>,
}

impl Credentials {
    /// Takes the certificate, then those above it (the root may be left out), and a private key in PKCS#8, SEC1 or
    /// PKCS#1 form, all PEM.
    ///
    /// # Errors
    /// No certificate, a broken one, no usable key, or one that belongs to another certificate.
    pub fn from_pem(certificates: &[u8], private_key: &[u8]) -> Result<Self, TransportError> {
        let chain = certificates_of(certificates)?;
        validity(&chain[0])?;
        let key =
            PrivateKeyDer::from_pem_slice(private_key).map_err(|_| TransportError::Pem { wanted: "PRIVATE KEY" })?;
        let key = CertifiedKey::from_der(chain, key, &provider()).map_err(|error| match error {
            Error::InconsistentKeys(_) => TransportError::KeyMismatch,
            Error::InvalidCertificate(_) => TransportError::Encoding { structure: "certificate" },
            _ => TransportError::PrivateKey,
        })?;
        Ok(Self { key: Arc::new(key) })
    }

    /// The certificate and those above it, as they are shown.
    #[must_use]
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.key.cert
    }

    /// The certificate itself.
    #[must_use]
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.key.cert[0]
    }

    pub(super) fn key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.key)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credentials").field("chain", &self.key.cert.len()).finish_non_exhaustive()
    }
}

/// All certificates of a PEM text, at least one.
pub(super) fn certificates_of(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let wanted = TransportError::Pem { wanted: "CERTIFICATE" };
    match CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>() {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(wanted),
    }
}

/// The algorithms of all connections.
pub(super) fn provider() -> CryptoProvider {
    rustls::crypto::aws_lc_rs::default_provider()
}
