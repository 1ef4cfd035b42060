//! The last minute of joint operations.

use std::sync::Arc;

use super::super::hooks::{Answer, Call, Content, Pages};
use crate::operations::Board;

/// The page, and what it shows.
#[derive(Debug)]
pub struct OperationsPages {
    /// What happened.
    pub board: Arc<Board>,
}

impl Pages for OperationsPages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        Some(if call.wants_html {
            Answer { status: 200, content: Content::Html, text: self.board.to_html() }
        } else {
            Answer::json(self.board.to_json())
        })
    }
}
