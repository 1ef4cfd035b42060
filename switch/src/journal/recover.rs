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

use super::aligned::AlignedBuffer;
use super::chain::{Chain, Last};
use super::error::Error;
use super::frame::{BLOCK_BYTES, Fault, GroupKind};
use super::options::Options;
use super::position::Position;
use super::preparer::Prepared;
use super::segment::{self, FIRST_GROUP_AT, SegmentHeader};
use super::storage::Storage;
use super::survey::{self, Found, Survey, find_segments};

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

impl Tail {
    /// Whether a group fits without a new segment.
    pub(crate) fn has_room(&self) -> bool {
        let left = self.segment.header.end().saturating_sub(self.recovered.next.0);
        left >= BLOCK_BYTES as u64 || !self.ready.is_empty()
    }
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
    recover(storage, &segments, options.segment_bytes)
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
fn recover(storage: &dyn Storage, segments: &[Found], segment_bytes: u64) -> Result<Tail, Error> {
    let first_read = last_with_groups(storage, segments)?.saturating_sub(1);
    let end = find_break(storage, segments, first_read)?;
    let surveys = survey_from(storage, segments, &end)?;
    refuse_hole(storage, segments, &end, &surveys)?;
    let last = end.chain.last().ok_or_else(|| no_groups(segments, &end))?;

    let (kept, later) = segments.split_at(end.segment + 1);
    let (oldest, current) = kept.first().zip(kept.last()).ok_or(Error::MissingSegment { base: 0 })?;
    let ready = keep_empty(storage, later, surveys.get(1..).unwrap_or_default(), segment_bytes)?;
    for segment in kept.get(first_read..).unwrap_or_default() {
        segment.open(storage)?.sync().map_err(Error::io("sync", &segment.name))?;
    }
    let truncated_tail = cut_tail(storage, current, &end, last, &surveys)?;
    let is_sealed = last.kind == GroupKind::Seal && last.index > 0 && truncated_tail.is_none();
    let recovered = Recovered {
        next: Position(current.header.base + end.offset),
        oldest: Position(oldest.header.base),
        last_group: last.index,
        term: last.term + 1,
        segments: kept.len(),
        truncated_tail,
    };
    Ok(Tail {
        recovered,
        journal: current.header.journal,
        segment: Prepared { header: current.header, file: current.open(storage)? },
        ready,
        previous_crc: last.crc,
        catalogue: kept.iter().map(|segment| (segment.header.base, segment.header.segment_bytes)).collect(),
        is_sealed,
    })
}

/// Where the journal in these segments, of which there is at least one, ends. Changes nothing.
pub(crate) fn find_end(storage: &dyn Storage, segments: &[Found]) -> Result<Position, Error> {
    let end = find_break(storage, segments, last_with_groups(storage, segments)?.saturating_sub(1))?;
    refuse_hole(storage, segments, &end, &survey_from(storage, segments, &end)?)?;
    let base = segments.get(end.segment).map_or(0, |segment| segment.header.base);
    Ok(Position(base + end.offset))
}

/// Looks at everything behind the break, segment by segment.
fn survey_from(storage: &dyn Storage, segments: &[Found], end: &Break) -> Result<Vec<Survey>, Error> {
    let mut from = end.offset;
    let mut surveys = Vec::new();
    for segment in segments.iter().skip(end.segment) {
        surveys.push(survey::survey(storage, segment, from)?);
        from = FIRST_GROUP_AT;
    }
    Ok(surveys)
}

/// Cuts what follows the last sound group, if there is anything.
fn cut_tail(
    storage: &dyn Storage,
    segment: &Found,
    end: &Break,
    last: Last,
    surveys: &[Survey],
) -> Result<Option<Cut>, Error> {
    let used_end = surveys.first().map_or(end.offset, |survey| survey.used_end);
    let later: u64 = surveys.iter().skip(1).map(|survey| survey.used_end - FIRST_GROUP_AT).sum();
    let (bytes, group) = (used_end - end.offset + later, last.index + 1);
    if bytes == 0 {
        return Ok(None);
    }
    if used_end > end.offset {
        zero_tail(storage, segment, end.offset, used_end)?;
    }
    tracing::warn!(file = %segment.name, offset = end.offset, group, bytes, "journal: unacknowledged tail cut");
    Ok(Some(Cut { file: segment.name.clone(), offset: end.offset, group, bytes, why: end.fault }))
}

/// The last segment that begins with something, or the first of all.
fn last_with_groups(storage: &dyn Storage, segments: &[Found]) -> Result<usize, Error> {
    for (at, segment) in segments.iter().enumerate().rev() {
        if !segment.begins_empty(storage)? {
            return Ok(at);
        }
    }
    Ok(0)
}

fn find_break(storage: &dyn Storage, segments: &[Found], first: usize) -> Result<Break, Error> {
    let journal = segments.first().map_or(0, |segment| segment.header.journal);
    let is_birth = first == 0 && segments.first().is_some_and(|segment| segment.header.base == 0);
    let mut chain = if is_birth { Chain::from_birth(journal) } else { Chain::from_anywhere(journal) };
    let mut at = first;
    loop {
        let segment = segments.get(at).ok_or(Error::MissingSegment { base: 0 })?;
        let (offset, fault) = survey::follow(storage, segment, &mut chain)?;
        let goes_on = segments.get(at + 1).map(|next| survey::starts_with_next(storage, next, chain)).transpose()?;
        if goes_on != Some(true) {
            return Ok(Break { segment: at, offset, fault, chain });
        }
        at += 1;
    }
}

/// Looks for a witness that the broken group had been acknowledged. `surveys` begin with the segment of the break.
fn refuse_hole(storage: &dyn Storage, segments: &[Found], end: &Break, surveys: &[Survey]) -> Result<(), Error> {
    let Some((broken, offset, fault)) = blame(storage, segments, end)? else { return Ok(()) };
    if let Fault::Version(version) = fault {
        return Err(Error::Version { file: broken.name.clone(), offset, version });
    }
    for (segment, survey) in segments.iter().skip(end.segment).zip(surveys) {
        let Some((later_offset, later)) = &survey.witness else { continue };
        let index = end.chain.next_index().ok_or_else(|| no_groups(segments, end))?;
        if later.durable_index >= index {
            return Err(Error::Hole {
                file: broken.name.clone(),
                offset,
                index,
                what: fault.to_string(),
                later_file: segment.name.clone(),
                later_offset: *later_offset,
                durable_index: later.durable_index,
            });
        }
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
    let (offset, fault) = survey::follow(storage, next, &mut end.chain.clone())?;
    let is_next = offset == FIRST_GROUP_AT && end.fault.yields_to(fault);
    Ok(if is_next { Some((next, offset, fault)) } else { broken })
}

/// Not the first segment, and yet its first group cannot be read.
fn no_groups(segments: &[Found], end: &Break) -> Error {
    let file = segments.get(end.segment).map(|segment| segment.name.clone()).unwrap_or_default();
    Error::Corrupt { file, offset: end.offset, what: end.fault.to_string() }
}

/// Keeps the segments after the tail that are whole, empty and of the right size; removes the others.
fn keep_empty(
    storage: &dyn Storage,
    later: &[Found],
    surveys: &[Survey],
    segment_bytes: u64,
) -> Result<VecDeque<Prepared>, Error> {
    let mut kept = VecDeque::new();
    let mut is_broken = false;
    for (segment, survey) in later.iter().zip(surveys) {
        is_broken |= survey.used_end != FIRST_GROUP_AT || segment.header.segment_bytes != segment_bytes;
        if is_broken {
            storage.remove(&segment.name).map_err(Error::io("remove", &segment.name))?;
        } else {
            kept.push_back(Prepared { header: segment.header, file: segment.open(storage)? });
        }
    }
    if is_broken {
        storage.sync_dir().map_err(Error::io("sync the folder", "."))?;
    }
    Ok(kept)
}

/// Zeroes what follows the last sound group up to `used_end`, durably.
fn zero_tail(storage: &dyn Storage, segment: &Found, from: u64, used_end: u64) -> Result<(), Error> {
    let file = segment.open(storage)?;
    let zeros = AlignedBuffer::new(256 << 10);
    let mut at = from;
    while at < used_end {
        let piece = (used_end - at).min(zeros.len() as u64);
        file.write_at(&zeros[..piece as usize], at).map_err(Error::io("zero the tail of", &segment.name))?;
        at += piece;
    }
    file.sync().map_err(Error::io("sync", &segment.name))
}
