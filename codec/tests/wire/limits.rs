//! Every limit: the last that is let through, and the first that is not.

use clearway_codec::limits::{
    ATTRIBUTE_COUNT_MAX, DEPTH_MAX, ELEMENT_COUNT_MAX, MESSAGE_BYTES_MAX, NAME_BYTES_MAX, SIGNATURE_BYTES_MAX,
    SIGNATURE_TEXT_BYTES_MAX,
};
use clearway_codec::{Checked, Decoder, Error, ErrorKind, decode_signature};

use crate::samples::vector_text;

/// A good query with `extra` as unknown elements at the end of its body.
fn with(extra: &str) -> String {
    vector_text("query-301.ed25519.msg").replace("</MsgBody>", &format!("{extra}</MsgBody>"))
}

fn verdict(text: &str) -> Result<(), Error> {
    Decoder::new().decode(text.as_bytes())?.check().map(drop)
}

fn check_limit(largest: &str, next: &str, kind: ErrorKind) {
    verdict(&with(largest)).unwrap_or_else(|error| panic!("{kind}: {error}"));
    let error = verdict(&with(next)).expect_err("over the limit");
    assert_eq!(error.kind, kind);
    assert!(kind.is_malformed());
}

#[test]
fn depth() {
    let nest = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
    check_limit(&nest(DEPTH_MAX - 2), &nest(DEPTH_MAX - 1), ErrorKind::TooDeep);
    let error = verdict(&with(&nest(9_000))).expect_err("far too deep");
    assert_eq!(error.kind, ErrorKind::TooDeep);
    let error = verdict(&"<a>".repeat(10_000)).expect_err("nothing but depth");
    assert_eq!(error.kind, ErrorKind::TooDeep);
}

#[test]
fn elements() {
    // root, MsgHeader and its five, MsgBody, OriTrxInf and its three
    let own = 12;
    let many = |count: usize| "<a/>".repeat(count);
    check_limit(&many(ELEMENT_COUNT_MAX - own), &many(ELEMENT_COUNT_MAX - own + 1), ErrorKind::TooManyElements);
    let error = verdict(&with(&"<a>1</a>".repeat(8_000))).expect_err("far too many");
    assert_eq!(error.kind, ErrorKind::TooManyElements);
}

#[test]
fn attributes() {
    let tag = |count: usize| {
        let attributes: String = (0..count).map(|index| format!(" a{index}='{index}'")).collect();
        format!("<a{attributes}/>")
    };
    check_limit(&tag(ATTRIBUTE_COUNT_MAX), &tag(ATTRIBUTE_COUNT_MAX + 1), ErrorKind::TooManyAttributes);
    let error = verdict(&with(&tag(5_000))).expect_err("far too many");
    assert_eq!(error.kind, ErrorKind::TooManyAttributes);
    // 80,000 do not even fit into a message.
    let error = verdict(&with(&tag(80_000))).expect_err("far too many");
    assert_eq!(error.kind, ErrorKind::MessageTooLarge);
}

#[test]
fn names() {
    let tag = |len: usize| format!("<{}/>", "a".repeat(len));
    check_limit(&tag(NAME_BYTES_MAX), &tag(NAME_BYTES_MAX + 1), ErrorKind::NameTooLong);
}

#[test]
fn bytes() {
    let base = with("<a></a>").len();
    let pad = |len: usize| format!("<a>{}</a>", "x".repeat(len));
    check_limit(&pad(MESSAGE_BYTES_MAX - base), &pad(MESSAGE_BYTES_MAX - base + 1), ErrorKind::MessageTooLarge);
}

/// Offsets are kept in 16 bits where that is enough; this is where it must be.
#[test]
fn a_message_of_the_full_size_keeps_its_spans() {
    let document = with("<a></a>").split("{S:").next().map(str::to_owned).expect("a document");
    let document = document.trim_end();
    let pad = "x".repeat(MESSAGE_BYTES_MAX - document.len());
    let full = document.replace("<a></a>", &format!("<a>{pad}</a>"));
    assert_eq!(full.len(), MESSAGE_BYTES_MAX);
    let mut decoder = Decoder::new();
    let message = decoder.decode(full.as_bytes()).expect("it just fits");
    assert!(message.signed_bytes().ends_with(b"</root>"));
    let checked = message.check().expect("it is good");
    assert!(checked.body().ends_with(b"</a></MsgBody>"));
    let kept = checked.fields();
    assert_eq!(Checked::from_parts(full.as_bytes(), &kept).body(), checked.body());
}

#[test]
fn signatures() {
    let mut out = [0; SIGNATURE_BYTES_MAX];
    let text = |bytes: usize| "AAAA".repeat(bytes / 3);
    // 510 = 170 groups of three bytes; 513 is over.
    assert_eq!(decode_signature(text(510).as_bytes(), &mut out), Ok(510));
    let no = Err(ErrorKind::SignatureNotBase64);
    assert_eq!(decode_signature(text(513).as_bytes(), &mut out), no);
    let wrapped = format!("AAAA{}", "\n".repeat(SIGNATURE_TEXT_BYTES_MAX - 4));
    assert_eq!(decode_signature(wrapped.as_bytes(), &mut out), Ok(3));
    assert_eq!(decode_signature(format!("{wrapped}\n").as_bytes(), &mut out), no);
    for bad in ["", " \r\n", "A", "AA", "AAA", "AAAA=", "AA=A", "AAA\u{e9}", "AB==", "A-_A", "!!!!"] {
        assert_eq!(decode_signature(bad.as_bytes(), &mut out), no, "{bad:?}");
    }
    assert_eq!(decode_signature(b" A\tA\r\n=\n= ", &mut out), Ok(1));
}
