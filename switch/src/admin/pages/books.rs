//! The books: how they are, and what a person decides about them.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::json;

use super::super::hooks::{Answer, Call, Pages};
use crate::books::BatchEntry;
use crate::books::case::cases;
use crate::books::keeper::Board;
use crate::books::settlement::Settlement;
use crate::books::status::BatchLook;
use crate::domain::clearing::{BatchName, BatchPhase};
use crate::error::Error;
use crate::positions::Live;
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

/// The batches, and the books as a whole.
#[derive(Debug)]
pub struct BatchPages {
    /// Where the entries stand.
    pub registers: Arc<Registers>,
    /// Batches that are open.
    pub live: Arc<Live>,
    /// What the keeper shows, and is asked.
    pub board: Arc<Board>,
    /// Sessions and orders.
    pub settlement: Arc<Mutex<Settlement>>,
    /// How long a payment takes at most, microseconds.
    pub finality_us: u64,
}

impl Pages for BatchPages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        match (call.path.as_str(), call.is_get()) {
            ("/books", true) => Some(self.status().unwrap_or_else(failed)),
            (path, is_get) => {
                let name = path.strip_prefix("/books/batches/")?;
                let Ok(batch) = name.parse::<BatchName>() else {
                    return Some(Answer::error(400, "a batch is named B or D, a date and four digits"));
                };
                let answer = if is_get { self.batch(batch) } else { self.seal(batch, call) };
                Some(answer.unwrap_or_else(failed))
            }
        }
    }
}

impl BatchPages {
    fn status(&self) -> Result<Answer, Error> {
        let Self { registers, live, board, finality_us, .. } = self;
        let look = BatchLook { registers, live, board, finality_us: *finality_us };
        let (sessions, orders) = {
            let settlement = self.settlement.lock();
            (settlement.sessions(registers)?, settlement.orders(registers, None)?)
        };
        let status = json!({
            "batches": look.lines()?,
            "troubles": board.troubles(),
            "failures": board.failures(),
            "turned_us": board.turned_us(),
            "sessions": sessions,
            "open_orders": orders,
            "open_cases": cases(registers, true)?.len(),
        });
        Ok(Answer::json(status.to_string()))
    }

    /// One batch, whole.
    fn batch(&self, batch: BatchName) -> Result<Answer, Error> {
        Ok(match BatchEntry::find(&self.registers, batch)? {
            Some(kept) => Answer::json(json!({ "batch": batch.to_string(), "entry": kept.content }).to_string()),
            None => not_closed(),
        })
    }

    /// A batch that was stopped is computed again; what has failed of another is tried at once.
    fn seal(&self, batch: BatchName, call: &Call) -> Result<Answer, Error> {
        let body: serde_json::Value = serde_json::from_slice(&call.body).unwrap_or_default();
        if body["do"] != "seal" {
            return Ok(Answer::error(400, "do: the word is seal"));
        }
        let Some(kept) = BatchEntry::find(&self.registers, batch)? else { return Ok(not_closed()) };
        if kept.content.phase == BatchPhase::Retired {
            return Ok(Answer::error(409, "nothing is left to do with this batch"));
        }
        tracing::info!(%batch, by = %call.by, phase = kept.content.phase.word(), "a person has a batch tried again");
        self.board.ask(batch);
        let made = json!({ "by": call.by, "change": { "batch": batch.to_string(), "do": "seal" } });
        Ok(Answer::json(made.to_string()))
    }
}

fn not_closed() -> Answer {
    Answer::error(404, "this batch is not closed")
}

/// What is answered when the books cannot be read.
fn failed(error: Error) -> Answer {
    tracing::error!(%error, "a page of the books");
    Answer::error(500, &error.to_string())
}
