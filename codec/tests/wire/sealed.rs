//! Encrypted fields, and the two header fields that belong to them.

use bytes::BytesMut;
use clearway_codec::catalogue::schema;
use clearway_codec::{Decoder, ErrorKind, Field as F, MessageType, Values, encode, forward};

use crate::samples::{example_values, full, header};

/// Which fields travel encrypted, message by message; all others carry none.
#[test]
fn each_message_encrypts_what_the_wire_says() {
    let signer = [F::SgnAcctId, F::SgnAcctNm, F::IDNo, F::MobNo];
    let representative = [F::LglRepNm, F::LglRepIDNo];
    let payout = vec![F::PyerAcctNo, F::PyerAcctNm, F::PyeeBkNo, F::PyeeBkNm];
    let mandate = [&signer[..], &representative, &[F::InstgAcct]].concat();
    let table = [
        (101, [&signer[..], &[F::InstgAcct]].concat()),
        (102, vec![F::SgnAcctId, F::SgnAcctNm, F::InstgAcct]),
        (103, vec![F::InstgAcct]),
        (104, vec![F::InstgAcct]),
        (105, vec![F::InstgAcct]),
        (111, mandate.clone()),
        (113, mandate),
        (115, vec![F::InstgAcct]),
        (116, vec![F::InstgAcct]),
        (117, vec![F::InstgAcct]),
        (211, payout.clone()),
        (213, payout),
        (216, vec![F::PyerBkNo, F::PyerBkNm, F::IDNo, F::MobNo, F::PyeeAcctNo, F::PyeeAcctNm]),
        (218, vec![F::PyerBkNo, F::PyerBkNm, F::PyeeAcctNo, F::PyeeAcctNm]),
        (243, vec![F::PyerAcctId, F::PyerAcctNm]),
        (302, vec![F::PyerAcctId, F::PyerAcctNm]),
    ];
    for message_type in MessageType::ALL {
        let row = table.iter().find(|(number, _)| *number == message_type.number());
        let expected = row.map(|(_, fields)| fields.clone()).unwrap_or_default();
        for field in F::ALL {
            assert_eq!(field.is_encrypted_in(*message_type), expected.contains(field), "{message_type} {field:?}");
        }
        assert_eq!(schema(*message_type).encrypted_fields(), expected, "{message_type}");
    }
}

#[test]
fn serial_and_envelope_stand_in_the_header() {
    let serial_and_envelope = "<NcrptnSN>4000068829</NcrptnSN><DgtlEnvlp>QUJDRA==</DgtlEnvlp></MsgHeader>";
    for message_type in MessageType::ALL {
        let mut values = example_values(*message_type, |_| true);
        values.set(F::NcrptnSN, b"4000068829").set(F::DgtlEnvlp, b"QUJDRA==");
        let mut out = BytesMut::new();
        let header = header(*message_type);
        encode(&mut out, *message_type, &header, &values).expect("examples are good");
        let request = full(*message_type);
        let mut decoder = Decoder::new();
        let checked = decoder.decode(&request).and_then(|message| message.check()).expect("good");
        let mut envelope = Values::new();
        envelope.set(F::NcrptnSN, b"4000068829").set(F::DgtlEnvlp, b"QUJDRA==");
        let mut leg = BytesMut::new();
        forward(&mut leg, &checked, &header, &envelope);
        assert_eq!(leg, out, "{message_type}: the body is as it was");
        assert!(String::from_utf8_lossy(&out).contains(serial_and_envelope));
        let checked = decoder.decode(&out).and_then(|message| message.check()).expect("good");
        assert_eq!(checked.field(F::NcrptnSN), Some(&b"4000068829"[..]));
        assert_eq!(checked.field(F::DgtlEnvlp), Some(&b"QUJDRA=="[..]));
    }
}

#[test]
fn a_bad_serial_or_envelope_is_not_written() {
    let long = "A".repeat(1_025);
    for (field, value, kind) in [
        (F::NcrptnSN, "40000688", ErrorKind::BadValue(clearway_codec::ValueError::Length)),
        (F::DgtlEnvlp, "<", ErrorKind::MarkupInValue),
        (F::DgtlEnvlp, &long, ErrorKind::TooLong),
    ] {
        let mut values = example_values(MessageType::Epcc211, |_| true);
        values.set(field, value.as_bytes());
        let mut out = BytesMut::new();
        let error = encode(&mut out, MessageType::Epcc211, &header(MessageType::Epcc211), &values).expect_err(value);
        assert_eq!((error.kind, out.len()), (kind, 0));
        assert_eq!(error.path.as_str(), format!("/root/MsgHeader/{}", field.name()));
    }
}
