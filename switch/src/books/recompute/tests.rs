//! The second reckoning against the first.

use super::*;
use crate::books::Silent;
use crate::books::extract::samples::{open_journal, write_history};
use crate::domain::transaction::Payment;

/// What the payments book on reserve accounts, as the live side books it.
fn reserves(payments: &[&Payment]) -> Reserves {
    let mut reserves = Reserves::default();
    payments.iter().for_each(|payment| reserves.book(payment));
    reserves
}

#[test]
fn it_agrees_with_the_live_sums_however_little_memory_it_has() {
    for seed in 0..3 {
        let dir = tempfile::tempdir().expect("a folder");
        let journal = open_journal(dir.path());
        let history = write_history(&journal, 2_000, seed);
        for batch in &history.batches {
            let live = history.positions(*batch);
            let payments: Vec<&Payment> = history.of(*batch).iter().map(|ended| &ended.payment).collect();
            let whole = recompute(&Records::of_journal(&journal), *batch, MEMORY_BYTES_MAX, &Silent).expect("read");
            assert_eq!(whole.disagreement(&live), None, "seed {seed} {batch}");
            assert_eq!((whole.payments, whole.walks), (live.payments(), 1));
            assert_eq!(whole.positions.sum_fen(), 0);
            assert!(!whole.reserves.is_empty());
            assert_eq!(whole.reserves, reserves(&payments));
            for memory in [0, 20 * 40, 333 * 40] {
                let narrow = recompute(&Records::of_journal(&journal), *batch, memory, &Silent).expect("read");
                assert_eq!(narrow.walks > 1, whole.payments > memory as u64 / 40, "{memory} bytes");
                assert_eq!((&narrow.positions, &narrow.reserves), (&whole.positions, &whole.reserves));
                assert_eq!(narrow.payments, whole.payments);
            }
        }
    }
}
