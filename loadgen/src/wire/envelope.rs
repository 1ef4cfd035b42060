//! Writes forms: what the catalogue says is encrypted is sealed for the node on the way, or left out.
//!
//! Invariant: a value of an encrypted element never leaves in the clear.

use super::write::Draft;
use crate::compose::Form;
use crate::config::Identity;
use crate::error::Error;
use clearway_codec::catalogue::Element;
use clearway_codec::{Field, Header, MessageType, schema};

/// Whether this party can write messages of this type: they carry no secret that must be there, or it has keys.
pub(crate) fn can_write(identity: &Identity, message_type: MessageType) -> bool {
    identity.envelope.is_some() || !must_encrypt(message_type, schema(message_type).elements())
}

/// The document. Without keys, values that would have to be encrypted are left out.
pub(crate) fn write_sealed(identity: &Identity, mut form: Form, header: &Header) -> Result<Draft, Error> {
    let secret = schema(form.message_type()).encrypted_fields();
    let secrets = form.take(secret);
    let sealed = match &identity.envelope {
        Some(keys) if !secrets.is_empty() => {
            let clear: Vec<(Field, &str)> = secrets.iter().map(|(field, text)| (*field, &**text)).collect();
            Some(keys.seal(&clear)?)
        }
        _ => None,
    };
    form.write(header, sealed.as_ref())
}

fn must_encrypt(message_type: MessageType, elements: &'static [Element]) -> bool {
    let is_secret = |field: Field| field.is_encrypted_in(message_type);
    elements.iter().filter(|element| element.is_mandatory()).any(|element| match element.leaf() {
        Some(leaf) => is_secret(leaf.field),
        None => must_encrypt(message_type, element.children()),
    })
}
