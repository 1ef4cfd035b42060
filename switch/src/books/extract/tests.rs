//! The journal's lines against the history that was written.

use super::samples::{open_journal, write_history};
use super::*;
use crate::books::{LineSource, Silent};
use crate::domain::statement::Line;

fn assert_lines(records: &Records, batch: crate::domain::clearing::BatchName, expected: &[Line<'_>]) {
    let mut seen = 0;
    records
        .for_each(batch, &Silent, &mut |line| {
            assert_eq!(Some(line), expected.get(seen), "line {seen} of {batch}");
            seen += 1;
            Ok(())
        })
        .expect("read");
    assert_eq!(seen, expected.len(), "{batch}");
}

#[test]
fn every_final_payment_is_one_line_in_the_order_of_the_journal() {
    for seed in 0..2 {
        let dir = tempfile::tempdir().expect("a folder");
        let journal = open_journal(dir.path());
        let history = write_history(&journal, 900, seed);
        assert!(history.batches.len() >= 3);
        for batch in &history.batches {
            let ended = history.of(*batch);
            let expected: Vec<Line<'_>> = ended.iter().filter_map(|ended| ended.line()).collect();
            assert!(expected.len() > 20, "seed {seed}");
            assert_lines(&Records::of_journal(&journal), *batch, &expected);
            assert_lines(&Records::in_folder(dir.path()).expect("beside the writer"), *batch, &expected);
            let first = ended[0].payment.accepted_at_us;
            assert!(first > 0);
            assert_lines(&Records::of_journal(&journal).from(0), *batch, &expected);
            let last = ended[ended.len() - 1].position;
            assert_lines(&Records::of_journal(&journal).until(last), *batch, &expected[..expected.len() - 1]);
        }
        let (first, last) = (history.batches[0], *history.batches.last().expect("batches"));
        journal.shutdown();
        let records = Records::in_folder(dir.path()).expect("stopped");
        let starts = [records.start_of(first).expect("there"), records.start_of(last).expect("there")];
        assert!(starts[0] < starts[1], "a later batch is looked for further on: {starts:?}");
    }
}

#[test]
fn a_folder_without_a_journal_is_an_error_that_says_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let error = Records::in_folder(dir.path()).map(|_| ()).expect_err("empty");
    assert!(format!("{error:?}").contains("NoJournal"), "{error:?}");
}
