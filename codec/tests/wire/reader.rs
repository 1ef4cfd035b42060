//! A second opinion on structure: whatever the codec reads, quick-xml's `Reader` reads the same.
//!
//! The codec uses quick-xml's tokenisers but not its `Reader`, which keeps a stack on the heap. So
//! that the two never part, every message that decodes is read here by the `Reader` as well.

use clearway_codec::catalogue::{Element, HEADER};
use clearway_codec::{Checked, Decoder, Field, MessageType};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::hostile::mutated_vector;
use crate::samples::{full, vector};

/// Names from the root to each leaf, and the raw text in it, as the `Reader` sees them.
fn leaves_of(document: &[u8]) -> Result<Vec<(String, String)>, quick_xml::Error> {
    let mut reader = Reader::from_reader(document);
    let (mut path, mut leaves) = (Vec::new(), Vec::new());
    let mut text: Option<String> = None;
    loop {
        match reader.read_event()? {
            Event::Start(start) => {
                path.push(start.name().as_ref().to_owned());
                text = Some(String::new());
            }
            Event::Empty(empty) => {
                let name = empty.name().as_ref().to_owned();
                leaves.push((format!("{}/{name}", path.join("/")), String::new()));
                text = None;
            }
            Event::Text(part) => {
                if let Some(text) = &mut text {
                    text.push_str(&part);
                }
            }
            Event::GeneralRef(name) => {
                if let Some(text) = &mut text {
                    text.push_str(&format!("&{};", &*name));
                }
            }
            Event::End(_) => {
                if let Some(text) = text.take() {
                    leaves.push((path.join("/"), text));
                }
                path.pop();
            }
            Event::Eof => return Ok(leaves),
            other => panic!("the codec let {other:?} through"),
        }
    }
}

/// Path and field of every leaf that messages of this type can have.
fn schema_leaves(message_type: MessageType) -> Vec<(String, Field)> {
    let mut leaves = Vec::new();
    for block in [&HEADER, &message_type.schema().body] {
        collect("root", block, &mut leaves);
    }
    leaves
}

fn collect(parent: &str, element: &Element, leaves: &mut Vec<(String, Field)>) {
    let path = format!("{parent}/{}", element.name());
    leaves.extend(element.leaf().map(|leaf| (path.clone(), leaf.field)));
    for child in element.children() {
        collect(&path, child, leaves);
    }
}

/// Every value the codec gives out, and every one it does not, is what the `Reader` found at that
/// path.
fn assert_same(checked: &Checked<'_>) {
    let read = leaves_of(checked.signed_bytes()).expect("the Reader can read it too");
    for (path, field) in schema_leaves(checked.message_type()) {
        let mut found = read.iter().filter(|(at, _)| *at == path).map(|(_, text)| text.as_bytes());
        assert_eq!(checked.field(field).unwrap_or_default(), found.next().unwrap_or_default());
        assert_eq!(found.next(), None, "{path} is there twice");
    }
}

fn compare(bytes: &[u8]) {
    let mut decoder = Decoder::new();
    let Ok(message) = decoder.decode(bytes) else {
        return;
    };
    if let Err(error) = leaves_of(message.signed_bytes()) {
        panic!("the Reader refuses what the codec reads: {error}");
    }
    if let Ok(checked) = message.check() {
        assert_same(&checked);
    }
}

#[test]
fn the_reader_agrees_on_every_kind_of_message() {
    for message_type in MessageType::ALL {
        compare(&full(*message_type));
    }
    for case in ["pay-201", "refund-205", "escaped-text", "whitespace-added-inside", "gap-none"] {
        compare(&vector(&format!("{case}.rsa-2048-sha256.msg")));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_reader_agrees_on_whatever_survives_mutation(bytes in mutated_vector()) {
        compare(&bytes);
    }
}
