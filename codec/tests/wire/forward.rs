//! A received body goes on byte for byte, two elements aside.

use bytes::BytesMut;
use clearway_codec::{BatchId, BeijingTime, Decoder, Field, MessageType, Values, forward};

use crate::samples::{header, vector_text};

const EMPTY_FLAG: &str = "<RPFlg></RPFlg>";
const EMPTY_BATCH: &str = "<BatchId></BatchId>";

fn batch() -> BatchId {
    BatchId::at(BeijingTime::parse(b"2026-11-20T10:06:54").expect("a time"))
}

/// What the switch sends on for `request`, without signature.
fn forwarded(request: &str) -> String {
    let mut decoder = Decoder::new();
    let checked = decoder
        .decode(request.as_bytes())
        .and_then(|message| message.check())
        .unwrap_or_else(|error| panic!("{error}\n{request}"));
    let header = header(checked.message_type());
    let mut out = BytesMut::from(&b"before"[..]);
    let text = batch().to_text();
    let mut values = Values::new();
    values.set(Field::RPFlg, b"1").set(Field::BatchId, &text);
    let signed = forward(&mut out, &checked, &header, &values);
    assert!(out[signed.clone()].starts_with(b"<root") && out[signed].ends_with(b"</root>"));
    let sent = String::from_utf8(out[b"before".len()..].to_vec()).expect("it is UTF-8");
    let message = decoder.decode(sent.as_bytes()).expect("what we send can be read");
    assert_eq!(message.header(), header);
    let again = message.check().expect("and keeps to its schema");
    assert_eq!(again.field(Field::RPFlg), Some(&b"1"[..]));
    assert_eq!(again.batch_id(Field::BatchId), Ok(batch()));
    sent
}

fn body(message: &str) -> &str {
    let start = message.find("<MsgBody").expect("a body");
    &message[start..message.rfind("</root>").expect("an end")]
}

/// Every spelling in which a sender can leave the two elements unfilled, for payment and refund.
#[test]
fn fills_the_two_elements_and_touches_nothing_else() {
    for file in ["pay-201.ed25519.msg", "refund-205.ed25519.msg", "escaped-text.ed25519.msg"] {
        let request = vector_text(file);
        let expected = body(&request)
            .replace(EMPTY_FLAG, "<RPFlg>1</RPFlg>")
            .replace(EMPTY_BATCH, "<BatchId>B202611200011</BatchId>");
        for flag in [EMPTY_FLAG, "<RPFlg/>", "<RPFlg />", "<RPFlg\n></RPFlg >", "<RPFlg>2</RPFlg>", ""] {
            for batch in [EMPTY_BATCH, "<BatchId/>", "<BatchId a='1'/>", "<BatchId>B201807120015</BatchId>", ""] {
                let request = request.replace(EMPTY_FLAG, flag).replace(EMPTY_BATCH, batch);
                assert_eq!(body(&forwarded(&request)), expected, "{file} {flag:?} {batch:?}");
            }
        }
    }
}

#[test]
fn a_forwarded_message_is_ours_around_the_body() {
    let sent = forwarded(&vector_text("pay-201.ed25519.msg"));
    let start = concat!(
        r#"<?xml version="1.0" encoding="UTF-8"?><root xmlns="namespace_string"><MsgHeader>"#,
        "<SndDt>2026-11-20T10:06:54</SndDt><MsgTp>epcc.201.001.01</MsgTp>",
        "<IssrId>G4000311000018</IssrId><Drctn>22</Drctn><SignSN>4000000018</SignSN>",
        "</MsgHeader><MsgBody>"
    );
    assert!(sent.starts_with(start), "{sent}");
    assert!(sent.ends_with("</MsgBody></root>"), "{sent}");
}

#[test]
fn unknown_elements_and_white_space_are_carried_along() {
    let request = vector_text("pay-201.ed25519.msg")
        .replace("</OrdrInf>", "<New a=\"1\"><Deep>x &amp; y</Deep><RPFlg>9</RPFlg></New></OrdrInf>")
        .replace("</MsgBody>", " <Added/>\n</MsgBody> <Beside>1</Beside>\r\n")
        .replace("<MsgBody>", "<MsgBody a=\"b\">\n ");
    let expected =
        body(&request).replace(EMPTY_FLAG, "<RPFlg>1</RPFlg>").replace(EMPTY_BATCH, "<BatchId>B202611200011</BatchId>");
    assert_eq!(body(&forwarded(&request)), expected);
}

/// An absent element goes to its own place: before what follows it in the catalogue, before
/// unknown elements, before the end.
#[test]
fn an_absent_element_is_put_where_the_catalogue_has_it() {
    let request = vector_text("refund-205.ed25519.msg");
    let filled = "<RPFlg>1</RPFlg><BatchId>B202611200011</BatchId>";
    let order = "<OrdrInf><OrdrId>1</OrdrId></OrdrInf>";
    for (tail, expected) in [
        ("</MsgBody>".to_owned(), format!("{filled}</MsgBody>")),
        ("<New/></MsgBody>".to_owned(), format!("{filled}<New/></MsgBody>")),
        (format!("{order}</MsgBody>"), format!("{filled}{order}</MsgBody>")),
        (format!("{order}<New/></MsgBody>"), format!("{filled}{order}<New/></MsgBody>")),
    ] {
        let request = request.replace(&format!("{EMPTY_FLAG}{EMPTY_BATCH}"), "").replace("</MsgBody>", &tail);
        let sent = forwarded(&request);
        assert!(body(&sent).ends_with(&format!("</OriTrxInf>{expected}")), "{sent}");
    }
}

/// Messages that have no place for them are sent on without.
#[test]
fn adds_nothing_that_the_catalogue_does_not_have() {
    let request = crate::samples::full(MessageType::Epcc303);
    let mut decoder = Decoder::new();
    let checked = decoder.decode(&request).and_then(|message| message.check()).expect("good");
    let mut out = BytesMut::new();
    let text = batch().to_text();
    let mut values = Values::new();
    values.set(Field::RPFlg, b"2").set(Field::BatchId, &text);
    forward(&mut out, &checked, &header(MessageType::Epcc303), &values);
    let sent = String::from_utf8(out.to_vec()).expect("it is UTF-8");
    assert_eq!(body(&sent).as_bytes(), checked.body());
}
