//! What is known of payments while a request is decided on: those in memory, and those that were fetched from the shelves for it.
//!
//! Nothing here reads the disk. A payment that may be on a shelf and was not fetched yet is noted as wanted: the decision is
//! dropped then, and made again with it ([`super::fetch`]).

use std::cell::Cell;

use super::shared::Shared;
use crate::domain::transaction::Payment;
use crate::table::Orders;

/// What must be read from the shelves before a request can be decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A payment, to say something of it.
    ToTell(u128),
    /// A payment that a change follows for: it comes back into memory.
    ToChange(u128),
    /// An institution's order, by the digest of its number.
    Order(u16, u64),
}

/// What was read from the shelves for one message.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    /// How many shelves there were before the first was read.
    placed: Option<u64>,
    payments: Vec<(u128, Option<Payment>)>,
    orders: Vec<(u16, u64, Option<u128>)>,
}

impl Fetched {
    /// Notes how many shelves there are, before the first is read.
    pub(super) fn begin(&mut self, placed: u64) {
        self.placed.get_or_insert(placed);
    }

    pub(super) fn add_payment(&mut self, key: u128, found: Option<Payment>) {
        self.payments.push((key, found));
    }

    pub(super) fn add_order(&mut self, institution: u16, digest: u64, found: Option<u128>) {
        self.orders.push((institution, digest, found));
    }

    fn payment(&self, key: u128) -> Option<&Option<Payment>> {
        self.payments.iter().find(|(known, _)| *known == key).map(|(_, found)| found)
    }

    fn order(&self, institution: u16, digest: u64) -> Option<Option<u128>> {
        let is_it = |(by, of, _): &&(u16, u64, Option<u128>)| (*by, *of) == (institution, digest);
        self.orders.iter().find(is_it).map(|(_, _, found)| *found)
    }
}

/// The view of payments for one decision.
#[derive(Clone)]
pub(super) struct Known<'m> {
    shared: &'m Shared,
    fetched: Option<&'m Fetched>,
    /// How many shelves there were before the first look.
    placed: u64,
    wanted: Cell<Option<Wanted>>,
}

impl<'m> Known<'m> {
    pub(super) fn new(shared: &'m Shared, fetched: Option<&'m Fetched>) -> Self {
        let placed = fetched.and_then(|fetched| fetched.placed).unwrap_or_else(|| shared.shelves.placed());
        Self { shared, fetched, placed, wanted: Cell::new(None) }
    }

    /// Whether the message is looked at for the first time.
    pub(super) const fn is_first(&self) -> bool {
        self.fetched.is_none()
    }

    /// What must be fetched first, if anything.
    pub(super) const fn wanted(&self) -> Option<Wanted> {
        self.wanted.get()
    }

    /// As long as this is the number of shelves, no payment that was unknown has begun and left the memory.
    pub(super) const fn placed(&self) -> u64 {
        self.placed
    }

    /// The payment with this key.
    pub(super) fn get(&self, key: u128) -> Option<Payment> {
        // The memory first: what leaves it is on a shelf before.
        if let Some(payment) = self.shared.table.get(key) {
            return Some(payment);
        }
        match self.fetched.and_then(|fetched| fetched.payment(key)) {
            Some(found) => *found,
            None => self.want(key, Wanted::ToTell(key)),
        }
    }

    /// The payment with this key, in memory, because a change of it follows.
    pub(super) fn get_to_change(&self, key: u128) -> Option<Payment> {
        if let Some(payment) = self.shared.table.get(key) {
            return Some(payment);
        }
        if self.is_nowhere(key) {
            return None;
        }
        self.want(key, Wanted::ToChange(key))
    }

    /// Whether the shelves were asked for a payment and have none.
    pub(super) fn is_nowhere(&self, key: u128) -> bool {
        self.fetched.and_then(|fetched| fetched.payment(key)).is_some_and(Option::is_none)
    }

    /// The key of the latest transaction of an institution's order.
    pub(super) fn order(&self, institution: u16, number: &str) -> Option<u128> {
        if let Some(key) = self.shared.orders.find(institution, number) {
            return Some(key);
        }
        let digest = Orders::digest(number);
        match self.fetched.and_then(|fetched| fetched.order(institution, digest)) {
            Some(found) => found,
            None => {
                if self.shared.shelves.has_orders() {
                    self.wanted.set(Some(Wanted::Order(institution, digest)));
                }
                None
            }
        }
    }

    fn want(&self, key: u128, wanted: Wanted) -> Option<Payment> {
        if self.shared.shelves.may_hold(key) {
            self.wanted.set(Some(wanted));
        }
        None
    }
}
