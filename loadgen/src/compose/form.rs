//! A message as a list of values: the catalogue's rows, each asked what stands in it.
//!
//! Invariant: a form keeps to its schema as far as rows can say it. A mandatory value that nobody has an opinion on
//! takes the catalogue's example; an optional one is left out; an optional block is there when something in it is.

use crate::error::Error;
use crate::wire::{Draft, SealedValues};
use clearway_codec::catalogue::{Element, Leaf};
use clearway_codec::{Field, Header, MessageType, Values, schema};
use std::borrow::Cow;
use std::sync::LazyLock;

/// What the writer of a message thinks of one of its elements.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Opinion {
    /// None: the catalogue decides.
    Open,
    /// It stays out.
    Absent,
    /// It is this. Empty = there and empty.
    Is(Cow<'static, str>),
    /// It is this if it must be there.
    Perhaps(String),
    /// Made-up text over this share of the room that it has, 0 to 1. No room used: left out, or one character where it
    /// must be there.
    Fills(f64),
}

impl Opinion {
    /// Some text.
    pub(crate) fn is(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Is(text.into())
    }
}

/// Characters of [`FILLER`]; the longest descriptive text has 616.
const FILLER_CHARS: usize = 1_024;
/// Bytes of each of its characters.
const FILLER_CHAR_BYTES: usize = 3;
static FILLER: LazyLock<String> =
    LazyLock::new(|| "\u{6f14}\u{793a}\u{5546}\u{54c1}\u{8bf4}\u{660e}\u{6587}\u{5b57}".repeat(FILLER_CHARS / 8));

/// So many characters of made-up text, at most [`FILLER_CHARS`].
fn filler(chars: usize) -> &'static str {
    FILLER.get(..chars.min(FILLER_CHARS) * FILLER_CHAR_BYTES).unwrap_or_default()
}

/// The values of one message, in the order of the catalogue.
#[derive(Debug)]
pub(crate) struct Form {
    message_type: MessageType,
    values: Vec<(Field, Cow<'static, str>)>,
}

impl Form {
    /// Fills in a message of this type.
    pub(crate) fn fill(message_type: MessageType, opinion: impl Fn(Field) -> Opinion) -> Self {
        let mut form = Self { message_type, values: Vec::with_capacity(32) };
        form.fill_block(schema(message_type).elements(), true, &opinion);
        form
    }

    /// Whether a value was given in it, by somebody.
    fn fill_block(
        &mut self,
        elements: &'static [Element],
        is_required: bool,
        opinion: &impl Fn(Field) -> Opinion,
    ) -> bool {
        let before = self.values.len();
        let mut given = false;
        for element in elements {
            let is_required = is_required && element.is_mandatory();
            given |= match element.leaf() {
                Some(leaf) => self.fill_leaf(leaf, is_required, opinion),
                None => self.fill_block(element.children(), is_required, opinion),
            };
        }
        if given && !is_required {
            // Now it is there after all: with all that must be in it.
            self.values.truncate(before);
            return self.fill_block(elements, true, opinion);
        }
        given
    }

    fn fill_leaf(&mut self, leaf: &'static Leaf, is_required: bool, opinion: &impl Fn(Field) -> Opinion) -> bool {
        let Leaf { field, example, chars_max, .. } = *leaf;
        match opinion(field) {
            Opinion::Is(text) => {
                let given = !text.is_empty();
                self.values.push((field, text));
                given
            }
            Opinion::Fills(share) => {
                let text = filler((share * f64::from(chars_max)).round() as usize);
                let text = if text.is_empty() && is_required { filler(1) } else { text };
                if !text.is_empty() {
                    self.values.push((field, text.into()));
                }
                // A block is not opened for it.
                false
            }
            Opinion::Perhaps(text) if is_required => {
                self.values.push((field, text.into()));
                false
            }
            Opinion::Open if is_required => {
                self.values.push((field, example.into()));
                false
            }
            Opinion::Open | Opinion::Perhaps(_) | Opinion::Absent => false,
        }
    }

    /// Its type.
    pub(crate) const fn message_type(&self) -> MessageType {
        self.message_type
    }

    /// Takes the values of these elements out.
    pub(crate) fn take(&mut self, fields: &[Field]) -> Vec<(Field, Cow<'static, str>)> {
        self.values.extract_if(.., |(field, text)| fields.contains(field) && !text.is_empty()).collect()
    }

    /// The document, with values that were sealed for its receiver.
    pub(crate) fn write(&self, header: &Header, sealed: Option<&SealedValues>) -> Result<Draft, Error> {
        let mut values = Values::new();
        for (field, text) in &self.values {
            values.set_text(*field, text);
        }
        if let Some(sealed) = sealed {
            sealed.set_into(&mut values);
        }
        Draft::write(self.message_type, header, &values)
    }
}
