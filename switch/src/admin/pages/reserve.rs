//! Reserve accounts: what is booked and what waits, and the word of a bank that its files agree.

use std::sync::Arc;

use clearway_codec::value::InstitutionId;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::admin::{Answer, Call, Pages};
use crate::books::agreement::{AgreedBy, agreements, is_agreed};
use crate::books::reserve::{ReserveSheet, SheetState, WindowEntry, sheets, windows};
use crate::books::{Agreement, BatchEntry};
use crate::clock::Clock;
use crate::config::{ParticipantKind, Participants};
use crate::domain::clearing::BatchName;
use crate::error::Error;
use crate::registers::Registers;
use crate::registrar::History;

/// Windows that are listed: the newest.
const WINDOWS_MAX: usize = 14;
/// Sheets that are listed: the oldest of those that wait.
const SHEETS_MAX: usize = 1_000;

/// The pages.
///
/// ```text
/// GET  /books/reserve               the last windows, with bookings and payments; the sheets that wait, and for what
/// GET  /books/agreements/BATCH      who has agreed to the files of a batch
/// POST /books/agreements/BATCH      {"by","participant"}: a participant says that its files agree
/// ```
pub struct ReservePages {
    /// Who takes part.
    pub participants: Participants,
    /// Where the entries stand.
    pub registers: Arc<Registers>,
    /// Journals an agreement, with who took it.
    pub history: Arc<History>,
    /// When it is taken.
    pub clock: Clock,
}

impl std::fmt::Debug for ReservePages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReservePages").finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(rename = "by")]
    _by: Option<String>,
    participant: String,
}

impl Pages for ReservePages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        let answered = match (call.path.strip_prefix("/books/agreements/"), call.is_get()) {
            (Some(batch), true) => self.agreements(batch),
            (Some(batch), false) => self.agree(batch, call),
            (None, true) if call.path == "/books/reserve" => self.reserve(),
            (None, _) => return None,
        };
        Some(answered.unwrap_or_else(|refusal| refusal))
    }
}

impl ReservePages {
    fn reserve(&self) -> Result<Answer, Answer> {
        let windows = windows(&self.registers, None).map_err(failed)?;
        let newest = windows.iter().skip(windows.len().saturating_sub(WINDOWS_MAX));
        let windows: Vec<Value> = newest.map(|kept| window(&kept.content)).collect();
        let mut waiting = sheets(&self.registers, None).map_err(failed)?;
        waiting.retain(|kept| kept.content.state == SheetState::Waiting);
        let listed: Vec<Value> = waiting.iter().take(SHEETS_MAX).map(|kept| self.sheet(&kept.content)).collect();
        Ok(Answer::json(json!({ "windows": windows, "waiting": waiting.len(), "sheets": listed }).to_string()))
    }

    fn sheet(&self, sheet: &ReserveSheet) -> Value {
        let open: Vec<&BatchName> =
            sheet.batches.iter().filter(|batch| !is_agreed(&self.registers, **batch, sheet.bank)).collect();
        json!({
            "window": sheet.window.to_string(),
            "bank": self.id(sheet.bank),
            "accounts": sheet.accounts,
            "payments": sheet.sum().payments(),
            "net_fen": i64::try_from(sheet.sum().net_fen()).ok(),
            "is_late": sheet.is_late,
            "not_agreed": open,
        })
    }

    fn agreements(&self, batch: &str) -> Result<Answer, Answer> {
        let batch = batch_of(batch)?;
        let found = agreements(&self.registers, batch).map_err(failed)?;
        let one = |kept: &crate::books::Kept<Agreement>| json!({ "participant": self.id(kept.content.participant), "at_us": kept.at_us, "by": kept.content.by });
        let agreed: Vec<Value> = found.iter().map(one).collect();
        Ok(Answer::json(json!({ "batch": batch, "agreements": agreed }).to_string()))
    }

    fn agree(&self, batch: &str, call: &Call) -> Result<Answer, Answer> {
        let batch = batch_of(batch)?;
        let Request { participant: id, .. } =
            serde_json::from_slice(&call.body).map_err(|error| Answer::error(400, &error.to_string()))?;
        let known = InstitutionId::parse(id.as_bytes()).ok().and_then(|id| self.participants.find(&id));
        let bank = known.filter(|participant| participant.kind == ParticipantKind::Bank);
        let participant = bank.ok_or_else(|| Answer::error(404, "no bank of this node has this id"))?.index;
        let sealed = BatchEntry::find(&self.registers, batch).map_err(failed)?;
        if !sealed.is_some_and(|kept| kept.content.phase.is_sealed()) {
            return Err(Answer::error(409, "the batch is not sealed: there is nothing to agree to yet"));
        }
        let (at_us, by) = (self.clock.now_micros(), AgreedBy::Operator { by: call.by.clone() });
        let agreement = Agreement { batch, participant, by };
        let Some(entry) = agreement.agree(at_us, &self.registers).map_err(failed)? else {
            return Err(Answer::error(409, "it has agreed already"));
        };
        let change = json!({ "batch": batch, "agreed": id });
        self.history.record_books(at_us, &call.by, change.clone(), vec![entry]).map_err(failed)?;
        tracing::info!(by = %call.by, %batch, bank = %id, "the files of a batch are agreed");
        Ok(Answer::json(json!({ "by": call.by, "at_us": at_us, "change": change }).to_string()))
    }

    fn id(&self, participant: u16) -> Option<&str> {
        self.participants.get(participant).map(|participant| participant.id.as_str())
    }
}

fn window(entry: &WindowEntry) -> Value {
    json!({
        "window": entry.window.to_string(),
        "is_made": entry.state == SheetState::Released,
        "is_late": entry.is_late,
        "bookings": entry.bookings,
        "payments": entry.payments,
    })
}

fn batch_of(name: &str) -> Result<BatchName, Answer> {
    name.parse().map_err(|_| Answer::error(400, "a batch is named B or D, a date and four digits"))
}

/// What is answered when the books cannot be read, or written.
fn failed(error: Error) -> Answer {
    tracing::error!(%error, "reserve accounts");
    Answer::error(503, &error.to_string())
}
