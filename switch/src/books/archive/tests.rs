//! What goes into the archive comes out of it.

use super::*;
use crate::books::extract::Records;
use crate::books::extract::samples::{open_journal, write_history};
use crate::books::{LineSource, NoSteps, Silent};
use crate::domain::statement::Line;

fn name_of(participant: u16) -> String {
    format!("P{participant:05}")
}

#[test]
fn lines_come_back_as_they_went_in_and_the_bytes_are_always_the_same() {
    for seed in 0..2 {
        let dir = tempfile::tempdir().expect("a folder");
        let journal = open_journal(&dir.path().join("journal"));
        let history = write_history(&journal, 900, seed);
        let archive = Archive::new(dir.path().join("archive"));
        for batch in history.batches.iter().copied() {
            let records = Records::of_journal(&journal);
            let root = dir.path().join("archive");
            let writing = Writing { dir: &root, batch, provisional: false, name_of: &name_of, threads: 2 };
            let archived = write(&records, &writing, &Silent, &NoSteps).expect("written");
            let bytes = std::fs::read(&archived.path).expect("the file");
            assert_eq!((archived.bytes, archived.path.clone()), (bytes.len() as u64, archive.path(batch)));
            for threads in [1, 3] {
                let again = write(&archive, &Writing { threads, ..writing }, &Silent, &NoSteps);
                // Read from the old file while the new one is written.
                assert_eq!(again.expect("written again"), archived);
                assert!(
                    std::fs::read(&archived.path).expect("the file") == bytes,
                    "other bytes with {threads} threads"
                );
            }
            let expected = history.of(batch);
            let expected: Vec<Line<'_>> = expected.iter().filter_map(|ended| ended.line()).collect();
            let mut seen = 0;
            let compare = &mut |line: &Line<'_>| {
                assert_eq!(Some(line), expected.get(seen));
                seen += 1;
                Ok(())
            };
            archive.for_each(batch, &Silent, compare).expect("read");
            assert_eq!((seen, archived.rows), (expected.len(), expected.len() as u64));
        }
    }
}
