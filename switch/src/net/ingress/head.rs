//! What is asked of a request before it is taken: its head, and a body of the length that the head gives.

use std::future::poll_fn;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, Method, StatusCode};
use hyper::body::{Body, Incoming};

use super::PATH;
use crate::net::Reply;

/// The rules of a request's head. Returns the length of its body.
///
/// # Errors
/// The HTTP fault to answer with. `Transfer-Encoding` is refused outright: with it two readers could disagree on where
/// a request ends (request smuggling), and no participant of this message family sends it.
#[allow(clippy::result_large_err)] // a reply is large for the account that a receipt takes along; a fault has none
pub fn check_head(method: &Method, path: &str, headers: &HeaderMap, body_bytes_max: usize) -> Result<usize, Reply> {
    let fault = |status, text| Err(Reply::fault(status, text));
    if path != PATH {
        return fault(StatusCode::NOT_FOUND, "the only path is /preSvr\n");
    }
    if method != Method::POST {
        return fault(StatusCode::METHOD_NOT_ALLOWED, "messages are sent with POST\n");
    }
    if headers.contains_key(TRANSFER_ENCODING) {
        return fault(StatusCode::BAD_REQUEST, "Transfer-Encoding is not accepted; send Content-Length\n");
    }
    if headers.get(CONTENT_TYPE).is_some_and(|value| !is_xml(value.as_bytes())) {
        return fault(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/xml\n");
    }
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let Some(length) = lengths.next() else {
        return fault(StatusCode::LENGTH_REQUIRED, "Content-Length is missing\n");
    };
    let digits = length.as_bytes();
    if lengths.next().is_some() || digits.is_empty() || digits.len() > 19 || !digits.iter().all(u8::is_ascii_digit) {
        return fault(StatusCode::BAD_REQUEST, "Content-Length is not one number\n");
    }
    let length = digits.iter().fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    match usize::try_from(length) {
        Ok(length) if length <= body_bytes_max => Ok(length),
        _ => fault(StatusCode::PAYLOAD_TOO_LARGE, "the body is over the limit\n"),
    }
}

fn is_xml(content_type: &[u8]) -> bool {
    [b"application/xml".as_slice(), b"text/xml"].iter().any(|expected| {
        content_type.get(..expected.len()).is_some_and(|start| start.eq_ignore_ascii_case(expected))
            && matches!(content_type.get(expected.len()), None | Some(b';' | b' ' | b'\t'))
    })
}

/// The whole body of `length` bytes; none if it ends early. A body that came in one piece is not copied.
pub(super) async fn read_body(mut body: Incoming, length: usize) -> Option<Bytes> {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while first.len().saturating_add(rest.len()) < length {
        let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await?;
        let Ok(data) = frame.ok()?.into_data() else { continue };
        if first.is_empty() && rest.is_empty() {
            first = data;
            continue;
        }
        if rest.is_empty() {
            rest.reserve(length);
            rest.extend_from_slice(&std::mem::take(&mut first));
        }
        rest.extend_from_slice(&data);
    }
    Some(if rest.is_empty() { first } else { rest.freeze() })
}
