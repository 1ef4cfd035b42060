//! Checkpoints: whole or not there.

use super::super::checkpoint::{Reader, Writer, load_with};
use super::super::memory_disk::{Failing, Keep, crash};
use super::*;

fn blocks(seed: usize) -> Vec<Vec<u8>> {
    let sizes = [0, 1, 4080, 4096, 70_000, 3, (1 << 20) + 5, 900];
    sizes.iter().enumerate().map(|(number, bytes)| vec![(seed * 31 + number) as u8; *bytes]).collect()
}

fn write(disk: &MemoryDisk, position: u64) -> Result<(), Error> {
    let mut writer = Writer::create_with(Arc::new(disk.clone()), Position(position))?;
    for block in blocks(position as usize) {
        writer.write(&block)?;
    }
    writer.finish()
}

/// The newest whole checkpoint, after comparing every byte of it.
fn newest(disk: &MemoryDisk) -> Option<u64> {
    let found = Reader::latest_with(disk).expect("the disk reads");
    let position = found.map(|(position, mut reader)| {
        for block in blocks(position.0 as usize) {
            assert_eq!(reader.next_block().expect("block"), Some(block.as_slice()));
        }
        assert_eq!(reader.next_block().expect("end"), None);
        position
    });
    // In one pass the same comes out.
    let (mut begun, mut loaded) = (Vec::new(), Vec::new());
    let begun_and_loaded = std::cell::RefCell::new((&mut begun, &mut loaded));
    let result = load_with(
        disk,
        &mut |position| {
            let mut both = begun_and_loaded.borrow_mut();
            both.0.push(position);
            both.1.clear();
        },
        &mut |block| {
            begun_and_loaded.borrow_mut().1.push(block.to_vec());
            Ok(())
        },
    );
    assert_eq!(result.expect("load"), position);
    assert_eq!(begun.last().copied(), Some(position.unwrap_or(Position::START)));
    assert_eq!(loaded, position.map_or(Vec::new(), |position| blocks(position.0 as usize)));
    position.map(|position| position.0)
}

#[test]
fn the_newest_of_two_kept_is_read() {
    let disk = MemoryDisk::default();
    assert_eq!(newest(&disk), None);
    for position in [4096, 70_000, 900_000] {
        write(&disk, position).expect("write");
        assert_eq!(newest(&disk), Some(position));
    }
    assert_eq!(disk.names(".checkpoint").len(), 2);
}

#[test]
fn a_crash_while_writing_leaves_the_one_before() {
    let disk = MemoryDisk::default();
    write(&disk, 10).expect("write");
    let first = disk.trace().len();
    write(&disk, 20).expect("write");
    let trace = disk.trace();
    let renamed =
        trace.len() - trace.iter().rev().position(|change| matches!(change, Change::SyncDir)).expect("a sync");
    for end in first..=trace.len() {
        for seed in 0..6 {
            let mut keep = match seed {
                0 => Keep::Nothing,
                1 => Keep::Everything,
                seed => Keep::Sectors(Random(seed)),
            };
            let image = crash(&MemoryDisk::default(), &trace[..end], &mut keep);
            let found = newest(&image);
            assert!(found == Some(20) || (found == Some(10) && end < renamed), "change {end}, seed {seed}: {found:?}");
            write(&image, 30).expect("the next one");
            assert_eq!(newest(&image), Some(30));
            assert!(image.names(".writing").is_empty(), "left-overs");
        }
    }
}

#[test]
fn a_damaged_checkpoint_is_passed_over() {
    let disk = MemoryDisk::default();
    write(&disk, 10).expect("write");
    write(&disk, 20).expect("write");
    let [older, newer] = <[String; 2]>::try_from(disk.names(".checkpoint")).expect("two");
    let bytes = disk.bytes_of(&newer);
    let used = bytes.iter().rposition(|byte| *byte != 0).expect("not empty") + 1;
    let places = (0..200).chain((200..used).step_by(9001)).chain(used - 8..used).chain([4092, 4095, 4096, 4100]);
    for place in places {
        let image = disk.copy();
        image.damage(&newer, |bytes| bytes[place] ^= 0x20);
        assert_eq!(newest(&image), Some(10), "byte {place}");
    }
    for bytes in [0, 100, 4096, 4100, used - 1] {
        let image = disk.copy();
        image.damage(&newer, |all| all.truncate(bytes));
        assert_eq!(newest(&image), Some(10), "cut at {bytes}");
        image.damage(&older, |all| all[5000] ^= 1);
        assert_eq!(newest(&image), None);
    }
}

#[test]
fn a_failing_or_full_disk_leaves_the_one_before() {
    for failing in [Failing::Write, Failing::Sync, Failing::Create, Failing::Rename, Failing::SyncDir] {
        let disk = MemoryDisk::default();
        write(&disk, 10).expect("write");
        disk.fail(failing, 0, std::io::ErrorKind::Other);
        write(&disk, 20).expect_err("the disk fails");
        disk.fail(failing, usize::MAX, std::io::ErrorKind::Other);
        let image = crash(&MemoryDisk::default(), &disk.trace(), &mut Keep::Nothing);
        assert_eq!(newest(&image), Some(10), "{failing:?}");
    }
    let disk = MemoryDisk::default();
    write(&disk, 10).expect("write");
    disk.set_capacity(Some(disk.used_bytes() + 500_000));
    write(&disk, 20).expect_err("the disk is full");
    assert_eq!((newest(&disk), disk.names(".writing").len()), (Some(10), 0));
}

#[test]
fn replay_goes_on_where_the_checkpoint_was_taken() {
    let (disk, options) = (MemoryDisk::default(), small());
    let (journal, _) = open(&disk, &options).expect("open");
    append(&journal, 0, 10);
    let position = journal.checkpoint_position();
    append(&journal, 10, 25);
    write(&disk, position.0).expect("write");
    journal.shutdown();
    let (journal, _) = open(&disk, &options).expect("open");
    let from = Reader::latest_with(&disk).expect("read").expect("a checkpoint").0;
    let mut number = 10;
    let mut consumer = |_: Position, found: &[u8]| {
        assert_eq!(found, record(number));
        number += 1;
        Ok(())
    };
    journal.replay(from, &mut consumer).expect("replay");
    assert_eq!(number, 25);
}
