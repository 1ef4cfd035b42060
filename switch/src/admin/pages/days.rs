//! Accounting days: which have ended and how, and the report of one.

use std::path::PathBuf;
use std::sync::Arc;

use clearway_codec::value::Date;
use serde_json::{Value, json};

use crate::admin::{Answer, Call, Pages};
use crate::books::Kept;
use crate::books::day_end::{DayEntry, days, report_of};
use crate::error::Error;
use crate::registers::Registers;

/// Days that are listed: the newest.
const DAYS_MAX: usize = 60;

/// The pages.
///
/// ```text
/// GET  /books/days            the last days that have ended
/// GET  /books/days/DAY        the report of one, yyyyMMdd
/// ```
#[derive(Debug)]
pub struct DayPages {
    /// `[books] dir`.
    pub dir: PathBuf,
    /// Where the entries stand.
    pub registers: Arc<Registers>,
}

impl Pages for DayPages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        let answered = match call.path.strip_prefix("/books/days").filter(|_| call.is_get())? {
            "" => self.list(),
            day => self.report(day.strip_prefix('/')?),
        };
        Some(answered.unwrap_or_else(|refusal| refusal))
    }
}

impl DayPages {
    fn list(&self) -> Result<Answer, Answer> {
        let all = days(&self.registers, None).map_err(failed)?;
        let newest = all.iter().skip(all.len().saturating_sub(DAYS_MAX));
        let listed: Vec<Value> = newest.map(|(day, kept)| line(*day, kept)).collect();
        Ok(Answer::json(json!({ "days": listed }).to_string()))
    }

    fn report(&self, day: &str) -> Result<Answer, Answer> {
        let day = Date::parse(day.as_bytes()).map_err(|_| Answer::error(400, "a day is named yyyyMMdd"))?;
        let ended = days(&self.registers, Some(day)).map_err(failed)?;
        if ended.first().is_none_or(|(found, _)| *found != day) {
            return Err(Answer::error(404, "this accounting day has not ended"));
        }
        let report = report_of(&self.dir, day).map_err(failed)?;
        let text = report.text();
        let report = serde_json::to_string(&report).map_err(|error| Answer::error(503, &error.to_string()))?;
        // Amounts may be larger than a JSON value takes: the report goes as it is written.
        Ok(Answer::json(format!("{{\"report\":{report},\"text\":{}}}", Value::String(text))))
    }
}

fn line(day: Date, kept: &Kept<DayEntry>) -> Value {
    let entry = &kept.content;
    json!({
        "day": day.to_string(),
        "ended_at_us": kept.at_us,
        "batches": entry.batches,
        "payments": entry.payments,
        "moved_fen": entry.moved_fen,
        "bookings": entry.bookings,
        "booked_payments": entry.booked_payments,
        "differences": entry.differences,
        "suspense_fen": i64::try_from(entry.suspense_fen()).ok(),
        "missing": entry.missing,
    })
}

/// What is answered when the books cannot be read.
fn failed(error: Error) -> Answer {
    tracing::error!(%error, "accounting days");
    Answer::error(503, &error.to_string())
}
