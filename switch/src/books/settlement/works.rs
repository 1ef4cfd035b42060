//! The works of settlement in their order, and what is kept in memory between two turns.

use std::collections::BTreeMap;

use clearway_codec::value::Date;

use super::super::{BookCase, Desk, Kept, Space};
use super::notice::NoticeEntry;
use super::order_entry::{OrderEntry, read_all};
use super::session_entry::{SessionEntry, session_of};
use super::terms::{Batches, Did, Terms};
use crate::domain::clearing::{OrderName, OrderState, SessionName};
use crate::error::{Error, Fault};
use crate::registers::Registers;

/// Most orders of one record of the journal, each with a case at most: some hundred kilobytes.
const RECORD_ORDERS_MAX: usize = 64;

/// An order that is to be recorded, with the case that it opens.
pub(super) struct Change {
    pub(super) order: OrderName,
    pub(super) kept: Kept<OrderEntry>,
    pub(super) case: Option<BookCase>,
}

/// The settlement of one node. What it keeps stands in the registers too: it is the orders that are not acknowledged, so that a
/// turn does not look at all of ever.
#[derive(Debug)]
pub struct Settlement {
    pub(super) live: BTreeMap<OrderName, Kept<OrderEntry>>,
    pub(super) last_session: Option<(SessionName, Kept<SessionEntry>)>,
    pub(super) last_notice: Option<(Date, Kept<NoticeEntry>)>,
    /// The day of the first session that was ever held.
    pub(super) first_day: Option<Date>,
    pub(super) is_prepared: bool,
}

impl Settlement {
    /// The settlement as the registers have it: once, when the node starts.
    ///
    /// # Errors
    /// [`Fault::Data`] when an entry was written by a version that this one does not know.
    pub fn open(registers: &Registers) -> Result<Self, Error> {
        let mut live: BTreeMap<_, _> = read_all(registers, Space::Order.keys())?.into_iter().collect();
        live.retain(|_, kept| kept.content.state != OrderState::Acknowledged);
        let sessions = registers.book_entries(Space::Session.keys());
        let session = |kept: Kept<SessionEntry>| Ok::<_, Error>((session_of(&kept)?, kept));
        let last_session = sessions.last().map(Kept::read).transpose()?.map(session).transpose()?;
        let first_day = sessions.first().map(|entry| Space::number(entry.key)).and_then(SessionName::from_u64);
        let notices = registers.book_entries(Space::Notice.keys());
        let last_notice = notices.last().map(NoticeEntry::read).transpose()?;
        Ok(Self {
            live,
            last_session,
            last_notice,
            first_day: first_day.map(|session| session.day),
            is_prepared: false,
        })
    }

    /// Does everything that is due at `now_us`. What fails is tried again with the next turn, and keeps nothing else from being done;
    /// what was done stays done.
    ///
    /// # Errors
    /// The first of what failed: the journal's, the disk's, or [`Fault::Data`] for an entry that cannot be read.
    pub fn turn(
        &mut self,
        desk: &Desk<'_>,
        terms: &Terms<'_>,
        batches: &dyn Batches,
        now_us: u64,
    ) -> Result<Did, Error> {
        let sessions = self.hold_session(desk, terms, batches, now_us);
        let answers = self.take_answers(desk, now_us);
        let orders = self.dispatch(desk, terms, now_us);
        let notices = self.tell_banks(desk, terms, now_us);
        Ok(Did { sessions: sessions?, answers: answers?, orders: orders?, notices: notices? })
    }

    /// The order as it is.
    pub(super) fn order(&self, registers: &Registers, order: OrderName) -> Result<Option<Kept<OrderEntry>>, Error> {
        match self.live.get(&order) {
            Some(kept) => Ok(Some(kept.clone())),
            None => OrderEntry::find(registers, order),
        }
    }

    /// Records the changes of orders, in as many records as they need.
    pub(super) fn commit(&mut self, desk: &Desk<'_>, at_us: u64, changes: Vec<Change>) -> Result<(), Error> {
        let mut changes = changes.into_iter().peekable();
        while changes.peek().is_some() {
            let some: Vec<Change> = changes.by_ref().take(RECORD_ORDERS_MAX).collect();
            let mut entries = Vec::new();
            for change in &some {
                entries.push(change.kept.entry()?);
                let case = change.case.clone().map(|case| case.open(at_us, desk.registers)).transpose()?;
                entries.extend(case.flatten());
            }
            desk.record(at_us, entries)?;
            some.into_iter().for_each(|change| self.know(change));
        }
        Ok(())
    }

    fn know(&mut self, Change { order, kept, .. }: Change) {
        match kept.content.state {
            OrderState::Acknowledged => self.live.remove(&order),
            _ => self.live.insert(order, kept),
        };
    }

    /// Records the orders of a set that are not there yet: one for each bank with an amount that is not 0. Those that collect come
    /// first: when one that pays out is recorded, all that it waits for are. What a crash has interrupted is made as of when it began.
    pub(super) fn make_orders(
        &mut self,
        desk: &Desk<'_>,
        terms: &Terms<'_>,
        [made_at_us, now_us]: [u64; 2],
        amounts_fen: impl Iterator<Item = (OrderName, i128)>,
    ) -> Result<(), Error> {
        let mut changes = Vec::new();
        let (collected, paid): (Vec<_>, Vec<_>) = amounts_fen.partition(|(_, amount_fen)| *amount_fen < 0);
        for (order, amount_fen) in collected.into_iter().chain(paid).filter(|(_, amount_fen)| *amount_fen != 0) {
            if self.order(desk.registers, order)?.is_some() {
                continue;
            }
            let too_large = |_| Error::new(Fault::Data, "more than 2^63 fen").at(order.to_string());
            let net_fen = i64::try_from(amount_fen).map_err(too_large)?;
            let first = OrderEntry::first(net_fen, desk.issr_id(order.bank), terms.switch.to_string(), made_at_us);
            let kept = Kept::new(Space::Order, order.as_u64(), made_at_us, first);
            changes.push(Change { order, kept, case: None });
        }
        self.commit(desk, now_us, changes)
    }
}
