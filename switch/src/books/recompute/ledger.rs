//! Each payment once: its key is remembered, its money added up.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::Recomputed;
use super::reading::{FinalPayment, Flow};
use crate::domain::clearing::{CellKey, ReserveAccount, ReserveSum, Side, Sum};

/// Parts of the key space; small enough that one part's table is near the processor while payments for it are taken.
const SHARES: usize = 256;
/// Most payments that wait for a share, so that its table is visited for many at a time.
const WAITING_MAX: usize = 64;
/// Most that a key takes in a table that has just grown: 17 bytes over seven sixteenths.
const BYTES_PER_KEY: usize = 40;
/// A key has 107 bits; above it stand the status and a part of the hash of the rest.
const STATUS_SHIFT: u32 = 107;
const REST_SHIFT: u32 = 110;
const KEY_MASK: u128 = (1 << STATUS_SHIFT) - 1;

/// The sums of some payments.
#[derive(Default)]
struct Sums {
    cells: HashMap<CellKey, Sum, FixedState>,
    reserves: HashMap<ReserveAccount, ReserveSum, FixedState>,
}

/// One part of the key space.
#[derive(Default)]
struct Share {
    known: HashTable<u128>,
    waiting: Vec<(u64, FinalPayment)>,
    sums: Sums,
}

pub(super) struct Ledger {
    shares: Vec<Share>,
    /// Shares of this walk; those before are finished, those behind are for later walks.
    from: usize,
    until: usize,
    keys: usize,
    keys_max: usize,
    /// Payments that wait for each share.
    waiting_max: usize,
    hasher: FixedState,
}

impl Ledger {
    pub(super) fn new(memory_bytes_max: usize) -> Self {
        let shares = (0..SHARES).map(|_| Share::default()).collect();
        let keys_max = memory_bytes_max / BYTES_PER_KEY;
        let waiting_max = (keys_max / SHARES / 4).clamp(1, WAITING_MAX);
        Self { shares, from: 0, until: SHARES, keys: 0, keys_max, waiting_max, hasher: FixedState::default() }
    }

    /// Whether there are shares that no walk has finished.
    pub(super) fn has_shares(&self) -> bool {
        self.from < SHARES
    }

    pub(super) fn take(&mut self, payment: FinalPayment) -> Result<(), String> {
        if payment.key > KEY_MASK {
            return Err("a payment has no key".to_owned());
        }
        let hash = self.hasher.hash_one(payment.key);
        // Neither the lowest nor the highest bits: the tables use those.
        let at = (hash >> 40) as usize % SHARES;
        if at < self.from || at >= self.until {
            return Ok(());
        }
        let share = &mut self.shares[at];
        share.waiting.push((hash, payment));
        if share.waiting.len() < self.waiting_max {
            return Ok(());
        }
        self.keys += share.settle(&self.hasher)?;
        while self.keys > self.keys_max && self.until - self.from > 1 {
            self.put_off();
        }
        Ok(())
    }

    /// Leaves the upper half of the shares to a later walk.
    fn put_off(&mut self) {
        let middle = usize::midpoint(self.from, self.until);
        for share in &mut self.shares[middle..self.until] {
            self.keys -= share.known.len();
            *share = Share::default();
        }
        self.until = middle;
    }

    /// Adds what this walk has found to `sums`, and turns to the rest.
    pub(super) fn finish_walk(&mut self, sums: &mut Recomputed) -> Result<(), String> {
        for at in self.from..self.until {
            let mut share = std::mem::take(&mut self.shares[at]);
            share.settle(&self.hasher)?;
            sums.payments += share.known.len() as u64;
            share.sums.add_to(sums);
        }
        (self.from, self.until, self.keys) = (self.until, SHARES, 0);
        Ok(())
    }
}

impl Share {
    /// Takes all that wait; gives how many were new.
    fn settle(&mut self, hasher: &FixedState) -> Result<usize, String> {
        let before = self.known.len();
        for (hash, payment) in self.waiting.drain(..) {
            let entry = remembered(&payment, hasher);
            let is_it = |known: &u128| known & KEY_MASK == payment.key;
            match self.known.find(hash, is_it) {
                Some(known) if *known == entry => {}
                Some(_) => {
                    return Err(format!("payment {} changes after its final state", payment.key % 10_u128.pow(31)));
                }
                None => {
                    self.known.insert_unique(hash, entry, |known| hasher.hash_one(known & KEY_MASK));
                    self.sums.add(&payment);
                }
            }
        }
        Ok(self.known.len() - before)
    }
}

/// The key with the status, and eighteen bits that change with whatever else the books take from the payment.
fn remembered(payment: &FinalPayment, hasher: &FixedState) -> u128 {
    let rest = hasher.hash_one((
        payment.amount_fen,
        payment.institution,
        payment.banks,
        payment.business,
        payment.has_reserve,
    ));
    payment.key | u128::from(payment.status) << STATUS_SHIFT | u128::from(rest) << REST_SHIFT
}

impl Sums {
    fn add(&mut self, payment: &FinalPayment) {
        let sum = Sum { count: 1, amount_fen: payment.amount_fen };
        let parties =
            [(payment.institution, Side::Initiator), (payment.banks[0], Side::Debit), (payment.banks[1], Side::Credit)];
        for (participant, side) in parties {
            let cell = CellKey { participant, side, business: payment.business, status: payment.status };
            let before = self.cells.entry(cell).or_default();
            *before = before.plus(sum);
        }
        if let Some(bank) = payment.reserve_bank().filter(|_| payment.counts()) {
            let account = ReserveAccount { institution: payment.institution, bank };
            let moved = match payment.flow {
                Flow::In => ReserveSum { paid_in: sum, ..ReserveSum::default() },
                Flow::Out => ReserveSum { paid_out: sum, ..ReserveSum::default() },
            };
            let before = self.reserves.entry(account).or_default();
            *before = before.plus(moved);
        }
    }

    fn add_to(&self, sums: &mut Recomputed) {
        for (cell, sum) in &self.cells {
            sums.positions.add(*cell, *sum);
        }
        for (account, sum) in &self.reserves {
            sums.reserves.add(*account, *sum);
        }
    }
}
