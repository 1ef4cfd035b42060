//! Every breach that can be made of every message, as tables that the catalogue generates.

use clearway_codec::catalogue::{Presence, ValueType};
use clearway_codec::{Decoder, Error, ErrorKind as K, MessageType};

use crate::tree::{Node, message};

fn verdict(message_type: MessageType, body: &Node) -> Result<(), Error> {
    Decoder::new().decode(message(message_type, body).as_bytes())?.check().map(drop)
}

fn assert_breach(message_type: MessageType, body: &Node, kind: K, path: &str) {
    let error = verdict(message_type, body).expect_err(path);
    assert_eq!((error.kind, error.path.as_str()), (kind, path), "{message_type}");
}

/// Takes the node out of the tree.
fn remove(body: &mut Node, place: &[usize]) -> Node {
    let (index, parent) = place.split_last().expect("a place below the body");
    body.at(parent).children.remove(*index)
}

/// What is said of a tree without this node, or with nothing in it: an optional node may go; so may
/// a mandatory one in an optional block, but only if nothing else of the block is left.
#[test]
fn a_mandatory_element_is_missed_and_an_optional_one_is_not() {
    for message_type in MessageType::ALL {
        let whole = Node::body(*message_type);
        for place in whole.places() {
            let path = whole.path(&place);
            let mut removed = whole.clone();
            let node = remove(&mut removed, &place);
            let mut emptied = whole.clone();
            let hollow = emptied.at(&place);
            hollow.value.clear();
            hollow.children.clear();
            let is_alone = removed.at(&place[..place.len() - 1]).children.is_empty();
            let in_optional = place.len() > 1 && {
                let mut whole = whole.clone();
                !whole.at(&place[..place.len() - 1]).element.is_mandatory()
            };
            if !node.element.is_mandatory() || (is_alone && in_optional) {
                verdict(*message_type, &removed)
                    .unwrap_or_else(|error| panic!("{message_type} without {path}: {error}"));
                verdict(*message_type, &emptied).unwrap_or_else(|error| panic!("{message_type} empty {path}: {error}"));
                continue;
            }
            assert_breach(*message_type, &removed, K::MissingElement, &path);
            if let Some(first) = node.element.children().iter().find(|child| child.is_mandatory()) {
                assert_breach(*message_type, &emptied, K::MissingElement, &format!("{path}/{}", first.name()));
            } else if node.element.leaf().is_some() {
                assert_breach(*message_type, &emptied, K::MissingElement, &path);
            }
        }
    }
}

#[test]
fn a_value_that_is_too_long_is_refused() {
    let mut count = 0;
    for message_type in MessageType::ALL {
        let whole = Node::body(*message_type);
        for place in whole.places() {
            let mut body = whole.clone();
            let node = body.at(&place);
            let Some(leaf) = node.element.leaf() else { continue };
            let unit = match leaf.value_type {
                ValueType::Text => "商",
                _ => "1",
            };
            node.value = unit.repeat(usize::from(leaf.chars_max) + 1);
            assert_breach(*message_type, &body, K::TooLong, &whole.path(&place));
            if matches!(leaf.value_type, ValueType::Text | ValueType::Printable | ValueType::Number) {
                body.at(&place).value.truncate(unit.len() * usize::from(leaf.chars_max));
                verdict(*message_type, &body).unwrap_or_else(|error| panic!("{message_type}: {error}"));
            }
            count += 1;
        }
    }
    assert!(count > 500, "{count} leaves");
}

/// Two neighbours that have changed places, and one that is there twice.
#[test]
fn order_and_number_are_kept() {
    for message_type in MessageType::ALL {
        let whole = Node::body(*message_type);
        for place in whole.places() {
            let (index, parent) = place.split_last().expect("below the body");
            let mut doubled = whole.clone();
            let siblings = &mut doubled.at(parent).children;
            let node = siblings[*index].clone();
            siblings.insert(*index, node.clone());
            if matches!(node.element.presence, Presence::Repeated(_)) {
                verdict(*message_type, &doubled).expect("it may come again");
            } else {
                assert_breach(*message_type, &doubled, K::Repeated, &whole.path(&place));
            }
            let mut swapped = whole.clone();
            let siblings = &mut swapped.at(parent).children;
            if *index + 1 < siblings.len() {
                siblings.swap(*index, *index + 1);
                assert_breach(*message_type, &swapped, K::OutOfOrder, &whole.path(&place));
            }
        }
    }
}

/// A form is refused in every message that has it.
#[test]
fn a_value_of_another_form_is_refused() {
    for message_type in MessageType::ALL {
        let whole = Node::body(*message_type);
        for place in whole.places() {
            let mut body = whole.clone();
            let node = body.at(&place);
            let Some(leaf) = node.element.leaf() else { continue };
            node.value = match leaf.value_type {
                ValueType::Text => continue,
                ValueType::Printable => "é".to_owned(),
                ValueType::Amount => "CNY1.0".to_owned(),
                _ => "-".to_owned(),
            };
            let path = whole.path(&place);
            let error = verdict(*message_type, &body).expect_err(&path);
            assert!(matches!(error.kind, K::BadValue(_)), "{message_type} {path}: {error}");
            assert_eq!(error.path.as_str(), path);
        }
    }
}
