//! One case.

use clearway_codec::value::Date;
use clearway_crypto::sha256;
use serde::{Deserialize, Serialize};

use super::CaseKind;
use crate::books::{Kept, Space};
use crate::domain::clearing::BatchName;
use crate::domain::register::BookEntry;
use crate::error::{Error, Fault};
use crate::registers::Registers;

/// Longest text of a case, bytes; what is longer is cut (ours).
const TEXT_BYTES_MAX: usize = 2_000;
/// Numbers that are tried when others' findings have the same.
const TRIES: u64 = 16;
/// A number has 56 bits.
const NUMBER_MAX: u64 = (1 << 56) - 1;

/// What was found. Names no card, account holder or secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookCase {
    /// Which kind.
    pub kind: CaseKind,
    /// What it is about, such as `B202611200009` or `session 20261120 1 order C1...`: the same kind and subject is the same case.
    pub subject: String,
    /// The batch, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchName>,
    /// The day, if it is about one, as a number such as 20261120.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<u32>,
    /// Participant index of whom it concerns most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant: Option<u16>,
    /// Fen that it is about, signed as the kind says; 0 when it is about none.
    pub amount_fen: i128,
    /// What was found, and what should be done about it.
    pub text: String,
    /// When it was found first, unix microseconds.
    pub opened_at_us: u64,
    /// How it ended; none while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Closing>,
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// Who closed it.
    pub by: String,
    /// Why.
    pub note: String,
}

impl BookCase {
    /// A case about `subject`; the text says what was found and what should be done.
    pub fn new(kind: CaseKind, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            kind,
            subject: cut(subject.into()),
            batch: None,
            day: None,
            participant: None,
            amount_fen: 0,
            text: cut(text.into()),
            opened_at_us: 0,
            closing: None,
        }
    }

    /// The same, of a batch.
    #[must_use]
    pub fn of_batch(self, batch: BatchName) -> Self {
        Self { batch: Some(batch), ..self }
    }

    /// The same, of a day.
    #[must_use]
    pub fn of_day(self, day: Date) -> Self {
        Self { day: Some(day.to_number()), ..self }
    }

    /// The same, of a participant.
    #[must_use]
    pub fn of_participant(self, participant: u16) -> Self {
        Self { participant: Some(participant), ..self }
    }

    /// The same, about so many fen.
    #[must_use]
    pub fn of_fen(self, amount_fen: i128) -> Self {
        Self { amount_fen, ..self }
    }

    /// Whether nobody has closed it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.closing.is_none()
    }

    /// The entry to record, in the same call as the decision that goes with it: none when the case is open already, so that a step
    /// may be done again. What comes up again after a person has closed it is opened again.
    ///
    /// # Errors
    /// [`Fault::Data`] when the entry cannot be written, or one that is there cannot be read.
    pub fn open(self, at_us: u64, registers: &Registers) -> Result<Option<BookEntry>, Error> {
        Ok(self.open_as(at_us, registers)?.1)
    }

    /// As [`BookCase::open`], with the key of the case in any event.
    ///
    /// # Errors
    /// As [`BookCase::open`].
    pub fn open_as(mut self, at_us: u64, registers: &Registers) -> Result<(u64, Option<BookEntry>), Error> {
        self.opened_at_us = at_us;
        let first = self.number();
        for number in (0..TRIES).map(|at| (first + at) & NUMBER_MAX) {
            let key = Space::Case.key(number);
            let Some(entry) = registers.book_entry(key) else {
                return Ok((key, Some(Kept::new(Space::Case, number, at_us, self).entry()?)));
            };
            let known = Kept::<Self>::read(&entry)?;
            if known.content.kind != self.kind || known.content.subject != self.subject {
                continue;
            }
            let again = if known.content.is_open() { None } else { Some(known.next(at_us, self).entry()?) };
            return Ok((key, again));
        }
        Err(Error::new(Fault::Data, "no number is left for a case").at(self.subject))
    }

    /// The number that it has unless another finding has it.
    #[must_use]
    pub fn number(&self) -> u64 {
        let digest = sha256(format!("{}\n{}", self.kind.word(), self.subject).as_bytes());
        digest.iter().take(7).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// At most [`TEXT_BYTES_MAX`] bytes of a text.
fn cut(mut text: String) -> String {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::case::{cases, close};
    use crate::domain::register::Image;

    fn late() -> BookCase {
        let batch = "B202611200009".parse().expect("a batch");
        BookCase::new(CaseKind::LateBatch, "B202611200009", "it was not sealed").of_batch(batch).of_fen(-7)
    }

    #[test]
    fn the_same_finding_is_the_same_case() {
        let registers = Registers::new(0);
        let apply = |entry: Option<BookEntry>| registers.apply(&Image::Book(entry.expect("something to record")));
        apply(late().open(5, &registers).expect("short"));
        assert_eq!(late().open(6, &registers).expect("short"), None, "it is open");
        let [kept] = &cases(&registers, true).expect("readable")[..] else { panic!("one case") };
        apply(Some(close(kept, 7, "li", "was late").expect("short")));
        assert!(cases(&registers, true).expect("readable").is_empty());
        apply(late().open(8, &registers).expect("short"));
        let [kept] = &cases(&registers, true).expect("readable")[..] else { panic!("one case") };
        assert_eq!((kept.version, kept.content.opened_at_us, kept.content.amount_fen), (3, 8, -7));
    }

    #[test]
    fn two_findings_with_one_number_are_two_cases() {
        let registers = Registers::new(0);
        let other = BookCase::new(CaseKind::Failure, "another", "");
        let squatter = Kept::new(Space::Case, late().number(), 1, other).entry().expect("short");
        registers.apply(&Image::Book(squatter));
        let entry = late().open(5, &registers).expect("short").expect("new");
        assert_eq!(Space::number(entry.key), late().number() + 1);
        registers.apply(&Image::Book(entry));
        assert_eq!(late().open(6, &registers).expect("short"), None);
    }

    #[test]
    fn a_long_text_is_cut_between_letters() {
        let case = BookCase::new(CaseKind::Failure, "x", "清".repeat(TEXT_BYTES_MAX));
        assert!(case.text.len() <= TEXT_BYTES_MAX && case.text.ends_with('清'));
    }
}
