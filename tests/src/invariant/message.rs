//! Messages: reading, the envelope, forwarding.

use bytes::{Bytes, BytesMut};
use clearway_codec::limits::{MESSAGE_BYTES_MAX, SIGNATURE_BYTES_MAX};
use clearway_codec::{
    BeijingTime, Checked, Decoder, Direction, ErrorKind, Field, Header, InstitutionId, SerialNumber, Values,
    append_signature, decode_signature, forward,
};

/// Reading never panics; what is accepted gives out only values without markup; what is forwarded is accepted again, with the
/// same values but for those that this hop sets.
///
/// # Panics
/// If one of these does not hold.
pub fn check_decode(bytes: &[u8]) {
    let mut decoder = Decoder::new();
    let checked = match decoder.decode(bytes).and_then(|message| message.check()) {
        Ok(checked) => checked,
        Err(error) => {
            assert!(error.offset <= bytes.len().max(MESSAGE_BYTES_MAX), "{error}");
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    for field in Field::ALL {
        let value = checked.field(*field);
        assert!(value.is_none_or(|value| !value.is_empty() && !value.contains(&b'<')), "{field:?}");
        assert_eq!(checked.text(*field).is_some(), value.is_some(), "{field:?}");
        assert_eq!(checked.items(*field).next(), value, "{field:?}");
        assert!(checked.items(*field).all(|item| !item.is_empty() && !item.contains(&b'<')), "{field:?}");
    }
    assert_eq!(Checked::from_parts(bytes, &checked.fields()).body(), checked.body());
    check_forward(&checked);
}

fn check_forward(request: &Checked<'_>) {
    let mut leg = Values::new();
    leg.set(Field::RPFlg, b"1").set(Field::BatchId, b"B202611200011");
    check_forward_with(request, &leg);
    // As for the next hop of a message with encrypted values: each is replaced, or put where the sender left it out.
    let mut sealed = leg;
    for field in request.message_type().schema().encrypted_fields() {
        sealed.set(*field, b"QUJDRA==");
    }
    sealed.set(Field::NcrptnSN, b"4000000099").set(Field::DgtlEnvlp, b"QUJD");
    check_forward_with(request, &sealed);
}

fn check_forward_with(request: &Checked<'_>, values: &Values<'_>) {
    let header = Header { message_type: request.message_type(), ..hop() };
    let mut out = BytesMut::new();
    let signed = forward(&mut out, request, &header, values);
    let mut decoder = Decoder::new();
    let forwarded = match decoder.decode(&out).and_then(|message| message.check()) {
        Ok(forwarded) => forwarded,
        // Our header and our values can be a little longer than the sender's, or more elements.
        Err(error) => {
            let is_full = out.len() > MESSAGE_BYTES_MAX || error.kind == ErrorKind::TooManyElements;
            assert!(is_full, "{error}: {}", String::from_utf8_lossy(&out));
            return;
        }
    };
    assert_eq!(forwarded.signed_bytes(), &out[signed]);
    assert_eq!(forwarded.header(), header);
    assert_eq!(forwarded.field(Field::DgtlEnvlp), values.get(Field::DgtlEnvlp));
    // The fields of the body; the header is of this hop.
    request.message_type().schema().walk(&mut |_, element| {
        if let Some(field) = element.leaf().map(|leaf| leaf.field) {
            let expected = values.get(field).or_else(|| request.field(field));
            assert_eq!(forwarded.field(field), expected, "{field:?}");
            assert!(forwarded.items(field).skip(1).eq(request.items(field).skip(1)), "{field:?}");
        }
    });
}

fn hop() -> Header {
    Header {
        message_type: clearway_codec::MessageType::Epcc201,
        issuer: InstitutionId::parse(b"G4000311000018").expect("an id"),
        direction: Direction::SWITCH_TO_PAYER_BANK,
        sign_sn: SerialNumber::parse(b"4000000001").expect("a serial"),
        sent_at: BeijingTime::from_unix_secs(1_795_000_000),
    }
}

/// Nothing unsigned carries meaning: around the signed bytes there is white space, a declaration and a signature block, and
/// nothing else. A signature that is taken off and put on again changes nothing.
///
/// # Panics
/// If one of these does not hold.
pub fn check_envelope(bytes: &[u8]) {
    let mut signature = [0; SIGNATURE_BYTES_MAX];
    if let Ok(len) = decode_signature(bytes, &mut signature) {
        assert!((1..=SIGNATURE_BYTES_MAX).contains(&len));
    }
    let mut decoder = Decoder::new();
    let Ok(message) = decoder.decode(bytes) else { return };
    let signed = message.signed_bytes();
    assert!(signed.starts_with(b"<root") || signed.starts_with(b"<"), "a document begins with a tag");
    let start = signed.as_ptr() as usize - bytes.as_ptr() as usize;
    let (before, after) = (&bytes[..start], &bytes[start + signed.len()..]);
    assert!(is_prolog(before), "{before:?}");
    assert!(is_tail(after, message.signature_text()), "{after:?}");

    let raw = message.signature_text().and_then(|text| decode_signature(text, &mut signature).ok()).unwrap_or(0);
    let mut again = BytesMut::from(&bytes[..start + signed.len()]);
    append_signature(&mut again, &signature[..raw.max(1)]);
    let again = Bytes::from(again);
    if again.len() > MESSAGE_BYTES_MAX {
        return;
    }
    let (header, signed) = (message.header(), signed.to_vec());
    let message = decoder.decode(&again).expect("the same document with a good block");
    assert_eq!((message.header(), message.signed_bytes()), (header, signed.as_slice()));
    let mut second = [0; SIGNATURE_BYTES_MAX];
    let len = decode_signature(message.signature_text().expect("a block"), &mut second).expect("our own base64");
    assert_eq!(second[..len], signature[..raw.max(1)]);
}

fn is_white(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

fn is_prolog(before: &[u8]) -> bool {
    let trimmed = before.trim_ascii();
    trimmed.is_empty()
        || (trimmed.starts_with(b"<?xml")
            && trimmed.ends_with(b"?>")
            && trimmed.iter().filter(|byte| **byte == b'<').count() == 1)
}

fn is_tail(after: &[u8], signature_text: Option<&[u8]>) -> bool {
    match signature_text {
        Some(text) => {
            let trimmed = after.trim_ascii();
            trimmed.strip_prefix(b"{S:").and_then(|rest| rest.strip_suffix(b"}")) == Some(text)
        }
        // A block without an end is none, and so is the beginning of one.
        None => is_white(after) || after.trim_ascii_start().starts_with(b"{") && !after.contains(&b'}'),
    }
}
