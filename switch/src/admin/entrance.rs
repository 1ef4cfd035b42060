//! How callers come in: plain HTTP for programs on this machine, or with certificates on both sides.
//!
//! Invariant: behind certificates nobody comes in without one that the operators' authorities issued and have not revoked,
//! and who is let in may do what `[admin.tls]` says of his name; from other machines there is no other way.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use clearway_crypto::transport::{CertificateDer, TransportError, peer_names};
use tokio::net::TcpStream;

use super::caller::{Caller, Operators};
use super::pages::{Load, load_certificates};
use super::site::Site;
use crate::clock::Clock;
use crate::config::{AdminSection, AdminTls};
use crate::constants::ADMIN_HANDSHAKE_MS_MAX;
use crate::error::{Error, Fault};
use crate::net::transport::{Acceptor, Refusal, Tls, Transport};

/// The way in. Cheap to clone; clones see every reload.
#[derive(Clone, Debug)]
pub struct Entrance {
    secure: Option<Secure>,
}

#[derive(Clone, Debug)]
struct Secure {
    tls: Arc<Tls>,
    section: Arc<AdminTls>,
    operators: Arc<Operators>,
}

/// Who came in.
pub(super) struct Entered {
    pub(super) transport: Transport,
    pub(super) caller: Caller,
    pub(super) site: Site,
}

impl Entrance {
    /// As the configuration says.
    ///
    /// # Errors
    /// An address that other machines can reach without `[admin.tls]`; certificates that cannot be used.
    pub fn open(section: &AdminSection, clock: &Clock) -> Result<Self, Error> {
        section.check()?;
        let Some(section) = &section.tls else { return Ok(Self { secure: None }) };
        let tls = Tls::new(section.load()?, clock.clone()).map_err(refused)?;
        let operators = Arc::new(Operators::new(&section.operators));
        Ok(Self { secure: Some(Secure { tls, section: Arc::new(section.clone()), operators }) })
    }

    /// Loads the certificates anew, for [`KeyPages`](super::KeyPages); none where there are none. Who is an operator is
    /// read at the start alone; an operator is kept out by a revocation list.
    #[must_use]
    pub fn load(&self) -> Option<Load> {
        let Secure { tls, section, .. } = self.secure.as_ref()?;
        let section = Arc::clone(section);
        Some(load_certificates(move || section.load(), tls))
    }

    /// Its TLS; none where callers are of this machine alone.
    #[must_use]
    pub fn tls(&self) -> Option<&Arc<Tls>> {
        self.secure.as_ref().map(|secure| &secure.tls)
    }

    /// Whether certificates are shown here.
    pub(super) const fn is_secure(&self) -> bool {
        self.secure.is_some()
    }

    /// Lets in who has connected from `peer`.
    pub(super) async fn enter(&self, stream: TcpStream, peer: IpAddr) -> Result<Entered, Refusal> {
        let Some(Secure { tls, operators, .. }) = &self.secure else {
            let caller = if peer.to_canonical().is_loopback() { Caller::Local } else { Caller::Stranger };
            return Ok(Entered { transport: Transport::Plain(stream), caller, site: Site::plain() });
        };
        let site = Site::secure(names(tls.material().credentials.certificate()));
        let acceptor = Acceptor::here(Arc::clone(tls), Duration::from_millis(ADMIN_HANDSHAKE_MS_MAX));
        let accepted = acceptor.accept(stream).await?;
        let caller = accepted.peer.map_or(Caller::Stranger, |peer| operators.caller(peer.names()));
        Ok(Entered { transport: accepted.transport, caller, site })
    }
}

fn names(certificate: &CertificateDer<'_>) -> Vec<String> {
    peer_names(certificate).unwrap_or_default()
}

fn refused(error: TransportError) -> Error {
    Error::new(Fault::Configuration, error.to_string()).at("admin.tls").caused_by(error)
}
