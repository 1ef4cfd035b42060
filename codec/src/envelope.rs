//! What stands around the document, and the signature block behind it.
//!
//! ```text
//! [ <?xml ...?> ] white  <root ...> ... </root>  white [ {S:base64} ] white
//!                        ^-- the signed bytes --^           ^--- signature text
//! ```
//!
//! Invariant: outside the signed bytes and the block there is nothing but an XML declaration and
//! white space, so nothing unsigned can carry meaning. The block is looked for behind the end of
//! the document only: the same characters inside a value are text.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut, BytesMut};
use quick_xml::parser::{Parser, PiParser};

use crate::attributes::{Attribute, Attributes};
use crate::error::ErrorKind;
use crate::limits::{MESSAGE_BYTES_MAX, SIGNATURE_BYTES_MAX, SIGNATURE_TEXT_BYTES_MAX};
use crate::scan::{Fault, Scanner};
use crate::text::{is_forbidden, is_white};

/// What our own messages start with, and most others do.
pub(crate) const DECLARATION: &[u8] = br#"<?xml version="1.0" encoding="UTF-8"?>"#;

const BYTE_ORDER_MARKS: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFE\xFF", b"\xFF\xFE"];
const SIGNATURE_START: &[u8] = b"{S:";
const SIGNATURE_END: u8 = b'}';

/// What one look at every byte of a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Survey {
    /// There is a `&`.
    pub(crate) has_references: bool,
    /// There is a `]`.
    pub(crate) has_brackets: bool,
}

/// Checks what concerns all bytes alike: number, encoding, characters.
pub(crate) fn survey(bytes: &[u8]) -> Result<Survey, Fault> {
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(Fault::new(ErrorKind::MessageTooLarge, MESSAGE_BYTES_MAX));
    }
    if BYTE_ORDER_MARKS.iter().any(|mark| bytes.starts_with(mark)) {
        return Err(Fault::new(ErrorKind::ByteOrderMark, 0));
    }
    if simdutf8::basic::from_utf8(bytes).is_err() {
        let offset = str::from_utf8(bytes).err().map_or(0, |error| error.valid_up_to());
        return Err(Fault::new(ErrorKind::NotUtf8, offset));
    }
    let (mut suspect, mut references, mut brackets) = (0_u8, 0_u8, 0_u8);
    for &byte in bytes {
        // Less than the whole rule: a line feed before the signature is usual, any other control
        // character is not, and is looked at again.
        suspect |= u8::from(byte < b' ') & u8::from(byte != b'\n');
        references |= u8::from(byte == b'&');
        brackets |= u8::from(byte == b']');
    }
    if suspect != 0
        && let Some(offset) = bytes.iter().position(|byte| is_forbidden(*byte))
    {
        return Err(Fault::new(ErrorKind::BadCharacter, offset));
    }
    Ok(Survey { has_references: references != 0, has_brackets: brackets != 0 })
}

/// Passes white space and the declaration; stops at the `<` of the first tag.
pub(crate) fn skip_prolog(scanner: &mut Scanner<'_, '_>) -> Result<(), Fault> {
    if scanner.rest().starts_with(DECLARATION) {
        scanner.at += DECLARATION.len();
    } else {
        scanner.skip_white();
        skip_declaration(scanner)?;
    }
    match scanner.skip_white() {
        Some(b'<') => Ok(()),
        Some(_) => Err(Fault::new(ErrorKind::TextOutside, scanner.at)),
        None => Err(Fault::new(ErrorKind::Truncated, scanner.at)),
    }
}

/// Passes a declaration in any of its spellings, if there is one.
fn skip_declaration(scanner: &mut Scanner<'_, '_>) -> Result<(), Fault> {
    const START: &[u8] = b"<?xml";
    let rest = scanner.rest();
    if !rest.starts_with(START) || !rest.get(START.len()).is_some_and(|byte| is_white(*byte)) {
        return Ok(());
    }
    let Some(close) = PiParser::default().feed(rest) else {
        return Err(Fault::new(ErrorKind::Truncated, scanner.bytes.len()));
    };
    // `close` is the offset of the `>` that ends `?>`.
    let inner = rest.get(START.len()..close - 1).unwrap_or_default();
    check_declaration(Attributes::new(inner, scanner.at + START.len()))?;
    scanner.at += close + 1;
    Ok(())
}

/// `version`, then perhaps `encoding`, which must be UTF-8, then perhaps `standalone`.
fn check_declaration(mut attributes: Attributes<'_>) -> Result<(), Fault> {
    let malformed = Fault::new(ErrorKind::MalformedTag, attributes.offset());
    let mut expected: &[&[u8]] = &[b"version", b"encoding", b"standalone"];
    while let Some(Attribute { name, value }) = attributes.next()? {
        let place = expected.iter().position(|known| *known == name).ok_or(malformed)?;
        let is_first = expected.len() == 3;
        match name {
            b"version" if matches!(value, b"1.0" | b"1.1") => {}
            b"encoding" if is_first => return Err(malformed),
            b"encoding" if value.eq_ignore_ascii_case(b"utf-8") => {}
            b"encoding" => return Err(Fault::new(ErrorKind::NotUtf8, attributes.offset())),
            b"standalone" if !is_first && matches!(value, b"yes" | b"no") => {}
            _ => return Err(malformed),
        }
        expected = &expected[place + 1..];
    }
    if expected.len() == 3 { Err(malformed) } else { Ok(()) }
}

/// Reads what follows the document: the span of the signature's text, if there is a block.
///
/// A block without its closing brace is none: the message was cut off, or not signed at all.
pub(crate) fn signature_span(scanner: &mut Scanner<'_, '_>) -> Result<Option<Range<usize>>, Fault> {
    if scanner.skip_white().is_none() {
        return Ok(None);
    }
    let rest = scanner.rest();
    if SIGNATURE_START.starts_with(rest) {
        return Ok(None);
    }
    if !rest.starts_with(SIGNATURE_START) {
        return Err(Fault::new(ErrorKind::TextOutside, scanner.at));
    }
    let Some(end) = memchr::memrchr(SIGNATURE_END, rest) else {
        return Ok(None);
    };
    let text = scanner.at + SIGNATURE_START.len()..scanner.at + end;
    scanner.at += end + 1;
    match scanner.skip_white() {
        None => Ok(Some(text)),
        Some(_) => Err(Fault::new(ErrorKind::TextOutside, scanner.at)),
    }
}

/// Decodes the base64 text of a signature block into `out`; returns the number of bytes.
///
/// White space is skipped: some senders break the text into lines.
///
/// ```
/// use clearway_codec::decode_signature;
/// use clearway_codec::limits::SIGNATURE_BYTES_MAX;
///
/// let mut signature = [0; SIGNATURE_BYTES_MAX];
/// assert_eq!(decode_signature(b"AQID\r\nBAU=", &mut signature), Ok(5));
/// assert_eq!(signature[..5], [1, 2, 3, 4, 5]);
/// ```
///
/// # Errors
/// [`ErrorKind::SignatureNotBase64`] when the text is empty, longer than
/// [`SIGNATURE_TEXT_BYTES_MAX`], not base64, or of more than [`SIGNATURE_BYTES_MAX`] bytes.
pub fn decode_signature(text: &[u8], out: &mut [u8; SIGNATURE_BYTES_MAX]) -> Result<usize, ErrorKind> {
    let mut compact = [0; SIGNATURE_TEXT_BYTES_MAX];
    let text = without_white(text, &mut compact).ok_or(ErrorKind::SignatureNotBase64)?;
    match STANDARD.decode_slice(text, out) {
        Ok(len) if len > 0 => Ok(len),
        _ => Err(ErrorKind::SignatureNotBase64),
    }
}

/// `text` itself when it has no white space, else what is left of it; `None` when it is too long.
fn without_white<'a>(text: &'a [u8], compact: &'a mut [u8; SIGNATURE_TEXT_BYTES_MAX]) -> Option<&'a [u8]> {
    if text.len() > SIGNATURE_TEXT_BYTES_MAX {
        return None;
    }
    if !text.iter().any(|byte| is_white(*byte)) {
        return Some(text);
    }
    let kept = text.iter().filter(|byte| !is_white(**byte));
    let mut len = 0;
    for (place, byte) in compact.iter_mut().zip(kept) {
        *place = *byte;
        len += 1;
    }
    compact.get(..len)
}

/// Appends a line break and the block that holds `raw_signature`.
pub fn append_signature(out: &mut BytesMut, raw_signature: &[u8]) {
    out.put_u8(b'\n');
    out.put_slice(SIGNATURE_START);
    let start = out.len();
    let text_len = raw_signature.len().div_ceil(3) * 4;
    out.resize(start + text_len, 0);
    let written = STANDARD.encode_slice(raw_signature, &mut out[start..]);
    debug_assert_eq!(written, Ok(text_len));
    out.put_u8(SIGNATURE_END);
}
