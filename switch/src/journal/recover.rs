//! What to make of the segments found at opening: where the journal ends, what is cut, when to refuse.
//!
//! ```text
//!   ... | group 7 | group 8 | torn 9 |  group 10  |  zeros
//!                            ^ first fault: b = 9
//! ```
//!
//! * The journal is the longest run of sound groups that follow each other. The first fault ends it.
//! * If a group that lies later and has a sound header says `durable_index >= b`, then b had been acknowledged: a **hole**.
//!   Nothing is touched, the journal does not open.
//! * Otherwise b and what lies after it were never acknowledged: they are **cut**, that is zeroed and synced before the
//!   first append, so that nothing of them can come back.
//! * What is kept is synced too: it may only have been in a cache, and will be acted on.
//!
//! The groups in flight never reach over more than two segments (see [`Options::check`](super::Options::check)), so the last two
//! segments with groups are read, and those prepared after them. Damage further back is found by replay, which checks
//! all it reads.
//!
//! Limit: damage to the very last groups, before anything after them was sealed, looks like a torn write and is cut. The seal
//! written after some milliseconds of silence, and every later group, closes that window.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::aligned::AlignedBuffer;
use super::chain::{Chain, Last};
use super::error::Error;
use super::frame::{BLOCK_BYTES, Fault, GroupHeader, GroupKind};
use super::options::Options;
use super::position::Position;
use super::preparer::Prepared;
use super::segment::{self, FIRST_GROUP_AT, HeaderFault, SegmentHeader};
use super::storage::{Storage, StoredFile};
use super::window::Window;

const BLOCK: u64 = BLOCK_BYTES as u64;

/// What opening found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Where the first record of this opening goes at the earliest: the end of replay.
    pub next: Position,
    /// Start of the oldest segment that is kept: replay from here gives everything.
    pub oldest: Position,
    /// Number of the last group found; 0 in a new journal.
    pub last_group: u64,
    /// Number of this opening.
    pub term: u64,
    /// Segments that hold groups.
    pub segments: usize,
    /// Unacknowledged bytes that were cut off, if any.
    pub truncated_tail: Option<Cut>,
}

/// A tail that was never acknowledged and is now zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Segment in which the journal ends now.
    pub file: String,
    /// Where in it, in bytes.
    pub offset: u64,
    /// The group that was broken there.
    pub group: u64,
    /// Bytes from there to the last that was not zero, later segments included.
    pub bytes: u64,
    /// What was wrong with the group.
    pub why: Fault,
}

/// The end of the journal, ready to be written on.
pub(crate) struct Tail {
    pub(crate) recovered: Recovered,
    pub(crate) journal: u64,
    /// The segment to go on in.
    pub(crate) segment: Prepared,
    /// Empty segments after it that can be used.
    pub(crate) ready: VecDeque<Prepared>,
    pub(crate) previous_crc: u32,
    /// Segments up to this one: base and length.
    pub(crate) catalogue: BTreeMap<u64, u64>,
    /// The last group is a seal and nothing was cut: no new one is needed.
    pub(crate) is_sealed: bool,
}

/// A segment found.
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) header: SegmentHeader,
}

impl Found {
    pub(crate) fn open(&self, storage: &dyn Storage) -> Result<Arc<dyn StoredFile>, Error> {
        storage.open(&self.name).map_err(Error::io("open", &self.name))
    }
}

/// All segments in order, their headers checked; unfinished ones are removed if `clean`.
pub(crate) fn find_segments(storage: &dyn Storage, clean: bool) -> Result<Vec<Found>, Error> {
    let mut bases = Vec::new();
    for name in storage.list().map_err(Error::io("list", "."))? {
        if let Some(base) = segment::segment_base(&name) {
            bases.push(base);
        } else if clean && segment::is_preparing(&name) {
            storage.remove(&name).map_err(Error::io("remove", &name))?;
        }
    }
    bases.sort_unstable();
    let mut found: Vec<Found> = Vec::with_capacity(bases.len());
    for base in bases {
        let segment = find_segment(storage, base)?;
        if let Some(before) = found.last() {
            check_neighbours(before, &segment)?;
        }
        found.push(segment);
    }
    Ok(found)
}

fn find_segment(storage: &dyn Storage, base: u64) -> Result<Found, Error> {
    let name = segment::segment_name(base);
    let file = storage.open(&name).map_err(Error::io("open", &name))?;
    let mut block = AlignedBuffer::new(BLOCK_BYTES);
    let read = file.read_at(&mut block, 0).map_err(Error::io("read", &name))?;
    let header = SegmentHeader::decode(&block[..read]).map_err(|fault| match fault {
        HeaderFault::Version(version) => Error::Version { file: name.clone(), offset: 0, version },
        fault => Error::Corrupt { file: name.clone(), offset: 0, what: fault.to_string() },
    })?;
    let bytes = file.bytes().map_err(Error::io("measure", &name))?;
    if header.base != base || bytes != header.segment_bytes {
        let what = format!(
            "header says {} bytes at position {}, the file has {bytes} bytes",
            header.segment_bytes, header.base
        );
        return Err(Error::Corrupt { file: name, offset: 0, what });
    }
    Ok(Found { name, header })
}

fn check_neighbours(before: &Found, after: &Found) -> Result<(), Error> {
    if before.header.journal != after.header.journal {
        let what = "the segment is of another journal than the one before it".to_owned();
        return Err(Error::Corrupt { file: after.name.clone(), offset: 0, what });
    }
    if before.header.end() != after.header.base {
        return Err(Error::MissingSegment { base: before.header.end() });
    }
    Ok(())
}

/// The tail of the journal on `storage`, made if there is none.
pub(crate) fn find_tail(storage: &dyn Storage, options: &Options) -> Result<Tail, Error> {
    let mut segments = find_segments(storage, true)?;
    if segments.is_empty() {
        let journal = options.identity.unwrap_or_else(random_identity);
        let header = SegmentHeader { journal, base: 0, segment_bytes: options.segment_bytes };
        let full =
            |error: Error| if error.is_disk_full() { Error::Full { bytes: header.segment_bytes } } else { error };
        segment::prepare(storage, &header, &mut || true).map_err(full)?;
        segments = find_segments(storage, true)?;
    }
    recover(storage, segments, options.segment_bytes)
}

/// From the keys of the standard hasher, which the system seeds.
fn random_identity() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish()
}

/// Where the run of sound groups ends.
struct Break {
    /// Index in the list of segments.
    segment: usize,
    offset: u64,
    fault: Fault,
    chain: Chain,
}

/// Finds the end of the journal in `segments` (not empty), cuts what was not acknowledged, makes the rest durable.
/// `segment_bytes` is the size of segments to come: empty ones of another size are made anew.
fn recover(storage: &dyn Storage, mut segments: Vec<Found>, segment_bytes: u64) -> Result<Tail, Error> {
    let first_scanned = last_with_groups(storage, &segments)?.saturating_sub(1);
    let end = find_break(storage, &segments, first_scanned)?;
    refuse_hole(storage, &segments, &end)?;
    let last = end.chain.last().ok_or_else(|| no_groups(&segments, &end))?;
    let oldest = Position(segments.first().map_or(0, |segment| segment.header.base));
    let later = segments.split_off(end.segment + 1);
    let (ready, discarded) = keep_empty(storage, later, segment_bytes)?;
    for segment in segments.get(first_scanned..).unwrap_or_default() {
        segment.open(storage)?.sync().map_err(Error::io("sync", &segment.name))?;
    }
    let segments_with_groups = segments.len();
    let catalogue = segments.iter().map(|segment| (segment.header.base, segment.header.segment_bytes)).collect();
    let Some(current) = segments.pop() else { return Err(Error::MissingSegment { base: 0 }) };
    let cut = cut_tail(storage, &current, &end, last, discarded)?;
    let recovered = Recovered {
        next: Position(current.header.base + end.offset),
        oldest,
        last_group: last.index,
        term: last.term + 1,
        segments: segments_with_groups,
        truncated_tail: cut,
    };
    Ok(Tail {
        journal: current.header.journal,
        is_sealed: last.kind == GroupKind::Seal && last.index > 0 && recovered.truncated_tail.is_none(),
        recovered,
        segment: Prepared { header: current.header, file: current.open(storage)? },
        ready,
        previous_crc: last.crc,
        catalogue,
    })
}

/// The last segment in which a group header can be read, or the first of all.
fn last_with_groups(storage: &dyn Storage, segments: &[Found]) -> Result<usize, Error> {
    for (at, segment) in segments.iter().enumerate().rev() {
        let mut sound = false;
        each_header(storage, segment, FIRST_GROUP_AT, &mut |_, _| {
            sound = true;
            Ok(())
        })?;
        if sound {
            return Ok(at);
        }
    }
    Ok(0)
}

/// Calls `with` for every block from `offset` on that starts with a sound header of a group that belongs there; gives the end
/// of the last block that is not zero.
fn each_header(
    storage: &dyn Storage,
    segment: &Found,
    offset: u64,
    with: &mut dyn FnMut(u64, &GroupHeader) -> Result<(), Error>,
) -> Result<u64, Error> {
    let file = segment.open(storage)?;
    let mut window = Window::new(&*file, segment.header.segment_bytes);
    let chain = Chain::from_anywhere(segment.header.journal);
    let (mut at, mut used_end) = (offset, offset);
    while at < segment.header.segment_bytes {
        let block = window.get(at, BLOCK).map_err(Error::io("read", &segment.name))?;
        match GroupHeader::decode(block) {
            Err(Fault::Empty) => {}
            Err(Fault::Version(version)) => {
                return Err(Error::Version { file: segment.name.clone(), offset: at, version });
            }
            Err(_) => used_end = at + BLOCK,
            Ok((header, _)) => {
                used_end = at + BLOCK;
                if chain.is_at_home(&header, segment.header.base, at) {
                    with(at, &header)?;
                }
            }
        }
        at += BLOCK;
    }
    Ok(used_end)
}

fn find_break(storage: &dyn Storage, segments: &[Found], first: usize) -> Result<Break, Error> {
    let journal = segments.first().map_or(0, |segment| segment.header.journal);
    let is_birth = first == 0 && segments.first().is_some_and(|segment| segment.header.base == 0);
    let mut chain = if is_birth { Chain::from_birth(journal) } else { Chain::from_anywhere(journal) };
    let mut at = first;
    loop {
        let segment = segments.get(at).ok_or(Error::MissingSegment { base: 0 })?;
        let (offset, fault) = follow(storage, segment, &mut chain)?;
        let goes_on = segments.get(at + 1).map(|next| starts_with_next(storage, next, chain)).transpose()?;
        if goes_on != Some(true) {
            return Ok(Break { segment: at, offset, fault, chain });
        }
        at += 1;
    }
}

/// Follows the groups of one segment up to the first fault.
fn follow(storage: &dyn Storage, segment: &Found, chain: &mut Chain) -> Result<(u64, Fault), Error> {
    let end = segment.header.segment_bytes;
    let file = segment.open(storage)?;
    let mut window = Window::new(&*file, end);
    let mut at = FIRST_GROUP_AT;
    while at < end {
        let read = |error| Error::io("read", &segment.name)(error);
        let header = match window.get(at, BLOCK).map(GroupHeader::decode) {
            Ok(Ok((header, _))) => header,
            Ok(Err(fault)) => return Ok((at, fault)),
            Err(error) => return Err(read(error)),
        };
        let group = window.get(at, header.group_bytes()).map_err(read)?;
        match chain.step(group, segment.header.base, at) {
            Ok(header) => at += header.group_bytes(),
            Err(fault) => return Ok((at, fault)),
        }
    }
    Ok((end, Fault::Empty))
}

/// Whether the first group of `segment` is sound and continues the chain.
fn starts_with_next(storage: &dyn Storage, segment: &Found, mut chain: Chain) -> Result<bool, Error> {
    if chain.last().is_none() {
        return Ok(false);
    }
    let file = segment.open(storage)?;
    let mut window = Window::new(&*file, segment.header.segment_bytes);
    let read = |error| Error::io("read", &segment.name)(error);
    let Ok((header, _)) = GroupHeader::decode(window.get(FIRST_GROUP_AT, BLOCK).map_err(read)?) else {
        return Ok(false);
    };
    let group = window.get(FIRST_GROUP_AT, header.group_bytes()).map_err(read)?;
    Ok(chain.step(group, segment.header.base, FIRST_GROUP_AT).is_ok())
}

/// Looks for a witness that the broken group had been acknowledged.
fn refuse_hole(storage: &dyn Storage, segments: &[Found], end: &Break) -> Result<(), Error> {
    let Some((broken, broken_offset, fault)) = blame(storage, segments, end)? else { return Ok(()) };
    if let Fault::Version(version) = fault {
        return Err(Error::Version { file: broken.name.clone(), offset: broken_offset, version });
    }
    let index = end.chain.next_index();
    for (at, segment) in segments.iter().enumerate().skip(end.segment) {
        let from = if at == end.segment { end.offset } else { FIRST_GROUP_AT };
        each_header(storage, segment, from, &mut |later_offset, later| match index {
            Some(index) if later.durable_index < index => Ok(()),
            Some(index) => Err(Error::Hole {
                file: broken.name.clone(),
                offset: broken_offset,
                index,
                what: fault.to_string(),
                later_file: segment.name.clone(),
                later_offset,
                durable_index: later.durable_index,
            }),
            None => Err(no_groups(segments, end)),
        })?;
    }
    Ok(())
}

/// Where the damage is: at the break, or at the start of the next segment.
fn blame<'s>(
    storage: &dyn Storage,
    segments: &'s [Found],
    end: &Break,
) -> Result<Option<(&'s Found, u64, Fault)>, Error> {
    let broken = segments.get(end.segment).map(|broken| (broken, end.offset, end.fault));
    let Some(next) = segments.get(end.segment + 1) else { return Ok(broken) };
    let (offset, fault) = follow(storage, next, &mut end.chain.clone())?;
    let is_next = offset == FIRST_GROUP_AT && end.fault.yields_to(fault);
    Ok(if is_next { Some((next, offset, fault)) } else { broken })
}

/// Not the first segment, and yet its first group cannot be read.
fn no_groups(segments: &[Found], end: &Break) -> Error {
    let file = segments.get(end.segment).map(|segment| segment.name.clone()).unwrap_or_default();
    Error::Corrupt { file, offset: end.offset, what: end.fault.to_string() }
}

/// Keeps the segments after the tail that are whole, empty and of the right size; removes the others, and gives how many bytes
/// that were not zero went with them.
fn keep_empty(
    storage: &dyn Storage,
    later: Vec<Found>,
    segment_bytes: u64,
) -> Result<(VecDeque<Prepared>, u64), Error> {
    let (mut kept, mut discarded) = (VecDeque::new(), 0);
    let mut is_broken = false;
    for segment in later {
        let used_end = each_header(storage, &segment, FIRST_GROUP_AT, &mut |_, _| Ok(()))?;
        discarded += used_end - FIRST_GROUP_AT;
        is_broken |= used_end != FIRST_GROUP_AT || segment.header.segment_bytes != segment_bytes;
        if is_broken {
            storage.remove(&segment.name).map_err(Error::io("remove", &segment.name))?;
        } else {
            kept.push_back(Prepared { header: segment.header, file: segment.open(storage)? });
        }
    }
    if is_broken {
        storage.sync_dir().map_err(Error::io("sync the folder", "."))?;
    }
    Ok((kept, discarded))
}

/// Zeroes what follows the last sound group, durably.
fn cut_tail(
    storage: &dyn Storage,
    segment: &Found,
    end: &Break,
    last: Last,
    discarded: u64,
) -> Result<Option<Cut>, Error> {
    let used_end = each_header(storage, segment, end.offset, &mut |_, _| Ok(()))?;
    let bytes = used_end - end.offset + discarded;
    if bytes == 0 {
        return Ok(None);
    }
    let file = segment.open(storage)?;
    let zeros = AlignedBuffer::new(256 << 10);
    let mut at = end.offset;
    while at < used_end {
        let piece = (used_end - at).min(zeros.len() as u64);
        file.write_at(&zeros[..piece as usize], at).map_err(Error::io("zero the tail of", &segment.name))?;
        at += piece;
    }
    file.sync().map_err(Error::io("sync", &segment.name))?;
    let group = last.index + 1;
    tracing::warn!(file = %segment.name, offset = end.offset, group, bytes, "journal: unacknowledged tail cut");
    Ok(Some(Cut { file: segment.name.clone(), offset: end.offset, group, bytes, why: end.fault }))
}
