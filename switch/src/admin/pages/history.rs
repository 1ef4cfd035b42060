//! Who changed what, and when.

use std::sync::Arc;

use super::super::hooks::{Answer, Call, Pages};
use crate::registrar::History;

/// The page, and what it shows.
#[derive(Debug)]
pub struct HistoryPages {
    /// The changes.
    pub history: Arc<History>,
}

impl Pages for HistoryPages {
    fn answer(&self, _: &Call) -> Option<Answer> {
        let text = serde_json::to_string(&self.history.entries());
        Some(text.map_or_else(|error| Answer::error(500, &error.to_string()), Answer::json))
    }
}
