//! What a comparison of a participant's files with ours has found: recorded as cases, or as the participant's agreement.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::super::hooks::{Answer, Call, Pages};
use crate::books::compare::Findings;
use crate::books::{Desk, NoSteps};
use crate::clock::Clock;
use crate::config::Participants;
use crate::domain::register::BookEntry;
use crate::error::{Error, Fault};
use crate::registers::Registers;

/// Records entries of the books, all or none, durable when it returns.
pub type RecordEntries = dyn Fn(u64, Vec<BookEntry>) -> Result<(), Error> + Send + Sync;

/// The page.
pub struct DifferencePages {
    /// `[books] dir`.
    pub dir: PathBuf,
    /// Who takes part.
    pub participants: Participants,
    /// Where cases and agreements stand.
    pub registers: Arc<Registers>,
    /// Journals them.
    pub record: Arc<RecordEntries>,
    /// When they are found.
    pub clock: Clock,
}

/// The body of the call.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(rename = "by")]
    _by: Option<String>,
    found: Findings,
}

impl std::fmt::Debug for DifferencePages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DifferencePages").finish_non_exhaustive()
    }
}

impl Pages for DifferencePages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        (call.path == "/books/differences" && !call.is_get()).then(|| self.take(call))
    }
}

impl DifferencePages {
    fn take(&self, call: &Call) -> Answer {
        let found = match serde_json::from_slice::<Body>(&call.body) {
            Ok(body) => body.found,
            Err(error) => return Answer::error(400, &format!("no findings of a comparison: {error}")),
        };
        let at_us = self.clock.now_micros();
        let desk = Desk {
            dir: &self.dir,
            participants: &self.participants,
            registers: &self.registers,
            record: &*self.record,
            steps: &NoSteps,
        };
        match found.record(at_us, &desk) {
            Ok(new) => {
                let (batch, participant, differences) = (found.batch, &found.participant, found.differences);
                tracing::info!(%batch, participant, differences, by = call.by, "comparison recorded");
                let change = json!({
                    "batch": batch, "participant": participant, "differences": differences, "new_entries": new,
                });
                Answer::json(json!({ "by": call.by, "at_us": at_us, "change": change }).to_string())
            }
            Err(error) if error.fault() == Fault::Caller => Answer::error(400, &error.to_string()),
            Err(error) => Answer::error(503, &error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::admission::samples::{BANK, config};
    use crate::books::agreement::is_agreed;
    use crate::domain::register::Image;

    #[test]
    fn findings_become_an_agreement_and_what_is_none_is_refused() {
        let registers = Arc::new(Registers::new(0));
        let kept = Arc::clone(&registers);
        let pages = DifferencePages {
            dir: PathBuf::from("books"),
            participants: config(|_, _| {}).participants,
            registers: Arc::clone(&registers),
            record: Arc::new(move |_, entries: Vec<BookEntry>| {
                entries.into_iter().for_each(|entry| {
                    kept.apply(&Image::Book(entry));
                });
                Ok(())
            }),
            clock: Clock::real(),
        };
        let call = |found: serde_json::Value| {
            let body = json!({ "by": "li", "found": found }).to_string().into_bytes();
            let call = Call { method: Method::POST, body, by: "li".to_owned(), ..Call::get("/books/differences") };
            pages.answer(&call).expect("an answer")
        };
        let sound = |participant: &str| json!({ "batch": "B202611200011", "participant": participant, "rows": 3, "differences": 0, "first": [] });
        assert_eq!(call(json!({})).status, 400);
        assert_eq!(call(sound("Z2000133000099")).status, 400);
        let answer = call(sound(BANK));
        assert!(answer.status == 200 && answer.text.contains("\"new_entries\":1"), "{answer:?}");
        assert!(is_agreed(&registers, "B202611200011".parse().expect("a batch"), 1));
        assert!(pages.answer(&Call::get("/books/differences")).is_none());
    }
}
