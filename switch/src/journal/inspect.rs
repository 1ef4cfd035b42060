//! Looks at all segments of a journal without changing anything: for `clearway journal verify` and `inspect`.
//!
//! Invariant: reads only; needs no lock, so it may run beside a node (the end may then look torn for a moment). Holds one
//! segment in memory at a time.

use std::path::Path;

use super::chain::Chain;
use super::directory::Directory;
use super::error::Error;
use super::frame::{Fault, Frames, GroupHeader};
use super::scan::{self, Report};
use super::segment::{FIRST_GROUP_AT, SegmentHeader};
use super::storage::Storage;
use super::survey::find_segments;

/// One thing found, in order of position.
#[derive(Debug)]
pub enum Item<'i> {
    /// A segment begins.
    Segment {
        /// Its file.
        name: &'i str,
        /// Its header.
        header: &'i SegmentHeader,
        /// How many were before it.
        done: usize,
        /// How many there are.
        all: usize,
    },
    /// A sound group and its records.
    Group {
        /// The header.
        header: &'i GroupHeader,
        /// The records.
        frames: Frames<'i>,
    },
    /// A segment has been read.
    End {
        /// Its file.
        name: &'i str,
        /// What was in it.
        report: &'i Report,
    },
}

/// What opening would say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// Every byte is as it was written.
    #[default]
    Sound,
    /// The end was never acknowledged and would be cut.
    Tail {
        /// The segment.
        file: String,
        /// Where in it, in bytes.
        offset: u64,
        /// What is there.
        fault: Fault,
    },
    /// Acknowledged records are damaged or missing: the node would not start.
    Damaged {
        /// The segment.
        file: String,
        /// Where in it, in bytes.
        offset: u64,
        /// What is there.
        fault: Fault,
    },
}

/// The sum of a walk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Segments, empty ones included.
    pub segments: usize,
    /// Sound groups.
    pub groups: u64,
    /// Records in them.
    pub frames: u64,
    /// Bytes of these records.
    pub payload_bytes: u64,
    /// The last sound group.
    pub last_index: u64,
    /// Bytes of all segments.
    pub disk_bytes: u64,
    /// What opening would say.
    pub verdict: Verdict,
}

/// Walks the journal in `dir` and tells `each` what is there.
///
/// # Errors
/// [`Error::Io`], and what opening says about damaged segment headers and missing segments.
pub fn walk(dir: &Path, each: &mut dyn FnMut(Item<'_>)) -> Result<Summary, Error> {
    walk_storage(&Directory::read_only(dir), each)
}

/// A fault at which the sound groups of a segment end; none if the next segment goes on from there.
struct Suspicion {
    file: String,
    offset: u64,
    fault: Fault,
    index: Option<u64>,
}

pub(crate) fn walk_storage(storage: &dyn Storage, each: &mut dyn FnMut(Item<'_>)) -> Result<Summary, Error> {
    let segments = find_segments(storage, false)?;
    let mut summary = Summary::default();
    let Some(first) = segments.first() else { return Ok(summary) };
    let journal = first.header.journal;
    let mut chain = if first.header.base == 0 { Chain::from_birth(journal) } else { Chain::from_anywhere(journal) };
    let mut suspicion: Option<Suspicion> = None;
    for (done, segment) in segments.iter().enumerate() {
        let bytes = read_whole(storage, &segment.name, &segment.header)?;
        each(Item::Segment { name: &segment.name, header: &segment.header, done, all: segments.len() });
        let report = scan::scan(&bytes, Some(&mut chain), &mut |header| {
            let group = usize::try_from(header.offset).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
            each(Item::Group { header, frames: header.frames(group) });
        });
        each(Item::End { name: &segment.name, report: &report });
        summary.add(&segment.header, &report);
        let open = suspicion.take().filter(|open| report.groups == 0 && !open.fault.yields_to(report.fault));
        let open = open.unwrap_or_else(|| Suspicion {
            file: segment.name.clone(),
            offset: report.end,
            fault: report.fault,
            index: chain.next_index(),
        });
        judge(&mut summary.verdict, &open, &report);
        suspicion = Some(open);
    }
    Ok(summary)
}

impl Summary {
    fn add(&mut self, header: &SegmentHeader, report: &Report) {
        self.segments += 1;
        self.groups += report.groups;
        self.frames += report.frames;
        self.payload_bytes += report.payload_bytes;
        self.last_index = self.last_index.max(report.last_index);
        self.disk_bytes += header.segment_bytes;
    }
}

/// What the blocks behind a fault say about it.
fn judge(verdict: &mut Verdict, open: &Suspicion, report: &Report) {
    let (file, offset, fault) = (open.file.clone(), open.offset, open.fault);
    let is_used = report.used_end > report.end;
    match (&report.later, &*verdict) {
        (_, Verdict::Damaged { .. }) => {}
        (Some((_, later)), _) if open.index.is_none_or(|index| later.durable_index >= index) => {
            *verdict = Verdict::Damaged { file, offset, fault };
        }
        (_, Verdict::Sound) if is_used => *verdict = Verdict::Tail { file, offset, fault },
        // What looked like a tail was none if sound groups go on behind it.
        (_, Verdict::Tail { .. }) if report.groups > 0 && !is_used => *verdict = Verdict::Sound,
        _ => {}
    }
}

fn read_whole(storage: &dyn Storage, name: &str, header: &SegmentHeader) -> Result<Vec<u8>, Error> {
    let file = storage.open(name).map_err(Error::io("open", name))?;
    let mut bytes = vec![0; usize::try_from(header.segment_bytes).unwrap_or(FIRST_GROUP_AT as usize)];
    let read = file.read_at(&mut bytes, 0).map_err(Error::io("read", name))?;
    bytes.truncate(read);
    Ok(bytes)
}
