//! Puts the audit's questions to a journal on disk. Reads only: may run beside a node.

use std::path::Path;

use clearway_codec::value::TrxId;
use serde::Serialize;

use super::report::Trace;
use super::signature::SignatureJudge;
use super::trace::Tracer;
use super::verifier::{RecordFindings, Verifier};
use crate::books::Progress;
use crate::config::Config;
use crate::error::{Error, Fault};
use crate::journal;
use crate::journal::inspect::{Item, Summary, Verdict};

/// What the segments of a journal are worth, whatever is in their records.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct SegmentFindings {
    /// Segments, prepared ones included.
    pub segments: usize,
    /// Bytes of all segments.
    pub disk_bytes: u64,
    /// Groups of records and seals.
    pub groups: u64,
    /// Records.
    pub records: u64,
    /// Bytes of the records.
    pub record_bytes: u64,
    /// Number of the last group.
    pub last_group: u64,
    /// `sound`, `tail` (unacknowledged bytes at the end, cut at the next start) or `damaged` (the node would not
    /// start).
    pub verdict: &'static str,
    /// Where the tail or the damage is, and what.
    pub place: Option<String>,
}

/// The result of [`verify`].
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Verification {
    /// Whether there is neither damage nor a fault in a record.
    pub good: bool,
    /// The segments.
    pub journal: SegmentFindings,
    /// Their records.
    pub records: RecordFindings,
}

/// Rebuilds one payment from the journal that `config` names; nothing when the journal has no record of it. Progress is in segments.
///
/// # Errors
/// No journal there, files that cannot be read, keys that cannot be loaded.
pub fn trace(config: &Config, trx_id: TrxId, evidence: bool, progress: &dyn Progress) -> Result<Option<Trace>, Error> {
    let judge = SignatureJudge::new(config)?;
    let fresh = || Tracer::new(trx_id, evidence, &config.participants, judge.clone());
    let (summary, mut tracer) = walk(&config.journal.dir, progress, fresh, |tracer, item| {
        if let Item::Group { frames, .. } = item {
            frames.for_each(|frame| tracer.take(frame.position.as_u64(), frame.payload));
        }
    })?;
    if let Verdict::Damaged { file, offset, fault } = &summary.verdict {
        tracer.add_fault(format!("the journal is damaged, records may be missing: {file} at byte {offset}: {fault}"));
    }
    Ok(tracer.finish())
}

/// Walks the journal in `dir` and judges every record, with `judge` every signature too. Progress is in segments.
///
/// # Errors
/// No journal there, files that cannot be read.
pub fn verify(dir: &Path, judge: Option<SignatureJudge>, progress: &dyn Progress) -> Result<Verification, Error> {
    // The first segment tells whether the walk begins with the journal's first record.
    let fresh = || None;
    let (summary, verifier) = walk(dir, progress, fresh, |verifier: &mut Option<Verifier>, item| match item {
        Item::Segment { header, .. } => {
            verifier.get_or_insert_with(|| Verifier::new(header.base == 0, judge.clone()));
        }
        Item::Group { frames, .. } => {
            if let Some(verifier) = verifier {
                frames.for_each(|frame| verifier.take(frame.position.as_u64(), frame.payload));
            }
        }
        Item::End { .. } => {}
    })?;
    let records = verifier.map(Verifier::finish).unwrap_or_default();
    let journal = SegmentFindings::of(&summary);
    Ok(Verification { good: records.fault_count == 0 && journal.verdict != "damaged", journal, records })
}

/// Walks of a journal that looks damaged each time at another place, at most.
const WALKS_MAX: usize = 5;

/// Walks all segments with a fresh collector. While a node is writing, its last groups can look like a hole because they
/// are read one after the other; so damage counts only when a second walk finds the same.
pub(super) fn walk<C>(
    dir: &Path,
    progress: &dyn Progress,
    fresh: impl Fn() -> C,
    take: impl Fn(&mut C, Item<'_>),
) -> Result<(Summary, C), Error> {
    let mut damage = None;
    let mut walks = 1;
    loop {
        let mut collector = fresh();
        let summary = walk_once(dir, &mut |item| {
            if let Item::Segment { done, all, .. } = item {
                progress.at(done as u64, all as u64);
            }
            take(&mut collector, item);
        })?;
        let is_damaged = matches!(summary.verdict, Verdict::Damaged { .. });
        if !is_damaged || damage.as_ref() == Some(&summary.verdict) || walks == WALKS_MAX {
            return Ok((summary, collector));
        }
        damage = Some(summary.verdict);
        walks += 1;
    }
}

/// A folder without a journal is an error.
fn walk_once(dir: &Path, each: &mut dyn FnMut(Item<'_>)) -> Result<Summary, Error> {
    let place = dir.display().to_string();
    let summary = journal::inspect::walk(dir, each).map_err(|error| {
        let fault = if matches!(error, journal::Error::Io { .. }) { Fault::Environment } else { Fault::Data };
        Error::new(fault, error.to_string()).at(place.clone()).caused_by(error)
    })?;
    if summary.segments == 0 {
        return Err(Error::new(Fault::Environment, "there is no journal")
            .at(place)
            .remedy("name the folder that [journal] dir of clearway.toml names"));
    }
    Ok(summary)
}

impl SegmentFindings {
    pub(super) fn of(summary: &Summary) -> Self {
        let (verdict, place) = match &summary.verdict {
            Verdict::Sound => ("sound", None),
            Verdict::Tail { file, offset, fault } => ("tail", Some(format!("{file} at byte {offset}: {fault}"))),
            Verdict::Damaged { file, offset, fault } => ("damaged", Some(format!("{file} at byte {offset}: {fault}"))),
        };
        Self {
            segments: summary.segments,
            disk_bytes: summary.disk_bytes,
            groups: summary.groups,
            records: summary.frames,
            record_bytes: summary.payload_bytes,
            last_group: summary.last_index,
            verdict,
            place,
        }
    }
}
