//! A crash at every change of the disk, against the model: every acknowledged record is there, in order, and nothing else but
//! whole unacknowledged groups that follow them.

use super::super::memory_disk::{Keep, crash};
use super::*;

/// What a crash may leave after the changes: nothing, everything, every sector boundary of what was under way, and at random.
fn every_keep(last: Option<&Change>, seed: u64) -> Vec<Keep> {
    let mut keeps = vec![Keep::Nothing, Keep::Everything];
    keeps.extend((0..3).map(|round| Keep::Sectors(Random(seed * 3 + round))));
    if let Some(Change::Write { bytes, .. }) = last {
        let whole_groups = bytes.len() <= small().group_bytes_max;
        keeps.extend((1..bytes.len() / 512).filter(|_| whole_groups).map(|sectors| Keep::Bytes(sectors * 512)));
    }
    keeps
}

/// Reads the crashed disk and compares; gives the records found.
fn check(disk: &MemoryDisk, options: &Options, groups: &[u64], acknowledged: u64, story: &str) -> usize {
    let (recovered, records) = read_all(disk, options).unwrap_or_else(|error| panic!("{story}: {error}"));
    let found = count_in_order(&records);
    let promised = groups.iter().filter(|group| **group <= acknowledged).count();
    assert!(found >= promised, "{story}: {found} records found, {promised} acknowledged");
    assert!(found <= groups.len(), "{story}");
    let is_whole = found == 0 || found == groups.len() || groups[found - 1] != groups[found];
    assert!(is_whole, "{story}: a group was torn apart at record {found}");
    assert!(recovered.last_group >= acknowledged, "{story}");
    // A second look sees the same: recovery is done.
    let (again, records) = read_all(disk, options).expect("second recovery");
    assert_eq!((again.next, records.len(), again.truncated_tail), (recovered.next, found, None), "{story}");
    found
}

#[test]
fn a_crash_after_every_change_keeps_what_was_acknowledged() {
    let (disk, options) = (MemoryDisk::default(), small());
    let (journal, _) = open(&disk, &options).expect("open");
    journal.wait_prepared();
    let groups = append(&journal, 0, 24);
    journal.shutdown();
    let trace = disk.trace();
    for end in 0..=trace.len() {
        let changes = &trace[..end];
        for (variant, mut keep) in every_keep(changes.last(), end as u64).into_iter().enumerate() {
            let image = crash(&MemoryDisk::default(), changes, &mut keep);
            check(&image, &options, &groups, acknowledged(changes, 0), &format!("change {end}, variant {variant}"));
        }
    }
}

#[test]
fn with_groups_under_way_together_too() {
    for seed in 0..4 {
        let (disk, mut options) = (MemoryDisk::with_seed(seed), small());
        options.groups_in_flight_max = 2;
        options.backlog_bytes_max = 1 << 20;
        let (journal, _) = open(&disk, &options).expect("open");
        journal.wait_prepared();
        disk.close_gate();
        let mut groups = vec![journal.append(Work::Running, &[&record(0)]).expect("append").group];
        journal.kick();
        disk.wait_held();
        groups.extend((1..16).map(|number| journal.append(Work::Running, &[&record(number)]).expect("append").group));
        disk.open_gate();
        journal.flush().expect("flush");
        journal.shutdown();
        let trace = disk.trace();
        for end in 0..=trace.len() {
            let changes = &trace[..end];
            for (variant, mut keep) in every_keep(changes.last(), end as u64).into_iter().enumerate() {
                let image = crash(&MemoryDisk::default(), changes, &mut keep);
                check(
                    &image,
                    &options,
                    &groups,
                    acknowledged(changes, 0),
                    &format!("seed {seed}, change {end}, variant {variant}"),
                );
            }
        }
    }
}

#[test]
fn the_last_write_torn_at_every_byte_is_cut_or_whole() {
    let (disk, options) = (MemoryDisk::default(), small());
    let (journal, _) = open(&disk, &options).expect("open");
    journal.wait_prepared();
    let mut groups = append(&journal, 0, 5);
    // Two short records in the last group, so that every byte can be tried.
    let short: Vec<usize> = (0..).filter(|number| *number >= 5 && record(*number).len() < 100).take(2).collect();
    groups.extend(short.iter().map(|number| journal.append(Work::Running, &[&record(*number)]).expect("append").group));
    journal.flush().expect("flush");
    let trace = disk.trace();
    journal.shutdown();
    let last = trace.iter().rposition(|change| matches!(change, Change::Write { .. })).expect("a write");
    let Change::Write { bytes, .. } = &trace[last] else { unreachable!() };
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
    let changes = &trace[..=last];
    for kept in 0..used + 600 {
        let image = crash(&MemoryDisk::default(), changes, &mut Keep::Bytes(kept));
        let (recovered, records) = read_all(&image, &options).expect("recovery");
        // A tear inside the zeros at the end of the group leaves it whole.
        let whole = kept >= used;
        assert_eq!(records.len(), if whole { 7 } else { 5 }, "byte {kept}");
        assert_eq!(recovered.truncated_tail.is_some(), !whole && kept > 0, "byte {kept}");
        assert_eq!(count_in_order(&records[..5]), 5);
    }
}

/// What a recovery cut must not come back, whatever is written over it and however that crashes in turn.
#[test]
fn a_cut_tail_stays_cut_through_a_second_life_and_crash() {
    let (disk, mut options) = (MemoryDisk::with_seed(3), small());
    options.groups_in_flight_max = 2;
    options.backlog_bytes_max = 1 << 20;
    let (journal, _) = open(&disk, &options).expect("open");
    journal.wait_prepared();
    disk.close_gate();
    let mut groups = vec![journal.append(Work::Running, &[&record(0)]).expect("append").group];
    journal.kick();
    disk.wait_held();
    // Records that are never to be seen: their numbers do not follow.
    groups.extend((101..114).map(|number| journal.append(Work::Running, &[&record(number)]).expect("append").group));
    disk.open_gate();
    journal.flush().expect("flush");
    journal.shutdown();
    let trace = disk.trace();
    let durable_first =
        trace.iter().position(|change| matches!(change, Change::Durable { .. })).expect("one is durable");
    for end in durable_first..trace.len() {
        let mut keep = Keep::Sectors(Random(end as u64));
        let first_crash = crash(&MemoryDisk::default(), &trace[..end], &mut keep);
        let kept = read_all(&first_crash.copy(), &options).expect("first recovery").1.len();
        let (journal, recovered) = open(&first_crash, &options).expect("second life");
        journal.wait_prepared();
        for number in 0..4 {
            journal.append(Work::Running, &[&record(number), b"second life"]).expect("append");
            journal.flush().expect("flush");
        }
        let second = first_crash.trace();
        journal.shutdown();
        let before = crash(&MemoryDisk::default(), &trace[..end], &mut Keep::Sectors(Random(end as u64)));
        for at in (0..=second.len()).rev().take(14) {
            let image = crash(&before, &second[..at], &mut Keep::Sectors(Random((end * 31 + at) as u64)));
            let (_, records) = read_all(&image, &options).expect("second recovery");
            let promised =
                acknowledged(&second[..at], recovered.last_group).saturating_sub(recovered.last_group + 1) as usize;
            assert!(records.len() >= kept + promised, "end {end}, at {at}: {} < {kept} + {promised}", records.len());
            for (number, found) in records[kept..].iter().enumerate() {
                assert_eq!(*found, [record(number).as_slice(), b"second life"].concat(), "end {end}, at {at}");
            }
        }
    }
}

#[test]
fn it_starts_again_and_again_without_a_flag() {
    let (mut disk, options) = (MemoryDisk::default(), small());
    let mut random = Random(20);
    let mut written = 0;
    // The term of the last life that is sure to have left something on the disk: a life of which nothing was durable is forgotten.
    let mut term = 0;
    for life in 0..25 {
        let before = disk.copy();
        let (journal, recovered) = open(&disk, &options).expect("open");
        assert!(recovered.term > term, "life {life}: {} after {term}", recovered.term);
        let mut records = Vec::new();
        journal
            .replay(Position::START, &mut |_, record| {
                records.push(record.to_vec());
                Ok(())
            })
            .expect("replay");
        assert_eq!(count_in_order(&records), written, "life {life}");
        let more = written + random.below(4);
        if more > written {
            term = recovered.term;
        }
        append(&journal, written, more);
        // Appended, never flushed: may be there or not.
        journal.append(Work::Running, &[&record(more)]).expect("append");
        journal.kick();
        let trace = disk.trace();
        journal.shutdown();
        disk = crash(&before, &trace, &mut Keep::Sectors(random_of(&mut random)));
        written = read_all(&disk.copy(), &options).expect("recovery").1.len();
        assert!(written == more || written == more + 1, "life {life}");
    }
}

fn random_of(random: &mut Random) -> Random {
    Random(random.below(1 << 30) as u64)
}

#[test]
fn replay_from_a_position_gives_the_records_from_there() {
    let (disk, options) = (MemoryDisk::default(), small());
    let (journal, _) = open(&disk, &options).expect("open");
    let mut positions = Vec::new();
    for number in 0..40 {
        positions.push(journal.append(Work::Running, &[&record(number)]).expect("append").position);
        journal.flush().expect("flush");
        assert_eq!(journal.read(positions[number]).expect("read"), record(number));
    }
    let checkpoint = journal.checkpoint_position();
    journal.shutdown();
    let (journal, recovered) = open(&disk, &options).expect("open");
    assert!(checkpoint <= recovered.next);
    for (from, position) in positions.iter().enumerate() {
        let mut number = from;
        let mut next = |at, found: &[u8]| {
            assert_eq!((at, found), (positions[number], record(number).as_slice()));
            number += 1;
            Ok(())
        };
        journal.replay(*position, &mut next).expect("replay");
        assert_eq!(number, 40);
        assert!(matches!(journal.read(Position(position.0 + 1)), Err(Error::NoRecord(_))));
    }
    journal.replay(checkpoint, &mut |_, _| panic!("nothing is after the checkpoint")).expect("replay");
    assert!(matches!(journal.replay(Position(u64::MAX), &mut |_, _| Ok(())), Err(Error::OutOfRange { .. })));
    assert!(matches!(journal.read(Position(u64::MAX)), Err(Error::NotDurable(_))));
    let refuse = journal.replay(Position::START, &mut |at, _| Err(Error::consumer(at, "no")));
    assert!(matches!(refuse, Err(Error::Consumer { position, .. }) if position == positions[0]));
}
