//! What the journal keeps of an order.

use clearway_codec::value::Date;
use serde::{Deserialize, Serialize};

use super::super::{Kept, Space};
use crate::domain::clearing::{ATTEMPTS_MAX, OrderName, OrderSet, OrderState};
use crate::error::{Error, Fault};
use crate::registers::Registers;

/// Longest text of a word, bytes; what is longer is cut (ours).
const TEXT_BYTES_MAX: usize = 200;
/// Words about earlier attempts that are kept; the journal has all.
const EARLIER_MAX: usize = 8;

/// Who said what about an order, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// `hvps`, or the operator's name.
    pub by: String,
    /// What: a code of the large-value system, or what the operator wanted.
    pub code: String,
    /// Why, if it was said.
    pub text: String,
    /// When it was heard, unix microseconds.
    pub at_us: u64,
}

impl Word {
    /// A word; text that is too long is cut.
    #[must_use]
    pub fn new(by: &str, code: &str, text: &str, at_us: u64) -> Self {
        Self { by: cut(by), code: cut(code), text: cut(text), at_us }
    }
}

/// One order to the large-value system, in its present attempt. The money goes between a clearing bank and the switch, which is the
/// central counterparty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderEntry {
    /// Where it is.
    pub state: OrderState,
    /// The present attempt, from 1.
    pub attempt: u32,
    /// Fen, not 0: above 0 the bank gets them, below 0 the bank pays them.
    pub net_fen: i64,
    /// Id of the clearing bank, as it was when the order was made.
    pub bank: String,
    /// Id of the switch, as it was then.
    pub switch: String,
    /// When the present attempt was made, unix microseconds.
    pub made_at_us: u64,
    /// When its file was last written, unix microseconds.
    pub written_at_us: Option<u64>,
    /// How often it was written.
    pub writings: u32,
    /// Whether a case says that it is not answered.
    pub is_overdue: bool,
    /// What was last said about the present attempt.
    pub answer: Option<Word>,
    /// The last that an operator wanted of the present attempt, beside answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Word>,
    /// What ended the attempts before, the last at the end.
    pub earlier: Vec<Word>,
}

impl OrderEntry {
    /// The first attempt of an order over `net_fen`.
    #[must_use]
    pub fn first(net_fen: i64, bank: String, switch: String, made_at_us: u64) -> Self {
        Self {
            state: if net_fen < 0 { OrderState::Made } else { OrderState::Waiting },
            attempt: 1,
            net_fen,
            bank,
            switch,
            made_at_us,
            written_at_us: None,
            writings: 0,
            is_overdue: false,
            answer: None,
            asked: None,
            earlier: Vec::new(),
        }
    }

    /// Whether the bank pays.
    #[must_use]
    pub const fn collects(&self) -> bool {
        self.net_fen < 0
    }

    /// The same in another state.
    #[must_use]
    pub fn in_state(&self, state: OrderState) -> Self {
        Self { state, ..self.clone() }
    }

    /// The next attempt; `None` after the last.
    #[must_use]
    pub fn remade(&self, at_us: u64) -> Option<Self> {
        let attempt = Some(self.attempt + 1).filter(|attempt| *attempt <= ATTEMPTS_MAX)?;
        let mut earlier = self.earlier.clone();
        earlier.extend(self.answer.clone());
        earlier.drain(..earlier.len().saturating_sub(EARLIER_MAX));
        let first = Self::first(self.net_fen, self.bank.clone(), self.switch.clone(), at_us);
        Some(Self { state: OrderState::Made, attempt, earlier, ..first })
    }

    /// What the registers hold about an order.
    ///
    /// # Errors
    /// [`Fault::Data`] when the entry was written by a version that this one does not know.
    pub fn find(registers: &Registers, order: OrderName) -> Result<Option<Kept<Self>>, Error> {
        let entry = registers.book_entry(Space::Order.key(order.as_u64()));
        Ok(entry.map(|entry| Kept::read(&entry)).transpose()?)
    }
}

/// The orders of a working day: of its sessions, and of its interest.
///
/// # Errors
/// As [`OrderEntry::find`].
pub fn orders_of_day(registers: &Registers, day: Date) -> Result<Vec<(OrderName, Kept<OrderEntry>)>, Error> {
    use crate::domain::clearing::{Occasion, Opening};
    let name = |occasion, bank| Space::Order.key(OrderName { set: OrderSet { day, occasion }, bank }.as_u64());
    let first = name(Occasion::Session(Opening::Morning), 0);
    read_all(registers, first..=name(Occasion::Interest, u16::MAX))
}

/// All orders with these keys.
pub(super) fn read_all(
    registers: &Registers,
    keys: std::ops::RangeInclusive<u64>,
) -> Result<Vec<(OrderName, Kept<OrderEntry>)>, Error> {
    let read = |entry: &_| {
        let kept = Kept::<OrderEntry>::read(entry)?;
        let name = OrderName::from_u64(kept.number());
        Ok((name.ok_or_else(|| Error::new(Fault::Data, "an entry of the books names no order"))?, kept))
    };
    registers.book_entries(keys).iter().map(read).collect()
}

/// At most [`TEXT_BYTES_MAX`] bytes, control characters replaced.
fn cut(text: &str) -> String {
    let mut cut = String::new();
    for one in text.chars().map(|one| if one.is_control() { ' ' } else { one }) {
        if cut.len() + one.len_utf8() > TEXT_BYTES_MAX {
            break;
        }
        cut.push(one);
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_end_and_remember_the_last_words() {
        let first = OrderEntry::first(-7, "C1".to_owned(), "G4".to_owned(), 5);
        assert!(first.collects() && first.state == OrderState::Made);
        assert_eq!(OrderEntry::first(7, String::new(), String::new(), 5).state, OrderState::Waiting);
        let mut order = first;
        for attempt in 2..=ATTEMPTS_MAX {
            order.answer = Some(Word::new("hvps", "PR09", &format!("no money {attempt}"), 6));
            order = order.remade(7).expect("attempts are left");
            assert_eq!((order.attempt, order.state, order.answer.as_ref()), (attempt, OrderState::Made, None));
        }
        assert_eq!(order.remade(8), None);
        assert_eq!(order.earlier.len(), EARLIER_MAX);
        assert_eq!(order.earlier[EARLIER_MAX - 1].text, "no money 99");
    }

    #[test]
    fn a_word_is_short_and_plain() {
        let word = Word::new("li\n", "PR09", &"余".repeat(300), 1);
        assert_eq!(word.by, "li ");
        assert!(word.text.len() <= TEXT_BYTES_MAX && word.text.chars().all(|one| one == '余'));
    }
}
