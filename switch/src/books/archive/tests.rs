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
            archive.check(batch, &archived.digest).expect("as written");
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

#[test]
fn a_damaged_file_is_an_error_and_no_other_lines() {
    let dir = tempfile::tempdir().expect("a folder");
    let journal = open_journal(&dir.path().join("journal"));
    let batch = write_history(&journal, 60, 9).batches[0];
    let root = dir.path().join("archive");
    let writing = Writing { dir: &root, batch, provisional: true, name_of: &name_of, threads: 1 };
    let archived = write(&Records::of_journal(&journal), &writing, &Silent, &NoSteps).expect("written");
    let archive = Archive::new(&root);
    let sound = std::fs::read(&archived.path).expect("the file");
    for at in (0..sound.len()).step_by(23) {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x20;
        std::fs::write(&archived.path, &bytes).expect("damaged");
        let error = archive.check(batch, &archived.digest).expect_err("another digest");
        assert_eq!(error.fault(), crate::error::Fault::Data);
        // Whatever the reader makes of it, it does not panic.
        let _ = archive.for_each(batch, &Silent, &mut |_| Ok(()));
    }
    for length in (0..sound.len()).step_by(61) {
        std::fs::write(&archived.path, &sound[..length]).expect("cut");
        assert!(archive.for_each(batch, &Silent, &mut |_| Ok(())).is_err(), "cut at {length}");
    }
    let renamed = archive.path(crate::books::extract::samples::batch_at(0));
    std::fs::create_dir_all(renamed.parent().expect("a folder")).expect("made");
    std::fs::write(&renamed, &sound).expect("written");
    let other = crate::books::extract::samples::batch_at(0);
    assert!(archive.for_each(other, &Silent, &mut |_| Ok(())).is_err(), "of another batch");
}
