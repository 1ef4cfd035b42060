//! The one pass over a message: its structure, its header, and its schema.
//!
//! Invariant: bytes that cannot be read win over every other fault. A message that breaks its
//! schema is therefore read to its end all the same, by form only, and the first breach is kept
//! ([`Outcome::refusal`]); who holds the message learns of it when asking for the check, after the
//! signature. Called by [`Decoder::decode`](crate::Decoder::decode) only.
//!
//! The fast path expects exactly what the catalogue says comes next, `<Name>value</Name>`, and
//! compares it with two instructions. Everything else, white space and attributes in tags, unknown
//! elements, faults, goes through the scanner.

mod block;
mod leaf;
mod plain;

use block::Progress;
use plain::plain_start;

use crate::catalogue::{Content, Element, Field, HEADER, Layout, MessageType, ROOT, ROOT_OPEN};
use crate::envelope::{Survey, signature_span, skip_prolog};
use crate::error::{Error, ErrorKind};
use crate::fields::{ByteRange, Fields, Span};
use crate::message::Header;
use crate::scan::{Fault, NameSpan, OpenElements, Scanner, TagKind};
use crate::value::{BeijingTime, Direction, InstitutionId, SerialNumber, ValueError};

/// What the pass found.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) fields: Fields,
    /// The first breach of the schema.
    pub(crate) refusal: Option<Error>,
}

/// Why the schema walk stopped.
enum Stop {
    /// The bytes cannot be read.
    Malformed(Fault),
    /// They can, but break the schema; the breach is in [`Walk::refusal`].
    Refused,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Malformed(fault)
    }
}

/// The pass over one message.
pub(crate) struct Walk<'s, 'b> {
    scanner: Scanner<'s, 'b>,
    has_brackets: bool,
    /// Of the message's type, once that is known; before, only the header's slots are asked for,
    /// which are the same in every type.
    layout: &'static Layout,
    fields: Fields,
    /// How often the leaf that may be repeated was there; a message has at most one such leaf.
    repeats: u16,
    /// Where its first value is.
    first_repeat: Span,
    header: Option<Header>,
    refusal: Option<Error>,
}

impl<'s, 'b> Walk<'s, 'b> {
    pub(crate) fn new(bytes: &'b [u8], survey: Survey, open: &'s mut OpenElements) -> Self {
        Self {
            scanner: Scanner::new(bytes, survey.has_references, open),
            has_brackets: survey.has_brackets,
            layout: Layout::of(Header::UNREAD.message_type),
            fields: Fields::EMPTY,
            repeats: 0,
            first_repeat: Span::EMPTY,
            header: None,
            refusal: None,
        }
    }

    /// Reads the whole message. `Err` when it cannot be read, or has no usable header.
    pub(crate) fn run(mut self) -> Result<Outcome, Error> {
        if let Err(fault) = self.envelope() {
            return Err(self.scanner.error(fault));
        }
        match (self.header, self.refusal) {
            (Some(header), refusal) => {
                self.fields.header = header;
                Ok(Outcome { fields: self.fields, refusal })
            }
            (None, Some(refusal)) => Err(refusal),
            // The schema walk ends with a header or a refusal.
            (None, None) => Err(self.scanner.error(Fault::new(ErrorKind::Truncated, 0))),
        }
    }

    fn envelope(&mut self) -> Result<(), Fault> {
        skip_prolog(&mut self.scanner)?;
        let start = self.scanner.at;
        match self.document() {
            Ok(()) | Err(Stop::Refused) => self.scanner.skip_to_depth(0)?,
            Err(Stop::Malformed(fault)) => return Err(fault),
        }
        let end = self.scanner.at;
        self.check_cdata_end(start, end)?;
        self.fields.signed = ByteRange::new(start, end);
        let signature = signature_span(&mut self.scanner)?;
        self.fields.signature = signature.map(|text| ByteRange::new(text.start, text.end));
        Ok(())
    }

    /// XML forbids `]]>` in text. A message has hardly ever a `]` at all.
    fn check_cdata_end(&self, start: usize, end: usize) -> Result<(), Fault> {
        if !self.has_brackets {
            return Ok(());
        }
        let document = self.scanner.bytes.get(start..end).unwrap_or_default();
        match memchr::memmem::find(document, b"]]>") {
            Some(at) => Err(Fault::new(ErrorKind::CdataEnd, start + at)),
            None => Ok(()),
        }
    }

    /// `<root>`, the header, the body, perhaps unknown elements, `</root>`.
    fn document(&mut self) -> Result<(), Stop> {
        self.open_root()?;
        self.sole(&HEADER)?;
        let header = self.read_header()?;
        self.header = Some(header);
        self.layout = Layout::of(header.message_type);
        let body = &header.message_type.schema().body;
        let span = self.sole(body)?;
        self.fields.body = span;
        self.block(&ROOT, Progress::BEHIND_BODY)?;
        Ok(())
    }

    fn open_root(&mut self) -> Result<(), Stop> {
        if self.scanner.rest().starts_with(ROOT_OPEN) {
            self.scanner.count_element()?;
            self.scanner.open(NameSpan::new(self.scanner.at + 1, ROOT.name().len()))?;
            self.scanner.at += ROOT_OPEN.len();
            return Ok(());
        }
        let tag = self.scanner.tag()?;
        let offset = self.scanner.at;
        self.scanner.pass(&tag)?;
        if tag.name != ROOT.name().as_bytes() {
            return Err(self.refuse(ErrorKind::UnknownRoot, offset, &[]));
        }
        if tag.kind == TagKind::Empty {
            let missing = [ROOT.name(), HEADER.name()];
            return Err(self.refuse(ErrorKind::MissingElement, offset, &missing));
        }
        Ok(())
    }

    /// Reads an element that must come here and nowhere else; returns its span.
    fn sole(&mut self, element: &'static Element) -> Result<ByteRange, Stop> {
        self.seek_markup()?;
        let start = self.scanner.at;
        let Content::Block(block) = &element.content else {
            return Err(self.refuse(ErrorKind::MissingElement, start, &[element.name()]));
        };
        let is_empty = match plain_start(element, self.scanner.rest()) {
            Some(start) => self.pass_plain(element, start)?,
            None => {
                let tag = self.scanner.tag()?;
                if tag.kind == TagKind::End || tag.name != element.name().as_bytes() {
                    return Err(self.refuse(ErrorKind::MissingElement, start, &[element.name()]));
                }
                self.pass_tag(&tag)?
            }
        };
        self.child_block(element, block, start, is_empty)?;
        Ok(ByteRange::new(start, self.scanner.at))
    }

    /// Takes the header out of the fields that the walk has checked.
    fn read_header(&mut self) -> Result<Header, Stop> {
        let Some(message_type) = MessageType::from_code(self.value(Field::MsgTp)) else {
            let offset = self.fields.span(Field::MsgTp).start();
            let path = [HEADER.name(), Field::MsgTp.name()];
            return Err(self.refuse(ErrorKind::UnknownMessageType, offset, &path));
        };
        let header = self.parse_header(message_type);
        header.map_err(|error| self.refuse(error.into(), self.scanner.at, &[HEADER.name()]))
    }

    fn parse_header(&self, message_type: MessageType) -> Result<Header, ValueError> {
        Ok(Header {
            message_type,
            issuer: InstitutionId::parse(self.value(Field::IssrId))?,
            direction: Direction::parse(self.value(Field::Drctn))?,
            sign_sn: SerialNumber::parse(self.value(Field::SignSN))?,
            sent_at: BeijingTime::parse(self.value(Field::SndDt))?,
        })
    }

    fn value(&self, field: Field) -> &'b [u8] {
        self.fields.span(field).of(self.scanner.bytes)
    }

    /// Passes white space up to the next tag.
    #[inline]
    fn seek_markup(&mut self) -> Result<(), Stop> {
        match self.scanner.skip_white() {
            Some(b'<') => Ok(()),
            Some(_) => Err(self.refuse(ErrorKind::StrayText, self.scanner.at, &[])),
            None => Err(Fault::new(ErrorKind::Truncated, self.scanner.at).into()),
        }
    }

    /// Keeps the first breach of the schema.
    #[cold]
    fn refuse(&mut self, kind: ErrorKind, offset: usize, tail: &[&str]) -> Stop {
        self.refusal = Some(Error { kind, offset, path: self.scanner.path(tail) });
        Stop::Refused
    }
}
