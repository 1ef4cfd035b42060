//! Mutual TLS of one participant: it shows its certificate to the node on both sides, and believes nobody but the node.
//!
//! Invariant: a handshake that ends well has proved that the other side is the node. A resumed session is judged like a
//! new one, because the library does not look at its certificates again.

use clearway_crypto::transport::{
    CertificateDer, Credentials, Refusal, ServerName, TimeProvider, TransportError, Trust, UnixTime, Versions,
    client_config, peer_names, server_config,
};
use rustls::HandshakeKind;
use rustls::time_provider::DefaultTimeProvider;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

/// Longest handshake of a connection that somebody else has opened.
const ACCEPT_MAX: Duration = Duration::from_secs(5);

/// What one participant speaks TLS with; shared by its links and its connections, so that sessions are resumed.
pub struct TlsIdentity {
    connector: TlsConnector,
    acceptor: TlsAcceptor,
    trust: Trust,
    node: ServerName<'static>,
    node_name: String,
}

impl TlsIdentity {
    /// Of a participant with these credentials, among those whom `trust` believes; the node's certificate has
    /// `node_name` among its DNS names. TLS 1.2 and 1.3.
    ///
    /// # Errors
    /// [`TransportError`]: the name is none, or the library refuses.
    pub fn new(credentials: &Credentials, trust: &Trust, node_name: &str) -> Result<Self, TransportError> {
        let time: Arc<dyn TimeProvider> = Arc::new(DefaultTimeProvider);
        let node = ServerName::try_from(node_name.to_owned()).map_err(|_| TransportError::Name(node_name.into()))?;
        let server = server_config(credentials, trust, Versions::Both, Arc::clone(&time))?;
        let client = client_config(credentials, trust, Versions::Both, time)?;
        Ok(Self {
            connector: TlsConnector::from(Arc::new(client)),
            acceptor: TlsAcceptor::from(Arc::new(server)),
            trust: trust.clone(),
            node,
            node_name: node_name.to_ascii_lowercase(),
        })
    }

    /// Shakes hands as the side that has connected.
    pub(crate) async fn connect(&self, stream: TcpStream) -> io::Result<client::TlsStream<TcpStream>> {
        let stream = self.connector.connect(self.node.clone(), stream).await?;
        let (_, session) = stream.get_ref();
        if session.handshake_kind() == Some(HandshakeKind::Resumed) {
            let chain = session.peer_certificates().unwrap_or_default();
            self.trust.check_server(chain, &self.node, UnixTime::now()).map_err(refused)?;
        }
        Ok(stream)
    }

    /// Shakes hands as the side that was connected to; whether the session was resumed.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<(server::TlsStream<TcpStream>, bool)> {
        let stream = timeout(ACCEPT_MAX, self.acceptor.accept(stream)).await??;
        let (_, session) = stream.get_ref();
        let is_resumed = session.handshake_kind() == Some(HandshakeKind::Resumed);
        let chain = session.peer_certificates().unwrap_or_default();
        if is_resumed {
            self.trust.check_client(chain, UnixTime::now()).map_err(refused)?;
        }
        self.check_node(chain).map_err(refused)?;
        Ok((stream, is_resumed))
    }

    fn check_node(&self, chain: &[CertificateDer<'_>]) -> Result<(), Refusal> {
        let names = chain.first().and_then(|certificate| peer_names(certificate).ok()).unwrap_or_default();
        if names.contains(&self.node_name) { Ok(()) } else { Err(Refusal::WrongName) }
    }
}

impl fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsIdentity").field("node", &self.node_name).finish_non_exhaustive()
    }
}

fn refused(refusal: Refusal) -> io::Error {
    io::Error::other(refusal.name())
}
