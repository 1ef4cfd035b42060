//! What is encoded is decoded as it was meant.

use bytes::BytesMut;
use clearway_codec::catalogue::Element;
use clearway_codec::limits::SIGNATURE_BYTES_MAX;
use clearway_codec::{
    Checked, Decoder, ErrorKind, Field, MessageType, Values, append_signature, decode_signature, encode,
};
use proptest::prelude::*;

use crate::samples::{example_values, full, header, leaves};

/// Encodes, decodes, and holds every field against what was set.
fn round_trip(message_type: MessageType, values: &Values<'_>) {
    let mut out = BytesMut::from(&b"before"[..]);
    let header = header(message_type);
    let signed =
        encode(&mut out, message_type, &header, values).unwrap_or_else(|error| panic!("{message_type}: {error}"));
    append_signature(&mut out, &[7; 71]);
    let bytes = &out[b"before".len()..];
    let mut decoder = Decoder::new();
    let message = decoder.decode(bytes).unwrap_or_else(|error| panic!("{message_type}: {error}"));
    assert_eq!(message.header(), header);
    assert_eq!(message.signed_bytes(), &out[signed]);
    let checked = message.check().unwrap_or_else(|error| panic!("{message_type}: {error}"));
    for field in Field::ALL.iter().skip_while(|field| **field <= Field::DgtlEnvlp) {
        let set = values.get(*field).filter(|value| !value.is_empty());
        assert_eq!(checked.field(*field), set, "{message_type} {}", field.name());
    }
    let mut signature = [0; SIGNATURE_BYTES_MAX];
    let text = checked.signature_text().expect("it is signed");
    assert_eq!(decode_signature(text, &mut signature), Ok(71));
    assert_eq!(signature[..71], [7; 71]);
}

#[test]
fn every_message_goes_there_and_back_full_and_bare() {
    for message_type in MessageType::ALL {
        round_trip(*message_type, &example_values(*message_type, |_| true));
        round_trip(*message_type, &example_values(*message_type, Element::is_mandatory));
    }
}

#[test]
fn an_optional_value_may_be_empty_and_a_mandatory_one_not() {
    for message_type in MessageType::ALL {
        for element in leaves(*message_type) {
            let leaf = element.leaf().expect("leaves are leaves");
            let mut values = example_values(*message_type, |_| true);
            values.set(leaf.field, b"");
            if !element.is_mandatory() {
                round_trip(*message_type, &values);
                continue;
            }
            let mut out = BytesMut::from(&b"before"[..]);
            let error = encode(&mut out, *message_type, &header(*message_type), &values).expect_err(leaf.field.name());
            assert_eq!(error.kind, ErrorKind::MissingElement);
            assert!(error.path.as_str().ends_with(leaf.field.name()), "{}", error.path);
            assert!(error.path.as_str().starts_with("/root/MsgBody/"), "{}", error.path);
            assert_eq!(&out[..], b"before", "nothing is left of a message that failed");
        }
    }
}

#[test]
fn what_decode_would_refuse_is_not_written() {
    let long = "商".repeat(129);
    for (field, value, kind) in [
        (Field::SysRtnDesc, "a<b/>c", ErrorKind::MarkupInValue),
        (Field::SysRtnDesc, "a & b", ErrorKind::BadReference),
        (Field::SysRtnDesc, "a]]>b", ErrorKind::CdataEnd),
        (Field::SysRtnDesc, "a\u{1}b", ErrorKind::BadCharacter),
        (Field::BizStsDesc, long.as_str(), ErrorKind::TooLong),
        (Field::SysRtnCd, "0000000", ErrorKind::BadValue(clearway_codec::ValueError::Length)),
    ] {
        let mut values = example_values(MessageType::Epcc206, |_| true);
        values.set(field, value.as_bytes());
        let mut out = BytesMut::new();
        let header = header(MessageType::Epcc206);
        let error = encode(&mut out, MessageType::Epcc206, &header, &values).expect_err(value);
        assert_eq!(error.kind, kind, "{value:?}");
        assert!(out.is_empty());
    }
    let mut values = example_values(MessageType::Epcc303, |_| true);
    values.set(Field::SysRtnDesc, b"\xff");
    let error = encode(&mut BytesMut::new(), MessageType::Epcc303, &header(MessageType::Epcc303), &values)
        .expect_err("not UTF-8");
    assert_eq!(error.kind, ErrorKind::NotUtf8);
    assert_eq!(error.path.as_str(), "/root/MsgBody/SysRtnInf/SysRtnDesc");
}

#[test]
fn typed_values_come_out_of_the_accessors() {
    let bytes = full(MessageType::Epcc206);
    let mut decoder = Decoder::new();
    let checked = decoder.decode(&bytes).and_then(|message| message.check()).expect("it is good");
    assert_eq!(checked.amount(Field::TrxAmt).map(|amount| amount.fen()), Ok(128_385));
    assert_eq!(checked.status(Field::TrxStatus).map(|status| status.code()), Ok("00"));
    assert_eq!(checked.batch_id(Field::BatchId).map(|batch| batch.sequence()), Ok(11));
    assert_eq!(checked.return_code(Field::BizStsCd).map(|code| code.is_success()), Ok(true));
    let id = checked.trx_id(Field::TrxId).expect("it is there");
    assert_eq!(Some(id.to_string().as_bytes()), checked.field(Field::TrxId));
    let bank = checked.institution(Field::PyerAcctIssrId).expect("it is there");
    assert_eq!(bank.as_str(), "C1000000000011");
    let time = checked.time(Field::TrxFinishTm).expect("it is there");
    assert_eq!(time.to_string(), "2026-11-20T10:06:54");
    assert_eq!(checked.text(Field::SysRtnDesc).as_deref(), Some("成功"));
}

#[test]
fn an_accessor_tells_what_is_absent_or_of_another_type() {
    let bytes = full(MessageType::Epcc301);
    let mut decoder = Decoder::new();
    let checked = decoder.decode(&bytes).and_then(|message| message.check()).expect("it is good");
    let error = checked.amount(Field::TrxAmt).expect_err("a query has no amount");
    assert_eq!((error.kind, error.path.as_str()), (ErrorKind::MissingElement, "/TrxAmt"));
    let error = checked.amount(Field::OriTrxId).expect_err("an identity is no amount");
    assert!(matches!(error.kind, ErrorKind::BadValue(_)));
    assert_eq!(error.path.as_str(), "/root/MsgBody/OriTrxInf/OriTrxId");
    let error = checked.time(Field::NcrptnSN).expect_err("nothing is encrypted");
    assert_eq!(error.path.as_str(), "/root/MsgHeader/NcrptnSN");
}

#[test]
fn fields_can_be_kept_beside_the_bytes() {
    let bytes = full(MessageType::Epcc201);
    let fields = Decoder::new().decode(&bytes).and_then(|message| message.check()).expect("it is good").fields();
    let checked = Checked::from_parts(&bytes, &fields);
    assert_eq!(checked.field(Field::TrxAmt), Some(&b"CNY1283.85"[..]));
    assert!(checked.body().starts_with(b"<MsgBody>") && checked.body().ends_with(b"</MsgBody>"));
    assert_eq!(checked.bytes(), bytes);
    assert_eq!((fields.message_type(), fields.header()), (MessageType::Epcc201, checked.header()));
    // With bytes that are not its own: nothing useful, but no panic either.
    for len in 0..bytes.len() {
        let wrong = Checked::from_parts(&bytes[..len], &fields);
        let _ = (wrong.signed_bytes(), wrong.body(), wrong.signature_text());
        for field in Field::ALL {
            let _ = (wrong.field(*field), wrong.text(*field), wrong.amount(*field));
        }
    }
}

proptest! {
    /// Any text goes through `set_text` and comes back the same, markup characters and all.
    #[test]
    fn text_is_escaped_and_resolved(text in "[ -~\n商户€]{1,60}") {
        let mut values = example_values(MessageType::Epcc303, |_| true);
        values.set_text(Field::SysRtnDesc, &text);
        let mut out = BytesMut::new();
        let message_type = MessageType::Epcc303;
        encode(&mut out, message_type, &header(message_type), &values)?;
        let mut decoder = Decoder::new();
        let checked = decoder.decode(&out)?.check()?;
        let read = checked.text(Field::SysRtnDesc);
        prop_assert_eq!(read.as_deref(), Some(text.as_str()));
    }

    /// Any subset of the optional elements goes there and back.
    #[test]
    fn any_choice_of_optional_elements(kind in 0..MessageType::ALL.len(), choice in any::<u64>()) {
        let message_type = MessageType::ALL[kind];
        let mut index = 0;
        let mut values = Values::new();
        for element in leaves(message_type) {
            index += 1;
            if element.is_mandatory() || choice >> (index % 64) & 1 == 1 {
                let leaf = element.leaf().expect("leaves are leaves");
                values.set(leaf.field, leaf.example.as_bytes());
            }
        }
        // A business answer without a status is refused: that choice is tested elsewhere.
        if leaves(message_type).iter().any(|element| element.name() == "TrxStatus") {
            values.set(Field::TrxStatus, b"02");
        }
        round_trip(message_type, &values);
    }
}
