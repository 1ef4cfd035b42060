//! rustls configurations of both sides.

use std::sync::Arc;

use rustls::SupportedProtocolVersion;
use rustls::client::{ClientConfig, Resumption};
use rustls::crypto::aws_lc_rs::Ticketer;
use rustls::server::{NoServerSessionStorage, ServerConfig};
use rustls::sign::SingleCertAndKey;
use rustls::time_provider::TimeProvider;
use rustls::version::{TLS12, TLS13};

use super::credentials::{Credentials, provider};
use super::error::TransportError;
use super::trust::Trust;

/// Peers whose sessions a client remembers (ours): more than a node has participants with lines in use at once.
const REMEMBERED_PEERS: usize = 1_024;

/// Which versions of TLS are spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versions {
    /// 1.2 and 1.3.
    #[default]
    Both,
    /// 1.2 alone.
    Tls12,
    /// 1.3 alone.
    Tls13,
}

impl Versions {
    const fn list(self) -> &'static [&'static SupportedProtocolVersion] {
        static BOTH: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
        match self {
            Self::Both => &BOTH,
            Self::Tls13 => BOTH.split_at(1).0,
            Self::Tls12 => BOTH.split_at(1).1,
        }
    }
}

/// The side that is connected to. Who connects without a certificate that `trust` believes gets no connection. Sessions
/// live in tickets that only this configuration can open, so a stranger takes up no memory of ours.
///
/// # Errors
/// [`TransportError::Configuration`] if the library refuses.
pub fn server_config(
    credentials: &Credentials,
    trust: &Trust,
    versions: Versions,
    time: Arc<dyn TimeProvider>,
) -> Result<ServerConfig, TransportError> {
    let mut config = ServerConfig::builder_with_details(Arc::new(provider()), time)
        .with_protocol_versions(versions.list())
        .map_err(refused)?
        .with_client_cert_verifier(Arc::clone(&trust.clients))
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(credentials.key())));
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.ticketer = Ticketer::new().map_err(refused)?;
    Ok(config)
}

/// The side that connects: shows `credentials` and believes who proves the name it is asked for.
///
/// # Errors
/// [`TransportError::Configuration`] if the library refuses.
pub fn client_config(
    credentials: &Credentials,
    trust: &Trust,
    versions: Versions,
    time: Arc<dyn TimeProvider>,
) -> Result<ClientConfig, TransportError> {
    let mut config = ClientConfig::builder_with_details(Arc::new(provider()), time)
        .with_protocol_versions(versions.list())
        .map_err(refused)?
        .with_webpki_verifier(Arc::clone(&trust.servers))
        .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(credentials.key())));
    config.resumption = Resumption::in_memory_sessions(REMEMBERED_PEERS);
    Ok(config)
}

fn refused(error: rustls::Error) -> TransportError {
    TransportError::Configuration(error.to_string())
}
