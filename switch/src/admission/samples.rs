//! A small configuration and its admission, for tests.

use std::sync::Arc;

use clearway_codec::value::{InstitutionId, SerialNumber};
use clearway_crypto::{DigestKey, KeyRing, SigningKey, Suite};

use super::Admission;
use crate::config::{
    Config, EnvelopeKeys, KeySource, ListenTransport, NodeKeys, NodeSection, Participant, ParticipantKind, Participants,
};

pub(crate) const INSTITUTION: &str = "Z2000133000017";
pub(crate) const BANK: &str = "C1000111000015";
pub(crate) const OTHER_BANK: &str = "C1000211000022";
/// 2026-11-20T12:00:00 in Beijing.
pub(crate) const NOON_US: u64 = 1_795_147_200_000_000;

pub(crate) fn id(text: &str) -> InstitutionId {
    InstitutionId::parse(text.as_bytes()).unwrap()
}

pub(crate) fn code(name: &str) -> Option<u8> {
    ["", "agreement-payment", "refund", "payout"].iter().position(|known| *known == name).map(|at| at as u8)
}

/// Institution 0, banks 1 and 2.
pub(crate) fn config(change: impl FnOnce(&mut Config, &mut Vec<Participant>)) -> Config {
    let node = NodeSection {
        id: id("G4000311000018"),
        serial: SerialNumber::parse(b"4000000001").unwrap(),
        workers: 1,
        pin_cores: Vec::new(),
    };
    let endpoint = || "http://127.0.0.1:20001/epcc".parse().unwrap();
    let mut list = vec![
        Participant::new(0, id(INSTITUTION), ParticipantKind::Institution, endpoint()),
        Participant::new(1, id(BANK), ParticipantKind::Bank, endpoint()),
        Participant::new(2, id(OTHER_BANK), ParticipantKind::Bank, endpoint()),
    ];
    let signing = Arc::new(SigningKey::generate(Suite::Ed25519).unwrap());
    let mut ring = KeyRing::builder();
    for participant in &list {
        ring = ring.add(*participant.id.as_bytes(), *b"4200000001", signing.verifying_key().clone(), 0, u64::MAX);
    }
    let keys = NodeKeys {
        signing,
        ring: Arc::new(ring.build().unwrap()),
        retired: Vec::new(),
        envelope: EnvelopeKeys::default(),
        digest: Arc::new(DigestKey::generate().unwrap()),
    };
    let empty = Participants::new(Vec::new()).unwrap();
    let mut config = Config::new(node, KeySource::Given(keys), empty, "/nowhere".into());
    (config.listen.transport, config.links.plain_http) = (ListenTransport::PlainHttp, true);
    change(&mut config, &mut list);
    config.participants = Participants::new(list).unwrap();
    config.check().unwrap();
    config
}

/// The admission of [`config`] unchanged.
pub(crate) fn plain() -> Admission {
    Admission::new(&config(|_, _| {}), code).unwrap()
}
