//! What `clearway journal inspect` lists: segments, groups, kinds of records, the tail.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use serde::Serialize;

use super::walk::{SegmentFindings, walk};
use super::words;
use crate::books::Progress;
use crate::domain::record::Entry;
use crate::error::Error;
use crate::journal::frame::GroupKind;
use crate::journal::inspect::Item;

/// One segment.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct SegmentLine {
    /// Its file.
    pub file: String,
    /// Position of its first byte.
    pub base: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// Sound groups in it.
    pub groups: u64,
    /// Of them, seals.
    pub seals: u64,
    /// Records in it.
    pub records: u64,
    /// Bytes of its records.
    pub record_bytes: u64,
    /// Numbers of its first and last group; 0 if there is none.
    pub group_range: (u64, u64),
    /// The openings (terms) that wrote it, first and last.
    pub terms: (u64, u64),
    /// Where its sound groups end, in bytes.
    pub end: u64,
    /// What comes then.
    pub then: String,
}

/// The result of [`inspect`].
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// The journal as a whole.
    pub journal: SegmentFindings,
    /// Every segment.
    pub segments: Vec<SegmentLine>,
    /// Records by kind.
    pub kinds: BTreeMap<&'static str, u64>,
    /// The largest group, in bytes of its records.
    pub largest_group_bytes: u64,
    /// The last records: position, when, what, about which payment.
    pub tail: Vec<String>,
}

/// Lists what is in the journal in `dir`.
///
/// # Errors
/// No journal there, files that cannot be read.
pub fn inspect(dir: &Path, progress: &dyn Progress) -> Result<Inspection, Error> {
    let (summary, listing) = walk(dir, progress, Listing::default, |listing, item| listing.take(item))?;
    Ok(Inspection {
        journal: SegmentFindings::of(&summary),
        segments: listing.segments,
        kinds: listing.kinds,
        largest_group_bytes: listing.largest_group_bytes,
        tail: listing.tail.into_iter().collect(),
    })
}

/// Records that `inspect` shows from the end.
const TAIL_RECORDS: usize = 10;

/// Collects an [`Inspection`].
#[derive(Default)]
struct Listing {
    segments: Vec<SegmentLine>,
    kinds: BTreeMap<&'static str, u64>,
    largest_group_bytes: u64,
    tail: VecDeque<String>,
    seals: u64,
    terms: (u64, u64),
}

impl Listing {
    fn take(&mut self, item: Item<'_>) {
        match item {
            Item::Segment { .. } => (self.seals, self.terms) = (0, (0, 0)),
            Item::Group { header, frames } => {
                self.seals += u64::from(header.kind == GroupKind::Seal);
                self.terms = (if self.terms.0 == 0 { header.term } else { self.terms.0 }, header.term);
                self.largest_group_bytes = self.largest_group_bytes.max(u64::from(header.payload_bytes));
                frames.for_each(|frame| self.take_record(frame.position.as_u64(), frame.payload));
            }
            Item::End { name, report } => {
                let (base, bytes) = report.header.as_ref().map_or((0, 0), |header| (header.base, header.segment_bytes));
                self.segments.push(SegmentLine {
                    file: name.to_owned(),
                    base,
                    bytes,
                    groups: report.groups,
                    seals: self.seals,
                    records: report.frames,
                    record_bytes: report.payload_bytes,
                    group_range: (report.first_index, report.last_index),
                    terms: self.terms,
                    end: report.end,
                    then: report.fault.to_string(),
                });
            }
        }
    }

    fn take_record(&mut self, position: u64, record: &[u8]) {
        let line = match Entry::decode(record) {
            Ok(Entry::Payment(view)) => {
                *self.kinds.entry(words::kind_name(view.kind)).or_insert(0) += 1;
                let what = words::kind(view.kind);
                format!(
                    "{position:>14}  {}  {:031}  step {:<3} {what}, {} bytes",
                    words::time(view.at_us),
                    view.payment.trx_id,
                    view.payment.step,
                    record.len()
                )
            }
            Ok(Entry::Registers { at_us, images }) => {
                *self.kinds.entry("registers").or_insert(0) += 1;
                format!("{position:>14}  {}  registers, {} bytes", words::time(at_us), images.len())
            }
            Err(error) => {
                *self.kinds.entry("unreadable").or_insert(0) += 1;
                format!("{position:>14}  unreadable: {error}")
            }
        };
        if self.tail.len() == TAIL_RECORDS {
            self.tail.pop_front();
        }
        self.tail.push_back(line);
    }
}
