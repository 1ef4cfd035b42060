//! The fast path's start tags: without white space or attributes, as nearly all are.

use crate::catalogue::{Block, Element};

/// The two start tags of the fast path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PlainStart {
    /// `<Name>`
    Open,
    /// `<Name/>`
    Empty,
}

/// Whether `rest` starts with the plain start tag of `element`.
#[inline]
pub(super) fn plain_start(element: &Element, rest: &[u8]) -> Option<PlainStart> {
    if !element.start.matches(rest) {
        return None;
    }
    match rest.get(element.start.len()..) {
        Some([b'>', ..]) => Some(PlainStart::Open),
        Some([b'/', b'>', ..]) => Some(PlainStart::Empty),
        _ => None,
    }
}

/// The first child from `next` on whose plain start tag is here.
#[inline]
pub(super) fn expected(block: &'static Block, next: usize, rest: &[u8]) -> Option<(usize, PlainStart)> {
    let candidates = block.children.iter().enumerate().skip(next);
    for (index, child) in candidates {
        if let Some(start) = plain_start(child, rest) {
            return Some((index, start));
        }
    }
    None
}
