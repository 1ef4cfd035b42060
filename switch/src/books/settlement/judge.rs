//! What a person decides about an order, by the console: answers that come by telephone, and what the files cannot settle.

use super::super::Desk;
use super::dispatch::{sent, write};
use super::order_entry::{OrderEntry, Word};
use super::works::{Change, Settlement};
use crate::domain::clearing::{OrderEvent, OrderName, OrderState, OrderStep};
use crate::error::Error;

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The money has moved.
    Moved,
    /// No attempt has moved the money, or will.
    NotMoved,
    /// It is to be made again now.
    Remake,
    /// The file of the present attempt is to be written once more: the same bytes under the same MsgId.
    Resend,
}

impl Judgement {
    /// All.
    pub const ALL: [Self; 4] = [Self::Moved, Self::NotMoved, Self::Remake, Self::Resend];

    /// As the console writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Moved => "acknowledge",
            Self::NotMoved => "reject",
            Self::Remake => "remake",
            Self::Resend => "resend",
        }
    }
}

/// Why a judgement is not followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such order.
    #[error("there is no such order")]
    Unknown,
    /// It is not possible now.
    #[error("not possible for an order that is {0}")]
    State(&'static str),
    /// All attempts are used up.
    #[error("no attempt is left")]
    NoAttempt,
}

impl Settlement {
    /// Follows a person's judgement about an order; `why` is for the journal.
    ///
    /// # Errors
    /// The journal's or the disk's; inside, why it is refused.
    pub fn judge(
        &mut self,
        desk: &Desk<'_>,
        order: OrderName,
        judgement: Judgement,
        [by, why]: [&str; 2],
        now_us: u64,
    ) -> Result<Result<(), Refused>, Error> {
        let Some(kept) = self.order(desk.registers, order)? else { return Ok(Err(Refused::Unknown)) };
        let word = Word::new(by, judgement.word(), why, now_us);
        let entry = &kept.content;
        let next = match judgement {
            Judgement::Moved => return self.decide(desk, order, OrderEvent::JudgedMoved, word),
            Judgement::NotMoved => return self.decide(desk, order, OrderEvent::JudgedNotMoved, word),
            Judgement::Remake if entry.state != OrderState::Rejected => {
                return Ok(Err(Refused::State(entry.state.name())));
            }
            Judgement::Remake => match entry.remade(now_us) {
                Some(next) => next,
                None => return Ok(Err(Refused::NoAttempt)),
            },
            Judgement::Resend if entry.state != OrderState::Sent => {
                return Ok(Err(Refused::State(entry.state.name())));
            }
            Judgement::Resend => {
                write(desk, order, entry)?;
                sent(entry, now_us)
            }
        };
        let next = OrderEntry { asked: Some(word), ..next };
        self.commit(desk, now_us, vec![Change { order, kept: kept.next(now_us, next), case: None }])?;
        Ok(Ok(()))
    }

    fn decide(
        &mut self,
        desk: &Desk<'_>,
        order: OrderName,
        event: OrderEvent,
        word: Word,
    ) -> Result<Result<(), Refused>, Error> {
        let Some(kept) = self.order(desk.registers, order)? else { return Ok(Err(Refused::Unknown)) };
        if kept.content.state.on(event) == OrderStep::Forbidden {
            return Ok(Err(Refused::State(kept.content.state.name())));
        }
        let msg_id = order.attempt(kept.content.attempt);
        self.hear(desk, msg_id, kept, event, word)?;
        Ok(Ok(()))
    }
}
