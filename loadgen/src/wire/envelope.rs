//! Writes forms for one receiver: what the catalogue says is encrypted is sealed for it on the way, or left out.
//!
//! Invariant: a value of an encrypted element never leaves in the clear.

use super::write::Draft;
use crate::compose::Form;
use crate::config::Node;
use crate::error::Error;
use clearway_codec::catalogue::Element;
use clearway_codec::{Field, Header, MessageType, schema};

/// How to write to the node.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    has_key: bool,
}

impl Envelope {
    /// To the node of a configuration.
    pub(crate) fn to_node(_: &Node) -> Self {
        Self { has_key: false }
    }

    /// Whether messages of this type can be written: they carry no secret that must be there, or there is a key.
    pub(crate) fn carries(&self, message_type: MessageType) -> bool {
        self.has_key || !must_encrypt(message_type, schema(message_type).elements())
    }

    /// The document.
    pub(crate) fn write(&self, mut form: Form, header: &Header) -> Result<Draft, Error> {
        for field in schema(form.message_type()).encrypted_fields() {
            form.change(*field, None);
        }
        form.write(header, &[])
    }
}

fn must_encrypt(message_type: MessageType, elements: &'static [Element]) -> bool {
    let is_secret = |field: Field| field.is_encrypted_in(message_type);
    elements.iter().filter(|element| element.is_mandatory()).any(|element| match element.leaf() {
        Some(leaf) => is_secret(leaf.field),
        None => must_encrypt(message_type, element.children()),
    })
}
