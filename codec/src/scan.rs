//! The structure of the XML, one token at a time, over borrowed bytes.
//!
//! The tokens are found with quick-xml's own parsers (`quick_xml::parser`), but not through its
//! `Reader`: that keeps the names of the open elements on the heap, two allocations for every
//! message. Here they are spans in a fixed table, which also bounds the depth. A test holds both
//! readings side by side: whatever this scanner accepts, quick-xml's `Reader` reads the same.
//!
//! Invariant: one pass. No byte is looked at more than a fixed number of times, whatever it is.
//! Called by the schema walk, which goes through here only for what its fast path does not expect.

use quick_xml::parser::{ElementParser, Parser};

use crate::attributes::check_attributes;
use crate::error::{Error, ErrorKind};
use crate::limits::{DEPTH_MAX, ELEMENT_COUNT_MAX};
use crate::path::ElementPath;
use crate::text::{check_name, check_references, is_white};

/// Trouble at a byte, before a path is added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: ErrorKind,
    pub(crate) offset: usize,
}

impl Fault {
    pub(crate) const fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }
}

/// Where a name stands in the message.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NameSpan {
    start: u16,
    len: u16,
}

impl NameSpan {
    pub(crate) const fn new(start: usize, len: usize) -> Self {
        // MESSAGE_BYTES_MAX keeps both below 2^16.
        Self { start: start as u16, len: len as u16 }
    }

    fn of<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let start = usize::from(self.start);
        bytes.get(start..start + usize::from(self.len)).unwrap_or_default()
    }
}

/// The elements that are open, outermost first.
#[derive(Clone, Debug, Default)]
pub(crate) struct OpenElements {
    names: [NameSpan; DEPTH_MAX],
    depth: usize,
}

/// A tag that was read but not yet passed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tag<'b> {
    pub(crate) kind: TagKind,
    pub(crate) name: &'b [u8],
    /// Offset of the first byte after the tag.
    pub(crate) end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TagKind {
    Start,
    Empty,
    End,
}

/// A place in the message and the elements open there.
#[derive(Debug)]
pub(crate) struct Scanner<'s, 'b> {
    pub(crate) bytes: &'b [u8],
    pub(crate) at: usize,
    /// Whether the message has any `&` at all.
    pub(crate) has_references: bool,
    element_count: usize,
    open: &'s mut OpenElements,
}

impl<'s, 'b> Scanner<'s, 'b> {
    pub(crate) const fn new(bytes: &'b [u8], has_references: bool, open: &'s mut OpenElements) -> Self {
        open.depth = 0;
        Self { bytes, at: 0, has_references, element_count: 0, open }
    }

    /// What has not been passed yet.
    #[inline]
    pub(crate) fn rest(&self) -> &'b [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Passes white space; returns the byte it stops at, `None` at the end.
    #[inline]
    pub(crate) fn skip_white(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(&byte) if is_white(byte) => self.at += 1,
                stop => return stop.copied(),
            }
        }
    }

    /// Number of open elements.
    pub(crate) const fn depth(&self) -> usize {
        self.open.depth
    }

    /// Counts an element.
    #[inline]
    pub(crate) const fn count_element(&mut self) -> Result<(), Fault> {
        self.element_count += 1;
        if self.element_count > ELEMENT_COUNT_MAX {
            return Err(Fault::new(ErrorKind::TooManyElements, self.at));
        }
        Ok(())
    }

    /// Opens an element whose name is at `name`.
    #[inline]
    pub(crate) fn open(&mut self, name: NameSpan) -> Result<(), Fault> {
        let Some(place) = self.open.names.get_mut(self.open.depth) else {
            return Err(Fault::new(ErrorKind::TooDeep, usize::from(name.start)));
        };
        *place = name;
        self.open.depth += 1;
        Ok(())
    }

    /// Closes the innermost element.
    #[inline]
    pub(crate) const fn close(&mut self) {
        self.open.depth = self.open.depth.saturating_sub(1);
    }

    /// Name of the innermost open element.
    fn innermost(&self) -> &'b [u8] {
        let index = self.open.depth.checked_sub(1);
        let name = index.and_then(|index| self.open.names.get(index));
        name.map(|name| name.of(self.bytes)).unwrap_or_default()
    }

    /// Path of the open elements, and then `tail`.
    #[cold]
    pub(crate) fn path(&self, tail: &[&str]) -> ElementPath {
        let mut path = ElementPath::EMPTY;
        for name in self.open.names.iter().take(self.open.depth) {
            path.push(name.of(self.bytes));
        }
        for name in tail {
            path.push(name.as_bytes());
        }
        path
    }

    /// The error of a fault, with the path of where the scanner stands.
    #[cold]
    pub(crate) fn error(&self, fault: Fault) -> Error {
        Error { kind: fault.kind, offset: fault.offset, path: self.path(&[]) }
    }

    /// Reads the tag that starts here, without passing it.
    pub(crate) fn tag(&self) -> Result<Tag<'b>, Fault> {
        match self.rest() {
            [b'<', b'/', ..] => self.end_tag(),
            [b'<', b'!', rest @ ..] => Err(Fault::new(declaration_kind(rest), self.at)),
            [b'<', b'?', ..] => Err(Fault::new(ErrorKind::ForbiddenMarkup, self.at)),
            [b'<', _, ..] => self.start_tag(),
            _ => Err(Fault::new(ErrorKind::Truncated, self.bytes.len())),
        }
    }

    /// `<name attribute="value" ...>` or the same with `/>`.
    fn start_tag(&self) -> Result<Tag<'b>, Fault> {
        let rest = self.rest();
        let Some(close) = ElementParser::default().feed(rest) else {
            return Err(Fault::new(ErrorKind::Truncated, self.bytes.len()));
        };
        let inner = &rest[1..close];
        let (inner, kind) = match inner.strip_suffix(b"/") {
            Some(inner) => (inner, TagKind::Empty),
            None => (inner, TagKind::Start),
        };
        let name_len = inner.iter().position(|byte| is_white(*byte)).unwrap_or(inner.len());
        let (name, attributes) = inner.split_at(name_len);
        check_name(name).map_err(|kind| Fault::new(kind, self.at))?;
        check_attributes(attributes, self.at + 1 + name_len)?;
        Ok(Tag { kind, name, end: self.at + close + 1 })
    }

    /// `</name>`, which must name the innermost open element.
    fn end_tag(&self) -> Result<Tag<'b>, Fault> {
        let rest = self.rest();
        let Some(close) = memchr::memchr(b'>', rest) else {
            return Err(Fault::new(ErrorKind::Truncated, self.bytes.len()));
        };
        let name = rest[2..close].trim_ascii_end();
        if name != self.innermost() {
            return Err(Fault::new(ErrorKind::MismatchedEndTag, self.at));
        }
        Ok(Tag { kind: TagKind::End, name, end: self.at + close + 1 })
    }

    /// Passes everything until only `depth` elements are open: an unknown element, or the rest of
    /// a message that has been refused already. Only its form is checked.
    pub(crate) fn skip_to_depth(&mut self, depth: usize) -> Result<(), Fault> {
        while self.open.depth > depth {
            self.skip_text()?;
            let tag = self.tag()?;
            self.pass(&tag)?;
        }
        Ok(())
    }

    /// Passes a tag, opening or closing its element.
    pub(crate) fn pass(&mut self, tag: &Tag<'b>) -> Result<(), Fault> {
        match tag.kind {
            TagKind::Start => {
                self.count_element()?;
                self.open(NameSpan::new(self.at + 1, tag.name.len()))?;
            }
            TagKind::Empty => self.count_element()?,
            TagKind::End => self.close(),
        }
        self.at = tag.end;
        Ok(())
    }

    /// Passes text up to the next markup.
    fn skip_text(&mut self) -> Result<(), Fault> {
        let rest = self.rest();
        let Some(len) = memchr::memchr(b'<', rest) else {
            return Err(Fault::new(ErrorKind::Truncated, self.bytes.len()));
        };
        self.check_references(self.at, &rest[..len])?;
        self.at += len;
        Ok(())
    }

    /// Checks the references of `text`, which starts at `start`.
    #[inline]
    pub(crate) fn check_references(&self, start: usize, text: &[u8]) -> Result<(), Fault> {
        if !self.has_references {
            return Ok(());
        }
        check_references(text).map_err(|(kind, at)| Fault::new(kind, start + at))
    }
}

/// Which kind of trouble `<!` starts.
fn declaration_kind(after: &[u8]) -> ErrorKind {
    if after.starts_with(b"--") || after.starts_with(b"[CDATA[") {
        ErrorKind::ForbiddenMarkup
    } else if after.get(..7).is_some_and(|word| word.eq_ignore_ascii_case(b"DOCTYPE")) {
        ErrorKind::Dtd
    } else {
        ErrorKind::MalformedTag
    }
}
