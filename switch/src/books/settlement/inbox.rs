//! Answers of the large-value system: taken from a folder, each once or more often with the same effect.
//!
//! ```text
//!  settlement/in/*.xml --read--> order recorded --> moved to settlement/in/done/{yyyyMMdd}/
//!                        '-no answer, no order--> case --> moved to settlement/in/refused/{yyyyMMdd}/
//! ```
//!
//! Whoever puts a file there gives it its name when it is whole. Invariant: a file is moved only after what it says is recorded.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use clearway_codec::value::BeijingTime;

use super::super::{BookCase, CaseKind, Desk, Kept};
use super::answer::{ANSWER_BYTES_MAX, Answer, Verdict};
use super::dispatch::remove;
use super::order_entry::{OrderEntry, Word};
use super::works::{Change, Settlement};
use crate::domain::clearing::{MsgId, OrderEvent, OrderState, OrderStep};
use crate::error::Error;

/// Most answers of one turn.
const ANSWERS_MAX: usize = 256;
/// Who speaks in the files.
const HVPS: &str = "hvps";

impl Settlement {
    /// Takes the answers that have come, in the order of their names. Returns how many.
    pub(super) fn take_answers(&mut self, desk: &Desk<'_>, now_us: u64) -> Result<usize, Error> {
        let folder = desk.dir.join("settlement").join("in");
        let files = answers_in(&folder)?;
        let day = BeijingTime::from_unix_micros(now_us).date().to_string();
        for path in &files {
            let is_good = match read(path) {
                Ok(answer) => self.take(desk, &answer, now_us)?,
                Err(why) => {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    let case = BookCase::new(CaseKind::BadAnswer, format!("answer {name}"), why);
                    desk.record(now_us, case.open(now_us, desk.registers)?.into_iter().collect())?;
                    false
                }
            };
            shift(path, &folder.join(if is_good { "done" } else { "refused" }).join(&day))?;
            desk.steps.taken("answer moved");
        }
        Ok(files.len())
    }

    /// Records what an answer says. Returns whether it was about an order of ours.
    fn take(&mut self, desk: &Desk<'_>, answer: &Answer, now_us: u64) -> Result<bool, Error> {
        let MsgId { order, attempt } = answer.msg_id;
        let known = self.order(desk.registers, order)?.filter(|kept| attempt <= kept.content.attempt);
        let Some(kept) = known else {
            let case = bad_answer(answer.msg_id, "it is about no order that was made");
            desk.record(now_us, case.open(now_us, desk.registers)?.into_iter().collect())?;
            return Ok(false);
        };
        let event = match (answer.verdict, attempt == kept.content.attempt) {
            (Verdict::NotFinal, _) => return Ok(true),
            (Verdict::Accepted, true) => OrderEvent::Accepted,
            (Verdict::Refused, true) => OrderEvent::Refused,
            (Verdict::Accepted, false) => OrderEvent::EarlierAccepted,
            (Verdict::Refused, false) => OrderEvent::EarlierRefused,
        };
        let word = Word::new(HVPS, &answer.code, &answer.text, now_us);
        self.hear(desk, answer.msg_id, kept, event, word)?;
        Ok(true)
    }

    /// Does to an order what `event` does, because of `word`.
    pub(super) fn hear(
        &mut self,
        desk: &Desk<'_>,
        msg_id: MsgId,
        kept: Kept<OrderEntry>,
        event: OrderEvent,
        word: Word,
    ) -> Result<(), Error> {
        let at_us = word.at_us;
        let (state, case) = match kept.content.state.on(event) {
            OrderStep::Become(state) => (state, case_of(msg_id, &kept.content, state, event, &word)),
            OrderStep::Contradiction => (kept.content.state, Some(contradiction(msg_id, &kept.content, &word))),
            OrderStep::Stay | OrderStep::Forbidden => return Ok(()),
        };
        // Against what is known, the first word stands.
        let answer = if state == kept.content.state { kept.content.answer.clone() } else { Some(word) };
        let next = kept.next(at_us, OrderEntry { state, answer, ..kept.content.clone() });
        let attempt = msg_id.order.attempt(kept.content.attempt);
        self.commit(desk, at_us, vec![Change { order: msg_id.order, kept: next, case }])?;
        remove(desk.dir, attempt)
    }
}

/// The files of a folder that are answers by their names, the first ones.
fn answers_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Error::file("read", folder, error))?;
        let path = entry.path();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && path.extension().is_some_and(|extension| extension == "xml") {
            files.push(path);
        }
    }
    files.sort();
    files.truncate(ANSWERS_MAX);
    Ok(files)
}

/// What a file says, or why it says nothing.
fn read(path: &Path) -> Result<Answer, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(ANSWER_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > ANSWER_BYTES_MAX {
        return Err(format!("it is longer than {ANSWER_BYTES_MAX} bytes"));
    }
    Answer::read(&bytes).map_err(|bad| bad.to_string())
}

/// Moves a file that has been dealt with.
fn shift(path: &Path, folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| Error::file("make", folder, error))?;
    let to = folder.join(path.file_name().unwrap_or_default());
    fs::rename(path, &to).map_err(|error| Error::file("move", path, error))
}

/// The case that a change of state opens.
fn case_of(msg_id: MsgId, entry: &OrderEntry, state: OrderState, event: OrderEvent, word: &Word) -> Option<BookCase> {
    match (state, event) {
        (OrderState::Rejected, OrderEvent::Refused) => {
            let text =
                format!("refused with {}: {}; it is made again unless a person judges otherwise", word.code, word.text);
            let case = BookCase::new(CaseKind::OrderRejected, format!("order {}", msg_id.order), text);
            Some(case.of_day(msg_id.order.set.day).of_participant(msg_id.order.bank).of_fen(entry.net_fen.into()))
        }
        (OrderState::Contested, _) => Some(contradiction(msg_id, entry, word)),
        _ => None,
    }
}

fn contradiction(msg_id: MsgId, entry: &OrderEntry, word: &Word) -> BookCase {
    let text = format!(
        "{} {} about an order that is {}: find out whether the money moved",
        word.code,
        word.text,
        entry.state.name()
    );
    let case = bad_answer(msg_id, &text);
    case.of_participant(msg_id.order.bank).of_fen(entry.net_fen.into())
}

fn bad_answer(msg_id: MsgId, text: &str) -> BookCase {
    BookCase::new(CaseKind::BadAnswer, format!("order {msg_id}"), text).of_day(msg_id.order.set.day)
}
