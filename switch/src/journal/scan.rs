//! Reads one segment that is in memory, whatever is in it. Pure; never panics.
//!
//! Used by `clearway journal inspect` through [`inspect`](super::inspect) and by the fuzz target. Opening applies the same checks
//! ([`Chain::step`]) to a file, piece by piece.

use super::chain::Chain;
use super::frame::{BLOCK_BYTES, Fault, GroupHeader};
use super::segment::{FIRST_GROUP_AT, HeaderFault, SegmentHeader};

/// What is in a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The segment's header, or what is wrong with it (nothing more is known then).
    pub header: Result<SegmentHeader, HeaderFault>,
    /// Sound groups that follow each other from the start.
    pub groups: u64,
    /// Records in them.
    pub frames: u64,
    /// Bytes of these records.
    pub payload_bytes: u64,
    /// Index of the first and the last of these groups; 0 if there is none.
    pub first_index: u64,
    /// See `first_index`.
    pub last_index: u64,
    /// Where they end, in bytes from the start of the segment.
    pub end: u64,
    /// What is there instead of a further group; [`Fault::Empty`] also at the very end of the segment.
    pub fault: Fault,
    /// The last group header that can be read behind `end`, and where: if its `durable_index` is above `last_index` the fault is a
    /// hole, otherwise an unacknowledged tail.
    pub later: Option<(u64, GroupHeader)>,
    /// Where the last block that is not zero ends, in bytes from the start of the segment.
    pub used_end: u64,
}

/// Reads the segment in `bytes`.
#[must_use]
pub fn scan_bytes(bytes: &[u8]) -> Report {
    scan(bytes, None, &mut |_| {})
}

/// [`scan_bytes`], telling `each` about every sound group, and checking that the first one continues `chain`.
pub(crate) fn scan(bytes: &[u8], chain: Option<&mut Chain>, each: &mut dyn FnMut(&GroupHeader)) -> Report {
    let header = SegmentHeader::decode(bytes);
    let mut report = Report {
        header,
        groups: 0,
        frames: 0,
        payload_bytes: 0,
        first_index: 0,
        last_index: 0,
        end: FIRST_GROUP_AT,
        fault: Fault::Short,
        later: None,
        used_end: 0,
    };
    let Ok(header) = header else { return report };
    let mut own = Chain::from_anywhere(header.journal);
    let chain = chain.unwrap_or(&mut own);
    let bytes = bytes.get(..usize::try_from(header.segment_bytes).unwrap_or(usize::MAX)).unwrap_or(bytes);
    report.fault = follow(bytes, &header, chain, &mut report, each);
    look_behind(bytes, &header, &mut report);
    report
}

/// Follows the sound groups; gives the fault that ends them.
fn follow(
    bytes: &[u8],
    segment: &SegmentHeader,
    chain: &mut Chain,
    report: &mut Report,
    each: &mut dyn FnMut(&GroupHeader),
) -> Fault {
    loop {
        let group = usize::try_from(report.end).ok().and_then(|end| bytes.get(end..)).unwrap_or_default();
        if group.is_empty() {
            return Fault::Empty;
        }
        let header = match chain.step(group, segment.base, report.end) {
            Ok(header) => header,
            Err(fault) => return fault,
        };
        each(&header);
        report.groups += 1;
        report.frames += u64::from(header.frame_count);
        report.payload_bytes += header.frames(group).map(|frame| frame.payload.len() as u64).sum::<u64>();
        if report.first_index == 0 {
            report.first_index = header.index;
        }
        report.last_index = header.index;
        report.end += header.group_bytes();
    }
}

/// Looks at every block behind the sound groups.
fn look_behind(bytes: &[u8], segment: &SegmentHeader, report: &mut Report) {
    let chain = Chain::from_anywhere(segment.journal);
    report.used_end = report.end;
    let rest = usize::try_from(report.end).ok().and_then(|end| bytes.get(end..)).unwrap_or_default();
    let mut at = report.end;
    for block in rest.chunks(BLOCK_BYTES) {
        match chain.decode(block) {
            Err(Fault::Empty) => {}
            Ok((header, _)) if chain.is_at_home(&header, segment.base, at) => {
                report.later = Some((at, header));
                report.used_end = at + block.len() as u64;
            }
            _ => report.used_end = at + block.len() as u64,
        }
        at += block.len() as u64;
    }
}
