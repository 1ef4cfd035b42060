//! Cases of the books: what is open, one of them, and its end.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::admin::{Answer, Call, Pages};
use crate::books::case::{case_id, cases, close, find};
use crate::books::{BookCase, Kept};
use crate::clock::Clock;
use crate::config::Participants;
use crate::error::Error;
use crate::registers::Registers;
use crate::registrar::History;

/// Longest list in one answer; the oldest are listed.
const LIST_MAX: usize = 1_000;
/// Longest note on a closed case, bytes (ours).
const NOTE_BYTES_MAX: usize = 1_000;

/// The pages.
///
/// ```text
/// GET  /books/cases           the cases that are open, the oldest first; ?all: all of ever
/// GET  /books/cases/ID        one
/// POST /books/cases/ID        {"by","note"}: closes it
/// ```
pub struct BookCasePages {
    /// Who takes part.
    pub participants: Participants,
    /// Where the entries stand.
    pub registers: Arc<Registers>,
    /// Journals the end of a case, with who ended it.
    pub history: Arc<History>,
    /// When it is ended.
    pub clock: Clock,
}

impl std::fmt::Debug for BookCasePages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BookCasePages").finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(rename = "by")]
    _by: Option<String>,
    note: String,
}

impl Pages for BookCasePages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        let answered = match (call.path.strip_prefix("/books/cases")?, call.is_get()) {
            ("", true) => self.list(&call.query),
            (id, true) => self.show(id.strip_prefix('/')?),
            (id, false) => self.close(id.strip_prefix('/')?, call),
        };
        Some(answered.unwrap_or_else(|refusal| refusal))
    }
}

impl BookCasePages {
    fn list(&self, query: &str) -> Result<Answer, Answer> {
        let only_open = match query {
            "" => true,
            "all" => false,
            _ => return Err(Answer::error(400, "only ?all can be asked")),
        };
        let found = cases(&self.registers, only_open).map_err(failed)?;
        let listed: Vec<Value> = found.iter().take(LIST_MAX).map(|kept| self.view(kept)).collect();
        Ok(Answer::json(json!({ "count": found.len(), "cases": listed }).to_string()))
    }

    fn show(&self, id: &str) -> Result<Answer, Answer> {
        let kept = self.find(id)?;
        Ok(Answer::json(json!({ "case": self.view(&kept) }).to_string()))
    }

    fn close(&self, id: &str, call: &Call) -> Result<Answer, Answer> {
        let Request { note, .. } =
            serde_json::from_slice(&call.body).map_err(|error| Answer::error(400, &error.to_string()))?;
        if note.trim().is_empty() || note.len() > NOTE_BYTES_MAX {
            return Err(Answer::error(400, "a note says why the case is closed, in up to 1,000 bytes"));
        }
        let (kept, at_us) = (self.find(id)?, self.clock.now_micros());
        if !kept.content.is_open() {
            return Err(Answer::error(409, "the case is closed already"));
        }
        let entry = close(&kept, at_us, &call.by, &note).map_err(failed)?;
        let change = json!({ "case": id, "closed": kept.content.subject, "note": note });
        self.history.record_books(at_us, &call.by, change.clone(), vec![entry]).map_err(failed)?;
        tracing::info!(by = %call.by, case = id, "a case of the books was closed");
        Ok(Answer::json(json!({ "by": call.by, "at_us": at_us, "change": change }).to_string()))
    }

    fn find(&self, id: &str) -> Result<Kept<BookCase>, Answer> {
        let found = find(&self.registers, id).map_err(failed)?;
        found.ok_or_else(|| Answer::error(404, "no case of the books has this number of fourteen hex digits"))
    }

    fn view(&self, kept: &Kept<BookCase>) -> Value {
        let case = &kept.content;
        let bank = case.participant.and_then(|index| self.participants.get(index));
        json!({
            "id": case_id(kept.key),
            "kind": case.kind.word(),
            "subject": case.subject,
            "batch": case.batch,
            "day": case.day,
            "participant": bank.map(|participant| participant.id.as_str()),
            "amount_fen": i64::try_from(case.amount_fen).ok(),
            "text": case.text,
            "opened_at_us": case.opened_at_us,
            "closed": case.closing.as_ref().map(|closing| json!({
                "by": closing.by, "note": closing.note, "at_us": kept.at_us,
            })),
        })
    }
}

/// What is answered when the books cannot be read, or written.
fn failed(error: Error) -> Answer {
    tracing::error!(%error, "cases of the books");
    Answer::error(503, &error.to_string())
}
