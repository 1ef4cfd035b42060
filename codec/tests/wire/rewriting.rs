//! Forwarding with any values set is the same as decoding, changing, and encoding again.

use bytes::BytesMut;
use clearway_codec::catalogue::Element;
use clearway_codec::{Decoder, Field, MessageType, Values, encode, forward};
use proptest::prelude::*;

use crate::samples::{example_values, full, header, leaves};
use crate::tree::alternative;

/// The leaves that forwarding may touch: all but repeated ones.
fn fields(message_type: MessageType) -> Vec<&'static Element> {
    let mut fields = leaves(message_type);
    fields.retain(|element| element.name() != "CtrlNbF");
    fields
}

/// What is sent on for `request` with these values.
fn forwarded(request: &[u8], values: &Values<'_>) -> Vec<u8> {
    let mut decoder = Decoder::new();
    let checked = decoder.decode(request).and_then(|message| message.check()).expect("a good request");
    let mut out = BytesMut::new();
    let signed = forward(&mut out, &checked, &header(checked.message_type()), values);
    assert!(out[signed.clone()].starts_with(b"<root") && signed.end == out.len());
    out.to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// `given`: which optional values the request has, and `hollow` those that are there and empty;
    /// `set`: which values are set in it.
    #[test]
    fn forward_is_decode_change_encode(
        kind in 0..MessageType::ALL.len(), given in any::<u64>(), hollow in any::<u64>(), set in any::<u64>()
    ) {
        let message_type = MessageType::ALL[kind];
        let fields = fields(message_type);
        let new: Vec<String> = fields.iter().map(|element| alternative(message_type, field_of(element))).collect();
        let (mut before, mut change) = (Values::new(), Values::new());
        for (bit, element) in fields.iter().enumerate() {
            let leaf = element.leaf().expect("leaves are leaves");
            let is = |bits: u64| bits >> bit & 1 == 1;
            if element.is_mandatory() || is(given) {
                let value = if element.is_mandatory() || !is(hollow) { leaf.example } else { "" };
                before.set(leaf.field, value.as_bytes());
            }
            if is(set) {
                change.set(leaf.field, new[bit].as_bytes());
            }
        }
        let mut after = before;
        for element in &fields {
            if let Some(value) = change.get(field_of(element)) {
                after.set(field_of(element), value);
            }
        }
        let header = header(message_type);
        let (mut request, mut expected) = (BytesMut::new(), BytesMut::new());
        // A block that is not whole makes no message, neither before nor after.
        prop_assume!(encode(&mut request, message_type, &header, &before).is_ok());
        prop_assume!(encode(&mut expected, message_type, &header, &after).is_ok());
        let sent = forwarded(&request, &change);
        prop_assert_eq!(String::from_utf8_lossy(&sent), String::from_utf8_lossy(&expected));
        // With empty elements in their short spelling the values are the same.
        let short = request_in_short_spelling(&request, &fields);
        let sent = forwarded(short.as_bytes(), &change);
        let mut decoder = Decoder::new();
        let checked = decoder.decode(&sent)?.check()?;
        for element in &fields {
            let field = field_of(element);
            prop_assert_eq!(checked.field(field), after.get(field).filter(|value| !value.is_empty()), "{}", field.name());
        }
    }
}

fn field_of(element: &Element) -> Field {
    element.leaf().expect("leaves are leaves").field
}

fn request_in_short_spelling(request: &[u8], fields: &[&Element]) -> String {
    let mut text = String::from_utf8(request.to_vec()).expect("it is UTF-8");
    for element in fields {
        let name = element.name();
        text = text.replace(&format!("<{name}></{name}>"), &format!("<{name} a='1' />"));
    }
    text
}

/// An absent block is opened for a value, before what the catalogue does not know.
#[test]
fn a_block_is_opened_where_it_belongs() {
    let bare = {
        let values = example_values(MessageType::Epcc302, Element::is_mandatory);
        let mut out = BytesMut::new();
        encode(&mut out, MessageType::Epcc302, &header(MessageType::Epcc302), &values).expect("good");
        String::from_utf8(out.to_vec()).expect("it is UTF-8")
    };
    let opened = "<OriBizInf><BatchId>B202611200011</BatchId><PyerAcctNm>QUJD</PyerAcctNm></OriBizInf>";
    let mut values = Values::new();
    values.set(Field::PyerAcctNm, b"QUJD").set(Field::BatchId, b"B202611200011");
    for (from, to, expected) in [
        ("</MsgBody>", " <New>&amp;</New>\n</MsgBody>", format!(" {opened}<New>&amp;</New>\n</MsgBody>")),
        ("</MsgBody>", "<OriBizInf/></MsgBody>", format!("{opened}</MsgBody>")),
        (
            "</MsgBody>",
            "<OriBizInf a='1'> </OriBizInf></MsgBody>",
            opened.replace("<OriBizInf>", "<OriBizInf a='1'> ") + "</MsgBody>",
        ),
        (
            "</MsgBody>",
            "<OriBizInf><PyerAcctNm/><New/></OriBizInf></MsgBody>",
            opened.replace("</OriBizInf>", "<New/></OriBizInf></MsgBody>"),
        ),
    ] {
        let sent = forwarded(bare.replace(from, to).as_bytes(), &values);
        let sent = String::from_utf8(sent).expect("it is UTF-8");
        assert!(sent.contains(&expected), "{to}: {sent}");
        assert!(sent.ends_with("</MsgBody></root>"));
    }
}

/// Values that the message has already are replaced in place, whatever stands around them.
#[test]
fn an_encrypted_value_is_replaced_and_nothing_else() {
    let request = String::from_utf8(full(MessageType::Epcc211)).expect("it is UTF-8");
    let spaced = request.replace("<PyerAcctNo>", "\n <PyerAcctNo a='1' >").replace("</TrxInf>", "<New/></TrxInf>");
    let mut values = Values::new();
    values.set(Field::PyeeBkNm, b"TkVXTkFNRQ==").set(Field::PyerAcctNo, b"TkVX").set_text(Field::RPFlg, "2");
    let sent = String::from_utf8(forwarded(spaced.as_bytes(), &values)).expect("it is UTF-8");
    let example = crate::samples::example;
    let expected = spaced
        .replacen(
            &format!(">{}</PyerAcctNo>", example(MessageType::Epcc211, Field::PyerAcctNo)),
            ">TkVX</PyerAcctNo>",
            1,
        )
        .replacen(
            &format!(">{}</PyeeBkNm>", example(MessageType::Epcc211, Field::PyeeBkNm)),
            ">TkVXTkFNRQ==</PyeeBkNm>",
            1,
        )
        .replacen("<RPFlg>1</RPFlg>", "<RPFlg>2</RPFlg>", 1);
    let body =
        |text: &str| text[text.find("<MsgBody>").expect("a body")..=text.rfind("</root>").expect("an end")].to_owned();
    assert_eq!(body(&sent), body(&expected));
}

/// A table joined with bytes that are not its own gives nonsense, but no panic.
#[test]
fn other_bytes_than_its_own_do_no_harm() {
    let request = full(MessageType::Epcc302);
    let fields = Decoder::new().decode(&request).and_then(|message| message.check()).expect("good").fields();
    let mut values = Values::new();
    values.set(Field::RPFlg, b"1").set(Field::SgnNo, b"1").set(Field::OriTrxAmt, b"1");
    let mut bare = Values::new();
    bare.set(Field::Nonce, b"1").set(Field::PyerAcctId, b"1");
    for len in 0..request.len() {
        let wrong = clearway_codec::Checked::from_parts(&request[..len], &fields);
        for values in [&values, &bare] {
            forward(&mut BytesMut::new(), &wrong, &header(MessageType::Epcc302), values);
        }
        assert!(wrong.items(Field::SgnNo).count() < 2);
    }
}
