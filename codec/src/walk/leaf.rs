//! One value: its text, its end tag, its length and form.

use super::{Stop, Walk};
use crate::catalogue::{Element, Leaf};
use crate::error::ErrorKind;
use crate::fields::Span;
use crate::scan::{Fault, NameSpan, TagKind};
use crate::text::check_value;

impl Walk<'_, '_> {
    /// Reads the value of a leaf and its end tag; returns whether it has a value.
    #[inline]
    pub(super) fn leaf(&mut self, element: &'static Element, leaf: &Leaf, start: usize) -> Result<bool, Stop> {
        let at = self.scanner.at;
        let rest = self.scanner.rest();
        let Some(len) = memchr::memchr(b'<', rest) else {
            self.scanner.open(NameSpan::new(start + 1, element.name().len()))?;
            return Err(Fault::new(ErrorKind::Truncated, self.scanner.bytes.len()).into());
        };
        let (value, after) = rest.split_at(len);
        if self.scanner.has_references {
            self.references_of_leaf(element, start, value)?;
        }
        self.scanner.at += len;
        if element.end.matches(after) {
            self.scanner.at += element.end.len();
        } else {
            self.end_leaf(element, start)?;
        }
        if let Err(kind) = check_value(leaf, value) {
            return Err(self.refuse(kind, at, &[element.name()]));
        }
        self.fields.set_at(self.layout.slot(leaf.field), Span::new(at, len));
        Ok(len > 0)
    }

    fn references_of_leaf(&mut self, element: &'static Element, start: usize, value: &[u8]) -> Result<(), Stop> {
        if let Err(fault) = self.scanner.check_references(self.scanner.at, value) {
            // The path of the fault is that of the leaf.
            self.scanner.open(NameSpan::new(start + 1, element.name().len()))?;
            return Err(fault.into());
        }
        Ok(())
    }

    /// What follows a value when it is not the plain end tag.
    #[cold]
    fn end_leaf(&mut self, element: &'static Element, start: usize) -> Result<(), Stop> {
        self.scanner.open(NameSpan::new(start + 1, element.name().len()))?;
        let tag = self.scanner.tag()?;
        if tag.kind != TagKind::End {
            return Err(self.refuse(ErrorKind::MarkupInValue, self.scanner.at, &[]));
        }
        self.scanner.pass(&tag)?;
        Ok(())
    }
}
