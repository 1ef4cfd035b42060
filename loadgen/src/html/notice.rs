//! What a reader must see first: whether a run is to be believed.

use super::tone::Tone;
use askama::Template;

/// A box with a heading and its reasons.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/notice.html")]
pub struct Notice {
    tone: Tone,
    head: String,
    lines: Vec<String>,
}

impl Notice {
    /// A box.
    pub fn new<L: Into<String>>(tone: Tone, head: impl Into<String>, lines: impl IntoIterator<Item = L>) -> Self {
        Self { tone, head: head.into(), lines: lines.into_iter().map(Into::into).collect() }
    }
}
