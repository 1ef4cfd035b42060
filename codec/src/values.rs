//! The values of a message that is being made.

use std::borrow::Cow;

use crate::catalogue::{FIELD_COUNT, Field};

/// The values of a new message, by field. Borrowed, on the stack.
///
/// An optional field that is not set is left out; one that is set to nothing is written as an
/// empty element. Header fields come from the
/// [`Header`](crate::Header) and are not looked for here.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    values: [Value<'a>; FIELD_COUNT],
}

#[derive(Clone, Copy, Debug)]
enum Value<'a> {
    Unset,
    /// Escaped already.
    Raw(&'a [u8]),
    /// To be escaped.
    Text(&'a str),
}

impl Default for Values<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Values<'a> {
    /// No values.
    #[must_use]
    pub const fn new() -> Self {
        Self { values: [Value::Unset; FIELD_COUNT] }
    }

    /// Sets `field` to bytes that are escaped already, such as a value of another message.
    pub const fn set(&mut self, field: Field, value: &'a [u8]) -> &mut Self {
        self.values[field as usize] = Value::Raw(value);
        self
    }

    /// Sets `field` to text, which is escaped when it is written.
    pub const fn set_text(&mut self, field: Field, value: &'a str) -> &mut Self {
        self.values[field as usize] = Value::Text(value);
        self
    }

    /// What `field` is set to, as it was given.
    #[must_use]
    pub const fn get(&self, field: Field) -> Option<&'a [u8]> {
        match self.values[field as usize] {
            Value::Unset => None,
            Value::Raw(bytes) => Some(bytes),
            Value::Text(text) => Some(text.as_bytes()),
        }
    }

    pub(crate) fn escaped(&self, field: Field) -> Option<Cow<'a, [u8]>> {
        match self.values[field as usize] {
            Value::Unset => None,
            Value::Raw(bytes) => Some(Cow::Borrowed(bytes)),
            Value::Text(text) => Some(match quick_xml::escape::partial_escape(text) {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            }),
        }
    }
}
