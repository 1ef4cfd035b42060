//! What the sessions have settled, and what interest there is, as of the end of a day.

use std::collections::{BTreeMap, BTreeSet};

use clearway_codec::value::Date;

use crate::books::settlement::{NoticeEntry, OrderEntry, SessionEntry, orders_of_day};
use crate::books::{Kept, Space};
use crate::domain::clearing::{BatchName, Occasion, OrderName, OrderState, SessionName};
use crate::error::{Error, Fault};
use crate::registers::Registers;

/// The stretch of time that is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// When the day begins, unix microseconds.
    pub(super) begins_us: u64,
    /// When it ends.
    pub(super) ends_us: u64,
    /// The last day, since 1970, of which everything had been settled before.
    pub(super) settled_until: u64,
    /// The last day, since 1970, whose interest was counted before.
    pub(super) interest_until: u64,
}

/// Everything that was settled, or is to be. Amounts are fen, above 0 for the bank.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Orders of sessions that were acknowledged within the day, by bank.
    pub(super) orders: Vec<(u16, i128)>,
    /// Orders of interest that were acknowledged within the day, by bank.
    pub(super) interest_orders: Vec<(u16, i128)>,
    /// Every batch that stands in a session: the banks whose orders are acknowledged; none: all of them.
    batches: BTreeMap<BatchName, Option<BTreeSet<u16>>>,
    /// Interest that was computed and not counted before: of the banks, and the remainder of all.
    pub(super) interest: Vec<(BTreeMap<u16, i128>, i128)>,
    /// Interest that was computed and is not settled, by bank.
    pub(super) open_interest: BTreeMap<u16, i128>,
    /// The last day, since 1970, of which everything is settled.
    pub(super) settled_until: u64,
    /// The last day, since 1970, whose interest is counted.
    pub(super) interest_until: u64,
}

impl Settled {
    /// Reads it from the registers.
    pub(super) fn gather(registers: &Registers, span: Span) -> Result<Self, Error> {
        let Span { settled_until, interest_until, .. } = span;
        let mut settled = Self { settled_until, interest_until, ..Self::default() };
        let sessions = sessions(registers)?;
        let notices = notices(registers)?;
        let days: BTreeSet<u64> =
            sessions.iter().map(|(name, _)| name.day.days() as u64).chain(notices.keys().copied()).collect();
        let mut is_settled_so_far = true;
        for day in days {
            let of_day = sessions.iter().filter(|(name, _)| name.day.days() as u64 == day);
            if day <= span.settled_until {
                of_day.for_each(|(_, session)| settled.note_settled(session));
                continue;
            }
            let orders = Acknowledged::of_day(registers, day, span.ends_us)?;
            settled.note_orders(&orders, span);
            of_day.clone().for_each(|(name, session)| settled.note_session(*name, session, &orders));
            let notice = notices.get(&day);
            notice.into_iter().for_each(|notice| settled.note_interest(day, notice, &orders));
            let is_told = notice.is_some_and(|notice| notice.is_told);
            is_settled_so_far &= is_told && orders.are_all && of_day.clone().all(|(_, session)| session.is_ordered);
            if is_settled_so_far {
                settled.settled_until = day;
            }
        }
        Ok(settled)
    }

    /// Whether all orders about a batch are acknowledged.
    pub(super) fn is_settled(&self, batch: BatchName) -> bool {
        self.batches.get(&batch) == Some(&None)
    }

    /// Whether the order of a bank about a batch is acknowledged.
    pub(super) fn is_settled_for(&self, batch: BatchName, bank: u16) -> bool {
        let banks = self.batches.get(&batch);
        banks.is_some_and(|banks| banks.as_ref().is_none_or(|banks| banks.contains(&bank)))
    }

    fn note_settled(&mut self, session: &SessionEntry) {
        self.batches.extend(session.batches.iter().map(|batch| (*batch, None)));
    }

    fn note_session(&mut self, name: SessionName, session: &SessionEntry, orders: &Acknowledged) {
        let banks = orders.banks(Occasion::Session(name.opening));
        self.batches.extend(session.batches.iter().map(|batch| (*batch, Some(banks.clone()))));
    }

    fn note_orders(&mut self, orders: &Acknowledged, span: Span) {
        for (name, at_us, net_fen) in &orders.orders {
            if *at_us < span.begins_us {
                continue;
            }
            let is_of_interest = name.set.occasion == Occasion::Interest;
            let list = if is_of_interest { &mut self.interest_orders } else { &mut self.orders };
            list.push((name.bank, *net_fen));
        }
    }

    fn note_interest(&mut self, day: u64, notice: &NoticeEntry, orders: &Acknowledged) {
        if day > self.interest_until {
            self.interest.push((notice.interest_fen.clone(), notice.remainder_fen));
            self.interest_until = day;
        }
        let paid = orders.banks(Occasion::Interest);
        for (bank, fen) in notice.interest_fen.iter().filter(|(bank, _)| !paid.contains(bank)) {
            *self.open_interest.entry(*bank).or_insert(0) += fen;
        }
    }
}

/// The orders of a day that are acknowledged, with when and how much.
struct Acknowledged {
    orders: Vec<(OrderName, u64, i128)>,
    /// Whether there is no other.
    are_all: bool,
}

impl Acknowledged {
    fn of_day(registers: &Registers, day: u64, ends_us: u64) -> Result<Self, Error> {
        let is_in_time =
            |kept: &Kept<OrderEntry>| kept.content.state == OrderState::Acknowledged && kept.at_us < ends_us;
        let all = orders_of_day(registers, date(day)?)?;
        let of = |(name, kept): &(OrderName, Kept<OrderEntry>)| (*name, kept.at_us, i128::from(kept.content.net_fen));
        let orders: Vec<_> = all.iter().filter(|(_, kept)| is_in_time(kept)).map(of).collect();
        Ok(Self { are_all: orders.len() == all.len(), orders })
    }

    fn banks(&self, occasion: Occasion) -> BTreeSet<u16> {
        let of = self.orders.iter().filter(|(name, ..)| name.set.occasion == occasion);
        of.map(|(name, ..)| name.bank).collect()
    }
}

fn sessions(registers: &Registers) -> Result<Vec<(SessionName, SessionEntry)>, Error> {
    let read = |entry: &_| {
        let kept = Kept::<SessionEntry>::read(entry)?;
        let name = SessionName::from_u64(kept.number());
        Ok((name.ok_or_else(|| Error::new(Fault::Data, "an entry of the books names no session"))?, kept.content))
    };
    registers.book_entries(Space::Session.keys()).iter().map(read).collect()
}

/// By days since 1970.
fn notices(registers: &Registers) -> Result<BTreeMap<u64, NoticeEntry>, Error> {
    let read = |entry: &_| {
        let kept = Kept::<NoticeEntry>::read(entry)?;
        Ok((kept.number(), kept.content))
    };
    registers.book_entries(Space::Notice.keys()).iter().map(read).collect()
}

fn date(days: u64) -> Result<Date, Error> {
    let date = i32::try_from(days).ok().and_then(Date::from_days);
    date.ok_or_else(|| Error::new(Fault::Data, "an entry of the books names no day"))
}
