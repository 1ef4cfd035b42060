//! Recovery: whatever has become of the segments, the node gets what was acknowledged, or it does not start.

use std::sync::{Arc, LazyLock};

use clearway::journal::frame::{BLOCK_BYTES, GroupHeader};
use clearway::journal::storage::Storage;
use clearway::journal::{Error, Journal, Options, Position, Work, scan_bytes};

use super::disk::{Files, MemoryDisk};

/// Records of a journal, in order.
type Records = Vec<Vec<u8>>;

/// A good journal over several segments, and what is in it.
struct Sample {
    files: Files,
    groups: Vec<KnownGroup>,
    records: Records,
}

/// A group of the sample.
struct KnownGroup {
    file: String,
    offset: usize,
    bytes: Vec<u8>,
    durable_index: u64,
    /// Records up to and with this group.
    records: usize,
    index: u64,
}

static SAMPLE: LazyLock<Sample> = LazyLock::new(make_sample);

/// Reads `bytes` as a segment, and as a list of things done to a good journal, which is then opened.
///
/// Opening and replay may refuse. If they do not, the records are a beginning of the ones that were written; none of a group is
/// missing which a later, unharmed group says was durable; and what is appended afterwards is there at the next opening, behind
/// the same beginning: nothing that was cut off comes back.
///
/// ```text
/// one thing done = 12 bytes:  what 1 | file 1 | block 2 | byte in it 2 | count 2 | value 4
/// ```
///
/// # Panics
/// If one of these does not hold.
pub fn check_journal_recovery(bytes: &[u8]) {
    let report = scan_bytes(bytes);
    assert!(report.header.is_ok() || report.groups == 0);
    let mut files = SAMPLE.files.clone();
    bytes.chunks_exact(12).take(64).for_each(|deed| harm(&mut files, deed));
    let disk = MemoryDisk::with(&files);
    let Ok(found) = reopen(&disk, None) else { return };
    assert!(SAMPLE.records.starts_with(&found), "not a beginning of what was written");
    let durable = durable_records(&files);
    assert!(found.len() >= durable, "{} of {durable} acknowledged records", found.len());
    let added = b"written after the harm".to_vec();
    let again = reopen(&disk, Some(&added)).and_then(|before| {
        assert_eq!(before, found, "a second opening finds the same");
        reopen(&disk, None)
    });
    let expected: Records = found.into_iter().chain([added]).collect();
    assert_eq!(again.expect("it has opened before"), expected);
}

fn options() -> Options {
    let mut options = Options::new("memory");
    options.group_bytes_max = 2 * BLOCK_BYTES;
    options.segment_bytes = 12 * BLOCK_BYTES as u64;
    options.segments_ahead = 1;
    options.backlog_bytes_max = 16 * BLOCK_BYTES;
    options.reserve_bytes = 4 * BLOCK_BYTES as u64;
    options.seal_after_ms = 60_000;
    options.identity = Some(0x5eed);
    options
}

/// Opens the journal, reads everything, perhaps adds one record, and closes it.
fn reopen(disk: &MemoryDisk, add: Option<&[u8]>) -> Result<Records, Error> {
    let storage: Arc<dyn Storage> = Arc::new(disk.clone());
    let (journal, recovered) = Journal::open_with(options(), storage)?;
    if recovered.oldest > Position::START {
        // The node wants a checkpoint then, and here is none.
        return Err(Error::MissingSegment { base: 0 });
    }
    let mut records = Vec::new();
    journal.replay(Position::START, &mut |_: Position, record: &[u8]| {
        records.push(record.to_vec());
        Ok(())
    })?;
    if let Some(record) = add {
        journal.append(Work::Running, &[record]).expect("an open journal takes a record");
        journal.flush()?;
    }
    journal.shutdown();
    Ok(records)
}

/// Three openings with records of all sizes, ended in order.
fn make_sample() -> Sample {
    let disk = MemoryDisk::default();
    let mut records = Records::new();
    for opening in 0..3_u8 {
        let storage: Arc<dyn Storage> = Arc::new(disk.clone());
        let (journal, _) = Journal::open_with(options(), storage).expect("a new journal opens");
        journal.replay(Position::START, &mut |_, _| Ok(())).expect("a good journal is read");
        for number in 0..14_usize {
            let record = vec![opening * 16 + number as u8; 1 + number * 577 % 3_900];
            journal.append(Work::Running, &[&record]).expect("there is room");
            records.push(record);
            if number % 3 != 1 {
                journal.flush().expect("the disk is good");
            }
        }
        journal.shutdown();
    }
    let files = disk.files();
    let groups = find_groups(&files);
    assert_eq!(groups.last().map(|group| group.records), Some(records.len()));
    Sample { files, groups, records }
}

fn find_groups(files: &Files) -> Vec<KnownGroup> {
    let mut groups: Vec<KnownGroup> = Vec::new();
    for (file, bytes) in files.iter().filter(|(name, _)| name.ends_with(".segment")) {
        let mut offset = BLOCK_BYTES;
        while let Some(Ok((header, _))) = bytes.get(offset..).map(GroupHeader::decode) {
            let end = offset + usize::try_from(header.group_bytes()).expect("a small group");
            let records = groups.last().map_or(0, |group| group.records) + header.frame_count as usize;
            let (durable_index, index) = (header.durable_index, header.index);
            groups.push(KnownGroup {
                file: file.clone(),
                offset,
                bytes: bytes[offset..end].to_vec(),
                durable_index,
                records,
                index,
            });
            offset = end;
        }
    }
    groups
}

/// How many records an unharmed group says were durable.
fn durable_records(files: &Files) -> usize {
    let is_unharmed = |group: &&KnownGroup| {
        let there = files.get(&group.file).and_then(|bytes| bytes.get(group.offset..group.offset + group.bytes.len()));
        there == Some(group.bytes.as_slice())
    };
    let durable_index = SAMPLE.groups.iter().filter(is_unharmed).map(|group| group.durable_index).max().unwrap_or(0);
    SAMPLE.groups.iter().filter(|group| group.index <= durable_index).map(|group| group.records).max().unwrap_or(0)
}

/// Does one thing to the files.
fn harm(files: &mut Files, deed: &[u8]) {
    let number = |at: usize| usize::from(u16::from_le_bytes([deed[at], deed[at + 1]]));
    let value = u32::from_le_bytes([deed[8], deed[9], deed[10], deed[11]]);
    let names: Vec<String> = files.keys().cloned().collect();
    let Some(name) = names.get(usize::from(deed[1]) % names.len().max(1)) else { return };
    let Some(bytes) = files.get_mut(name) else { return };
    let (block, count) = (number(2) * BLOCK_BYTES % bytes.len().max(1), number(6));
    let at = block + number(4) % BLOCK_BYTES;
    match deed[0] % 8 {
        0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= (value as u8).max(1)),
        1 => bytes.iter_mut().skip(at).take(count).for_each(|byte| *byte = 0),
        2 => bytes
            .iter_mut()
            .skip(at)
            .take(count)
            .zip(value.to_le_bytes().iter().cycle())
            .for_each(|(byte, new)| *byte = *new),
        3 => copy_block(bytes, block, (value as usize % 16) * BLOCK_BYTES),
        4 => bytes.truncate(at),
        5 => drop(files.remove(name)),
        6 => forge(bytes, block, number(4), value),
        _ => bytes.extend_from_slice(&vec![value as u8; count]),
    }
}

/// A stale block in the place of another.
fn copy_block(bytes: &mut [u8], from: usize, to: usize) {
    let (from_end, to_end) = (from + BLOCK_BYTES, to + BLOCK_BYTES);
    if from_end <= bytes.len() && to_end <= bytes.len() {
        bytes.copy_within(from..from_end, to);
    }
}

/// One field of a group's header gets another value, and the header a checksum that fits.
fn forge(bytes: &mut [u8], block: usize, field: usize, value: u32) {
    let Some(group) = bytes.get_mut(block..) else { return };
    let Ok((mut header, _)) = GroupHeader::decode(group) else { return };
    match field % 8 {
        0 => header.term = u64::from(value),
        1 => header.index = u64::from(value).max(1),
        2 => header.durable_index = u64::from(value),
        3 => header.segment_base = u64::from(value),
        4 => header.offset = value,
        5 => header.payload_bytes = value,
        6 => header.frame_count = value,
        _ => header.previous_crc = value,
    }
    let encoded = header.encode();
    group[..encoded.len()].copy_from_slice(&encoded);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise the check would hold because nothing ever opened.
    #[test]
    fn without_harm_everything_is_found_and_with_harm_in_the_middle_nothing_opens() {
        let found = reopen(&MemoryDisk::with(&SAMPLE.files), None).expect("a good journal");
        assert_eq!(found, SAMPLE.records);
        assert_eq!(durable_records(&SAMPLE.files), SAMPLE.records.len());
        assert!(SAMPLE.files.keys().filter(|name| name.ends_with(".segment")).count() > 3);
        let mut files = SAMPLE.files.clone();
        let group = SAMPLE.groups.iter().find(|group| group.records > 3).expect("a group with records");
        files.get_mut(&group.file).expect("its segment")[group.offset + 90] ^= 1;
        assert!(reopen(&MemoryDisk::with(&files), None).is_err());
    }
}
