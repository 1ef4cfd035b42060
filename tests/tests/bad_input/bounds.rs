//! Refusal is cheap: the reader stops at the first thing that is too many, however much more there is.
//!
//! Work is counted, not timed: an error says at which byte the reader stopped, and everything before that is one linear pass.

use clearway_codec::limits::{ATTRIBUTE_COUNT_MAX, DEPTH_MAX, MESSAGE_BYTES_MAX};
use clearway_codec::{Decoder, Error, ErrorKind};

/// As many attributes on one tag as fit under the limit of a message.
pub(crate) fn crowded_tag(bytes: usize) -> String {
    let mut text = String::from("<root");
    let mut number = 0;
    while text.len() + 16 < bytes {
        text.push_str(&format!(" a{number}=''"));
        number += 1;
    }
    text.push_str("></root>");
    text
}

fn refusal(text: &str) -> Error {
    Decoder::new().decode(text.as_bytes()).map(drop).expect_err("it is refused")
}

/// The story: quick-xml before 0.41 compared every attribute with every other (RUSTSEC-2026-0194), so one tag with 80,000
/// of them cost seconds.
#[test]
fn a_crowded_tag_is_left_at_the_first_attribute_that_is_too_many() {
    let crowded = crowded_tag(MESSAGE_BYTES_MAX);
    let count = crowded.matches("=''").count();
    assert!(crowded.len() <= MESSAGE_BYTES_MAX && count > 7_000, "{count} in {} bytes", crowded.len());
    let error = refusal(&crowded);
    assert_eq!(error.kind, ErrorKind::TooManyAttributes);
    let whole_attribute = " a16=''".len();
    assert!(error.offset <= "<root".len() + (ATTRIBUTE_COUNT_MAX + 1) * whole_attribute, "{}", error.offset);
    let all = crowded_tag(80_000 * 9);
    assert!(all.matches("=''").count() >= 65_000);
    assert_eq!(refusal(&all).kind, ErrorKind::MessageTooLarge, "not read at all");
}

#[test]
fn depth_is_left_at_the_first_level_that_is_too_deep() {
    let error = refusal(&"<a>".repeat(10_000));
    assert_eq!(error.kind, ErrorKind::TooDeep);
    assert!(error.offset <= (DEPTH_MAX + 1) * "<a>".len(), "{}", error.offset);
}

#[test]
fn a_document_type_is_left_where_it_begins() {
    let laughs: String =
        (1..10).map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10))).collect();
    let error = refusal(&format!("<!DOCTYPE root [<!ENTITY l0 \"ha\">{laughs}]><root>&l9;</root>"));
    assert_eq!((error.kind, error.offset), (ErrorKind::Dtd, 0));
}
