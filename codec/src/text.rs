//! Character data: white space, names, references, and the check of one value.
//!
//! Invariant: what passes here is well-formed XML 1.0 text whose references can all be resolved
//! without a table of entities. Called by the scanner, the schema walk and the encoder.

use std::borrow::Cow;

use crate::catalogue::Leaf;
use crate::error::ErrorKind;
use crate::limits::NAME_BYTES_MAX;

/// White space as XML has it.
#[inline]
pub(crate) const fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Whether a byte is a character that XML 1.0 does not allow in any place.
#[inline]
pub(crate) const fn is_forbidden(byte: u8) -> bool {
    byte < 0x20 && !is_white(byte)
}

/// Checks the name of an element or attribute. Letters beyond ASCII are all let through: no name
/// of the catalogue has any, so such an element is an unknown one at best.
pub(crate) fn check_name(name: &[u8]) -> Result<(), ErrorKind> {
    let starts = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':' | 0x80..);
    let continues = |byte: u8| starts(byte) || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    match name {
        [] => Err(ErrorKind::MalformedTag),
        _ if name.len() > NAME_BYTES_MAX => Err(ErrorKind::NameTooLong),
        [first, rest @ ..] if starts(*first) && rest.iter().all(|byte| continues(*byte)) => Ok(()),
        _ => Err(ErrorKind::MalformedTag),
    }
}

/// Checks every reference of `text`. On failure also tells where in `text` it starts.
pub(crate) fn check_references(text: &[u8]) -> Result<(), (ErrorKind, usize)> {
    for at in memchr::memchr_iter(b'&', text) {
        reference(&text[at..]).map_err(|kind| (kind, at))?;
    }
    Ok(())
}

/// The length in bytes of the reference that `text` starts with.
fn reference(text: &[u8]) -> Result<usize, ErrorKind> {
    // `&#x10FFFF;` is the longest that names a character without padding; leave room for some.
    const LEN_MAX: usize = 16;
    let window = text.get(1..text.len().min(LEN_MAX)).unwrap_or_default();
    let end = memchr::memchr(b';', window).ok_or(ErrorKind::BadReference)?;
    match &window[..end] {
        b"amp" | b"lt" | b"gt" | b"quot" | b"apos" => {}
        [b'#', b'x', digits @ ..] => check_character(digits, 16)?,
        [b'#', digits @ ..] => check_character(digits, 10)?,
        _ => return Err(ErrorKind::BadReference),
    }
    Ok(end + 2)
}

/// Whether `digits` name a character that XML allows.
fn check_character(digits: &[u8], radix: u32) -> Result<(), ErrorKind> {
    // At most 13 digits get here, so that a u64 cannot overflow.
    let mut number = 0_u64;
    for &digit in digits {
        let digit = char::from(digit).to_digit(radix).ok_or(ErrorKind::BadReference)?;
        number = number * u64::from(radix) + u64::from(digit);
    }
    let character = u32::try_from(number).ok().and_then(char::from_u32);
    match character {
        None | Some('\u{FFFE}' | '\u{FFFF}') => Err(ErrorKind::BadCharacter),
        Some(_) if digits.is_empty() => Err(ErrorKind::BadReference),
        Some(c) if c.is_ascii() && is_forbidden(c as u8) => Err(ErrorKind::BadCharacter),
        Some(_) => Ok(()),
    }
}

/// Number of characters in `text`, each reference counting as the one it stands for.
fn char_count(text: &[u8]) -> usize {
    // Every byte that does not continue a UTF-8 sequence starts a character.
    let characters = text.iter().filter(|byte| !matches!(byte, 0x80..=0xBF)).count();
    let in_references: usize =
        memchr::memchr_iter(b'&', text).map(|at| reference(&text[at..]).map_or(0, |len| len - 1)).sum();
    characters - in_references
}

/// Checks length and form of one value, which is well-formed text already. An empty one passes:
/// whether it may be empty is a question of presence.
#[inline]
pub(crate) fn check_value(leaf: &Leaf, value: &[u8]) -> Result<(), ErrorKind> {
    if value.is_empty() {
        return Ok(());
    }
    // Characters are never more than bytes, so counting is needed for long values only.
    if value.len() > usize::from(leaf.chars_max) && char_count(value) > usize::from(leaf.chars_max) {
        return Err(ErrorKind::TooLong);
    }
    leaf.value_type.check(value, leaf.chars_max).map_err(ErrorKind::BadValue)
}

/// Checks a value that did not come through the scanner: what [`check_value`] checks, and that
/// it is well-formed text with no markup in it.
pub(crate) fn check_new_value(leaf: &Leaf, value: &[u8]) -> Result<(), ErrorKind> {
    if str::from_utf8(value).is_err() {
        return Err(ErrorKind::NotUtf8);
    }
    // Without an early exit, so that it becomes vector code; hardly any value has any of them.
    let is_plain =
        value.iter().fold(true, |all, byte| all & !(is_forbidden(*byte) | matches!(byte, b'<' | b'&' | b']')));
    if !is_plain {
        check_new_text(value)?;
    }
    check_value(leaf, value)
}

/// Whether text with characters that mean something to XML has none where they would.
#[cold]
fn check_new_text(value: &[u8]) -> Result<(), ErrorKind> {
    if memchr::memchr(b'<', value).is_some() {
        return Err(ErrorKind::MarkupInValue);
    }
    if value.iter().any(|byte| is_forbidden(*byte)) {
        return Err(ErrorKind::BadCharacter);
    }
    if memchr::memmem::find(value, b"]]>").is_some() {
        return Err(ErrorKind::CdataEnd);
    }
    check_references(value).map_err(|(kind, _)| kind)
}

/// The text that `value` stands for. `None` only for bytes that no check has passed.
pub(crate) fn unescape(value: &[u8]) -> Option<Cow<'_, str>> {
    let value = str::from_utf8(value).ok()?;
    if memchr::memchr(b'&', value.as_bytes()).is_none() {
        return Some(Cow::Borrowed(value));
    }
    quick_xml::escape::unescape(value).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn knows_five_entities_and_characters() {
        for good in
            ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#65;", "&#x5546;", "&#x10FFFF;", "&#9;", "a&amp;b&#32;"]
        {
            assert_eq!(check_references(good.as_bytes()), Ok(()), "{good}");
        }
        for (bad, kind, at) in [
            ("&nbsp;", ErrorKind::BadReference, 0),
            ("a & b", ErrorKind::BadReference, 2),
            ("&", ErrorKind::BadReference, 0),
            ("&;", ErrorKind::BadReference, 0),
            ("&#;", ErrorKind::BadReference, 0),
            ("&#x;", ErrorKind::BadReference, 0),
            ("&#X41;", ErrorKind::BadReference, 0),
            ("&#4a;", ErrorKind::BadReference, 0),
            ("&#-1;", ErrorKind::BadReference, 0),
            ("&amp", ErrorKind::BadReference, 0),
            ("&AMP;", ErrorKind::BadReference, 0),
            ("&amp;&lol;", ErrorKind::BadReference, 5),
            ("&#0;", ErrorKind::BadCharacter, 0),
            ("&#8;", ErrorKind::BadCharacter, 0),
            ("&#xD800;", ErrorKind::BadCharacter, 0),
            ("&#x110000;", ErrorKind::BadCharacter, 0),
            ("&#xFFFE;", ErrorKind::BadCharacter, 0),
            ("&#99999999999;", ErrorKind::BadCharacter, 0),
            ("&#00000000000000000065;", ErrorKind::BadReference, 0),
        ] {
            assert_eq!(check_references(bad.as_bytes()), Err((kind, at)), "{bad}");
        }
    }

    #[test]
    fn counts_characters_and_not_bytes() {
        assert_eq!(char_count("演示商户".as_bytes()), 4);
        assert_eq!(char_count("A&amp;B &#x5546;".as_bytes()), 5);
        assert_eq!(char_count(b""), 0);
    }

    #[test]
    fn names_are_bounded_and_plain() {
        for good in ["root", "a:b", "_x", "a-1.2", "名"] {
            assert_eq!(check_name(good.as_bytes()), Ok(()), "{good}");
        }
        for bad in ["", "1a", "-a", ".a", "a b", "a\"", "a=b", "a<b", "a&b", "a/b"] {
            assert_eq!(check_name(bad.as_bytes()), Err(ErrorKind::MalformedTag), "{bad}");
        }
        assert_eq!(check_name(&[b'a'; NAME_BYTES_MAX]), Ok(()));
        assert_eq!(check_name(&[b'a'; NAME_BYTES_MAX + 1]), Err(ErrorKind::NameTooLong));
    }

    proptest! {
        /// Whatever passes the check can be resolved, to as many characters as were counted.
        #[test]
        fn what_passes_can_be_resolved(text in "([a-c商]|&#?x?[0-9a-f]{0,6};?|&(amp|lt|nbsp);){0,8}") {
            if check_references(text.as_bytes()).is_ok() {
                let resolved = unescape(text.as_bytes());
                prop_assert_eq!(
                    resolved.as_deref().map(|text| text.chars().count()),
                    Some(char_count(text.as_bytes()))
                );
            }
        }
    }
}
