//! The body of a received message with values put where it had none. The slow way of forwarding:
//! the body is walked once more beside the catalogue.
//!
//! Invariant: recursion follows the catalogue's nesting, never the message's. The message has been
//! checked, so the scanner cannot fail; if it was joined with other bytes, what is left of them is
//! copied as it is.

use bytes::{BufMut, BytesMut};

use crate::catalogue::{Block, Content, Element, Presence};
use crate::checked::Checked;
use crate::encode::{any_set, put_value};
use crate::scan::{Fault, OpenElements, Scanner, Tag, TagKind};
use crate::values::Values;

/// Appends the body of `request`, and what stands behind it up to the end tag of `root`, with every
/// value of `values` in its place.
pub(crate) fn rewrite(out: &mut BytesMut, request: &Checked<'_>, values: &Values<'_>) {
    let fields = request.fields_ref();
    let mut open = OpenElements::default();
    let mut scanner = Scanner::new(request.bytes(), false, &mut open);
    scanner.at = fields.body.start();
    let mut rewriter = Rewriter { copied: scanner.at, out, scanner, values };
    let body = &request.message_type().schema().body;
    if let Ok(tag) = rewriter.scanner.tag() {
        // Bytes of another message end this early; what was read till then is copied below.
        let _ = rewriter.child(body, &tag);
    }
    rewriter.copy_to(fields.root_end_tag as usize);
}

struct Rewriter<'o, 's, 'b, 'v> {
    out: &'o mut BytesMut,
    scanner: Scanner<'s, 'b>,
    values: &'o Values<'v>,
    /// Up to where the message has been copied, or replaced.
    copied: usize,
}

impl<'b> Rewriter<'_, '_, 'b, '_> {
    /// The children of a block whose start tag has been passed, up to and with its end tag.
    fn block(&mut self, block: &'static Block) -> Result<(), Fault> {
        let mut next = 0;
        loop {
            self.scanner.skip_white();
            let tag = self.scanner.tag()?;
            let known = block.children.iter().position(|child| child.name().as_bytes() == tag.name);
            let reached = known.filter(|_| tag.kind != TagKind::End).unwrap_or(block.children.len());
            for absent in block.children.get(next..reached).unwrap_or_default() {
                self.add(absent);
            }
            if tag.kind == TagKind::End {
                return self.scanner.pass(&tag);
            }
            match block.children.get(reached) {
                Some(child) => self.child(child, &tag)?,
                None => self.skip(&tag)?,
            }
            next = reached + 1;
        }
    }

    /// One element that the catalogue knows and whose tag is here.
    fn child(&mut self, child: &'static Element, tag: &Tag<'b>) -> Result<(), Fault> {
        if !self.is_set(child) {
            return self.skip(tag);
        }
        match &child.content {
            Content::Block(block) if tag.kind == TagKind::Start => {
                self.scanner.pass(tag)?;
                self.block(block)
            }
            // A leaf, or a block without children.
            _ => {
                self.add(child);
                self.skip(tag)?;
                self.copied = self.scanner.at;
                Ok(())
            }
        }
    }

    /// Passes an element with all that stands in it.
    fn skip(&mut self, tag: &Tag<'b>) -> Result<(), Fault> {
        let depth = self.scanner.depth();
        self.scanner.pass(tag)?;
        self.scanner.skip_to_depth(depth)
    }

    /// Writes `element` here, if anything of it is set.
    fn add(&mut self, element: &'static Element) {
        if self.is_set(element) {
            self.copy_to(self.scanner.at);
            self.put(element);
        }
    }

    fn put(&mut self, element: &'static Element) {
        match &element.content {
            Content::Leaf(leaf) => {
                if let Some(value) = self.values.escaped(leaf.field) {
                    put_value(self.out, leaf.field, &value);
                }
            }
            Content::Block(block) => {
                self.out.put_slice(element.names.open.as_bytes());
                for child in block.children {
                    if self.is_set(child) {
                        self.put(child);
                    }
                }
                self.out.put_slice(element.names.close.as_bytes());
            }
        }
    }

    fn is_set(&self, element: &'static Element) -> bool {
        match &element.content {
            Content::Leaf(_) if matches!(element.presence, Presence::Repeated(_)) => false,
            Content::Leaf(leaf) => self.values.get(leaf.field).is_some(),
            Content::Block(block) => any_set(block, self.values),
        }
    }

    fn copy_to(&mut self, end: usize) {
        self.out.put_slice(self.scanner.bytes.get(self.copied..end).unwrap_or_default());
        self.copied = self.copied.max(end);
    }
}
