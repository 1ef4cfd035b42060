//! Damaged bytes: refused where something acknowledged is touched, with file, offset and what to do; cut where not.

use proptest::prelude::*;

use super::super::frame::{BLOCK_BYTES, FRAME_HEADER_BYTES, GROUP_HEADER_BYTES};
use super::super::inspect::{self, Verdict};
use super::super::segment;
use super::*;

/// A journal with groups in several segments, closed with a seal.
fn written(records: usize) -> (MemoryDisk, Options) {
    let (disk, options) = (MemoryDisk::default(), small());
    let (journal, _) = open(&disk, &options).expect("open");
    append(&journal, 0, records);
    journal.shutdown();
    (disk.copy(), options)
}

/// Where each group lies: file, offset, header.
fn groups_of(disk: &MemoryDisk) -> Vec<(String, usize, GroupHeader)> {
    let mut found = Vec::new();
    for name in disk.names(".segment") {
        let bytes = disk.bytes_of(&name);
        for at in (BLOCK_BYTES..bytes.len()).step_by(BLOCK_BYTES) {
            if let Ok((header, _)) = GroupHeader::decode(&bytes[at..]) {
                found.push((name.clone(), at, header));
            }
        }
    }
    found
}

/// Offsets in a group worth damaging: its header, every frame header, the ends of every payload, the padding.
fn places_of(group: &[u8], header: &GroupHeader) -> Vec<usize> {
    let mut places: Vec<usize> = (0..GROUP_HEADER_BYTES).collect();
    let mut at = GROUP_HEADER_BYTES;
    for frame in header.frames(group) {
        places.extend(at..at + FRAME_HEADER_BYTES);
        let payload = at + FRAME_HEADER_BYTES;
        let end = payload + frame.payload.len();
        places.extend([payload, payload + frame.payload.len() / 2, end - 1]);
        at = end;
    }
    let padded = header.group_bytes() as usize;
    places.extend((at..padded).step_by(509));
    places.push(padded - 1);
    places
}

#[test]
fn a_flipped_bit_before_the_last_group_is_refused_with_its_place() {
    let (disk, options) = written(30);
    let groups = groups_of(&disk);
    assert!(disk.names(".segment").len() > 4 && groups.len() > 20);
    let mut tried = 0;
    for (number, (name, offset, header)) in groups.iter().enumerate().take(groups.len() - 1) {
        let bytes = disk.bytes_of(name);
        for place in places_of(&bytes[*offset..], header) {
            if place >= header.group_bytes() as usize || (number % 5 != 0 && place % 7 != 0) {
                continue;
            }
            let image = disk.copy();
            image.damage(name, |bytes| bytes[offset + place] ^= 1 << (place % 8));
            let before = image.bytes_of(name);
            let error = read_all(&image, &options).expect_err("damage goes unseen");
            let message = error.to_string();
            match error {
                Error::Hole { file, offset: at, index, .. } => {
                    assert_eq!((file, at, index), (name.clone(), *offset as u64, header.index))
                }
                Error::Corrupt { file, offset: at, .. } => assert_eq!((file, at), (name.clone(), *offset as u64)),
                Error::Version { file, offset: at, .. } => assert_eq!((file, at), (name.clone(), *offset as u64)),
                other => panic!("group {number}, byte {place}: {other}"),
            }
            assert!(message.contains(name.as_str()) && message.contains("estore"), "{message}");
            assert_eq!(image.bytes_of(name), before, "a refused journal was changed");
            tried += 1;
        }
    }
    assert!(tried > 700, "{tried}");
}

#[test]
fn a_flipped_bit_in_the_last_group_is_cut_because_nothing_says_it_was_durable() {
    let (disk, options) = (MemoryDisk::default(), small());
    let (journal, _) = open(&disk, &options).expect("open");
    append(&journal, 0, 9);
    // No seal: the disk as it is while the journal is open.
    let disk = {
        let copy = disk.copy();
        journal.shutdown();
        copy
    };
    let groups = groups_of(&disk);
    let (name, offset, header) = groups.last().expect("groups");
    assert!(
        *offset > BLOCK_BYTES,
        "choose another number of records: in the first group of a segment the place is not unique"
    );
    for place in places_of(&disk.bytes_of(name)[*offset..], header) {
        let image = disk.copy();
        image.damage(name, |bytes| bytes[offset + place] ^= 0x10);
        let (recovered, records) = read_all(&image, &options).expect("recovery");
        let cut = recovered.truncated_tail.expect("the tail is cut");
        assert_eq!((cut.file, cut.offset, cut.group), (name.clone(), *offset as u64, header.index));
        assert!(count_in_order(&records) < 9);
        assert!(image.bytes_of(name)[*offset..].iter().all(|byte| *byte == 0), "the tail is not zeroed");
    }
}

#[test]
fn a_damaged_segment_header_is_refused() {
    let (disk, options) = written(12);
    let name = disk.names(".segment").remove(0);
    for place in (0..BLOCK_BYTES).step_by(13).chain([8, 9, 10, 11, 4092, 4095]) {
        let image = disk.copy();
        image.damage(&name, |bytes| bytes[place] ^= 4);
        let error = read_all(&image, &options).expect_err("damage goes unseen");
        assert!(matches!(&error, Error::Corrupt { file, offset: 0, .. } if *file == name), "{error}");
    }
}

#[test]
fn lost_groups_and_lost_files_are_refused() {
    let (disk, options) = written(30);
    let groups = groups_of(&disk);
    for (name, offset, header) in groups.iter().take(groups.len() - 1) {
        let image = disk.copy();
        let end = offset + header.group_bytes() as usize;
        image.damage(name, |bytes| bytes[*offset..end].fill(0));
        let error = read_all(&image, &options).expect_err("a hole goes unseen");
        // Nothing tells whether a lost first group of a segment was to be at the end of the one before.
        let is_there = |file: &String, at: &u64| (file == name && *at == *offset as u64) || *offset == BLOCK_BYTES;
        assert!(
            matches!(&error, Error::Hole { file, offset, .. } | Error::Corrupt { file, offset, .. } if is_there(file, offset)),
            "{error}"
        );
    }
    let names = disk.names(".segment");
    for name in &names[1..names.len() - 2] {
        let image = disk.copy();
        image.remove(name).expect("remove");
        let base = segment::segment_base(name).expect("a segment");
        assert!(matches!(read_all(&image, &options), Err(Error::MissingSegment { base: missing }) if missing == base));
    }
    let image = disk.copy();
    image.damage(&names[1], |bytes| bytes.truncate(20_000));
    assert!(matches!(read_all(&image, &options), Err(Error::Corrupt { file, .. }) if file == names[1]));
}

/// Groups 3 and 5 landed before the crash, 2 and 4 did not; nobody had been told anything about any of them.
#[test]
fn a_gap_among_unacknowledged_groups_is_cut() {
    let (disk, options) = written(0);
    let (journal, _) = open(&disk, &options).expect("open");
    append(&journal, 0, 5);
    let disk = {
        let copy = disk.copy();
        journal.shutdown();
        copy
    };
    let groups = groups_of(&disk);
    let (name, offset, broken) = groups[2].clone();
    // As if everything from the second on had been under way together.
    for (file, at, header) in &groups[2..] {
        let mut header = *header;
        header.durable_index = header.durable_index.min(broken.index - 1);
        disk.damage(file, |bytes| bytes[*at..*at + GROUP_HEADER_BYTES].copy_from_slice(&header.encode()));
    }
    disk.damage(&name, |bytes| bytes[offset..offset + 4096].fill(0));
    let (recovered, records) = read_all(&disk, &options).expect("recovery");
    assert_eq!(recovered.last_group, broken.index - 1);
    assert!(count_in_order(&records) < 5);
    let (again, _) = read_all(&disk, &options).expect("recovery");
    assert_eq!((again.last_group, again.truncated_tail), (recovered.last_group, None));
}

#[test]
fn a_group_of_another_version_is_refused_not_cut() {
    let (disk, options) = written(3);
    let (name, offset, _) = groups_of(&disk).pop().expect("a group");
    disk.damage(&name, |bytes| {
        bytes[offset + 4] = 2;
        let crc = crc32c::crc32c(&bytes[offset..offset + 76]);
        bytes[offset + 76..offset + 80].copy_from_slice(&crc.to_le_bytes());
    });
    let error = read_all(&disk, &options).expect_err("another version");
    assert!(matches!(&error, Error::Version { version: 2, .. }), "{error}");
    // A record that only looks like it, in a torn tail, keeps nobody from starting.
    disk.damage(&name, |bytes| {
        bytes[offset + 8] ^= 1;
        let crc = crc32c::crc32c(&bytes[offset..offset + 76]);
        bytes[offset + 76..offset + 80].copy_from_slice(&crc.to_le_bytes());
    });
    assert_eq!(read_all(&disk, &options).expect("recovery").1.len(), 3);
}

#[test]
fn segments_of_two_journals_do_not_mix() {
    let (disk, options) = written(12);
    let mut other = options.clone();
    other.identity = Some(99);
    let stranger = MemoryDisk::default();
    let (journal, _) = open(&stranger, &other).expect("open");
    append(&journal, 0, 12);
    journal.shutdown();
    let name = disk.names(".segment").remove(1);
    disk.damage(&name, |bytes| *bytes = stranger.bytes_of(&name));
    assert!(matches!(read_all(&disk, &options), Err(Error::Corrupt { file, .. }) if file == name));
}

#[test]
fn a_record_cannot_pass_for_a_group() {
    // A record that holds a whole sound group of a journal whose name the sender guessed wrongly.
    let (disk, options) = (MemoryDisk::default(), small());
    let (journal, _) = open(&disk, &options).expect("open");
    let mut forged = vec![0; 4096 - GROUP_HEADER_BYTES - FRAME_HEADER_BYTES];
    let header = GroupHeader {
        kind: frame::GroupKind::Seal,
        journal: 1,
        term: 9,
        index: 900,
        durable_index: 899,
        segment_base: 0,
        offset: 12288,
        payload_bytes: 0,
        frame_count: 0,
        frames_crc: 0,
        previous_crc: 0,
    };
    forged.extend_from_slice(&header.encode());
    journal.append(Work::New, &[&forged]).expect("append");
    journal.flush().expect("flush");
    let disk = {
        let copy = disk.copy();
        journal.shutdown();
        copy
    };
    let name = disk.names(".segment").remove(0);
    assert!(GroupHeader::decode(&disk.bytes_of(&name)[12288..]).is_ok(), "the forgery is not where it should be");
    // Torn in front of it: cut, not a hole.
    disk.damage(&name, |bytes| bytes[8192..8292].fill(0));
    assert!(read_all(&disk, &options).expect("recovery").0.truncated_tail.is_some());
}

#[test]
fn inspection_says_what_opening_would() {
    let (disk, _) = written(30);
    let summary = |disk: &MemoryDisk| inspect::walk_storage(disk, &mut |_| {}).expect("walk");
    let mut seen = 0;
    let sound = inspect::walk_storage(&disk, &mut |item| {
        if let inspect::Item::Group { frames, .. } = item {
            frames.for_each(|frame| {
                assert_eq!(frame.payload, record(seen));
                seen += 1;
            });
        }
    });
    let sound = sound.expect("walk");
    assert_eq!((seen, sound.frames, &sound.verdict), (30, 30, &Verdict::Sound));
    let groups = groups_of(&disk);
    for (number, (name, offset, _)) in groups.iter().enumerate() {
        let image = disk.copy();
        image.damage(name, |bytes| bytes[offset + 100] ^= 1);
        let (file, offset) = (name.clone(), *offset as u64);
        match summary(&image).verdict {
            Verdict::Damaged { file: found, offset: at, .. } if number + 1 < groups.len() => {
                assert_eq!((found, at), (file, offset))
            }
            Verdict::Tail { file: found, offset: at, .. } if number + 1 == groups.len() => {
                assert_eq!((found, at), (file, offset))
            }
            other => panic!("group {number}: {other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn scanning_any_bytes_ends_with_a_report(
        noise in proptest::collection::vec((0usize..32 << 10, any::<u8>()), 0..40),
        cut in 0usize..=32 << 10,
        fix_header in any::<bool>(),
    ) {
        let (disk, _) = written(6);
        let mut bytes = disk.bytes_of(&disk.names(".segment")[0]);
        for (at, byte) in noise {
            bytes[at] = byte;
        }
        if fix_header {
            let crc = crc32c::crc32c(&bytes[..4092]);
            bytes[4092..4096].copy_from_slice(&crc.to_le_bytes());
            let crc = crc32c::crc32c(&bytes[4096..4096 + 76]);
            bytes[4172..4176].copy_from_slice(&crc.to_le_bytes());
        }
        bytes.truncate(cut);
        let report = scan_bytes(&bytes);
        prop_assert!(report.header.is_err() || report.end <= bytes.len().max(4096) as u64);
    }
}
