//! From an HTTP request to a call: what is refused before anything is read, and the body, bounded.
//!
//! Invariant: nothing is changed for a caller without the right, nor for a web page in the operator's browser, which
//! cannot send JSON to another site without asking first; and a change names who makes it.

use bytes::Bytes;
use http::request::Parts;
use http::{Method, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Body;
use serde_json::Value;

use super::caller::Caller;
use super::hooks::{Answer, Call};
use super::table::{Page, Right};
use crate::settings::checked_name;

/// Reads the call of `caller` to `page`.
///
/// # Errors
/// What is answered instead.
pub(super) async fn read<B>(caller: &Caller, page: &Page, head: &Parts, body: B) -> Result<Call, Answer>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let right = page.right(&head.method).ok_or_else(|| Answer::text(405, "method not allowed\n"))?;
    if caller.right() < Some(right) {
        return Err(Answer::error(403, "this operator may read, not change"));
    }
    let accept = head.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut call = Call {
        method: head.method.clone(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or("").to_owned(),
        wants_html: accept.contains("text/html"),
        by: String::new(),
        body: Vec::new(),
    };
    if call.method == Method::POST {
        call.body = read_body(head, body, page.body_bytes_max).await?;
    }
    if right == Right::Change {
        name_author(caller, &mut call)?;
    }
    Ok(call)
}

async fn read_body<B>(head: &Parts, body: B, bytes_max: usize) -> Result<Vec<u8>, Answer>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if content_type.split(';').next().is_none_or(|kind| !kind.trim().eq_ignore_ascii_case("application/json")) {
        return Err(Answer::error(415, "the body must be application/json"));
    }
    let too_large = || Answer::error(413, &format!("the body is larger than {bytes_max} bytes"));
    let length = head.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|text| text.parse::<u64>().ok()).is_some_and(|bytes| bytes > bytes_max as u64) {
        return Err(too_large());
    }
    match Limited::new(body, bytes_max).collect().await {
        Ok(whole) => Ok(whole.to_bytes().to_vec()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
        Err(_) => Err(Answer::error(400, "the body ended early")),
    }
}

/// What somebody is told who is no operator.
pub(super) fn no_operator() -> Answer {
    Answer::error(403, "this certificate is no operator's")
}

/// Finds out who makes the change, and has the body say so too.
fn name_author(caller: &Caller, call: &mut Call) -> Result<(), Answer> {
    let mut body: Value = serde_json::from_slice(&call.body).map_err(|error| Answer::error(400, &error.to_string()))?;
    let fields = body.as_object_mut().ok_or_else(|| Answer::error(400, "the body must be a JSON object"))?;
    match caller {
        Caller::Local => {
            let by = fields.get("by").and_then(Value::as_str).unwrap_or("");
            call.by = checked_name(by).map_err(|refusal| Answer::error(400, &refusal.to_string()))?;
            return Ok(());
        }
        Caller::Operator { name, .. } => {
            if fields.get("by").is_some_and(|by| by != name.as_str()) {
                return Err(Answer::error(403, "by: names somebody else than the certificate"));
            }
            call.by.clone_from(name);
        }
        Caller::Stranger => return Err(no_operator()),
    }
    fields.insert("by".to_owned(), Value::from(call.by.as_str()));
    call.body = body.to_string().into_bytes();
    Ok(())
}
