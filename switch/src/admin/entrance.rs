//! How callers come in: plain HTTP for programs on this machine, or with certificates on both sides.
//!
//! Invariant: behind certificates nobody comes in without one that the operators' authorities issued and have not revoked,
//! and who is let in may do what `[admin.tls]` says of his name; from other machines there is no other way.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clearway_crypto::transport::{CertificateDer, Credentials, Trust, Versions, not_after, peer_names};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::caller::{Caller, Operators};
use super::pages::{Load, Loaded};
use super::site::Site;
use crate::clock::Clock;
use crate::config::{AdminSection, AdminTls};
use crate::constants::ADMIN_HANDSHAKE_MS_MAX;
use crate::error::{Error, Fault};
use crate::net::transport::{Acceptor, Material, Refusal, Tls, Transport};

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
    clock: Clock,
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
        let tls = Tls::new(material(section)?, clock.clone()).map_err(refused)?;
        let operators = Arc::new(Operators::new(&section.operators));
        Ok(Self { secure: Some(Secure { tls, section: Arc::new(section.clone()), operators, clock: clock.clone() }) })
    }

    /// Loads the certificates anew, for [`KeyPages`](super::KeyPages); none where there are none. Who is an operator is
    /// read at the start alone; an operator is kept out by a revocation list.
    #[must_use]
    pub fn load(&self) -> Option<Load> {
        let secure = self.secure.clone()?;
        Some(Box::new(move || {
            let material = material(&secure.section)?;
            // What the library does not take is to be known before anything is in force.
            Tls::new(material.clone(), secure.clock.clone()).map_err(refused)?;
            let (tls, note) = (Arc::clone(&secure.tls), note(&material));
            let install = Box::new(move || match tls.replace(material) {
                Ok(generation) => tracing::info!(generation, "the certificates of the door are in force"),
                Err(error) => tracing::error!(%error, "the certificates of the door are not in force"),
            });
            Ok(Loaded { note, install })
        }))
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

/// What was loaded, for the journal.
fn note(material: &Material) -> Value {
    let certificate = material.credentials.certificate();
    let digest = clearway_crypto::sha256(certificate.as_ref());
    json!({
        "certificate_sha256": digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        "until_s": not_after(certificate).ok(),
        "authorities": material.trust.authorities(),
        "revocation_lists": material.trust.revocation_lists(),
    })
}

fn refused(error: clearway_crypto::transport::TransportError) -> Error {
    Error::new(Fault::Configuration, error.to_string()).at("admin.tls").caused_by(error)
}

/// Reads the door's certificates.
fn material(section: &AdminTls) -> Result<Material, Error> {
    read_material("admin.tls", &section.certificate, &section.private_key, &section.ca, &section.revocation_lists)
}

/// Reads certificates; faults are named as keys of `section`.
pub(crate) fn read_material(
    section: &str,
    certificate: &Path,
    private_key: &Path,
    ca: &Path,
    revocation_lists: &[PathBuf],
) -> Result<Material, Error> {
    let read = |key: &str, path: &Path| {
        std::fs::read(path).map_err(|error| Error::file("read", path, error).at(format!("{section}.{key}")))
    };
    let lists = revocation_lists.iter().map(|list| read("revocation_lists", list)).collect::<Result<Vec<_>, _>>()?;
    let (certificate, private_key) = (read("certificate", certificate)?, read("private_key", private_key)?);
    Ok(Material {
        credentials: Credentials::from_pem(&certificate, &private_key).map_err(refused)?,
        trust: Trust::from_pem(&read("ca", ca)?, &lists).map_err(refused)?,
        versions: Versions::Both,
    })
}
