//! From method and path to an answer; strict on both.

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::Full;
use hyper::Response;

use super::hooks::{Answer, Call, Hooks, Readiness};
use crate::metrics::CONTENT_TYPE;

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";

/// What a path stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Metrics,
    Health,
    Ready,
    Status,
    ResetHistogram,
    ReloadKeys,
}

impl Page {
    fn at(path: &str) -> Option<Self> {
        Some(match path {
            "/metrics" => Self::Metrics,
            "/healthz" => Self::Health,
            "/readyz" => Self::Ready,
            "/status" => Self::Status,
            "/status/reset-histogram" => Self::ResetHistogram,
            "/keys/reload" => Self::ReloadKeys,
            _ => return None,
        })
    }

    /// The one method a page answers to.
    fn method(self) -> &'static Method {
        match self {
            Self::Metrics | Self::Health | Self::Ready | Self::Status => &Method::GET,
            Self::ResetHistogram | Self::ReloadKeys => &Method::POST,
        }
    }
}

/// The answer to one request. Nothing of a request but its method and path is looked at.
pub(super) fn answer(hooks: &Hooks, method: &Method, path: &str) -> Response<Full<Bytes>> {
    let Some(page) = Page::at(path) else {
        return text(StatusCode::NOT_FOUND, "no such page\n");
    };
    if method != page.method() {
        return not_allowed(std::slice::from_ref(page.method()));
    }
    match page {
        Page::Metrics => reply(StatusCode::OK, CONTENT_TYPE, hooks.metrics.render()),
        Page::Health => text(StatusCode::OK, "alive\n"),
        Page::Ready => match (hooks.ready)() {
            Readiness::Ready => text(StatusCode::OK, "ready\n"),
            Readiness::NotReady(reason) => text(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")),
        },
        Page::Status => reply(StatusCode::OK, JSON, hooks.metrics.status().to_json()),
        Page::ResetHistogram => {
            hooks.metrics.reset_histograms();
            text(StatusCode::OK, "reset\n")
        }
        Page::ReloadKeys => reload_keys(hooks),
    }
}

/// 405, and the methods that the page has.
pub(super) fn not_allowed(methods: &[Method]) -> Response<Full<Bytes>> {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n");
    let names: Vec<_> = methods.iter().map(Method::as_str).collect();
    if let Ok(allow) = HeaderValue::from_str(&names.join(", ")) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// The answer to a call of the operator. May block.
pub(super) fn answer_call(hooks: &Hooks, call: &Call) -> Response<Full<Bytes>> {
    match hooks.operator.as_ref().and_then(|operator| operator.answer(call)) {
        Some(answer) => written(answer),
        None => text(StatusCode::NOT_FOUND, "no such page\n"),
    }
}

/// An answer as a response.
pub(super) fn written(answer: Answer) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply(status, if answer.is_html { HTML } else { JSON }, answer.text)
}

fn reload_keys(hooks: &Hooks) -> Response<Full<Bytes>> {
    match (hooks.reload_keys)() {
        Ok(line) => {
            tracing::info!(result = %line, "keys reloaded");
            text(StatusCode::OK, format!("{line}\n"))
        }
        Err(error) => {
            tracing::error!(%error, "keys not reloaded, the old ones stay");
            text(StatusCode::INTERNAL_SERVER_ERROR, format!("keys not reloaded, the old ones stay: {error}\n"))
        }
    }
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    reply(status, TEXT, body)
}

fn reply(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
