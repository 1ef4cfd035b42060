//! The children of one block: order, presence, the places the switch fills.
//!
//! Invariant: recursion follows the catalogue's nesting, never the message's; whatever the
//! catalogue does not know is passed over without recursion.

use super::plain::{PlainStart, expected};
use super::{Stop, Walk};
use crate::catalogue::{Block, Content, Element, Presence};
use crate::error::ErrorKind;
use crate::fields::Span;
use crate::scan::{NameSpan, Tag, TagKind};

/// How far the walk is within one block.
pub(super) struct Progress {
    /// Index of the first child that may still come.
    next: usize,
    /// Bit n: child n was there.
    seen: u64,
    /// Bit n: child n was there and, if a leaf, not empty.
    present: u64,
    /// Whether any leaf below had a value.
    has_values: bool,
}

impl Progress {
    /// Nothing has been read yet.
    const START: Self = Self { next: 0, seen: 0, present: 0, has_values: false };
    /// In `root`, header and body have been read.
    pub(super) const BEHIND_BODY: Self = Self { next: 2, seen: 0b11, present: 0b11, has_values: true };
}

impl<'b> Walk<'_, 'b> {
    /// Reads the children of a block, up to and with its end tag. Its start tag has been passed,
    /// its name is the innermost open one.
    pub(super) fn block(&mut self, element: &'static Element, mut progress: Progress) -> Result<bool, Stop> {
        let Content::Block(block) = &element.content else {
            return Ok(false);
        };
        loop {
            self.seek_markup()?;
            let rest = self.scanner.rest();
            if rest.get(1) == Some(&b'/') {
                self.end_block(element, block, &progress)?;
                return Ok(progress.has_values);
            }
            if let Some((index, start)) = expected(block, progress.next, rest) {
                self.child(block, index, start, &mut progress)?;
            } else {
                self.unexpected(block, &mut progress)?;
            }
        }
    }

    /// Reads child `index`, whose plain start tag is here.
    #[inline]
    fn child(
        &mut self,
        block: &'static Block,
        index: usize,
        start: PlainStart,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        let at = self.scanner.at;
        let child = &block.children[index];
        let is_empty = self.pass_plain(child, start)?;
        self.child_content(block, index, at, is_empty, progress)
    }

    /// Reads what follows the start tag of child `index`, which was at `start`.
    #[inline]
    fn child_content(
        &mut self,
        block: &'static Block,
        index: usize,
        start: usize,
        is_empty: bool,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        self.place_fills(block, progress, index, start);
        let child = &block.children[index];
        let bit = 1 << index;
        progress.next = index + 1;
        progress.seen |= bit;
        match &child.content {
            Content::Leaf(_) if is_empty => {}
            Content::Leaf(leaf) => {
                if self.leaf(child, leaf, start)? {
                    progress.present |= bit;
                    progress.has_values = true;
                }
            }
            Content::Block(inner) => {
                progress.has_values |= self.child_block(child, inner, start, is_empty)?;
                progress.present |= bit;
            }
        }
        if block.noted & bit != 0 {
            return self.note_special(block, index, start, progress);
        }
        Ok(())
    }

    /// What is to be kept of a child that the switch fills, or that may come again.
    #[cold]
    fn note_special(
        &mut self,
        block: &'static Block,
        index: usize,
        start: usize,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        let child = &block.children[index];
        let Presence::Repeated(times_max) = child.presence else {
            self.note_fill(child, start, self.scanner.at);
            return Ok(());
        };
        progress.next = index;
        self.repeats += 1;
        if self.repeats > times_max {
            return Err(self.refuse(ErrorKind::Repeated, start, &[child.name()]));
        }
        if let Some(leaf) = child.leaf() {
            // The table has the first value; the others are found behind it.
            let slot = self.layout.slot(leaf.field);
            if self.first_repeat.is_empty() {
                self.first_repeat = self.fields.span_at(slot);
            }
            self.fields.set_at(slot, self.first_repeat);
        }
        Ok(())
    }

    /// Reads a block whose start tag, at `start`, has been passed.
    pub(super) fn child_block(
        &mut self,
        child: &'static Element,
        block: &'static Block,
        start: usize,
        is_empty: bool,
    ) -> Result<bool, Stop> {
        if is_empty {
            if child.is_mandatory() && block.mandatory != 0 {
                let missing = &block.children[block.mandatory.trailing_zeros() as usize];
                let path = [child.name(), missing.name()];
                return Err(self.refuse(ErrorKind::MissingElement, start, &path));
            }
            return Ok(false);
        }
        self.scanner.open(NameSpan::new(start + 1, child.name().len()))?;
        self.block(child, Progress::START)
    }

    /// Checks that nothing is missing, and passes the end tag of the innermost block.
    fn end_block(&mut self, element: &'static Element, block: &'static Block, progress: &Progress) -> Result<(), Stop> {
        let start = self.scanner.at;
        let missing = block.mandatory & !progress.present;
        if missing != 0 && (element.is_mandatory() || progress.has_values) {
            // The end tag must be the right one before its block can be called incomplete.
            self.scanner.tag()?;
            let child = &block.children[missing.trailing_zeros() as usize];
            return Err(self.refuse(ErrorKind::MissingElement, start, &[child.name()]));
        }
        self.place_fills(block, progress, block.children.len(), start);
        if self.scanner.depth() == 1 {
            self.fields.root_end_tag = start as u32;
        }
        if element.end.matches(self.scanner.rest()) {
            self.scanner.at += element.end.len();
            self.scanner.close();
        } else {
            let tag = self.scanner.tag()?;
            self.scanner.pass(&tag)?;
        }
        Ok(())
    }

    /// A start tag that is not plain, or not one of the children that may come.
    #[cold]
    fn unexpected(&mut self, block: &'static Block, progress: &mut Progress) -> Result<(), Stop> {
        let start = self.scanner.at;
        let tag = self.scanner.tag()?;
        let index = block.children.iter().position(|child| child.name().as_bytes() == tag.name);
        let Some(index) = index else {
            return self.unknown(block, &tag, progress);
        };
        if index >= progress.next {
            let is_empty = self.pass_tag(&tag)?;
            return self.child_content(block, index, start, is_empty, progress);
        }
        let seen = progress.seen & (1 << index) != 0;
        let kind = if seen { ErrorKind::Repeated } else { ErrorKind::OutOfOrder };
        Err(self.refuse(kind, start, &[block.children[index].name()]))
    }

    /// An element the catalogue does not know ends what it does know of the block.
    fn unknown(&mut self, block: &'static Block, tag: &Tag<'b>, progress: &mut Progress) -> Result<(), Stop> {
        self.place_fills(block, progress, block.children.len(), self.scanner.at);
        progress.next = block.children.len();
        let depth = self.scanner.depth();
        self.scanner.pass(tag)?;
        self.scanner.skip_to_depth(depth)?;
        Ok(())
    }

    /// Notes that absent children below `end` which the switch fills would stand at `at`.
    #[inline]
    fn place_fills(&mut self, block: &'static Block, progress: &Progress, end: usize, at: usize) {
        let passed = block.filled >> progress.next << progress.next;
        if passed & ((1_u64 << end) - 1) != 0 {
            for child in &block.children[progress.next..end] {
                self.note_fill(child, at, at);
            }
        }
    }

    #[cold]
    fn note_fill(&mut self, child: &'static Element, start: usize, end: usize) {
        if let Some(leaf) = child.leaf() {
            self.fields.set_fill(leaf.field, Span::new(start, end - start));
        }
    }

    /// Passes a tag that the fast path recognised; returns whether it is `<Name/>`.
    #[inline]
    pub(super) fn pass_plain(&mut self, element: &'static Element, start: PlainStart) -> Result<bool, Stop> {
        self.scanner.count_element()?;
        let is_empty = start == PlainStart::Empty;
        self.scanner.at += element.start.len() + if is_empty { 2 } else { 1 };
        Ok(is_empty)
    }

    /// Passes a start tag without opening it; returns whether it is an empty one.
    pub(super) fn pass_tag(&mut self, tag: &Tag<'b>) -> Result<bool, Stop> {
        self.scanner.count_element()?;
        self.scanner.at = tag.end;
        Ok(tag.kind == TagKind::Empty)
    }
}
