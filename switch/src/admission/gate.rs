//! The questions of the hot path.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::rules::{Rules, flag};
use super::state::State;
use crate::config::Config;
use crate::domain::limit::{Breach, Layers, LimitBook, Spend};
use crate::domain::pacing::Pacer;
use crate::error::{Error, Fault};

/// Finds the number of a business, below 64, by its name (`agreement-payment`); `None` for a name that no business has.
pub type BusinessCode = fn(&str) -> Option<u8>;

/// Locks over which paced accounts are spread.
const PACERS: usize = 64;

/// The admission of one node. Shared by its workers.
pub struct Admission {
    /// By participant: which questions have to be looked at (see [`flag`]).
    flags: Box<[AtomicU8]>,
    rules: ArcSwap<Rules>,
    /// By participant: until when its requests have paid, nanoseconds.
    rates: Box<[AtomicU64]>,
    /// By bank.
    books: Box<[Mutex<LimitBook>]>,
    pacers: Box<[Mutex<Pacer>]>,
    pub(super) state: Mutex<State>,
    pub(super) business_code: BusinessCode,
    changes: Notify,
}

impl Admission {
    /// The admission that `config` describes, nothing spent yet.
    ///
    /// # Errors
    /// A business that `business_code` does not know.
    pub fn new(config: &Config, business_code: BusinessCode) -> Result<Self, Error> {
        let state = State::configured(config);
        let rules = Rules::of(&state, business_code)
            .map_err(|refusal| Error::new(Fault::Configuration, refusal.to_string()).at("participants"))?;
        let places = rules.participants.len();
        let admission = Self {
            flags: (0..places).map(|_| AtomicU8::new(0)).collect(),
            rules: ArcSwap::from_pointee(Rules::default()),
            rates: (0..places).map(|_| AtomicU64::new(0)).collect(),
            books: (0..places).map(|_| Mutex::default()).collect(),
            pacers: (0..PACERS).map(|_| Mutex::default()).collect(),
            state: Mutex::new(state),
            business_code,
            changes: Notify::new(),
        };
        admission.install(rules);
        Ok(admission)
    }

    /// Puts new rules in force. Rules first: a worker that sees a new flag sees what it is about.
    pub(super) fn install(&self, rules: Rules) {
        let flags: Vec<u8> = rules.participants.iter().map(|rule| rule.flags).collect();
        self.rules.store(std::sync::Arc::new(rules));
        for (place, flags) in self.flags.iter().zip(flags) {
            place.store(flags, Ordering::Release);
        }
        self.changes.notify_one();
    }

    /// Waits until rules were put in force since the last call returned; for one waiter.
    pub async fn changed(&self) {
        self.changes.notified().await;
    }

    #[inline]
    fn is_flagged(&self, participant: u16, wanted: u8) -> bool {
        self.flags.get(usize::from(participant)).is_some_and(|flags| flags.load(Ordering::Acquire) & wanted != 0)
    }

    /// Whether `participant` may ask for the business with this number.
    #[inline]
    #[must_use]
    pub fn allows(&self, participant: u16, business: u8) -> bool {
        !self.is_flagged(participant, flag::BUSINESSES)
            || self.rules.load().participant(participant).is_some_and(|rule| {
                1_u64.checked_shl(u32::from(business)).is_some_and(|bit| rule.businesses & bit != 0)
            })
    }

    /// Whether accounts at `bank` are told apart: limits or pacing hold there.
    #[inline]
    #[must_use]
    pub fn knows_accounts(&self, bank: u16) -> bool {
        self.is_flagged(bank, flag::LIMITS | flag::PACING)
    }

    /// Whether one more request of `participant` fits its rate at `now_us`; counts it if so.
    #[inline]
    #[must_use]
    pub fn rate(&self, participant: u16, now_us: u64) -> bool {
        !self.is_flagged(participant, flag::RATE) || self.take_rate(participant, now_us)
    }

    fn take_rate(&self, participant: u16, now_us: u64) -> bool {
        let rules = self.rules.load();
        let rate = rules.participant(participant).and_then(|rule| rule.rate);
        let (Some(rate), Some(cell)) = (rate, self.rates.get(usize::from(participant))) else { return true };
        cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |paid_ns| rate.admit(paid_ns, now_us)).is_ok()
    }

    /// Whether `participant` takes part in nothing new at `now_us`: it is drained, or it or the centre is under
    /// maintenance. What is under way goes on. The refusal is the code of a leg that cannot be reached (PS500030,
    /// RS600030).
    #[inline]
    #[must_use]
    pub fn is_drained(&self, participant: u16, now_us: u64) -> bool {
        self.is_flagged(participant, flag::CLOSED)
            && self.rules.load().participant(participant).is_some_and(|rule| rule.is_closed(now_us))
    }

    /// Counts a payment in all layers of limits, or in none. What counted it must be kept with the payment, in its
    /// record too, for [`release`](Self::release) and [`restore`](Self::restore).
    ///
    /// # Errors
    /// The return code of the first limit that it would break: PB521023 per payment, PB521024 day amount, PB521021
    /// day count.
    #[inline]
    pub fn reserve(&self, spend: &Spend) -> Result<Layers, [u8; 8]> {
        if !self.is_flagged(spend.bank, flag::LIMITS) {
            return Ok(Layers::NONE);
        }
        self.reserve_limited(spend).map_err(Breach::code)
    }

    fn reserve_limited(&self, spend: &Spend) -> Result<Layers, Breach> {
        let limits = self.rules.load().limits(spend.institution, spend.bank);
        match self.books.get(usize::from(spend.bank)) {
            Some(book) if !limits.is_unlimited() => book.lock().reserve(spend, &limits),
            _ => Ok(Layers::NONE),
        }
    }

    /// Gives a payment back to the layers that counted it, because it failed. Once for each reservation.
    #[inline]
    pub fn release(&self, spend: &Spend, counted: Layers) {
        if counted.is_empty() {
            return;
        }
        if let Some(book) = self.books.get(usize::from(spend.bank)) {
            book.lock().release(spend, counted);
        }
    }

    /// Counts what an earlier life of the node had counted and not released: every payment of the days that are still
    /// accepted which has not failed, with the layers from its record.
    pub fn restore(&self, spends: impl Iterator<Item = (Spend, Layers)>) {
        for (spend, counted) in spends.filter(|(_, counted)| !counted.is_empty()) {
            if let Some(book) = self.books.get(usize::from(spend.bank)) {
                book.lock().restore(&spend, counted);
            }
        }
    }

    /// How long, in microseconds, a leg for `account` (a digest; 0: none, so no wait) at `bank` has to wait so that it
    /// keeps its distance; takes that place in the row.
    #[inline]
    #[must_use]
    pub fn pace(&self, bank: u16, account: u64, now_us: u64) -> u64 {
        if !self.is_flagged(bank, flag::PACING) || account == 0 {
            return 0;
        }
        let pacing_us = self.rules.load().participant(bank).map_or(0, |rule| rule.pacing_us);
        let shard = usize::try_from(account % PACERS as u64).unwrap_or(0);
        self.pacers.get(shard).map_or(0, |pacer| pacer.lock().slot(bank, account, pacing_us, now_us))
    }

    /// Card counters held, over all banks: never more than payments that were counted and not released.
    #[must_use]
    pub fn cards(&self) -> usize {
        self.books.iter().map(|book| book.lock().cards()).sum()
    }
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Admission").field("participants", &self.flags.len()).finish_non_exhaustive()
    }
}
