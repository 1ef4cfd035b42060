//! Orders to the large-value system: how they are, and what a person judges about them.

use std::path::PathBuf;
use std::sync::Arc;

use clearway_codec::value::Date;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::admin::{Answer, Call, Pages};
use crate::books::settlement::{Judgement, Refused, Settlement, order_document};
use crate::books::{Desk, NoSteps};
use crate::clock::Clock;
use crate::config::Participants;
use crate::domain::clearing::OrderName;
use crate::domain::register::BookEntry;
use crate::error::{Error, Fault};
use crate::registers::Registers;
use crate::registrar::History;

/// Longest list in one answer.
const LIST_MAX: usize = 1_000;

/// The pages, and what they stand on.
///
/// ```text
/// GET  /books/orders          the sessions of the last day that had one, and every order that is not acknowledged; ?day=yyyyMMdd: all
/// GET  /books/orders/ID       one order, and the document of its present attempt
/// POST /books/orders/ID       {"by","do":"acknowledge|reject|remake|resend","why"}
/// ```
pub struct OrderPages {
    /// What is shown and judged; the keeper's.
    pub settlement: Arc<Mutex<Settlement>>,
    /// `[books] dir`.
    pub dir: PathBuf,
    /// Who takes part.
    pub participants: Participants,
    /// Where the entries stand.
    pub registers: Arc<Registers>,
    /// Journals a judgement, with who made it.
    pub history: Arc<History>,
    /// When it is made.
    pub clock: Clock,
}

impl std::fmt::Debug for OrderPages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OrderPages").finish_non_exhaustive()
    }
}

/// What a POST says; the caller is named by the door.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(rename = "by")]
    _by: Option<String>,
    #[serde(rename = "do")]
    deed: String,
    why: String,
}

impl Pages for OrderPages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        let answered = match (call.path.strip_prefix("/books/orders")?, call.is_get()) {
            ("", true) => self.list(&call.query),
            (order, true) => self.show(order.strip_prefix('/')?),
            (order, false) => self.judge(order.strip_prefix('/')?, call),
        };
        Some(answered.unwrap_or_else(|refusal| refusal))
    }
}

impl OrderPages {
    fn list(&self, query: &str) -> Result<Answer, Answer> {
        let day = match query {
            "" => None,
            query => Some(day_of(query).ok_or_else(|| Answer::error(400, "only ?day=yyyyMMdd can be asked"))?),
        };
        let settlement = self.settlement.lock();
        let orders = settlement.orders(&self.registers, day).map_err(failed)?;
        let sessions = settlement.sessions(&self.registers).map_err(failed)?;
        let listed = orders.get(..LIST_MAX).unwrap_or(&orders);
        Ok(Answer::json(json!({ "sessions": sessions, "count": orders.len(), "orders": listed }).to_string()))
    }

    fn show(&self, text: &str) -> Result<Answer, Answer> {
        let order = name(text)?;
        let found = self.settlement.lock().order_view(&self.registers, order).map_err(failed)?;
        let view = found.ok_or_else(|| Answer::error(404, "there is no such order"))?;
        let document = String::from_utf8_lossy(&order_document(order, &view.entry)).into_owned();
        Ok(Answer::json(json!({ "order": view, "document": document }).to_string()))
    }

    fn judge(&self, text: &str, call: &Call) -> Result<Answer, Answer> {
        let order = name(text)?;
        let Request { deed, why, .. } =
            serde_json::from_slice(&call.body).map_err(|error| Answer::error(400, &error.to_string()))?;
        let judgement = Judgement::ALL.into_iter().find(|one| one.word() == deed);
        let judgement = judgement.ok_or_else(|| Answer::error(400, "do is acknowledge, reject, remake or resend"))?;
        let at_us = self.clock.now_micros();
        let change = json!({ "order": order.to_string(), "do": deed, "why": why });
        match self.record_judgement(order, judgement, [&call.by, &why], &change, at_us).map_err(failed)? {
            Ok(()) => {
                tracing::info!(by = %call.by, %order, deed, "an order was judged");
                Ok(Answer::json(json!({ "by": call.by, "at_us": at_us, "change": change }).to_string()))
            }
            Err(Refused::Unknown) => Err(Answer::error(404, &Refused::Unknown.to_string())),
            Err(refused) => Err(Answer::error(409, &refused.to_string())),
        }
    }

    fn record_judgement(
        &self,
        order: OrderName,
        judgement: Judgement,
        [by, why]: [&str; 2],
        change: &Value,
        at_us: u64,
    ) -> Result<Result<(), Refused>, Error> {
        let record = |at_us, entries: Vec<BookEntry>| self.history.record_books(at_us, by, change.clone(), entries);
        let desk = Desk {
            dir: &self.dir,
            participants: &self.participants,
            registers: &self.registers,
            record: &record,
            steps: &NoSteps,
        };
        self.settlement.lock().judge(&desk, order, judgement, [by, why], at_us)
    }
}

fn name(text: &str) -> Result<OrderName, Answer> {
    text.parse().map_err(|_| Answer::error(400, "an order is named by fourteen digits: day, occasion, bank"))
}

fn day_of(query: &str) -> Option<Date> {
    Date::parse(query.strip_prefix("day=")?.as_bytes()).ok()
}

fn failed(error: Error) -> Answer {
    tracing::error!(%error, "orders cannot be shown or judged");
    let status = if error.fault() == Fault::Environment { 503 } else { 500 };
    Answer::error(status, &error.to_string())
}

#[cfg(test)]
mod tests;
