//! Who is at the other end of a TLS connection.

use clearway_crypto::transport::{CertificateDer, Refusal, not_after, peer_names};
use tokio_rustls::rustls::CommonState;

/// The certificate that a peer has shown and proved to hold.
#[derive(Clone, Debug)]
pub struct Peer {
    names: Vec<String>,
    chain: Vec<CertificateDer<'static>>,
    until_s: u64,
}

impl Peer {
    /// Reads what the peer of a finished handshake has shown.
    pub(super) fn of(session: &CommonState) -> Result<Self, Refusal> {
        let chain = session.peer_certificates().unwrap_or_default();
        let certificate = chain.first().ok_or(Refusal::NoCertificate)?;
        let names = peer_names(certificate).map_err(|_| Refusal::Unusable)?;
        let mut until_s = u64::MAX;
        for certificate in chain {
            until_s = until_s.min(not_after(certificate).map_err(|_| Refusal::Unusable)?);
        }
        Ok(Self { names, chain: chain.iter().map(|certificate| certificate.clone().into_owned()).collect(), until_s })
    }

    /// The DNS names of its certificate, in lower case.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The last second, unix, in which its certificate and those above it that it has shown all hold.
    #[must_use]
    pub const fn until_s(&self) -> u64 {
        self.until_s
    }

    pub(super) fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }
}
