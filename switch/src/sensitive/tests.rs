//! What is opened is what was sealed, for every message that carries encrypted values; what is wrong is refused alike;
//! nothing is printed.

use std::sync::Arc;

use bytes::BytesMut;
use clearway_codec::{
    BeijingTime, Decoder, Direction, Field, Header, InstitutionId, MessageType, SerialNumber, Values, encode, schema,
};
use clearway_crypto::envelope::{CipherMode, DecryptionKey, EncryptionKey, EnvelopeAlgorithm};
use clearway_crypto::{DigestKey, EncryptionRecord, EncryptionRing};

use super::*;
use crate::config::EnvelopeKeys;

const INSTITUTION: &str = "Z2000000000088";
const BANK: &str = "C1000000000016";
const NODE_SERIAL: &str = "4500000001";
const BANK_SERIAL: &str = "4700000001";

/// A node with the keys of both its sides.
struct Stage {
    sealer: Sealer,
    node: EncryptionKey,
    bank: DecryptionKey,
}

fn id(text: &str) -> InstitutionId {
    InstitutionId::parse(text.as_bytes()).unwrap()
}

fn serial(text: &str) -> SerialNumber {
    SerialNumber::parse(text.as_bytes()).unwrap()
}

fn stage(algorithm: EnvelopeAlgorithm, mode: CipherMode) -> Stage {
    let [node, bank, institution] = [(); 3].map(|()| DecryptionKey::generate(algorithm).unwrap());
    let record = |key: &DecryptionKey, serial: &[u8; 10]| EncryptionRecord {
        serial: *serial,
        key: key.encryption_key().clone(),
        mode,
    };
    let ring = EncryptionRing::new([
        (*id(BANK).as_bytes(), record(&bank, b"4700000001")),
        (*id(INSTITUTION).as_bytes(), record(&institution, b"4600000001")),
    ]);
    let public = node.encryption_key().clone();
    let keys =
        EnvelopeKeys { decryption: vec![(serial(NODE_SERIAL), Arc::new(node))], encryption: Arc::new(ring.unwrap()) };
    Stage { sealer: Sealer::new(keys, Arc::new(DigestKey::generate().unwrap())), node: public, bank }
}

/// What `sealer` makes of a message in which each encrypted field has the value that `value` gives.
fn received<T>(
    message_type: MessageType,
    header: [Option<&str>; 2],
    value: impl Fn(Field) -> Option<String>,
    then: impl FnOnce(&clearway_codec::Checked<'_>) -> T,
) -> T {
    let sealed: Vec<(Field, String)> =
        schema(message_type).encrypted_fields().iter().filter_map(|field| Some((*field, value(*field)?))).collect();
    let mut values = Values::new();
    schema(message_type).walk(&mut |_, element| {
        if let Some(leaf) = element.leaf().filter(|leaf| element.is_mandatory() || leaf.is_encrypted()) {
            values.set_text(leaf.field, leaf.example);
        }
    });
    for field in schema(message_type).encrypted_fields() {
        values.set_text(*field, "");
    }
    for (field, text) in &sealed {
        values.set_text(*field, text);
    }
    for (field, text) in [Field::NcrptnSN, Field::DgtlEnvlp].into_iter().zip(header) {
        if let Some(text) = text {
            values.set_text(field, text);
        }
    }
    let header = Header {
        message_type,
        issuer: id(INSTITUTION),
        direction: Direction::PI_TO_SWITCH,
        sign_sn: serial("4100000001"),
        sent_at: BeijingTime::parse(b"2026-11-20T10:54:05").unwrap(),
    };
    let mut bytes = BytesMut::new();
    encode(&mut bytes, message_type, &header, &values).unwrap_or_else(|error| panic!("{message_type}: {error}"));
    let mut decoder = Decoder::new();
    let checked = decoder.decode(&bytes).unwrap().check().unwrap_or_else(|error| panic!("{message_type}: {error}"));
    then(&checked)
}

/// A clear value of the longest that the field takes.
fn clear_of(message_type: MessageType, field: Field) -> String {
    let mut max = 0;
    schema(message_type).walk(&mut |_, element| {
        if let Some(leaf) = element.leaf().filter(|leaf| leaf.field == field) {
            max = usize::from(leaf.clear_chars_max);
        }
    });
    let text = if field.name().ends_with("Nm") { "张" } else { "6" };
    text.repeat(max)
}

fn sealed_types() -> impl Iterator<Item = MessageType> {
    MessageType::ALL.iter().copied().filter(|message_type| !schema(*message_type).encrypted_fields().is_empty())
}

#[test]
fn every_encrypted_value_is_opened_and_sealed_for_the_next_hop() {
    assert!(sealed_types().count() >= 8);
    for (algorithm, mode) in [
        (EnvelopeAlgorithm::RsaAes256, CipherMode::Cbc),
        (EnvelopeAlgorithm::Sm2Sm4, CipherMode::Cbc),
        (EnvelopeAlgorithm::Sm2Sm4, CipherMode::Ecb),
    ] {
        let Stage { sealer, node, bank } = stage(algorithm, mode);
        for message_type in sealed_types() {
            let fields = schema(message_type).encrypted_fields();
            let sealing = node.seal(mode).unwrap();
            let value = |field| Some(sealing.seal(&clear_of(message_type, field)).unwrap());
            let header = [Some(NODE_SERIAL), Some(sealing.envelope())];
            let clear = received(message_type, header, value, |message| sealer.open(message)).unwrap().unwrap();
            assert_eq!(clear.len(), fields.len());
            let sealed = sealer.seal(&id(BANK), &clear, fields).unwrap();
            assert_eq!((sealed.serial, sealed.values.len()), (serial(BANK_SERIAL), fields.len()));
            assert_ne!(sealed.envelope, sealing.envelope());
            let opening = bank.open(&sealed.envelope, mode);
            for (field, text) in &sealed.values {
                let expected = clear_of(message_type, *field);
                assert_eq!((clear.get(*field), opening.open(text).as_deref()), (Some(&*expected), Ok(&expected)));
            }
            let mut values = Values::new();
            sealed.set_into(&mut values);
            assert_eq!(values.get(Field::NcrptnSN), Some(BANK_SERIAL.as_bytes()));
            assert_eq!(values.get(Field::DgtlEnvlp), Some(sealed.envelope.as_bytes()));
            // Another message takes what was sealed: its lengths fit.
            let next = |field| sealed.values.iter().find(|(known, _)| *known == field).map(|(_, text)| text.clone());
            received(message_type, [Some(BANK_SERIAL), Some(&sealed.envelope)], next, |_| ());
        }
    }
}

#[test]
fn a_message_without_encrypted_values_needs_no_envelope() {
    let Stage { sealer, .. } = stage(EnvelopeAlgorithm::Sm2Sm4, CipherMode::Cbc);
    // Types that have no such field, and a 102 and a 302 in which all are absent.
    for message_type in MessageType::ALL.iter().copied() {
        let optional = [MessageType::Epcc102, MessageType::Epcc302].contains(&message_type);
        if schema(message_type).encrypted_fields().is_empty() || optional {
            let opened = received(message_type, [None, None], |_| None, |message| sealer.open(message).map(|_| ()));
            assert_eq!(opened, Ok(()), "{message_type}");
        }
    }
}

/// The refusals of `OpenError`, by header and value of a 101's account number.
#[test]
fn what_cannot_be_read_is_refused_and_says_no_more() {
    let Stage { sealer, node, bank } = stage(EnvelopeAlgorithm::Sm2Sm4, CipherMode::Cbc);
    let sealing = node.seal(CipherMode::Cbc).unwrap();
    let other = bank.encryption_key().seal(CipherMode::Cbc).unwrap();
    let long = "6".repeat(35);
    let seal = |text: &str| sealing.seal(text).unwrap();
    let good = [Some(NODE_SERIAL), Some(sealing.envelope())];
    let (unreadable, unknown) = (Err(OpenError::Unreadable), Err(OpenError::UnknownKey));
    let table = [
        ("good", good, seal("6222020200112233445"), Ok(())),
        ("no envelope", [Some(NODE_SERIAL), None], seal("6222"), Err(OpenError::NoEnvelope)),
        ("no serial", [None, Some(sealing.envelope())], seal("6222"), Err(OpenError::NoEnvelope)),
        ("serial of another", [Some(BANK_SERIAL), Some(sealing.envelope())], seal("6222"), unknown),
        ("envelope for another", [Some(NODE_SERIAL), Some(other.envelope())], seal("6222"), unreadable),
        ("envelope of nothing", [Some(NODE_SERIAL), Some("AAAA")], seal("6222"), unreadable),
        ("another session's value", good, other.seal("6222").unwrap(), unreadable),
        ("clear on the wire", good, "6222020200112233445".to_owned(), unreadable),
        ("empty when opened", good, seal(""), unreadable),
        ("too long when opened", good, seal(&long), unreadable),
        ("a line break", good, seal("6222\n"), unreadable),
        ("letters of a script", good, seal("六二二二"), unreadable),
        ("a space", good, seal("6222 0202"), unreadable),
    ];
    for (name, header, account, expected) in table {
        let value = |field| if field == Field::SgnAcctId { Some(account.clone()) } else { Some(seal("6")) };
        let opened = received(MessageType::Epcc101, header, value, |message| sealer.open(message).map(|_| ()));
        assert_eq!(opened, expected, "{name}");
    }
    assert_eq!(OpenError::Unreadable.return_code().as_bytes(), b"ES000028");
    assert_eq!(OpenError::NoEnvelope.return_code(), OpenError::UnknownKey.return_code());
}

#[test]
fn values_are_sealed_only_for_those_who_have_a_key_and_only_what_is_there() {
    let Stage { sealer, node, .. } = stage(EnvelopeAlgorithm::Sm2Sm4, CipherMode::Cbc);
    let sealing = node.seal(CipherMode::Cbc).unwrap();
    let value = |field| (field == Field::SgnAcctId || field == Field::SgnAcctNm).then(|| sealing.seal("6222").unwrap());
    let header = [Some(NODE_SERIAL), Some(sealing.envelope())];
    let mut clear = received(MessageType::Epcc102, header, value, |message| sealer.open(message)).unwrap().unwrap();
    assert_eq!(sealer.seal(&id("C1000000000099"), &clear, &[Field::SgnAcctId]), Err(SealError::NoKey));
    let sealed = sealer.seal(&id(BANK), &clear, &[Field::SgnAcctId, Field::MobNo]).unwrap();
    assert_eq!(sealed.values.iter().map(|(field, _)| *field).collect::<Vec<_>>(), [Field::SgnAcctId]);
    let nothing = sealer.seal(&id(BANK), &clear, &[Field::MobNo]).unwrap();
    let mut values = Values::new();
    nothing.set_into(&mut values);
    assert_eq!((nothing.values.len(), values.get(Field::DgtlEnvlp), values.get(Field::NcrptnSN)), (0, None, None));
    assert_eq!(SealError::NoKey.return_code().as_bytes(), b"ES000029");

    let newer = |field| (field == Field::SgnAcctNm).then(|| sealing.seal("李四").unwrap());
    let answer = received(MessageType::Epcc102, header, newer, |message| sealer.open(message)).unwrap().unwrap();
    clear.absorb(answer);
    assert_eq!((clear.get(Field::SgnAcctId), clear.get(Field::SgnAcctNm)), (Some("6222"), Some("李四")));
}

#[test]
fn other_keys_count_from_the_next_message_on() {
    let Stage { sealer, node, .. } = stage(EnvelopeAlgorithm::Sm2Sm4, CipherMode::Cbc);
    let sealing = node.seal(CipherMode::Cbc).unwrap();
    let value = |_| Some(sealing.seal("6222").unwrap());
    let header = [Some(NODE_SERIAL), Some(sealing.envelope())];
    let open = || received(MessageType::Epcc101, header, value, |message| sealer.open(message).map(|_| ()));
    assert_eq!(open(), Ok(()));
    let digest = sealer.digest("6222");
    sealer.replace(EnvelopeKeys::default());
    assert_eq!(open(), Err(OpenError::UnknownKey));
    assert_eq!(sealer.digest("6222"), digest);
    assert_ne!(sealer.digest("6223"), digest);
    assert_ne!(digest, 0);
}

#[test]
fn nothing_clear_is_printed() {
    let Stage { sealer, node, .. } = stage(EnvelopeAlgorithm::RsaAes256, CipherMode::Cbc);
    let sealing = node.seal(CipherMode::Cbc).unwrap();
    let value =
        |field| Some(sealing.seal(if field == Field::SgnAcctNm { "王小明" } else { "6222020200112233445" }).unwrap());
    let header = [Some(NODE_SERIAL), Some(sealing.envelope())];
    let clear = received(MessageType::Epcc102, header, value, |message| {
        let clear = sealer.open(message).unwrap().unwrap();
        assert!(!format!("{message:?}").contains("6222"));
        clear
    });
    let sealed = sealer.seal(&id(BANK), &clear, schema(MessageType::Epcc102).encrypted_fields()).unwrap();
    let errors = format!("{:?} {} {}", OpenError::Unreadable, OpenError::Unreadable, SealError::Failed);
    let shown = format!("{clear:?} {clear:#?} {sealer:?} {sealing:?} {sealed:?} {errors}");
    for secret in ["6222020200112233445", "622202", "王小明", "小明"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("SgnAcctId"), "{shown}");
}
