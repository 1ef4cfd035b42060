//! Messages to test with: the signed vectors, and ones made of the catalogue's own examples.

use std::fs;
use std::path::PathBuf;

use bytes::BytesMut;
use clearway_codec::catalogue::{Element, schema};
use clearway_codec::{
    BeijingTime, Direction, Field, Header, InstitutionId, MessageType, SerialNumber, Values, append_signature, encode,
};

pub(crate) fn vector_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

/// The bytes of one vector, such as `pay-201.ed25519.msg`.
pub(crate) fn vector(file: &str) -> Vec<u8> {
    fs::read(vector_dir().join(file)).expect(file)
}

/// One vector as text that a test can edit.
pub(crate) fn vector_text(file: &str) -> String {
    String::from_utf8(vector(file)).expect("vectors are UTF-8")
}

pub(crate) fn header(message_type: MessageType) -> Header {
    Header {
        message_type,
        issuer: InstitutionId::parse(b"G4000311000018").expect("an institution"),
        direction: Direction::SWITCH_TO_PAYER_BANK,
        sign_sn: SerialNumber::parse(b"4000000018").expect("a serial number"),
        sent_at: BeijingTime::parse(b"2026-11-20T10:06:54").expect("a time"),
    }
}

/// Every leaf below `MsgBody`, in the order of the wire.
pub(crate) fn leaves(message_type: MessageType) -> Vec<&'static Element> {
    let mut leaves = Vec::new();
    schema(message_type).walk(&mut |_, element| {
        if element.leaf().is_some() {
            leaves.push(element);
        }
    });
    leaves
}

/// The example values of the leaves that `wanted` picks.
pub(crate) fn example_values(message_type: MessageType, wanted: impl Fn(&Element) -> bool) -> Values<'static> {
    let mut values = Values::new();
    for element in leaves(message_type) {
        if let Some(leaf) = element.leaf().filter(|_| wanted(element)) {
            values.set(leaf.field, leaf.example.as_bytes());
        }
    }
    values
}

/// A signed-looking message with every element the catalogue has for it.
pub(crate) fn full(message_type: MessageType) -> Vec<u8> {
    let values = example_values(message_type, |_| true);
    let mut out = BytesMut::new();
    encode(&mut out, message_type, &header(message_type), &values).expect("examples are good");
    append_signature(&mut out, &[0x5a; 64]);
    out.to_vec()
}

/// What the catalogue gives as an example of `field`.
pub(crate) fn example(message_type: MessageType, field: Field) -> &'static str {
    leaves(message_type)
        .iter()
        .filter_map(|element| element.leaf())
        .find(|leaf| leaf.field == field)
        .map(|leaf| leaf.example)
        .expect("the message has the field")
}
