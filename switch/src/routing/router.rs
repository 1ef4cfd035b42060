//! The questions of the hot path.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use clearway_codec::value::{BeijingTime, Date};
use foldhash::fast::FixedState;
use parking_lot::Mutex;

use super::around::Around;
use super::change::State;
use super::example::Example;
use super::gauge::{Full, Gauge};
use super::known::KnownChannels;
use crate::config::Participants;
use crate::domain::route::{
    Asked, BankRoutes, Channel, DirectRefund, LegEnd, RouteTable, Seen, SwitchState, Volume, Why, decide,
};
use crate::error::Error;

/// The routing of one node. Shared by its workers.
pub struct Router {
    /// No table is in force: every leg goes to its bank itself.
    is_plain: AtomicBool,
    live: ArcSwap<Live>,
    pub(super) participants: Participants,
    pub(super) state: Mutex<State>,
}

/// What is in force: swapped whole.
pub(super) struct Live {
    pub(super) table: RouteTable,
    pub(super) known: KnownChannels,
    /// Of every channel of the table, and of every one that was known before.
    pub(super) gauges: HashMap<(u16, u8), Arc<Gauge>, FixedState>,
}

impl Router {
    /// A router without a table.
    #[must_use]
    pub fn new(participants: Participants) -> Self {
        let live = Live { table: RouteTable::empty(), known: KnownChannels::default(), gauges: HashMap::default() };
        Self {
            is_plain: AtomicBool::new(true),
            live: ArcSwap::from_pointee(live),
            participants,
            state: Mutex::new(State::default()),
        }
    }

    /// Puts a table in force. Table first: a worker that sees that there is one sees which.
    pub(super) fn install(&self, table: RouteTable, known: KnownChannels) {
        let before = self.live.load();
        let of_table =
            table.banks().flat_map(|(bank, routes)| routes.channels.iter().map(move |channel| (bank, channel.number)));
        let mut gauges = before.gauges.clone();
        for key in of_table.chain(known.iter()) {
            gauges.entry(key).or_default();
        }
        let is_plain = table.is_all_plain() && known.is_empty();
        self.live.store(Arc::new(Live { table, known, gauges }));
        self.is_plain.store(is_plain, Ordering::Release);
    }

    pub(super) fn live(&self) -> arc_swap::Guard<Arc<Live>> {
        self.live.load()
    }

    /// Whether no leg of any bank has anything to decide, nor ever had: every one goes to its bank itself.
    #[inline]
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.is_plain.load(Ordering::Acquire)
    }

    /// Whether there is nothing to decide for legs to this bank.
    #[inline]
    #[must_use]
    pub fn is_plain_at(&self, bank: u16) -> bool {
        self.is_plain() || self.live.load().table.is_plain(bank)
    }

    /// Participant index of who is asked over a channel of a bank. Total: of a number that nobody knows it is the bank itself.
    #[inline]
    #[must_use]
    pub fn via(&self, bank: u16, number: u8) -> u16 {
        if number == 0 { bank } else { self.live.load().known.via(bank, number).unwrap_or(bank) }
    }

    /// Decides over which channel a leg goes; `tried` are those over which it could not be sent.
    #[must_use]
    pub fn decide(&self, asked: &Asked, tried: &[u8], around: &Around<'_>, now_us: u64) -> Why {
        let live = self.live.load();
        let day = day_of(now_us);
        decide(&live.table, asked, |channel| {
            let gauge = live.gauges.get(&(asked.bank, channel.number));
            Seen {
                is_reachable: (around.is_reachable)(channel.via),
                is_closed: (around.is_closed)(channel.via),
                is_tried: tried.contains(&channel.number),
                breach: gauge.and_then(|gauge| gauge.breach(channel, asked.amount_fen, day)),
                switch: gauge.map_or(SwitchState::On, |gauge| gauge.state(channel, now_us)),
            }
        })
    }

    /// The leg that an example describes.
    ///
    /// # Errors
    /// As [`Example::asked`].
    pub fn asked(&self, example: &Example) -> Result<Asked, Error> {
        example.asked(&self.participants)
    }

    /// What becomes of refunds of payments that were made on the direct channel of a bank.
    #[must_use]
    pub fn direct_refund(&self, bank: u16) -> DirectRefund {
        if self.is_plain() { DirectRefund::Refuse } else { self.live.load().table.cutover().direct_refund(bank) }
    }

    /// Takes a place for a leg that was accepted at `accepted_at_us`; whether the channel's volume counts it: that must be
    /// kept with the payment, for [`release`](Self::release) and [`restore`](Self::restore).
    ///
    /// # Errors
    /// The channel has no place any more, or has left the table: decide again.
    pub fn reserve(&self, place: &Place, now_us: u64) -> Result<bool, Full> {
        if self.is_plain() {
            return Ok(false);
        }
        self.with(place, |channel, gauge| gauge.reserve(channel, place.amount_fen, place.day(), now_us))
            .unwrap_or(if place.number == 0 { Ok(false) } else { Err(Full) })
    }

    /// Gives a place back: the leg was not sent over this channel, or its payment has failed.
    pub fn release(&self, place: &Place, was_counted: bool, was_sent: bool) {
        if self.is_plain() && !was_counted {
            return;
        }
        if let Some(gauge) = self.live.load().gauges.get(&(place.bank, place.number)) {
            if was_counted {
                gauge.release(place.amount_fen, place.day());
            }
            if !was_sent {
                gauge.forgo();
            }
        }
    }

    /// Counts what an earlier life of the node had counted and not given back.
    pub fn restore(&self, place: &Place) {
        self.restore_volume((place.bank, place.number), Volume { amount_fen: place.amount_fen, count: 1 }, place.day());
    }

    /// Counts what was counted for a channel, by its bank's index and its number, of payments accepted on `day`.
    pub fn restore_volume(&self, key: (u16, u8), counted: Volume, day: Date) {
        let known = self.live.load().gauges.get(&key).cloned();
        let gauge = known.unwrap_or_else(|| self.add_gauge(key));
        gauge.restore(counted, day);
    }

    /// Counters of a channel that is in no table: what they hold is given back there.
    fn add_gauge(&self, key: (u16, u8)) -> Arc<Gauge> {
        let _one_at_a_time = self.state.lock();
        let live = self.live.load();
        let mut gauges = live.gauges.clone();
        let gauge = Arc::clone(gauges.entry(key).or_default());
        self.live.store(Arc::new(Live { table: live.table.clone(), known: live.known.clone(), gauges }));
        gauge
    }

    /// Takes note of how a leg over a channel ended; the new state of the channel, if that changed it.
    pub fn note(&self, bank: u16, number: u8, end: LegEnd, now_us: u64) -> Option<SwitchState> {
        if self.is_plain() {
            return None;
        }
        let place = Place { bank, number, amount_fen: 0, accepted_at_us: now_us };
        self.with(&place, |channel, gauge| gauge.note(channel, end, now_us)).flatten()
    }

    fn with<T>(&self, place: &Place, act: impl FnOnce(&Channel, &Gauge) -> T) -> Option<T> {
        let live = self.live.load();
        let channel = live.table.bank(place.bank).and_then(|routes: &BankRoutes| routes.channel(place.number))?;
        let gauge = live.gauges.get(&(place.bank, place.number))?;
        Some(act(channel, gauge))
    }
}

/// A leg's place on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Participant index of the account's bank.
    pub bank: u16,
    /// The channel's number.
    pub number: u8,
    /// The amount.
    pub amount_fen: u64,
    /// When the payment was accepted, microseconds: its day and month count it.
    pub accepted_at_us: u64,
}

impl Place {
    fn day(&self) -> Date {
        day_of(self.accepted_at_us)
    }
}

pub(super) fn day_of(at_us: u64) -> Date {
    BeijingTime::from_unix_micros(at_us).date()
}

impl std::fmt::Debug for Router {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Router").field("is_plain", &self.is_plain()).finish_non_exhaustive()
    }
}
