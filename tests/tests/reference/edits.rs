//! What can be done to a message, as a table that the catalogue generates.

use clearway_codec::MessageType;
use clearway_codec::catalogue::{Element, Leaf, Presence, ValueType, schema};

/// One edited message.
pub(crate) struct Edit {
    pub(crate) kind: Kind,
    /// The element that was edited.
    pub(crate) name: &'static str,
    pub(crate) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The element is taken out.
    Removed,
    /// The element is there without anything in it.
    Emptied,
    /// The element is there twice.
    Doubled,
    /// The element stands behind its neighbour.
    Swapped,
    /// The value has one character more than it may.
    TooLong,
    /// An amount that is none.
    BadAmount,
    /// A value that is not of its form.
    BadForm,
    /// White space between elements.
    Spaced,
}

impl Kind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Removed,
        Self::Emptied,
        Self::Doubled,
        Self::Swapped,
        Self::TooLong,
        Self::BadAmount,
        Self::BadForm,
        Self::Spaced,
    ];

    /// Whether the code refuses it in any element.
    pub(crate) fn is_breach(self) -> bool {
        matches!(self, Self::Swapped | Self::TooLong | Self::BadAmount | Self::BadForm)
    }
}

const BAD_AMOUNTS: [&str; 8] =
    ["CNY1.0", "CNY-1.00", "USD1.00", "CNY0.00", "CNY01.00", "CNY1,00", "1.00", "CNY99999999999.00"];

/// Every edit of a message that has every element.
pub(crate) fn edits(message_type: MessageType, document: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    edit_block(schema(message_type).elements(), document, &mut edits);
    edits.push(Edit { kind: Kind::Spaced, name: "MsgBody", text: document.replace("><", ">\n  <") });
    edits
}

fn edit_block(elements: &'static [Element], document: &str, edits: &mut Vec<Edit>) {
    for (index, element) in elements.iter().enumerate() {
        let name = element.name();
        let whole = element_in(document, name);
        let mut push = |kind, text: &str| {
            edits.push(Edit { kind, name, text: document.replacen(whole, text, 1) });
        };
        push(Kind::Removed, "");
        push(Kind::Emptied, &format!("<{name}/>"));
        push(Kind::Doubled, &whole.repeat(2));
        if let Some(next) = elements.get(index + 1) {
            let next = element_in(document, next.name());
            edits.push(Edit {
                kind: Kind::Swapped,
                name,
                text: document.replacen(&format!("{whole}{next}"), &format!("{next}{whole}"), 1),
            });
        }
        if let Some(leaf) = element.leaf() {
            edit_value(name, leaf, &mut |kind, value: &str| {
                edits.push(Edit {
                    kind,
                    name,
                    text: document.replacen(whole, &format!("<{name}>{value}</{name}>"), 1),
                });
            });
        }
        if !matches!(element.presence, Presence::Repeated(_)) {
            edit_block(element.children(), document, edits);
        }
    }
}

fn edit_value(name: &str, leaf: &Leaf, push: &mut dyn FnMut(Kind, &str)) {
    let unit = match leaf.value_type {
        ValueType::Text => "商",
        _ => "1",
    };
    push(Kind::TooLong, &unit.repeat(usize::from(leaf.chars_max) + 1));
    if leaf.value_type == ValueType::Amount {
        BAD_AMOUNTS.iter().for_each(|amount| push(Kind::BadAmount, amount));
    }
    match leaf.value_type {
        ValueType::Text => {}
        ValueType::Printable => push(Kind::BadForm, "é"),
        _ => push(Kind::BadForm, &format!("-{name}")),
    }
}

/// The one element of this name, with its tags.
fn element_in<'a>(document: &'a str, name: &str) -> &'a str {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let start = document.find(&open).unwrap_or_else(|| panic!("{name} is not there"));
    let end = document[start..].find(&close).unwrap_or_else(|| panic!("{name} does not end"));
    &document[start..start + end + close.len()]
}
