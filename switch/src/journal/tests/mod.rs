//! Tests of the journal as a whole, on a disk in memory and on real files.

mod checkpoints;
mod crash;
mod damage;
mod drivers;
mod faults;

use std::sync::Arc;

use super::frame::GroupHeader;
use super::memory_disk::{Change, MemoryDisk, Random};
use super::recover;
use super::replay::{self, Stretch};
use super::storage::Storage;
use super::*;

/// Seven blocks of groups in a segment, two blocks in a group; no seal but the ones asked for.
fn small() -> Options {
    let mut options = Options::new("unused");
    options.segment_bytes = 32 << 10;
    options.segments_ahead = 1;
    options.group_bytes_max = 8 << 10;
    options.backlog_bytes_max = 64 << 10;
    options.reserve_bytes = 16 << 10;
    options.seal_after_ms = 60_000;
    options.identity = Some(0x0123_4567_89ab_cdef);
    options
}

/// Record `number`, of a length that follows from it.
fn record(number: usize) -> Vec<u8> {
    let mut random = Random(number as u64);
    let bytes = [0, 1, 9, 300, 1500, 3000, 4080, 4096, 5000, 8100][random.below(10)];
    let mut record = vec![0; bytes];
    record.fill_with(|| random.below(256) as u8);
    record.extend_from_slice(&(number as u32).to_le_bytes());
    record
}

fn open(disk: &MemoryDisk, options: &Options) -> Result<(Journal, Recovered), Error> {
    Journal::open_with(options.clone(), Arc::new(disk.clone()))
}

/// Appends records `from..to`, each flushed at once or with its neighbours; gives the group of each.
fn append(journal: &Journal, from: usize, to: usize) -> Vec<u64> {
    let mut groups = Vec::new();
    for number in from..to {
        groups.push(journal.append(Work::Running, &[&record(number)]).expect("append").group);
        if number % 3 != 0 {
            journal.flush().expect("flush");
            journal.wait_prepared();
        }
    }
    journal.flush().expect("flush");
    journal.wait_prepared();
    groups
}

/// What opening and replay would give, without starting the threads.
fn read_all(disk: &MemoryDisk, options: &Options) -> Result<(Recovered, Vec<Vec<u8>>), Error> {
    let tail = recover::find_tail(disk, options)?;
    let storage: Arc<dyn Storage> = Arc::new(disk.clone());
    let segments = tail.catalogue.into_iter().collect();
    let stretch = Stretch { journal: tail.journal, segments, from: tail.recovered.oldest, end: tail.recovered.next };
    let mut records = Vec::new();
    replay::replay(&storage, &stretch, &mut |_, record| {
        records.push(record.to_vec());
        Ok(())
    })?;
    Ok((tail.recovered, records))
}

/// Records are `record(0)`, `record(1)` ... without gaps; gives how many.
fn count_in_order(records: &[Vec<u8>]) -> usize {
    for (number, found) in records.iter().enumerate() {
        assert_eq!(*found, record(number), "record {number}");
    }
    records.len()
}

/// The last group that may have been acknowledged behind these changes, if groups up to `before` were already.
fn acknowledged(trace: &[Change], before: u64) -> u64 {
    let mut index_of_write = std::collections::HashMap::new();
    let mut durable = std::collections::BTreeSet::<u64>::new();
    for change in trace {
        match change {
            Change::Write { bytes, number, .. } => {
                if let Ok((header, _)) = GroupHeader::decode(bytes) {
                    index_of_write.insert(*number, header.index);
                }
            }
            Change::Durable { number } => {
                durable.extend(index_of_write.get(number));
            }
            _ => {}
        }
    }
    (before + 1..).find(|index| !durable.contains(index)).map_or(before, |index| index - 1)
}
