//! Bare HTTP: the same request at every instant; any answer of 200 to 299 is good.

use super::Dialogue;
use crate::constants::PREPARE_BURST;
use crate::error::Error;
use crate::kind::Kind;
use crate::run::outcome::Outcome;
use crate::schedule::Due;
use crate::tracker::Tracker;
use crate::wire::{Exchange, ExchangeFault, Outgoing, Speaker};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use std::sync::Arc;

/// A request that any HTTP server understands.
///
/// ```
/// use clearway_loadgen::run::HttpRequest;
///
/// assert!(HttpRequest::new("POST", &["content-type: text/plain"], "hello".into()).is_ok());
/// assert!(HttpRequest::new("POST", &["no header"], "hello".into()).is_err());
/// ```
#[derive(Debug, Clone)]
pub struct HttpRequest {
    method: Method,
    headers: HeaderMap,
    body: Bytes,
}

impl HttpRequest {
    /// A request of this method with `name: value` headers and a body; empty = none. Host and length are the
    /// connection's affair.
    ///
    /// # Errors
    /// [`Error::Plan`], naming what is no method or header, or is not to be set.
    pub fn new(method: &str, headers: &[impl AsRef<str>], body: Bytes) -> Result<Self, Error> {
        let fault = |what: &str, text: &str| Error::Plan(format!("http: `{text}` is no {what}"));
        let mut map = HeaderMap::with_capacity(headers.len() + 1);
        for header in headers.iter().map(AsRef::as_ref) {
            let (name, value) = header.split_once(':').ok_or_else(|| fault("header (`name: value`)", header))?;
            let name: HeaderName = name.trim().parse().map_err(|_| fault("header name", name))?;
            if [HOST, CONTENT_LENGTH, TRANSFER_ENCODING].contains(&name) {
                return Err(fault("header to set", header));
            }
            let value = HeaderValue::from_str(value.trim()).map_err(|_| fault("header value", header))?;
            map.append(name, value);
        }
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| fault("HTTP method", method))?;
        if method == Method::CONNECT {
            return Err(fault("method to send", "CONNECT"));
        }
        Ok(Self { method, headers: map, body })
    }
}

/// One request, again and again.
pub(in crate::run) struct BareDialogue(HttpRequest);

impl BareDialogue {
    pub(in crate::run) fn new(request: HttpRequest) -> Self {
        Self(request)
    }
}

impl Dialogue for BareDialogue {
    type Request = Due;

    fn burst(&self) -> usize {
        PREPARE_BURST
    }

    fn compose(&self, due: &[Due]) -> Result<Vec<Due>, Error> {
        Ok(due.to_vec())
    }

    fn due_ns(request: &Due) -> u64 {
        request.at_ns
    }

    fn kind(_: &Due) -> Kind {
        Kind::Bare
    }

    fn is_timed(&self, _: &Due) -> bool {
        true
    }

    fn is_forbidden(&self, _: &Due) -> bool {
        false
    }

    fn groups(&self) -> usize {
        1
    }

    fn group(&self, _: &Due) -> usize {
        0
    }

    fn speaker(&self, _: &Due) -> &Speaker {
        &None
    }

    fn outgoing(&self, _: &Due) -> Outgoing {
        let HttpRequest { method, headers, body } = self.0.clone();
        Outgoing { method, headers, body }
    }

    fn note_sent(&self, _: &Due) {}

    async fn understand(&self, _: &Due, exchange: Result<Exchange, ExchangeFault>) -> Outcome {
        match exchange {
            Ok(exchange) => Outcome::Bare(exchange.status),
            Err(fault) => Outcome::Failed(fault),
        }
    }

    fn learn(&self, _: &Due, _: &Outcome) {}

    fn suites(&self) -> Option<String> {
        None
    }

    fn take_tracker(&self) -> Tracker {
        Tracker::new(0, Arc::default(), 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_request_is_refused() {
        let request = |method: &str, header: &str| HttpRequest::new(method, &[header], Bytes::new());
        assert!(request("GET", "accept: text/html").is_ok());
        for (method, header) in [
            ("", "a: b"),
            ("GE T", "a: b"),
            ("CONNECT", "a: b"),
            ("GET", ""),
            ("GET", "a b: c"),
            ("GET", ": c"),
            ("GET", "a: b\r\nc: d"),
            ("GET", "Host: elsewhere"),
            ("GET", "content-length: 4"),
            ("GET", "Transfer-Encoding: chunked"),
        ] {
            assert!(request(method, header).is_err(), "{method} {header}");
        }
    }
}
