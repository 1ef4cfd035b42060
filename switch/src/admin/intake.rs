//! From an HTTP request of the operator to a call: what is refused before anything is read, and the body, bounded.
//!
//! Invariant: nothing is changed for a caller on another machine, even where other machines may read, because the door
//! knows no passwords; and nothing for a web page in the operator's browser, which cannot send JSON to another site
//! without asking first.

use std::net::IpAddr;

use bytes::Bytes;
use http::{Method, StatusCode, header, request::Parts};
use http_body_util::{BodyExt, Limited};
use hyper::body::Body;

use super::hooks::{Answer, Call};
use crate::constants::ADMIN_BODY_BYTES_MAX;

/// Reads the call of a request that came from `peer`.
///
/// # Errors
/// What is answered instead.
pub(super) async fn read<B>(peer: IpAddr, head: &Parts, body: B) -> Result<Call, Answer>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let accept = head.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut call = Call {
        method: head.method.clone(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or("").to_owned(),
        wants_html: accept.contains("text/html"),
        body: Vec::new(),
    };
    if call.method != Method::POST {
        return Ok(call);
    }
    check_change(peer, head)?;
    match Limited::new(body, ADMIN_BODY_BYTES_MAX).collect().await {
        Ok(whole) => call.body = whole.to_bytes().to_vec(),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => return Err(too_large()),
        Err(_) => return Err(Answer::error(400, "the body ended early")),
    }
    Ok(call)
}

fn check_change(peer: IpAddr, head: &Parts) -> Result<(), Answer> {
    if !peer.to_canonical().is_loopback() {
        return Err(Answer::error(403, "changes are made from the machine of the node alone"));
    }
    let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if content_type.split(';').next().is_none_or(|kind| !kind.trim().eq_ignore_ascii_case("application/json")) {
        return Err(Answer::error(415, "the body must be application/json"));
    }
    let length = head.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|text| text.parse::<u64>().ok()).is_some_and(|bytes| bytes > ADMIN_BODY_BYTES_MAX as u64) {
        return Err(too_large());
    }
    Ok(())
}

fn too_large() -> Answer {
    let status = StatusCode::PAYLOAD_TOO_LARGE.as_u16();
    Answer::error(status, &format!("the body is larger than {ADMIN_BODY_BYTES_MAX} bytes"))
}
