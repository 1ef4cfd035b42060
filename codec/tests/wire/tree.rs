//! A message's body as a tree that a test can prune, stretch and turn round, made by walking the
//! catalogue.

use clearway_codec::catalogue::{Element, schema};
use clearway_codec::{Field, MessageType};

use crate::samples::full;

/// An element and what stands in it.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) element: &'static Element,
    /// Of a leaf.
    pub(crate) value: String,
    pub(crate) children: Vec<Self>,
}

impl Node {
    /// The whole body with the examples of the catalogue.
    pub(crate) fn body(message_type: MessageType) -> Self {
        Self::new(&schema(message_type).body)
    }

    fn new(element: &'static Element) -> Self {
        let value = element.leaf().map(|leaf| leaf.example.to_owned()).unwrap_or_default();
        Self { element, value, children: element.children().iter().map(Self::new).collect() }
    }

    /// As it stands on the wire.
    pub(crate) fn xml(&self) -> String {
        let inner: String = self.children.iter().map(Self::xml).collect();
        format!("<{0}>{1}{inner}</{0}>", self.element.name(), self.value)
    }

    /// The node that is reached by these indexes of children.
    pub(crate) fn at(&mut self, place: &[usize]) -> &mut Self {
        place.iter().fold(self, |node, index| &mut node.children[*index])
    }

    /// The indexes that reach every node below this one, parents first.
    pub(crate) fn places(&self) -> Vec<Vec<usize>> {
        let mut places = Vec::new();
        for (index, child) in self.children.iter().enumerate() {
            places.push(vec![index]);
            places.extend(child.places().into_iter().map(|below| [vec![index], below].concat()));
        }
        places
    }

    /// The path in an error about the node that is reached by these indexes.
    pub(crate) fn path(&self, place: &[usize]) -> String {
        let mut path = format!("/root/{}", self.element.name());
        let mut node = self;
        for index in place {
            node = &node.children[*index];
            path = format!("{path}/{}", node.element.name());
        }
        path
    }
}

/// A message of this type with this body.
pub(crate) fn message(message_type: MessageType, body: &Node) -> String {
    let whole = String::from_utf8(full(message_type)).expect("examples are UTF-8");
    let (head, rest) = whole.split_once("<MsgBody>").expect("a body");
    let (_, tail) = rest.split_once("</MsgBody>").expect("its end");
    format!("{head}{}{tail}", body.xml())
}

/// Another value that the field may have in messages of this type.
pub(crate) fn alternative(message_type: MessageType, field: Field) -> String {
    use clearway_codec::catalogue::ValueType as V;
    let mut found = None;
    schema(message_type)
        .walk(&mut |_, element| found = found.or_else(|| element.leaf().filter(|leaf| leaf.field == field)));
    let leaf = found.expect("the message has the field");
    match leaf.value_type {
        V::Text if leaf.chars_max > 1 => "新 &amp;".chars().take(if leaf.chars_max < 7 { 1 } else { 7 }).collect(),
        V::Text => "新".to_owned(),
        V::Printable => "QUJD".to_owned(),
        V::Alphanumeric => "Z".to_owned(),
        V::Digits => "7".repeat(usize::from(leaf.chars_max)),
        V::Number => "12".to_owned(),
        V::Amount => "CNY7.70".to_owned(),
        V::TrxId => "2026112000000000000000010770177".to_owned(),
        V::Institution => "C1000000000099".to_owned(),
        V::SerialNumber => "4000000099".to_owned(),
        V::Time => "2026-11-21T00:00:01".to_owned(),
        V::BatchId => "B202611210001".to_owned(),
        V::DisputeBatch => "D202611210002".to_owned(),
        V::Status => "02".to_owned(),
        V::ReturnCode => "PB520011".to_owned(),
        V::LegFlag => "2".to_owned(),
        V::Direction | V::MessageType => unreachable!("in the header only"),
    }
}
