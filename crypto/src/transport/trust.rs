//! Whose certificates count: roots, revocation lists, and the verdicts over them.

use std::fmt;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use x509_parser::prelude::{CertificateRevocationList, FromDer};

use super::certificate::not_after;
use super::credentials::{certificates_of, provider};
use super::error::TransportError;
use super::refusal::Refusal;

/// The certificates of the authorities and what they have revoked; cheap to clone.
#[derive(Clone)]
pub struct Trust {
    pub(super) clients: Arc<dyn ClientCertVerifier>,
    pub(super) servers: Arc<WebPkiServerVerifier>,
    roots: Arc<RootCertStore>,
    roots_until_s: u64,
    lists: Vec<CertificateRevocationListDer<'static>>,
    lists_until_s: Option<u64>,
}

impl Trust {
    /// Takes the authorities' certificates, PEM, and texts with revocation lists as
    /// [`with_revocation_list`](Self::with_revocation_list) does.
    ///
    /// # Errors
    /// No authority, or something that is not what it should be.
    pub fn from_pem(authorities: &[u8], revocation_lists: &[impl AsRef<[u8]>]) -> Result<Self, TransportError> {
        let authorities = certificates_of(authorities)?;
        let mut roots = RootCertStore::empty();
        let mut roots_until_s = u64::MAX;
        for (index, authority) in authorities.into_iter().enumerate() {
            roots_until_s = roots_until_s.min(not_after(&authority)?);
            roots
                .add(authority)
                .map_err(|error| TransportError::Authority { number: index + 1, reason: error.to_string() })?;
        }
        let trust = Self::new(Arc::new(roots), roots_until_s, Vec::new())?;
        revocation_lists.iter().try_fold(trust, |trust, list| trust.with_revocation_list(list.as_ref()))
    }

    /// The same authorities and one more text with revocation lists: PEM with any number of them, or the DER of one.
    ///
    /// # Errors
    /// No list, or something that is none.
    pub fn with_revocation_list(self, text: &[u8]) -> Result<Self, TransportError> {
        let mut lists = self.lists;
        lists.append(&mut lists_of(text)?);
        Self::new(self.roots, self.roots_until_s, lists)
    }

    fn new(
        roots: Arc<RootCertStore>,
        roots_until_s: u64,
        lists: Vec<CertificateRevocationListDer<'static>>,
    ) -> Result<Self, TransportError> {
        let mut lists_until_s = None;
        for list in &lists {
            if let Some(until_s) = next_update(list)? {
                lists_until_s = Some(lists_until_s.map_or(until_s, |so_far: u64| so_far.min(until_s)));
            }
        }
        let refused = |error: rustls::server::VerifierBuilderError| TransportError::RevocationList(error.to_string());
        let provider = Arc::new(provider());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider));
        let servers = WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), provider);
        Ok(Self {
            clients: clients.with_crls(lists.clone()).build().map_err(refused)?,
            servers: servers.with_crls(lists.clone()).build().map_err(refused)?,
            roots,
            roots_until_s,
            lists,
            lists_until_s,
        })
    }

    /// How many authorities there are.
    #[must_use]
    pub fn authorities(&self) -> usize {
        self.roots.len()
    }

    /// The unix second in which the first of them ends.
    #[must_use]
    pub const fn authorities_until(&self) -> u64 {
        self.roots_until_s
    }

    /// How many revocation lists there are; with none, nothing counts as revoked.
    #[must_use]
    pub fn revocation_lists(&self) -> usize {
        self.lists.len()
    }

    /// The unix second until which all lists say that they are current; none if no list says so.
    #[must_use]
    pub const fn lists_current_until(&self) -> Option<u64> {
        self.lists_until_s
    }

    /// Whether who connected with this chain would be let in at `now`.
    ///
    /// # Errors
    /// Why not.
    pub fn check_client(&self, chain: &[CertificateDer<'_>], now: UnixTime) -> Result<(), Refusal> {
        let (certificate, above) = chain.split_first().ok_or(Refusal::NoCertificate)?;
        self.clients.verify_client_cert(certificate, above, now).map(drop).map_err(|error| Refusal::of(&error))
    }

    /// Whether this chain would prove `name` at `now`.
    ///
    /// # Errors
    /// Why not.
    pub fn check_server(
        &self,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Refusal> {
        let (certificate, above) = chain.split_first().ok_or(Refusal::NoCertificate)?;
        self.servers
            .verify_server_cert(certificate, above, name, &[], now)
            .map(drop)
            .map_err(|error| Refusal::of(&error))
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Trust")
            .field("authorities", &self.roots)
            .field("lists", &self.lists)
            .finish_non_exhaustive()
    }
}

fn lists_of(text: &[u8]) -> Result<Vec<CertificateRevocationListDer<'static>>, TransportError> {
    const SEQUENCE: u8 = 0x30;
    if text.first() == Some(&SEQUENCE) {
        return Ok(vec![CertificateRevocationListDer::from(text.to_vec())]);
    }
    match CertificateRevocationListDer::pem_slice_iter(text).collect::<Result<Vec<_>, _>>() {
        Ok(lists) if !lists.is_empty() => Ok(lists),
        _ => Err(TransportError::Pem { wanted: "X509 CRL" }),
    }
}

/// The unix second of a list's next update, if it names one.
fn next_update(list: &CertificateRevocationListDer<'_>) -> Result<Option<u64>, TransportError> {
    let malformed = TransportError::Encoding { structure: "revocation list" };
    let (rest, list) = CertificateRevocationList::from_der(list.as_ref()).map_err(|_| malformed)?;
    if !rest.is_empty() {
        return Err(TransportError::Encoding { structure: "revocation list" });
    }
    Ok(list.next_update().map(|time| u64::try_from(time.timestamp()).unwrap_or(0)))
}
