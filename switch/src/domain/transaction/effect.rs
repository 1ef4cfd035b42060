//! What must be done after a change, in order, once its record is durable.

use std::fmt;

use super::party::{Leg, Party};

/// Most effects that one change has: receipt, two notices, release, case, timer.
pub const EFFECTS_MAX: usize = 6;

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send the leg's request to its bank.
    SendLeg(Leg),
    /// Ask the leg's bank for its outcome (301).
    SendQuery(Leg),
    /// Answer the institution's exchange with the final receipt.
    ReplyFinal,
    /// Answer the institution's exchange with ES000033 and 02.
    ReplyInProcess,
    /// Send the terminal notice (207).
    Notify(Party),
    /// Raise [`Event::Due`](super::Event::Due) at this instant (microseconds); an earlier one is void.
    ArmDue(u64),
    /// Raise [`Event::ReceiptDue`](super::Event::ReceiptDue) at this instant (microseconds).
    ArmReceiptDue(u64),
    /// This refund moved no money: give its amount back to the original payment, **in the same record**.
    ReleaseRefund,
    /// List it for dispute handling.
    OpenCase(CaseKind),
}

impl Effect {
    /// Whether a message has to be written for it.
    pub const fn writes(&self) -> bool {
        match self {
            Self::SendLeg(_) | Self::SendQuery(_) | Self::ReplyFinal | Self::ReplyInProcess | Self::Notify(_) => true,
            Self::ArmDue(_) | Self::ArmReceiptDue(_) | Self::ReleaseRefund | Self::OpenCase(_) => false,
        }
    }
}

/// Why a person will look at a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaseKind {
    /// Presumed success.
    Presumed03,
    /// Presumed failure.
    Presumed04,
    /// A bank answered after the final state, and agrees with it.
    LateAnswer,
    /// A bank said something that contradicts what is settled: the money is not where the status says.
    LateAnswerContradicts,
    /// A refund of a payment of the old direct channel waits for a transfer.
    HeldRefund,
}

/// A short list of effects, without allocation.
#[derive(Clone, Copy)]
pub struct Effects {
    items: [Effect; EFFECTS_MAX],
    len: u8,
}

impl Effects {
    /// Nothing to do.
    pub const NONE: Self = Self { items: [Effect::ReplyFinal; EFFECTS_MAX], len: 0 };

    /// A list of one.
    pub fn of(effect: Effect) -> Self {
        let mut effects = Self::NONE;
        effects.push(effect);
        effects
    }

    /// Adds one; more than [`EFFECTS_MAX`] is a bug of the transition.
    pub(super) fn push(&mut self, effect: Effect) {
        self.items[usize::from(self.len)] = effect;
        self.len += 1;
    }

    /// In the order in which they are to be done.
    pub fn as_slice(&self) -> &[Effect] {
        &self.items[..usize::from(self.len)]
    }

    /// In the order in which they are to be done.
    pub fn iter(&self) -> std::slice::Iter<'_, Effect> {
        self.as_slice().iter()
    }

    /// Whether `effect` is among them.
    pub fn contains(&self, effect: Effect) -> bool {
        self.as_slice().contains(&effect)
    }

    /// Whether there is nothing to do.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl PartialEq for Effects {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Effects {}

impl fmt::Debug for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

impl<'a> IntoIterator for &'a Effects {
    type Item = &'a Effect;
    type IntoIter = std::slice::Iter<'a, Effect>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
