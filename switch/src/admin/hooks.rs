//! What the admin server may ask of the node: closures and the parts that answer pages, so that it depends on neither
//! pipeline nor node.

use std::sync::Arc;

use http::Method;
use serde::Serialize;

use super::table::{Area, PAGES, Page};
use crate::metrics::CONTENT_TYPE;
use crate::settings::{Refusal, Setting};

/// The parts of the node behind the admin server, each with the pages that it answers.
#[derive(Clone)]
pub struct Hooks {
    /// A page whose area nobody answers for is not there.
    pub areas: Vec<(Area, Arc<dyn Pages>)>,
}

impl Hooks {
    /// Who answers an area's pages.
    pub(super) fn area(&self, area: Area) -> Option<&Arc<dyn Pages>> {
        self.areas.iter().find(|(of, _)| *of == area).map(|(_, pages)| pages)
    }

    /// The pages that are there.
    pub(super) fn page(&self, path: &str) -> Option<(&'static Page, &Arc<dyn Pages>)> {
        let page = Page::at(path)?;
        self.area(page.area).map(|pages| (page, pages))
    }

    /// Pages that nobody answers, for a node that wants to answer all.
    #[must_use]
    pub fn unanswered(&self) -> Vec<&'static Page> {
        PAGES.iter().filter(|page| self.area(page.area).is_none()).collect()
    }
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.areas.iter().map(|(area, _)| area)).finish()
    }
}

/// Answers the pages of one area.
pub trait Pages: Send + Sync {
    /// The answer to a call. Its page is one of the area, has its method, and the caller may make it. `None`: there is
    /// nothing at this path. May block, except in [`Area::Node`].
    fn answer(&self, call: &Call) -> Option<Answer>;
}

/// One call: what of a request is looked at.
#[derive(Debug, Clone)]
pub struct Call {
    /// GET or POST.
    pub method: Method,
    /// The path, from its leading `/`, not decoded.
    pub path: String,
    /// What stands behind `?`, not decoded; empty without one.
    pub query: String,
    /// Whether the caller would rather see HTML than JSON: a browser.
    pub wants_html: bool,
    /// Who makes the change: the operator of the certificate, or what the body says in `by` where there are no
    /// certificates. Empty for calls that change nothing.
    pub by: String,
    /// The body: empty for GET; for POST JSON of at most as many bytes as the page takes. For a change an object in
    /// which `by` stands.
    pub body: Vec<u8>,
}

impl Call {
    /// A call that has no body and changes nothing.
    #[must_use]
    pub fn get(path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        Self {
            method: Method::GET,
            path: path.to_owned(),
            query: query.to_owned(),
            wants_html: false,
            by: String::new(),
            body: Vec::new(),
        }
    }

    /// Whether it asks to see.
    #[must_use]
    pub fn is_get(&self) -> bool {
        self.method == Method::GET
    }
}

/// What an answer's text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// JSON.
    Json,
    /// A page for a browser.
    Html,
    /// Lines for people.
    Text,
    /// The text of a scrape.
    Metrics,
}

impl Content {
    /// The value of Content-Type.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::Metrics => CONTENT_TYPE,
        }
    }
}

/// What is answered to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// What `text` is.
    pub content: Content,
    /// The body.
    pub text: String,
}

impl Answer {
    /// 200 with JSON.
    #[must_use]
    pub const fn json(text: String) -> Self {
        Self { status: 200, content: Content::Json, text }
    }

    /// What is answered to a change of the operator; who made it, or why not, goes into the log.
    #[must_use]
    pub fn change<C: Serialize>(made: Result<Setting<C>, Refusal>) -> Self {
        match made {
            Ok(setting) => {
                let text = String::from_utf8_lossy(&setting.encode()).into_owned();
                tracing::info!(setting = %text, "setting changed");
                Self::json(text)
            }
            Err(refusal) => {
                tracing::warn!(%refusal, "setting not changed");
                let status = match refusal {
                    Refusal::Malformed(_) => 400,
                    Refusal::Unknown(_) => 404,
                    Refusal::NotRecorded(_) => 503,
                };
                Self::error(status, &refusal.to_string())
            }
        }
    }

    /// A line for people.
    #[must_use]
    pub fn text(status: u16, line: impl Into<String>) -> Self {
        Self { status, content: Content::Text, text: line.into() }
    }

    /// A status other than 200, and why, as `{"error": ...}`.
    #[must_use]
    pub fn error(status: u16, why: &str) -> Self {
        Self { status, content: Content::Json, text: serde_json::json!({ "error": why }).to_string() }
    }
}
