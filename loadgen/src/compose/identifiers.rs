//! Transaction ids and the numbers derived from them.
//!
//! ```text
//! 20261120 482913 0000000042 3 770101
//! date     run    sequence   . control number: pool, centre, shard
//! 8        6      10         1 6                                      = 31 digits
//!                            `- institution's place, last digit
//! ```
//!
//! Invariant: no two transactions of one run share an id, and no two runs of one day share a run number unless somebody
//! fixed it.

use crate::clock::unix_micros;
use clearway_codec::{Date, TrxId};
use std::sync::atomic::{AtomicU64, Ordering};

const CONTROL: u128 = 770_101;
const CONTROL_BASE: u128 = 1_000_000;
const INSTITUTION_BASE: u128 = 10 * CONTROL_BASE;
const SEQUENCE_BASE: u128 = 10_000_000_000 * INSTITUTION_BASE;
const RUN_BASE: u128 = 1_000_000 * SEQUENCE_BASE;

const _: () = assert!(RUN_BASE == 100_000_000_000_000_000_000_000, "23 digits follow the date");

/// The id of the `sequence`-th request of a run, dated `date` in Beijing. `None` when the sequence needs more than its
/// ten digits.
pub(crate) fn transaction_id(date: Date, run_number: u32, sequence: u64, institution: u16) -> Option<TrxId> {
    let sequence = Some(u128::from(sequence)).filter(|sequence| *sequence < 10_000_000_000)?;
    TrxId::from_u128(
        u128::from(date.to_number()) * RUN_BASE
            + u128::from(run_number) * SEQUENCE_BASE
            + sequence * INSTITUTION_BASE
            + u128::from(institution % 10) * CONTROL_BASE
            + CONTROL,
    )
}

/// The run number within an id.
pub(crate) fn run_number_of(id: TrxId) -> u32 {
    (id.as_u128() / SEQUENCE_BASE % 1_000_000) as u32
}

/// A run number from the clock: tenths of a second, so that it comes round after 27 hours, when the date has changed.
/// Never the same twice in one process.
pub(crate) fn fresh_run_number() -> u32 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let now = unix_micros() / 100_000;
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(now.max(last + 1)));
    (now.max(last.unwrap_or(0) + 1) % 1_000_000) as u32
}

/// The order number (OrdrId) of a transaction: a function of its id, so that a query by order needs no list.
pub(crate) fn order_number(id: TrxId) -> String {
    id.to_string()
}

/// Control digits of what a bank starts.
const BANK_CONTROL: u128 = 760_202;

/// Whether a bank of the generator has started it.
pub(crate) fn is_of_bank(id: TrxId) -> bool {
    id.as_u128() % CONTROL_BASE == BANK_CONTROL
}

/// The id of what a bank starts by itself. The control digits tell it from everything that an institution starts.
pub(crate) fn bank_transaction_id(date: Date, bank: usize, sequence: u64) -> Option<TrxId> {
    let number = u128::from(date.to_number()) * RUN_BASE
        + (bank as u128 % 10_000) * 10_u128.pow(19)
        + u128::from(sequence % 10_000_000_000_000) * CONTROL_BASE
        + BANK_CONTROL;
    TrxId::from_u128(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(sequence: u64, institution: u16) -> Option<TrxId> {
        transaction_id(Date::parse(b"20261120").unwrap(), 482_913, sequence, institution)
    }

    #[test]
    fn ids_are_dated_distinct_and_carry_their_run() {
        assert_eq!(id(42, 16).unwrap().to_string(), "2026112048291300000000426770101");
        let mut ids: Vec<_> = (0..1_000).map(|sequence| id(sequence, 11).unwrap()).collect();
        assert!(ids.iter().all(|id| run_number_of(*id) == 482_913));
        ids.dedup();
        assert_eq!(ids.len(), 1_000);
        assert!(id(9_999_999_999, 0).is_some());
        assert_eq!(id(10_000_000_000, 0), None);
    }

    #[test]
    fn run_numbers_never_repeat_within_a_process() {
        let numbers: Vec<_> = (0..100).map(|_| fresh_run_number()).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn banks_ids_are_their_own() {
        let date = Date::parse(b"20261120").unwrap();
        let ids = [(1, 1), (1, 2), (2, 1)].map(|(bank, sequence)| bank_transaction_id(date, bank, sequence).unwrap());
        assert!(ids[0] != ids[1] && ids[0] != ids[2] && ids[1] != ids[2]);
        assert!(ids.iter().all(|id| is_of_bank(*id)));
        assert!(!is_of_bank(id(1, 1).unwrap()));
    }
}
