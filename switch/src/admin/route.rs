//! From method and path to an answer; strict on both.

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::Full;
use hyper::Response;

use super::hooks::{Hooks, Readiness};
use crate::metrics::CONTENT_TYPE;

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

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
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(page.method().as_str()));
        return response;
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
