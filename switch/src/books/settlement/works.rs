//! The works of settlement in their order, and what is kept in memory between two turns.

use std::collections::BTreeMap;

use clearway_codec::value::{BatchId, Date, InstitutionId};
use clearway_crypto::FileDigest;

use super::super::{BookCase, Desk, Kept, Space};
use super::notice::NoticeEntry;
use super::order_entry::{OrderEntry, read_all};
use super::session_entry::{SessionEntry, session_of};
use crate::config::BooksSection;
use crate::domain::calendar::Calendar;
use crate::domain::clearing::{BatchName, OrderName, OrderState, SessionName, Sessions};
use crate::error::{Error, Fault};
use crate::registers::Registers;

/// Most orders of one record of the journal, each with a case at most: some hundred kilobytes.
const RECORD_ORDERS_MAX: usize = 64;

/// What settlement goes by.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// When the large-value system works.
    pub sessions: Sessions<'a>,
    /// Yearly rate of interest on advances, millionths.
    pub interest_ppm: u32,
    /// Id of the switch, the central counterparty.
    pub switch: InstitutionId,
    /// What files are digested with.
    pub digest: FileDigest,
}

impl<'a> Terms<'a> {
    /// As configured.
    #[must_use]
    pub fn new(calendar: &'a Calendar, books: &BooksSection, switch: InstitutionId) -> Self {
        Self {
            sessions: Sessions { calendar, close_hour: books.hvps_close_hour },
            interest_ppm: books.interest_ppm,
            switch,
            digest: books.digest.algorithm(),
        }
    }
}

/// What settlement asks about batches that have no entry yet.
pub trait Batches {
    /// The first hour of the books: of what is open, and of what is closed.
    fn first(&self) -> Option<BatchId>;

    /// Whether a batch without an entry is still to get one.
    fn is_awaited(&self, batch: BatchName) -> bool;
}

/// What a turn has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Did {
    /// Sessions held.
    pub sessions: usize,
    /// Answers taken, bad ones too.
    pub answers: usize,
    /// Changes of orders: released, written, overdue, made again.
    pub orders: usize,
    /// Days of which clearing banks were told.
    pub notices: usize,
}

impl Did {
    /// Whether there was nothing to do.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

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
    pub(super) is_swept: bool,
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
        Ok(Self { live, last_session, last_notice, first_day: first_day.map(|session| session.day), is_swept: false })
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
    /// first: when one that pays out is recorded, all that it waits for are.
    pub(super) fn make_orders(
        &mut self,
        desk: &Desk<'_>,
        terms: &Terms<'_>,
        at_us: u64,
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
            let first = OrderEntry::first(net_fen, desk.issr_id(order.bank), terms.switch.to_string(), at_us);
            let kept = Kept::new(Space::Order, order.as_u64(), at_us, first);
            changes.push(Change { order, kept, case: None });
        }
        self.commit(desk, at_us, changes)
    }
}
