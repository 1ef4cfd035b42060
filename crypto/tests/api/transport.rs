//! Mutual TLS without sockets: every way in which a certificate can be wrong, in both directions, in both versions, at
//! the handshake, when a session is resumed, and when a standing connection is looked at again.

use std::io::{Cursor, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clearway_crypto::transport::{
    Credentials, Refusal, ServerName, TimeProvider, TransportError, Trust, UnixTime, Versions, client_config,
    not_after, peer_names, server_config,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, ExtendedKeyUsagePurpose,
    IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevocationReason, RevokedCertParams, SerialNumber,
};
use rustls::{ClientConfig, ClientConnection, HandshakeKind, ServerConfig, ServerConnection};

/// 2026-01-01, when every certificate begins; nothing here reads a clock.
const BEGIN_S: u64 = 1_767_225_600;
const DAY_S: u64 = 86_400;
const NODE: &str = "g4000311000018.switch.internal";
const BANK: &str = "c1030844001362.participant.internal";
const OTHER: &str = "c1010211000012.participant.internal";

/// The time that both sides see.
#[derive(Debug, Clone)]
struct Hand(Arc<AtomicU64>);

impl Hand {
    fn at(seconds: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seconds)))
    }

    fn now(&self) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(self.0.load(Ordering::Relaxed)))
    }
}

impl TimeProvider for Hand {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.now())
    }
}

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    /// A certificate of `name`, of number `serial`, for `days` days from [`BEGIN_S`].
    fn issue(&self, name: &str, serial: u64, days: u64) -> Credentials {
        let (certificate, key) = self.issue_pem(name, serial, days);
        Credentials::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap()
    }

    fn issue_pem(&self, name: &str, serial: u64, days: u64) -> (String, String) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.serial_number = Some(SerialNumber::from(serial));
        params.not_before = moment(BEGIN_S);
        params.not_after = moment(BEGIN_S + days * DAY_S);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }

    fn revoke(&self, serials: &[u64]) -> String {
        let revoked = serials.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: moment(BEGIN_S),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: moment(BEGIN_S),
            next_update: moment(BEGIN_S + 7 * DAY_S),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.issuer).unwrap().pem().unwrap()
    }

    fn trust(&self, lists: &[String]) -> Trust {
        Trust::from_pem(self.issuer.pem().as_bytes(), lists).unwrap()
    }
}

fn moment(unix_s: u64) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp(i64::try_from(unix_s).unwrap()).unwrap()
}

/// How one connection went on the side of the server and on that of the client.
#[derive(Debug, PartialEq)]
struct Outcome {
    server: Result<Option<HandshakeKind>, Refusal>,
    client: Result<Option<HandshakeKind>, Refusal>,
}

/// One connection in memory: handshake, a byte each way, end. The client reads everything, so it keeps its tickets.
fn connect(server: &Arc<ServerConfig>, client: &Arc<ClientConfig>, name: &str) -> (Outcome, ServerConnection) {
    let mut server = ServerConnection::new(Arc::clone(server)).unwrap();
    let mut client = ClientConnection::new(Arc::clone(client), ServerName::try_from(name.to_owned()).unwrap()).unwrap();
    let (mut server_end, mut client_end) = (Ok(None), Ok(None));
    let mut asked = false;
    for _ in 0..16 {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).unwrap();
        }
        feed(&mut Cursor::new(&wire), &mut server_end, |input| {
            server.read_tls(input).unwrap();
            server.process_new_packets().map(drop)
        });
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        feed(&mut Cursor::new(&wire), &mut client_end, |input| {
            client.read_tls(input).unwrap();
            client.process_new_packets().map(drop)
        });
        if !client.is_handshaking() && !asked {
            client.writer().write_all(b"x").unwrap();
            asked = true;
        }
    }
    if server_end.is_ok() && client_end.is_ok() {
        assert_eq!(server.reader().read(&mut [0]).unwrap(), 1);
    }
    let outcome = Outcome {
        server: server_end.map(|_: Option<HandshakeKind>| server.handshake_kind()),
        client: client_end.map(|_: Option<HandshakeKind>| client.handshake_kind()),
    };
    (outcome, server)
}

fn feed(
    wire: &mut Cursor<&Vec<u8>>,
    end: &mut Result<Option<HandshakeKind>, Refusal>,
    mut process: impl FnMut(&mut dyn Read) -> Result<(), rustls::Error>,
) {
    while end.is_ok() && (wire.position() as usize) < wire.get_ref().len() {
        if let Err(error) = process(wire) {
            *end = Err(Refusal::of(&error));
        }
    }
}

const VERSIONS: [Versions; 2] = [Versions::Tls12, Versions::Tls13];

struct Case {
    what: &'static str,
    certificate: fn(&Authority, &Authority) -> Credentials,
    lists: &'static [u64],
    has_list: bool,
    refusal: Option<Refusal>,
}

/// Whose certificate the side under suspicion shows, and what the other says to it, ten days in.
const CASES: [Case; 6] = [
    Case { what: "good", certificate: |ca, _| ca.issue(BANK, 7, 90), lists: &[], has_list: false, refusal: None },
    Case {
        what: "good beside a list",
        certificate: |ca, _| ca.issue(BANK, 7, 90),
        lists: &[8],
        has_list: true,
        refusal: None,
    },
    Case {
        what: "revoked",
        certificate: |ca, _| ca.issue(BANK, 7, 90),
        lists: &[7],
        has_list: true,
        refusal: Some(Refusal::Revoked),
    },
    Case {
        what: "unknown CA",
        certificate: |_, stranger| stranger.issue(BANK, 7, 90),
        lists: &[],
        has_list: false,
        refusal: Some(Refusal::UnknownAuthority),
    },
    Case {
        what: "a CA of the same name",
        certificate: |_, _| Authority::new("test CA").issue(BANK, 7, 90),
        lists: &[],
        has_list: false,
        refusal: Some(Refusal::UnknownAuthority),
    },
    Case {
        what: "expired",
        certificate: |ca, _| ca.issue(BANK, 7, 9),
        lists: &[],
        has_list: false,
        refusal: Some(Refusal::Expired),
    },
];

#[test]
fn a_client_is_refused_for_every_fault_of_its_certificate() {
    let (ca, stranger) = (Authority::new("test CA"), Authority::new("strange CA"));
    let time = Hand::at(BEGIN_S + 10 * DAY_S);
    for case in CASES {
        let lists: Vec<String> = case.has_list.then(|| ca.revoke(case.lists)).into_iter().collect();
        let trust = ca.trust(&lists);
        let shown = (case.certificate)(&ca, &stranger);
        assert_eq!(trust.check_client(shown.chain(), time.now()).err(), case.refusal, "{}", case.what);
        for versions in VERSIONS {
            let server = server_config(&ca.issue(NODE, 1, 90), &trust, versions, Arc::new(time.clone())).unwrap();
            let client = client_config(&shown, &ca.trust(&[]), versions, Arc::new(time.clone())).unwrap();
            let (outcome, _) = connect(&Arc::new(server), &Arc::new(client), NODE);
            assert_eq!(outcome.server.err(), case.refusal, "{} {versions:?}", case.what);
            let told = case.refusal.map(|_| Refusal::OwnRefused);
            assert_eq!(outcome.client.err(), told, "{} {versions:?}", case.what);
        }
    }
}

#[test]
fn a_server_is_refused_for_every_fault_of_its_certificate() {
    let (ca, stranger) = (Authority::new("test CA"), Authority::new("strange CA"));
    let time = Hand::at(BEGIN_S + 10 * DAY_S);
    for case in CASES {
        let lists: Vec<String> = case.has_list.then(|| ca.revoke(case.lists)).into_iter().collect();
        let trust = ca.trust(&lists);
        let shown = (case.certificate)(&ca, &stranger);
        let name = ServerName::try_from(BANK).unwrap();
        assert_eq!(trust.check_server(shown.chain(), &name, time.now()).err(), case.refusal, "{}", case.what);
        for versions in VERSIONS {
            let server = server_config(&shown, &ca.trust(&[]), versions, Arc::new(time.clone())).unwrap();
            let client = client_config(&ca.issue(NODE, 1, 90), &trust, versions, Arc::new(time.clone())).unwrap();
            let (outcome, _) = connect(&Arc::new(server), &Arc::new(client), BANK);
            assert_eq!(outcome.client.err(), case.refusal, "{} {versions:?}", case.what);
        }
    }
}

#[test]
fn another_participants_certificate_proves_nothing() {
    let ca = Authority::new("test CA");
    let time = Hand::at(BEGIN_S);
    for versions in VERSIONS {
        let server = server_config(&ca.issue(OTHER, 1, 90), &ca.trust(&[]), versions, Arc::new(time.clone())).unwrap();
        let client = client_config(&ca.issue(NODE, 2, 90), &ca.trust(&[]), versions, Arc::new(time.clone())).unwrap();
        let (outcome, _) = connect(&Arc::new(server), &Arc::new(client), BANK);
        assert_eq!(outcome.client, Err(Refusal::WrongName), "{versions:?}");
        assert_eq!(outcome.server, Err(Refusal::OwnRefused), "{versions:?}");
    }
}

#[test]
fn without_a_certificate_there_is_no_connection() {
    let ca = Authority::new("test CA");
    let time = Hand::at(BEGIN_S);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(ca.issuer.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    for (versions, version) in [(Versions::Tls12, &rustls::version::TLS12), (Versions::Tls13, &rustls::version::TLS13)]
    {
        let client = ClientConfig::builder_with_details(Arc::clone(&provider), Arc::new(time.clone()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        let server = server_config(&ca.issue(NODE, 1, 90), &ca.trust(&[]), versions, Arc::new(time.clone())).unwrap();
        let (outcome, _) = connect(&Arc::new(server), &Arc::new(client), NODE);
        assert_eq!(outcome.server, Err(Refusal::NoCertificate), "{versions:?}");
    }
}

#[test]
fn what_is_resumed_still_shows_whose_it_is_and_is_judged_anew() {
    let ca = Authority::new("test CA");
    for versions in VERSIONS {
        let time = Hand::at(BEGIN_S);
        let (node, bank) = (ca.issue(NODE, 1, 90), ca.issue(BANK, 7, 10));
        let trust = ca.trust(&[]);
        let server = Arc::new(server_config(&node, &trust, versions, Arc::new(time.clone())).unwrap());
        let client = Arc::new(client_config(&bank, &trust, versions, Arc::new(time.clone())).unwrap());
        let (first, _) = connect(&server, &client, NODE);
        assert_eq!(first.server, Ok(Some(HandshakeKind::Full)), "{versions:?}");
        // The bank's certificate ends in between. The library resumes all the same: the owner has to ask again.
        time.0.store(BEGIN_S + 10 * DAY_S - 60, Ordering::Relaxed);
        let (first, _) = connect(&server, &client, NODE);
        assert!(first.server.is_ok(), "{versions:?}: {first:?}");
        time.0.store(BEGIN_S + 10 * DAY_S + 60, Ordering::Relaxed);
        let (second, connection) = connect(&server, &client, NODE);
        assert_eq!(second.server, Ok(Some(HandshakeKind::Resumed)), "{versions:?}");
        let chain = connection.peer_certificates().unwrap();
        assert_eq!(peer_names(&chain[0]).unwrap(), [BANK]);
        assert_eq!(trust.check_client(chain, time.now()), Err(Refusal::Expired), "{versions:?}");
        let stricter = ca.trust(&[ca.revoke(&[7])]);
        let before = UnixTime::since_unix_epoch(Duration::from_secs(BEGIN_S + DAY_S));
        assert_eq!(stricter.check_client(chain, before), Err(Refusal::Revoked), "{versions:?}");
    }
}

#[test]
fn tickets_are_worth_nothing_under_another_configuration() {
    let ca = Authority::new("test CA");
    for versions in VERSIONS {
        let time = Hand::at(BEGIN_S);
        let (node, bank, trust) = (ca.issue(NODE, 1, 90), ca.issue(BANK, 7, 90), ca.trust(&[]));
        let serve = || Arc::new(server_config(&node, &trust, versions, Arc::new(time.clone())).unwrap());
        let client = Arc::new(client_config(&bank, &trust, versions, Arc::new(time.clone())).unwrap());
        let (before, after) = (serve(), serve());
        for (server, kind) in [
            (&before, HandshakeKind::Full),
            (&before, HandshakeKind::Resumed),
            (&after, HandshakeKind::Full),
            (&after, HandshakeKind::Resumed),
        ] {
            let (outcome, _) = connect(server, &client, NODE);
            assert_eq!(outcome, Outcome { server: Ok(Some(kind)), client: Ok(Some(kind)) }, "{versions:?}");
        }
    }
}

#[test]
fn certificates_tell_their_names_and_their_end() {
    let ca = Authority::new("test CA");
    let mut params = CertificateParams::new(vec![BANK.to_uppercase(), "*.participant.internal".to_owned()]).unwrap();
    params.subject_alt_names.push(rcgen::SanType::IpAddress([127, 0, 0, 1].into()));
    params.not_before = moment(BEGIN_S);
    params.not_after = moment(BEGIN_S + DAY_S);
    let certificate = params.signed_by(&KeyPair::generate().unwrap(), &ca.issuer).unwrap();
    assert_eq!(peer_names(certificate.der()).unwrap(), [BANK]);
    assert_eq!(not_after(certificate.der()).unwrap(), BEGIN_S + DAY_S);
    let trust = ca.trust(&[ca.revoke(&[1])]);
    assert_eq!((trust.authorities(), trust.revocation_lists()), (1, 1));
    assert_eq!(trust.lists_current_until(), Some(BEGIN_S + 7 * DAY_S));
    assert_eq!(ca.trust(&[]).lists_current_until(), None);
    let der = pem_to_der(&ca.revoke(&[1]));
    assert_eq!(ca.trust(&[]).with_revocation_list(&der).unwrap().revocation_lists(), 1);
    assert!(ca.trust(&[]).with_revocation_list(&der[..der.len() - 1]).is_err());
}

fn pem_to_der(pem: &str) -> Vec<u8> {
    use rustls_pki_types::pem::PemObject;
    rustls_pki_types::CertificateRevocationListDer::from_pem_slice(pem.as_bytes()).unwrap().to_vec()
}

#[test]
fn what_cannot_be_used_is_refused_in_words() {
    let ca = Authority::new("test CA");
    let (certificate, key) = ca.issue_pem(BANK, 1, 90);
    let (_, other) = ca.issue_pem(BANK, 2, 90);
    let broken = certificate.replacen("MII", "AAA", 1);
    for (certificate, key, words) in [
        ("", key.as_str(), "no readable PEM section \"CERTIFICATE\""),
        (broken.as_str(), &key, "malformed certificate"),
        (&certificate, "", "no readable PEM section \"PRIVATE KEY\""),
        (&certificate, &certificate, "no readable PEM section \"PRIVATE KEY\""),
        (&certificate, &other, "the private key does not belong to the certificate"),
    ] {
        let error = Credentials::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), words);
    }
    let cases: [(&str, &str); 2] =
        [("", "no readable PEM section \"CERTIFICATE\""), (&broken, "malformed certificate")];
    for (text, words) in cases {
        assert_eq!(Trust::from_pem(text.as_bytes(), &[""; 0]).unwrap_err().to_string(), words);
    }
    let lists = ca.trust(&[]).with_revocation_list(certificate.as_bytes()).unwrap_err();
    assert!(matches!(lists, TransportError::Pem { wanted: "X509 CRL" }), "{lists}");
}
