//! The books: how they are, and what a person decides about them.

use std::sync::Arc;

use serde_json::json;

use super::super::hooks::{Answer, Call, Pages};
use crate::books::BatchEntry;
use crate::books::status::batch_lines;
use crate::domain::clearing::BatchName;
use crate::error::Error;
use crate::registers::Registers;

/// The pages of the books: of several parts, each asked in turn.
pub struct BooksPages {
    /// Every part; the first that knows a path answers.
    pub parts: Vec<Box<dyn Pages>>,
}

impl std::fmt::Debug for BooksPages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BooksPages").finish_non_exhaustive()
    }
}

impl Pages for BooksPages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        self.parts.iter().find_map(|part| part.answer(call))
    }
}

/// The batches.
#[derive(Debug)]
pub struct BatchPages {
    /// Where the entries stand.
    pub registers: Arc<Registers>,
}

impl Pages for BatchPages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        match (call.path.as_str(), call.is_get()) {
            ("/books", true) => Some(self.status().unwrap_or_else(failed)),
            (path, true) => {
                let batch = path.strip_prefix("/books/batches/")?;
                Some(self.batch(batch).unwrap_or_else(failed))
            }
            _ => None,
        }
    }
}

impl BatchPages {
    fn status(&self) -> Result<Answer, Error> {
        Ok(Answer::json(json!({ "batches": batch_lines(&self.registers)? }).to_string()))
    }

    /// One batch, whole.
    fn batch(&self, name: &str) -> Result<Answer, Error> {
        let Ok(batch) = name.parse::<BatchName>() else {
            return Ok(Answer::error(400, "a batch is named B or D, a date and four digits"));
        };
        Ok(match BatchEntry::find(&self.registers, batch)? {
            Some(kept) => Answer::json(json!({ "batch": batch.to_string(), "entry": kept.content }).to_string()),
            None => Answer::error(404, "this batch is not closed"),
        })
    }
}

/// What is answered when the books cannot be read.
fn failed(error: Error) -> Answer {
    tracing::error!(%error, "a page of the books");
    Answer::error(500, &error.to_string())
}
