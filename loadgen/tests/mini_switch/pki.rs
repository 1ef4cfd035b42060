//! Certificates for tests, and a node that speaks TLS with them.

use clearway_crypto::transport::{
    Credentials, ServerName, TimeProvider, Trust, Versions, client_config, peer_names, server_config,
};
use clearway_loadgen::TlsIdentity;
use clearway_loadgen::config::{Config, Identity};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::time_provider::DefaultTimeProvider;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

/// DNS name of the node.
pub const NODE: &str = "g4000311000018.switch.internal";

/// DNS name of a participant.
pub fn name_of(identity: &Identity) -> String {
    format!("{}.participant.internal", identity.id.as_str().to_lowercase())
}

/// A certificate authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    pub fn trust(&self) -> Trust {
        Trust::from_pem(self.pem().as_bytes(), &[""; 0]).unwrap()
    }

    /// Certificate and key of a name.
    pub fn issue(&self, name: &str) -> [String; 2] {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        [params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem()]
    }

    pub fn credentials(&self, name: &str) -> Credentials {
        let [certificate, key] = self.issue(name);
        Credentials::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap()
    }

    /// Gives everybody a certificate.
    pub fn equip(&self, config: &mut Config) {
        let equip = |identity: &mut Identity| {
            let credentials = self.credentials(&name_of(identity));
            identity.tls = Some(Arc::new(TlsIdentity::new(&credentials, &self.trust(), NODE).unwrap()));
        };
        config.banks.iter_mut().map(|bank| &mut bank.identity).for_each(equip);
        config.institutions.iter_mut().map(|institution| &mut institution.identity).for_each(equip);
    }
}

/// One side of TLS, for a node or somebody who claims to be it.
#[derive(Clone)]
pub struct Side {
    acceptor: TlsAcceptor,
    connector: TlsConnector,
}

impl std::fmt::Debug for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Side").finish_non_exhaustive()
    }
}

impl Side {
    pub fn new(credentials: &Credentials, trust: &Trust) -> Self {
        let time: Arc<dyn TimeProvider> = Arc::new(DefaultTimeProvider);
        let server = server_config(credentials, trust, Versions::Both, Arc::clone(&time)).unwrap();
        let client = client_config(credentials, trust, Versions::Both, time).unwrap();
        Self { acceptor: TlsAcceptor::from(Arc::new(server)), connector: TlsConnector::from(Arc::new(client)) }
    }

    pub async fn connect(&self, stream: TcpStream, name: &str) -> std::io::Result<client::TlsStream<TcpStream>> {
        self.connector.connect(ServerName::try_from(name.to_owned()).unwrap(), stream).await
    }

    /// The connection and the names in the certificate of who made it.
    pub async fn accept(&self, stream: TcpStream) -> Option<(server::TlsStream<TcpStream>, Vec<String>)> {
        let stream = self.acceptor.accept(stream).await.ok()?;
        let chain = stream.get_ref().1.peer_certificates()?;
        let names = peer_names(&chain[0]).unwrap();
        Some((stream, names))
    }
}
