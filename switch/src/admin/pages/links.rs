//! The links of participants: how they are, and what the operator does with them.

use std::sync::Arc;

use super::super::hooks::{Answer, Call, Content, Pages};
use crate::clock::Clock;
use crate::net::link::{Board, Request, Setting};
use crate::settings::Record;

/// The page, and what it stands on.
pub struct LinkPages {
    /// What is shown and changed.
    pub board: Arc<Board>,
    /// Journals a change before it is in force.
    pub record: Arc<Record>,
    /// When a change is made.
    pub clock: Clock,
}

impl std::fmt::Debug for LinkPages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkPages").finish_non_exhaustive()
    }
}

impl Pages for LinkPages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        Some(match (call.is_get(), call.wants_html) {
            (true, true) => Answer { status: 200, content: Content::Html, text: self.board.to_html() },
            (true, false) => Answer::json(self.board.to_json()),
            (false, _) => {
                let record = |setting: &Setting| (self.record)(setting.image());
                let now_us = self.clock.now_micros();
                let made = Request::read(&call.body).and_then(|request| self.board.change(&request, now_us, &record));
                Answer::change(made)
            }
        })
    }
}
