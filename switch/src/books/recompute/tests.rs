//! The second reckoning against the first.

use super::*;
use crate::books::Silent;
use crate::books::extract::samples::{open_journal, write_history};
use crate::domain::transaction::Payment;

/// What the payments book on reserve accounts, by the rows of the businesses.
fn reserves(payments: &[&Payment]) -> BTreeMap<(u16, u16), [u64; 2]> {
    use crate::domain::business::Business as B;
    let mut sums: BTreeMap<(u16, u16), [u64; 2]> = BTreeMap::new();
    for payment in payments.iter().filter(|payment| payment.moves_money() && payment.has_reserve()) {
        let is_out = matches!(payment.business, B::Refund | B::Payout);
        let bank = payment.banks[usize::from(!is_out)];
        sums.entry((payment.institution, bank)).or_default()[usize::from(is_out)] += payment.amount_fen;
    }
    sums
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
            let sums: BTreeMap<_, _> = whole
                .reserves
                .iter()
                .map(|(account, sum)| (*account, [sum.paid_in.amount_fen, sum.paid_out.amount_fen]))
                .collect();
            assert_eq!(sums, reserves(&payments));
            for memory in [0, 20 * 40, 333 * 40] {
                let narrow = recompute(&Records::of_journal(&journal), *batch, memory, &Silent).expect("read");
                assert!(narrow.walks > 1, "{} payments in {memory} bytes", whole.payments);
                assert_eq!((&narrow.positions, &narrow.reserves), (&whole.positions, &whole.reserves));
                assert_eq!(narrow.payments, whole.payments);
            }
        }
    }
}
