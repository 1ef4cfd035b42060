//! A message as a test writes it: a good one to start from, and everything that can be done to it before it is signed.
//!
//! Invariant: what is signed is what is sent, also when the text was changed into something that no encoder would write; a
//! fault in a test's message is therefore the one that the test put there, never a bad signature by accident.

use bytes::{Bytes, BytesMut};
use clearway_codec::catalogue::{Element, schema};
use clearway_codec::{
    BeijingTime, Direction, Field, Header, InstitutionId, MessageType, SerialNumber, Values, append_signature, encode,
};
use clearway_crypto::{Backends, SignJob, SigningKey};
use clearway_loadgen::config::EnvelopeKeys;

/// An unsigned message.
#[derive(Clone, Debug)]
pub struct Letter {
    /// What its header says.
    pub header: Header,
    values: Vec<(Field, String)>,
    edits: Vec<(String, String)>,
}

impl Letter {
    /// A message of this type with the catalogue's example in every mandatory element.
    #[must_use]
    pub fn new(message_type: MessageType, issuer: InstitutionId, sign_sn: SerialNumber, sent_at: BeijingTime) -> Self {
        let direction = Direction::PI_TO_SWITCH;
        let header = Header { message_type, issuer, direction, sign_sn, sent_at };
        Self { header, values: examples(message_type), edits: Vec::new() }
    }

    /// Sets one value.
    #[must_use]
    pub fn with(mut self, field: Field, value: impl Into<String>) -> Self {
        self.values.retain(|(known, _)| *known != field);
        self.values.push((field, value.into()));
        self
    }

    /// Sets values that are sealed for the node, with the envelope in the header.
    ///
    /// # Panics
    /// If a value is too long to be sealed.
    #[must_use]
    pub fn with_sealed(self, keys: &EnvelopeKeys, clear: &[(Field, &str)]) -> Self {
        let sealed = keys.seal(clear).expect("the values can be sealed");
        let letter = self.with(Field::NcrptnSN, sealed.serial().as_str()).with(Field::DgtlEnvlp, sealed.envelope());
        sealed.values().iter().fold(letter, |letter, (field, text)| letter.with(*field, text.as_str()))
    }

    /// Replaces a piece of the finished text, also by what no encoder would write.
    #[must_use]
    pub fn edit(mut self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.edits.push((from.into(), to.into()));
        self
    }

    /// Gives one element another value, whatever it is.
    #[must_use]
    pub fn force(self, field: Field, value: &str) -> Self {
        let name = field.name();
        let old = self.value(field).map(|old| format!("<{name}>{old}</{name}>"));
        let old = old.unwrap_or_else(|| panic!("{name} is not set"));
        self.edit(old, format!("<{name}>{value}</{name}>"))
    }

    /// Takes one element out altogether.
    ///
    /// # Panics
    /// If it is not set.
    #[must_use]
    pub fn without(self, field: Field) -> Self {
        let name = field.name();
        let old = format!("<{name}>{}</{name}>", self.value(field).unwrap_or_else(|| panic!("{name} is not set")));
        self.edit(old, "")
    }

    /// What one element is set to.
    #[must_use]
    pub fn value(&self, field: Field) -> Option<&str> {
        self.values.iter().find(|(known, _)| *known == field).map(|(_, value)| value.as_str())
    }

    /// The document without a signature.
    ///
    /// # Panics
    /// If a value is one that the encoder refuses ([`edit`](Self::edit) it in), or an edit finds nothing to replace.
    #[must_use]
    pub fn document(&self) -> String {
        let mut values = Values::new();
        for (field, value) in &self.values {
            values.set_text(*field, value);
        }
        let mut out = BytesMut::new();
        let encoded = encode(&mut out, self.header.message_type, &self.header, &values);
        encoded.unwrap_or_else(|error| panic!("the letter cannot be written: {error}"));
        let text = String::from_utf8(out.to_vec()).expect("the encoder writes UTF-8");
        self.edits.iter().fold(text, |text, (from, to)| {
            assert!(text.contains(from), "{from:?} is not in {text}");
            text.replacen(from, to, 1)
        })
    }

    /// The whole message, signed with `key`.
    ///
    /// # Panics
    /// As [`document`](Self::document).
    #[must_use]
    pub fn seal(&self, key: &SigningKey) -> Bytes {
        seal(self.document().as_bytes(), key)
    }
}

/// Appends the signature over everything from `<root` to the last `>`.
///
/// # Panics
/// If `document` has no `<root`, or the key cannot sign.
#[must_use]
pub fn seal(document: &[u8], key: &SigningKey) -> Bytes {
    let start = document.windows(5).position(|window| window == b"<root").expect("a document has a root");
    let end = document.iter().rposition(|byte| *byte == b'>').map_or(document.len(), |at| at + 1);
    let job = SignJob { key, message: &document[start..end] };
    let signature = Backends::default().sign(&job).expect("the key signs");
    let mut out = BytesMut::from(document);
    append_signature(&mut out, signature.as_bytes());
    out.freeze()
}

fn examples(message_type: MessageType) -> Vec<(Field, String)> {
    let mut values = Vec::new();
    schema(message_type).walk(&mut |_, element: &'static Element| {
        if let Some(leaf) = element.leaf().filter(|_| element.is_mandatory()) {
            values.push((leaf.field, leaf.example.to_owned()));
        }
    });
    values
}
