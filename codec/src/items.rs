//! The values of a leaf that may come several times in a row.

use quick_xml::parser::{ElementParser, Parser};

use crate::text::is_white;

/// The values of one repeated field, in the order of the message; see
/// [`Checked::items`](crate::Checked::items).
///
/// ```text
/// <CtrlNbF>770101</CtrlNbF> <CtrlNbF>770102</CtrlNbF> </CtrlNbInf> ...
///          ^ starts here                               ^ another tag: ends
/// ```
#[derive(Clone, Debug)]
pub struct Items<'b> {
    /// Starts with a value; empty when there are no more.
    rest: &'b [u8],
    name: &'static str,
}

impl<'b> Items<'b> {
    pub(crate) const fn new(rest: &'b [u8], name: &'static str) -> Self {
        Self { rest, name }
    }

    /// The value that the rest starts with; then goes on to the next.
    fn take(&mut self) -> Option<&'b [u8]> {
        let (value, behind) = self.rest.split_at_checked(memchr::memchr(b'<', self.rest)?)?;
        let end = memchr::memchr(b'>', behind)?;
        self.rest = behind.get(end + 1..).unwrap_or_default();
        self.seek();
        Some(value)
    }

    /// Goes to the value of the next element of this name; to the end when another tag comes.
    fn seek(&mut self) {
        while let Some(close) = self.start_tag() {
            let is_empty = self.rest.get(close.wrapping_sub(1)) == Some(&b'/');
            self.rest = self.rest.get(close + 1..).unwrap_or_default();
            if !is_empty {
                return;
            }
        }
        self.rest = &[];
    }

    /// The offset of the `>` of the start tag that comes next, if it has this name.
    fn start_tag(&mut self) -> Option<usize> {
        let white = self.rest.iter().take_while(|byte| is_white(**byte)).count();
        self.rest = self.rest.get(white..).unwrap_or_default();
        let behind = self.rest.strip_prefix(b"<")?.strip_prefix(self.name.as_bytes())?;
        let is_whole = behind.first().is_some_and(|byte| is_white(*byte) || matches!(byte, b'>' | b'/'));
        if is_whole { ElementParser::default().feed(self.rest) } else { None }
    }
}

impl<'b> Iterator for Items<'b> {
    type Item = &'b [u8];

    fn next(&mut self) -> Option<&'b [u8]> {
        loop {
            match self.take()? {
                [] => {}
                value => return Some(value),
            }
        }
    }
}
