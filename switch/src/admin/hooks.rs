//! What the admin server may ask of the node: closures, the metrics, and what the operator sees and changes, so that it
//! depends on neither pipeline nor node.

use std::sync::Arc;

use http::Method;

use crate::admission::Admission;
use crate::clock::Clock;
use crate::error::Error;
use crate::metrics::Metrics;
use crate::operations::Board;
use crate::settings::Record;

/// Whether the node takes payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// It does.
    Ready,
    /// It does not, for this reason (starting, recovering, draining, journal stopped).
    NotReady(String),
}

/// The node behind the admin server. The closures run on the admin thread and may block it for a moment.
pub struct Hooks {
    /// Rendered by `/metrics` and `/status`.
    pub metrics: Arc<Metrics>,
    /// Asked by `/readyz`.
    pub ready: Box<dyn Fn() -> Readiness + Send + Sync>,
    /// Run by `POST /keys/reload`: loads signature and encryption keys anew and swaps them, or leaves the old ones
    /// and says why. Returns a line to show.
    pub reload_keys: Box<dyn Fn() -> Result<String, Error> + Send + Sync>,
    /// What the operator sees and changes while the node runs; without it those pages are not there.
    pub operator: Option<Operator>,
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Hooks").finish_non_exhaustive()
    }
}

/// The operator's part of the door. Its calls run on threads that may block.
pub struct Operator {
    /// Read and changed by `/participants`, `/limits` and `/maintenance`.
    pub admission: Arc<Admission>,
    /// Journals a change before it is in force.
    pub record: Box<Record>,
    /// Answers `/cases` and `/agreements`.
    pub registers: Arc<dyn Pages>,
    /// Shown by `/operations`.
    pub operations: Arc<Board>,
    /// When a change is made.
    pub clock: Clock,
}

/// Pages that another part of the node answers.
pub trait Pages: Send + Sync {
    /// The answer to a call; `None`: there is no such page. May block.
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
    /// The body: empty for GET; for POST JSON of at most [`crate::constants::ADMIN_BODY_BYTES_MAX`] bytes.
    pub body: Vec<u8>,
}

/// What is answered to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Whether `text` is HTML; else it is JSON.
    pub is_html: bool,
    /// The body.
    pub text: String,
}

impl Answer {
    /// 200 with JSON.
    #[must_use]
    pub const fn json(text: String) -> Self {
        Self { status: 200, is_html: false, text }
    }

    /// A status other than 200, and why, as `{"error": ...}`.
    #[must_use]
    pub fn error(status: u16, why: &str) -> Self {
        Self { status, is_html: false, text: serde_json::json!({ "error": why }).to_string() }
    }
}
