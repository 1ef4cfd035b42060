//! Sums over the rows.

use std::collections::BTreeMap;

use super::calendar::{Batch, Session, Window};
use super::columns::Reserve;
use super::rows::Sheet;

/// A session waits so long for a batch that is not sealed.
const SESSION_WAITS: u32 = 30;

/// Fen that a reserve account gets and gives, batch by batch.
pub(crate) type InAndOut = BTreeMap<Batch, (i128, i128)>;
/// Fen that each clearing bank is owed (above 0) or owes.
pub(crate) type Nets = BTreeMap<usize, i128>;

impl Sheet {
    /// Net positions by batch and clearing bank; banks at zero are left out.
    pub(crate) fn positions(&self) -> BTreeMap<Batch, Nets> {
        let mut positions: BTreeMap<Batch, Nets> = BTreeMap::new();
        for movement in self.movements() {
            let batch = positions.entry(movement.batch).or_default();
            *batch.entry(self.clears_into[movement.from_bank]).or_insert(0) -= movement.fen;
            *batch.entry(self.clears_into[movement.to_bank]).or_insert(0) += movement.fen;
        }
        positions.values_mut().for_each(|nets| nets.retain(|_, fen| *fen != 0));
        positions
    }

    /// Every batch in which anything happened, money or not.
    pub(crate) fn batches(&self) -> Vec<Batch> {
        let payments = self.rows.iter().map(|row| row.batch());
        let corrections = self.corrections.iter().map(|correction| Batch::at(correction.minute, true));
        let mut batches: Vec<Batch> = payments.chain(corrections).collect();
        batches.sort_unstable();
        batches.dedup();
        batches
    }

    /// When a batch can be sealed: its hour is over, and its last payment final.
    pub(crate) fn sealed(&self, batch: Batch) -> u32 {
        let finals = self.rows.iter().filter(|row| row.batch() == batch).map(|row| row.final_minute);
        finals.max().unwrap_or(0).max(batch.ends())
    }

    /// The session that holds it: the one it is meant for, or the first that still finds it sealed.
    pub(crate) fn session(&self, batch: Batch) -> Session {
        let (mut session, sealed) = (batch.session(), self.sealed(batch));
        while sealed > session.opens() + SESSION_WAITS {
            session = session.next();
        }
        session
    }

    /// The orders of each session: what each clearing bank gets (above 0) or pays, none where it is nothing.
    pub(crate) fn orders(&self) -> BTreeMap<Session, Nets> {
        let mut orders: BTreeMap<Session, Nets> = BTreeMap::new();
        for (batch, nets) in self.positions() {
            let order = orders.entry(self.session(batch)).or_default();
            nets.iter().for_each(|(bank, fen)| *order.entry(*bank).or_insert(0) += fen);
        }
        orders.values_mut().for_each(|nets| nets.retain(|_, fen| *fen != 0));
        orders
    }

    /// The interest of each working day by clearing bank, zero or not: day by day as exact fractions, rounded once, half to even.
    pub(crate) fn interest(&self) -> BTreeMap<u32, Nets> {
        let mut fractions: BTreeMap<u32, Nets> = BTreeMap::new();
        for (batch, nets) in self.positions() {
            let session = self.session(batch);
            for _night in batch.day..session.day {
                let day = fractions.entry(session.day).or_default();
                nets.iter().for_each(|(bank, fen)| *day.entry(*bank).or_insert(0) += fen * self.ppm);
            }
        }
        fractions.values_mut().for_each(|nets| nets.values_mut().for_each(|sum| *sum = round(*sum, 360 * 1_000_000)));
        fractions
    }

    /// What is booked on each reserve account in each window: batch by batch, in and out.
    pub(crate) fn bookings(&self) -> BTreeMap<(Window, usize, usize), InAndOut> {
        let mut bookings: BTreeMap<_, InAndOut> = BTreeMap::new();
        for movement in self.movements() {
            let Some(Reserve { institution, bank, is_in }) = movement.reserve else { continue };
            let account = bookings.entry((movement.batch.window(), institution, bank)).or_default();
            let (paid_in, paid_out) = account.entry(movement.batch).or_default();
            *(if is_in { paid_in } else { paid_out }) += movement.fen;
        }
        bookings
    }

    /// What each bank, indirect ones too, is owed or owes by the payments of each accounting day.
    pub(crate) fn day_ends(&self) -> BTreeMap<u32, Nets> {
        let mut days: BTreeMap<u32, Nets> = BTreeMap::new();
        for movement in self.movements() {
            let day = days.entry(movement.batch.accounting_day()).or_default();
            *day.entry(movement.from_bank).or_insert(0) -= movement.fen;
            *day.entry(movement.to_bank).or_insert(0) += movement.fen;
        }
        days
    }
}

/// The nearest whole number, a half to the even one.
fn round(numerator: i128, denominator: i128) -> i128 {
    let (whole, rest) = (numerator / denominator, numerator % denominator);
    let away = whole + numerator.signum();
    match (2 * rest.abs()).cmp(&denominator) {
        std::cmp::Ordering::Less => whole,
        std::cmp::Ordering::Greater => away,
        std::cmp::Ordering::Equal if whole % 2 == 0 => whole,
        std::cmp::Ordering::Equal => away,
    }
}

#[test]
fn rounding_by_hand() {
    let rounded = [(-35, -4), (-25, -2), (-5, 0), (4, 0), (5, 0), (6, 1), (15, 2), (25, 2)];
    rounded.iter().for_each(|&(numerator, expected)| assert_eq!(round(numerator, 10), expected, "{numerator}"));
}
