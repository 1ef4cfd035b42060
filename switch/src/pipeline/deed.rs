//! What is done once a journal group is durable, and not a moment earlier.

use std::collections::VecDeque;

use crate::domain::transaction::CaseKind;
use crate::net::egress::Outbound;
use crate::net::{Exchange, Reply};

use super::inbox::Ticket;

/// One effect with everything it needs.
#[derive(Debug)]
pub(crate) enum Deed {
    /// A message to a participant, so many microseconds later.
    Send { ticket: Ticket, message: Outbound, delay_us: u64 },
    /// A reply on an open exchange.
    Answer { exchange: Exchange, reply: Reply },
    /// A final state that counts from now on.
    Finished { status: u8 },
    /// Something for a person to look at.
    Case { key: u128, kind: CaseKind },
}

/// Deeds in the order of their groups.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    deeds: VecDeque<(u64, Deed)>,
}

impl Waiting {
    /// `deed` is done when `group` is durable. Groups never go down from one call to the next.
    pub(crate) fn push(&mut self, group: u64, deed: Deed) {
        debug_assert!(self.deeds.back().is_none_or(|(last, _)| *last <= group), "groups go up");
        self.deeds.push_back((group, deed));
    }

    /// The next deed whose group is durable.
    pub(crate) fn pop(&mut self, durable_group: u64) -> Option<Deed> {
        self.deeds.pop_front_if(|(group, _)| *group <= durable_group).map(|(_, deed)| deed)
    }

    pub(crate) fn len(&self) -> usize {
        self.deeds.len()
    }
}
