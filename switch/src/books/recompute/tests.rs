//! The second reckoning against the first.

use super::*;
use crate::books::extract::samples::{append, append_images, open_journal, write_cases, write_history};
use crate::books::{Kept, LineSource, Silent, Space};
use crate::domain::clearing::{CellKey, Sum};
use crate::domain::record::RecordKind;
use crate::domain::register::Image;
use crate::domain::transaction::samples::START_US;
use crate::domain::transaction::{Event, Payment};

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
        let history = write_history(&journal, 900, seed);
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

#[test]
fn a_walk_ends_where_the_batch_was_closed_and_gives_what_was_recorded_then() {
    let dir = tempfile::tempdir().expect("a folder");
    let journal = open_journal(dir.path());
    let history = write_history(&journal, 300, 7);
    let batch = history.batches[0];
    let whole = recompute(&Records::of_journal(&journal), batch, MEMORY_BYTES_MAX, &Silent).expect("read");
    assert_eq!(whole.closed, None);
    let entry = BatchEntry::closed(9, [1, 2], &whole.positions, |bank| bank);
    let mut images = Vec::new();
    // Another's does not end it.
    for name in [history.batches[1], batch] {
        let kept = Kept::new(Space::Batch, name.as_u64(), 9, entry.clone());
        Image::Book(kept.entry().expect("short")).encode(&mut images);
        append_images(&journal, START_US, &images);
    }
    let payment = history.of(batch)[0].payment;
    // Never read: it would be damage.
    append(&journal, RecordKind::Event(Event::Due), START_US, &Payment { amount_fen: 1, ..payment }, None);
    journal.flush().expect("durable");
    let again = recompute(&Records::of_journal(&journal), batch, 0, &Silent).expect("read");
    assert_eq!((again.closed, again.positions), (Some(entry), whole.positions));
    assert!(again.walks > 1);
}

#[test]
fn a_payment_that_changes_after_its_final_state_is_damage() {
    for change in [
        |payment: Payment| Payment { amount_fen: payment.amount_fen + 1, ..payment },
        |payment: Payment| Payment { institution: payment.institution + 1, ..payment },
        |payment: Payment| Payment { banks: [payment.banks[1] + 9, payment.banks[0]], ..payment },
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let journal = open_journal(dir.path());
        let history = write_history(&journal, 100, 3);
        let batch = history.batches[0];
        let payment = change(history.of(batch)[0].payment);
        append(&journal, RecordKind::Event(Event::Due), START_US, &payment, None);
        journal.flush().expect("durable");
        let error = recompute(&Records::of_journal(&journal), batch, MEMORY_BYTES_MAX, &Silent).expect_err("damage");
        assert_eq!(error.fault(), Fault::Data);
        assert!(error.to_string().contains("after its final state"), "{error}");
    }
}

#[test]
fn one_fen_in_one_cell_is_a_disagreement() {
    let dir = tempfile::tempdir().expect("a folder");
    let journal = open_journal(dir.path());
    let history = write_history(&journal, 200, 5);
    let batch = history.batches[0];
    let whole = recompute(&Records::of_journal(&journal), batch, MEMORY_BYTES_MAX, &Silent).expect("read");
    let cells: Vec<(CellKey, Sum)> = whole.positions.cells().collect();
    for (cell, sum) in cells {
        for more in [Sum { count: 0, amount_fen: 1 }, Sum { count: 1, amount_fen: 0 }] {
            let mut live = whole.positions.clone();
            live.add(cell, more);
            let expected = Difference { cell, live: sum.plus(more), journal: sum };
            assert_eq!(whole.disagreement(&live), Some(vec![expected]));
        }
    }
    let none = Recomputed::default().disagreement(&whole.positions).expect("everything is missing");
    assert_eq!(none.len(), whole.positions.cells().count());
}

#[test]
fn adjustments_count_once_when_they_are_made_and_their_lines_are_the_same() {
    for seed in 0..3 {
        let dir = tempfile::tempdir().expect("a folder");
        let journal = open_journal(dir.path());
        let history = write_history(&journal, 50, seed);
        let hour = history.batches[0].hour();
        let batch: BatchName = hour.to_string().replace('B', "D").parse().expect("a batch of adjustments");
        let made = write_cases(&journal, START_US + 1, seed);
        let (mut expected, mut reserves) = (Positions::default(), Reserves::default());
        made.iter().for_each(|adjusted| {
            expected.book_adjustment(adjusted);
            reserves.book_adjustment(adjusted);
        });
        let records = Records::of_journal(&journal);
        let sums = recompute(&records, batch, MEMORY_BYTES_MAX, &Silent).expect("read");
        assert_eq!(sums.disagreement(&expected), None, "seed {seed}");
        assert_eq!((sums.payments, sums.positions.sum_fen()), (made.len() as u64, 0));
        assert_eq!(sums.reserves, reserves);
        let mut lines = Vec::new();
        let each = &mut |line: &crate::domain::statement::Line<'_>| {
            lines.push((line.amount_fen, line.banks, line.original));
            Ok(())
        };
        records.for_each(batch, &Silent, each).expect("read");
        let made: Vec<_> =
            made.iter().map(|adjusted| (adjusted.amount_fen, adjusted.banks, adjusted.original)).collect();
        assert_eq!(lines, made, "in the order in which they were made");
    }
}
