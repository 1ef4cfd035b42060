//! rustls configurations.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, ServerConfig, SignatureScheme, SupportedProtocolVersion,
};

use crate::pki::{Authority, Paper};

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 1.2.
    Tls12,
    /// 1.3.
    Tls13,
}

/// What a client believes of a server.
#[derive(Clone, Copy, Debug)]
pub enum Believes<'a> {
    /// Certificates of this authority.
    Authority(&'a Authority),
    /// Anything: for tests of what the server believes.
    Anything,
}

impl Version {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Tls12, Self::Tls13];

    const fn list(self) -> &'static [&'static SupportedProtocolVersion] {
        static ONLY_1_2: [&SupportedProtocolVersion; 1] = [&rustls::version::TLS12];
        static ONLY_1_3: [&SupportedProtocolVersion; 1] = [&rustls::version::TLS13];
        match self {
            Self::Tls12 => &ONLY_1_2,
            Self::Tls13 => &ONLY_1_3,
        }
    }
}

/// A client of one version, with a certificate or without.
///
/// # Panics
/// If `paper` or the authority is no PEM.
#[must_use]
pub fn client(version: Version, shows: Option<&Paper>, believes: Believes<'_>) -> Arc<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(version.list());
    let builder = builder.expect("the version is built in");
    let builder = match believes {
        Believes::Authority(authority) => builder.with_root_certificates(roots(authority)),
        Believes::Anything => builder.dangerous().with_custom_certificate_verifier(Arc::new(Credulous(provider()))),
    };
    let config = match shows {
        Some(paper) => builder.with_client_auth_cert(chain(paper), key(paper)).expect("a pair"),
        None => builder.with_no_client_auth(),
    };
    Arc::new(config)
}

/// A server of both versions that shows `shows`, and lets in who shows a certificate of `believes`; anybody, where there is none.
///
/// # Panics
/// If `shows` or the authority is no PEM.
#[must_use]
pub fn server(shows: &Paper, believes: Option<&Authority>) -> Arc<ServerConfig> {
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let builder = builder.expect("the versions are built in");
    let builder = match believes {
        Some(authority) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(authority)), provider()).build();
            builder.with_client_cert_verifier(verifier.expect("a verifier"))
        }
        None => builder.with_no_client_auth(),
    };
    Arc::new(builder.with_single_cert(chain(shows), key(shows)).expect("a pair"))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn roots(authority: &Authority) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(authority.pem().as_bytes()).expect("PEM");
    roots.add(certificate).expect("an authority");
    roots
}

fn chain(paper: &Paper) -> Vec<CertificateDer<'static>> {
    let all: Result<_, _> = CertificateDer::pem_slice_iter(paper.certificate_pem.as_bytes()).collect();
    all.expect("PEM")
}

fn key(paper: &Paper) -> PrivateKeyDer<'static> {
    PrivateKeyDer::from_pem_slice(paper.key_pem.as_bytes()).expect("PEM")
}

/// Believes every server that has the key of what it shows.
#[derive(Debug)]
struct Credulous(Arc<CryptoProvider>);

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
