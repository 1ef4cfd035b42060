//! Attributes of a tag or of the declaration.
//!
//! Invariant: their number is bounded before they are compared with each other, so looking for one
//! given twice costs a fixed amount. No attribute means anything to the switch; they are checked
//! for form and carried along. Called by the scanner and the envelope.

use crate::error::ErrorKind;
use crate::limits::ATTRIBUTE_COUNT_MAX;
use crate::scan::Fault;
use crate::text::{check_name, check_references};

/// Checks that `text` is attributes, each after white space, none twice, at most
/// [`ATTRIBUTE_COUNT_MAX`]. `start` is the offset of `text` in the message.
pub(crate) fn check_attributes(text: &[u8], start: usize) -> Result<(), Fault> {
    let mut names: [&[u8]; ATTRIBUTE_COUNT_MAX] = [&[]; ATTRIBUTE_COUNT_MAX];
    let mut attributes = Attributes::new(text, start);
    let mut count = 0;
    while let Some(Attribute { name, .. }) = attributes.next()? {
        let fault = |kind| Fault::new(kind, attributes.offset());
        if names[..count].contains(&name) {
            return Err(fault(ErrorKind::DuplicateAttribute));
        }
        let place = names.get_mut(count).ok_or_else(|| fault(ErrorKind::TooManyAttributes))?;
        *place = name;
        count += 1;
    }
    Ok(())
}

/// One attribute, its value without the quotes.
pub(crate) struct Attribute<'b> {
    pub(crate) name: &'b [u8],
    pub(crate) value: &'b [u8],
}

/// Reads attributes one by one: white space, name, `=`, quoted value.
pub(crate) struct Attributes<'b> {
    text: &'b [u8],
    start: usize,
    len: usize,
}

impl<'b> Attributes<'b> {
    pub(crate) const fn new(text: &'b [u8], start: usize) -> Self {
        Self { text, start, len: text.len() }
    }

    /// Offset in the message of what has not been read yet.
    pub(crate) const fn offset(&self) -> usize {
        self.start + self.len - self.text.len()
    }

    /// The next name and value, `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Attribute<'b>>, Fault> {
        let trimmed = self.text.trim_ascii_start();
        if trimmed.is_empty() {
            return Ok(None);
        }
        let malformed = Fault::new(ErrorKind::MalformedTag, self.offset());
        if trimmed.len() == self.text.len() {
            return Err(malformed);
        }
        let equals = memchr::memchr(b'=', trimmed).ok_or(malformed)?;
        let name = trimmed[..equals].trim_ascii_end();
        check_name(name).map_err(|kind| Fault::new(kind, self.offset()))?;
        let [quote @ (b'"' | b'\''), quoted @ ..] = trimmed[equals + 1..].trim_ascii_start() else {
            return Err(malformed);
        };
        let end = memchr::memchr(*quote, quoted).ok_or(malformed)?;
        let (value, rest) = (&quoted[..end], &quoted[end + 1..]);
        if memchr::memchr(b'<', value).is_some() {
            return Err(malformed);
        }
        check_references(value).map_err(|(kind, _)| Fault::new(kind, self.offset()))?;
        self.text = rest;
        Ok(Some(Attribute { name, value }))
    }
}
