//! The durable part of a journal, to be read as often as one likes: by the node that writes it, or from its folder alone.
//!
//! Invariant: reads only, takes no lock, and never shows a record behind the end that was durable when it was made. So it may be read
//! beside a node that runs; what the node appends later is not in it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::aligned::AlignedBuffer;
use super::directory::Directory;
use super::error::Error;
use super::frame::{BLOCK_BYTES, GroupHeader};
use super::position::Position;
use super::recover;
use super::replay::{self, Consumer, Stretch};
use super::segment::{self, FIRST_GROUP_AT};
use super::storage::Storage;
use super::survey::find_segments;

/// Looks at a folder whose node may be writing: its last groups are read one after the other and may look like a hole, and a segment
/// may be retired between two looks.
const LOOKS_MAX: usize = 5;
/// Groups at the start of a segment that are looked through for its first record: seals have none.
const FIRST_GROUPS_MAX: usize = 16;

/// See the module head.
pub struct Stored {
    storage: Arc<dyn Storage>,
    journal: u64,
    /// Base and length of each segment.
    segments: BTreeMap<u64, u64>,
    end: Position,
}

impl Stored {
    /// The journal in `dir`, up to the last sound group.
    ///
    /// # Errors
    /// [`Error::NoJournal`] when there is none, and what opening says about damage: [`Error::Hole`], [`Error::Corrupt`],
    /// [`Error::MissingSegment`], [`Error::Version`], [`Error::Io`].
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let storage: Arc<dyn Storage> = Arc::new(Directory::read_only(dir));
        let mut looks = 1;
        loop {
            match Self::look(&storage) {
                Err(Error::Hole { .. } | Error::Io { .. } | Error::MissingSegment { .. }) if looks < LOOKS_MAX => {
                    looks += 1
                }
                Ok(None) => return Err(Error::NoJournal(dir.to_owned())),
                Ok(Some(stored)) => return Ok(stored),
                Err(error) => return Err(error),
            }
        }
    }

    fn look(storage: &Arc<dyn Storage>) -> Result<Option<Self>, Error> {
        let segments = find_segments(&**storage, false)?;
        let Some(first) = segments.first() else { return Ok(None) };
        let end = recover::find_end(&**storage, &segments)?;
        let catalogue = segments.iter().map(|found| (found.header.base, found.header.segment_bytes)).collect();
        Ok(Some(Self::new(Arc::clone(storage), first.header.journal, catalogue, end)))
    }

    pub(crate) fn new(storage: Arc<dyn Storage>, journal: u64, segments: BTreeMap<u64, u64>, end: Position) -> Self {
        Self { storage, journal, segments, end }
    }

    /// Start of the oldest segment that is kept.
    #[must_use]
    pub fn oldest(&self) -> Position {
        Position(self.segments.keys().next().copied().unwrap_or_default())
    }

    /// Behind the last record.
    #[must_use]
    pub const fn end(&self) -> Position {
        self.end
    }

    /// Start of each segment that holds records, in order.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = Position> {
        self.segments.range(..self.end.0).map(|(base, _)| Position(*base))
    }

    /// Hands every record from `from` (a record's position, a segment's, or [`Position::START`]) on to `consumer`, in order.
    ///
    /// # Errors
    /// [`Error::Corrupt`] at the first byte that is not as it was written, [`Error::OutOfRange`], and whatever `consumer` says.
    pub fn replay(&self, from: Position, consumer: &mut Consumer<'_>) -> Result<(), Error> {
        let oldest = self.oldest();
        let from = if from == Position::START { oldest } else { from };
        if from < oldest || from > self.end {
            return Err(Error::OutOfRange { from, oldest, next: self.end });
        }
        let kept = self.segments.iter().filter(|(base, bytes)| **base < self.end.0 && **base + **bytes > from.0);
        let segments = kept.map(|(base, bytes)| (*base, *bytes)).collect();
        let stretch = Stretch { journal: self.journal, segments, from, end: self.end };
        replay::replay(&self.storage, &stretch, consumer)
    }

    /// The first record of the segment that starts at `base`; nothing when there is none within its first groups.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn first_record(&self, base: Position) -> Result<Option<Vec<u8>>, Error> {
        let name = segment::segment_name(base.0);
        let file = self.storage.open(&name).map_err(Error::io("open", &name))?;
        let mut at = FIRST_GROUP_AT;
        for _ in 0..FIRST_GROUPS_MAX {
            if base.0 + at >= self.end.0 {
                break;
            }
            let mut group = AlignedBuffer::new(BLOCK_BYTES);
            file.read_at(&mut group, at).map_err(Error::io("read", &name))?;
            let Ok((header, _)) = GroupHeader::decode(&group) else { break };
            if header.journal != self.journal || header.segment_base != base.0 {
                break;
            }
            if header.frame_count > 0 {
                group = AlignedBuffer::new(usize::try_from(header.group_bytes()).unwrap_or(BLOCK_BYTES));
                file.read_at(&mut group, at).map_err(Error::io("read", &name))?;
                let sound = header.check_frames(&group).is_ok();
                return Ok(header.frames(&group).next().filter(|_| sound).map(|frame| frame.payload.to_vec()));
            }
            at += header.group_bytes();
        }
        Ok(None)
    }
}
