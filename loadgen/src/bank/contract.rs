//! A bank's register of agreements and mandates, kept beside its books.
//!
//! ```text
//! entry executed, opens  --> opened + 1        undone by 207 with 01, 04 --> opened - 1
//! entry executed, closes --> closed + 1        undone by 207 with 01     --> closed - 1
//! live = opened and not closed; an imported one counts as opened until it is closed
//! ```
//!
//! Invariant: like the books, the register does what it is told every time it is told. Signing twice under one
//! transaction id is two openings, and the oracle sees them.

use crate::business::Effect;
use crate::sgn_no::SgnNo;
use clearway_codec::{InstitutionId, TrxId};
use serde::{Deserialize, Serialize};

/// One agreement or mandate as its bank sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// Number that the bank gave it.
    pub number: SgnNo,
    /// Whether it is a mandate.
    pub is_mandate: bool,
    /// Times it was opened and not taken back; 0 for one of the direct-link time.
    pub opened: u16,
    /// Times it was ended and not taken back.
    pub closed: u16,
    /// The institution that it is with, 14 characters; empty when no message said.
    pub institution: String,
    /// Payments that named it.
    pub used: u16,
    /// The bank has tried to end it by itself.
    pub is_given_up: bool,
    /// What the bank was told of its wish to end it: `true` = it has ended, `false` = it stays. For mandates.
    pub told_of_end: Option<bool>,
    /// When the switch acknowledged the bank's end, in microseconds since 1970-01-01 UTC; 0 = never.
    pub end_acknowledged_us: u64,
}

impl Contract {
    pub(super) fn new(number: SgnNo, is_mandate: bool) -> Self {
        Self {
            number,
            is_mandate,
            opened: 0,
            closed: 0,
            institution: String::new(),
            used: 0,
            is_given_up: false,
            told_of_end: None,
            end_acknowledged_us: 0,
        }
    }

    /// Whether the bank would let a payment use it.
    pub const fn is_live(&self) -> bool {
        self.closed == 0
    }

    /// Carries an entry out `times` times.
    pub(super) fn apply(&mut self, effect: Effect, times: u16) {
        match effect {
            _ if effect.opens() => {
                self.opened = self.opened.saturating_add(times);
                // Signed anew under the same number: what was ended before is over.
                self.closed = if times > 0 { 0 } else { self.closed };
            }
            _ if effect.closes() => self.closed = self.closed.saturating_add(times),
            _ => {}
        }
    }

    /// Takes it back `times` times.
    pub(super) fn revert(&mut self, effect: Effect, times: u16) {
        match effect {
            _ if effect.opens() => {
                self.opened = self.opened.saturating_sub(times);
                // What was never opened is not live.
                self.closed = self.closed.max(u16::from(self.opened == 0));
            }
            _ if effect.closes() => self.closed = self.closed.saturating_sub(times),
            _ => {}
        }
    }

    /// The institution, when a message said.
    pub fn with(&self) -> Option<InstitutionId> {
        InstitutionId::parse(self.institution.as_bytes()).ok()
    }
}

/// What an entry in the books did to the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) effect: Effect,
    pub(super) number: SgnNo,
}

impl Entry {
    /// The entry that a request asks for: what it opens gets a number of its own.
    pub(super) fn of(effect: Effect, id: TrxId, named: Option<SgnNo>) -> Option<Self> {
        let number = if effect.opens() { Some(SgnNo::issued(effect.is_of_mandate(), id)) } else { named };
        number.filter(|_| effect.opens() || effect.closes()).map(|number| Self { effect, number })
    }
}
