//! The catalogue's rows keep the rules that the code relies on.

use std::collections::BTreeSet;

use super::*;
use crate::limits::{DEPTH_MAX, PATH_BYTES_MAX};
use crate::text::check_value;

/// Every element of a message, header included, with its path.
fn rows(message_type: MessageType) -> Vec<(String, &'static Element)> {
    let mut rows = Vec::new();
    for block in [&HEADER, &message_type.schema().body] {
        collect("/root", block, &mut rows);
    }
    rows
}

fn collect(parent: &str, element: &'static Element, rows: &mut Vec<(String, &'static Element)>) {
    let path = format!("{parent}/{}", element.name());
    rows.push((path.clone(), element));
    for child in element.children() {
        collect(&path, child, rows);
    }
}

#[test]
fn codes_are_their_own_inverse() {
    for message_type in MessageType::ALL {
        assert_eq!(MessageType::from_code(message_type.code().as_bytes()), Some(*message_type));
        assert_eq!(message_type.to_string(), message_type.code());
        assert_eq!(schema(*message_type).message_type, *message_type);
    }
    let numbers: Vec<_> = MessageType::ALL.iter().map(|message_type| message_type.number()).collect();
    assert!(numbers.is_sorted(), "in the order of the codes");
    for number in 0..1_000 {
        let code = format!("epcc.{number:03}.001.01");
        let known = MessageType::from_code(code.as_bytes());
        assert_eq!(known.map(MessageType::code), numbers.contains(&number).then_some(&*code));
        assert_eq!(MessageType::from_number(number), known);
    }
    for other in [
        "",
        "epcc.201.001.0",
        "epcc.201.001.011",
        "Epcc.201.001.01",
        "epcc.201.001.02",
        "epcc.201.002.01",
        "epcc.2/1.001.01",
        "epcc.20:.001.01",
        "epcc-201.001.01",
    ] {
        assert_eq!(MessageType::from_code(other.as_bytes()), None, "{other}");
    }
}

#[test]
fn every_example_passes_its_own_check() {
    for message_type in MessageType::ALL {
        for (path, element) in rows(*message_type) {
            if let Some(leaf) = element.leaf() {
                assert!(!leaf.example.is_empty(), "{path}");
                assert_eq!(check_value(leaf, leaf.example.as_bytes()), Ok(()), "{path}");
            }
        }
    }
}

#[test]
fn a_message_has_each_field_once_and_every_field_is_used() {
    let mut used = BTreeSet::new();
    for message_type in MessageType::ALL {
        let mut seen = BTreeSet::new();
        for (path, element) in rows(*message_type) {
            if let Some(leaf) = element.leaf() {
                assert!(seen.insert(leaf.field), "{message_type} {path} twice");
                assert_eq!(leaf.field.name(), element.name());
            }
        }
        used.append(&mut seen);
    }
    assert_eq!(used.into_iter().collect::<Vec<_>>(), Field::ALL);
}

/// What is answered is answered by an answer; and there is no answer that nothing asks for.
#[test]
fn requests_and_answers_belong_together() {
    let answers: BTreeSet<_> =
        MessageType::ALL.iter().filter_map(|message_type| schema(*message_type).answer).collect();
    for message_type in MessageType::ALL {
        let is_answer = answers.contains(message_type);
        // A 113 answers a 111, and is answered when it comes as a notice.
        let expected = schema(*message_type).answer.is_none() || *message_type == MessageType::Epcc113;
        assert_eq!(is_answer, expected, "{message_type}");
    }
}

/// Slots are numbered in the order of the wire, each is one leaf's, and what a message does not
/// have has none.
#[test]
fn every_leaf_of_a_message_has_a_slot_of_its_own() {
    for message_type in MessageType::ALL {
        let layout = Layout::of(*message_type);
        let mut next = 0;
        for (path, element) in rows(*message_type) {
            if let Some(leaf) = element.leaf() {
                assert_eq!(layout.slot(leaf.field), next, "{path}");
                next += 1;
            }
        }
        assert!(next <= SLOT_COUNT, "{message_type} has {next} leaves");
        let absent = Field::ALL.iter().filter(|field| layout.slot(**field) == SLOT_COUNT).count();
        assert_eq!(absent + next, FIELD_COUNT, "{message_type}");
    }
}

/// The example of an encrypted value is base64 of whole blocks, and its clear length fits.
#[test]
fn an_encrypted_row_has_room_for_its_cipher_text() {
    use base64::Engine as _;
    for message_type in MessageType::ALL {
        for (path, element) in rows(*message_type) {
            let Some(leaf) = element.leaf().filter(|leaf| leaf.is_encrypted()) else { continue };
            let bytes = base64::engine::general_purpose::STANDARD.decode(leaf.example);
            let bytes = bytes.unwrap_or_else(|error| panic!("{path}: {error}"));
            assert!(bytes.len() >= 32 && bytes.len() % 16 == 0, "{path}: a block, and one in front");
            let longest_bytes = usize::from(leaf.clear_chars_max) * 4;
            let sealed_bytes = 16 + (longest_bytes / 16 + 1) * 16;
            assert_eq!(usize::from(leaf.chars_max), sealed_bytes.div_ceil(3) * 4, "{path}");
            assert_eq!(leaf.value_type, ValueType::Printable, "{path}");
        }
    }
}

#[test]
fn rows_are_explained_and_fit_the_limits() {
    for message_type in MessageType::ALL {
        assert!(!message_type.schema().chinese.is_empty());
        assert!(!message_type.schema().english.is_empty());
        for (path, element) in rows(*message_type) {
            assert!(!element.chinese.is_empty() && !element.english.is_empty(), "{path}");
            assert!(!element.chinese.is_ascii(), "{path}");
            assert!(element.english.is_ascii(), "{path}");
            assert!(path.len() < PATH_BYTES_MAX, "{path}");
            assert!(path.matches('/').count() < DEPTH_MAX, "{path}");
            let names: BTreeSet<_> = element.children().iter().map(Element::name).collect();
            assert_eq!(names.len(), element.children().len(), "{path} has a name twice");
        }
    }
}

#[test]
fn a_walk_visits_parents_before_children() {
    let mut visited = Vec::new();
    schema(MessageType::Epcc301).walk(&mut |depth, element| visited.push((depth, element.name())));
    let expected = [(1, "OriTrxInf"), (2, "OriTrxCtgy"), (2, "OriTrxId"), (2, "OriTrxDtTm"), (2, "RPFlg")];
    assert_eq!(visited, expected);
}

#[test]
fn a_message_type_has_its_form() {
    use crate::value::ValueError as E;
    let check = |text: &[u8]| ValueType::MessageType.check(text, 15);
    assert_eq!(check(b"epcc.201.001.01"), Ok(()));
    assert_eq!(check(b"epcc.201.001.1"), Err(E::Length));
    assert_eq!(check(b"EPCC.201.001.01"), Err(E::Form));
    assert_eq!(check(b"epcc-201.001.01"), Err(E::Form));
    assert_eq!(check(b"epcc.2o1.001.01"), Err(E::NotDigits));
}
