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
    assert_eq!(MessageType::from_code(b"epcc.999.001.01"), None);
    assert_eq!(MessageType::from_code(b""), None);
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
