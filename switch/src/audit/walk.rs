//! Puts the audit's questions to a journal on disk. Reads only: may run beside a node.

use std::path::Path;

use clearway_codec::value::TrxId;
use serde::Serialize;

use super::report::Trace;
use super::signature::SignatureJudge;
use super::trace::Tracer;
use super::verifier::{RecordFindings, Verifier};
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

/// Rebuilds one payment from the journal that `config` names; nothing when the journal has no record of it.
///
/// # Errors
/// No journal there, files that cannot be read, keys that cannot be loaded.
pub fn trace(config: &Config, trx_id: TrxId, evidence: bool) -> Result<Option<Trace>, Error> {
    let mut tracer = Tracer::new(trx_id, evidence, &config.participants, SignatureJudge::new(config)?);
    let summary = walk(&config.journal.dir, &mut |item| {
        if let Item::Group { frames, .. } = item {
            frames.for_each(|frame| tracer.take(frame.position.as_u64(), frame.payload));
        }
    })?;
    if let Verdict::Damaged { file, offset, fault } = &summary.verdict {
        tracer.add_fault(format!("the journal is damaged, records may be missing: {file} at byte {offset}: {fault}"));
    }
    Ok(tracer.finish())
}

/// Walks the journal in `dir` and judges every record, with `judge` every signature too.
///
/// # Errors
/// No journal there, files that cannot be read.
pub fn verify(dir: &Path, judge: Option<SignatureJudge>) -> Result<Verification, Error> {
    let mut judge = Some(judge);
    let mut verifier = None;
    let summary = walk(dir, &mut |item| match item {
        Item::Segment { header, .. } => {
            if let Some(judge) = judge.take() {
                verifier = Some(Verifier::new(header.base == 0, judge));
            }
        }
        Item::Group { frames, .. } => {
            if let Some(verifier) = &mut verifier {
                frames.for_each(|frame| verifier.take(frame.position.as_u64(), frame.payload));
            }
        }
        Item::End { .. } => {}
    })?;
    let records = verifier.map(Verifier::finish).unwrap_or_default();
    let journal = SegmentFindings::of(&summary);
    Ok(Verification { good: records.fault_count == 0 && journal.verdict != "damaged", journal, records })
}

/// Walks all segments; a folder without a journal is an error.
pub(super) fn walk(dir: &Path, each: &mut dyn FnMut(Item<'_>)) -> Result<Summary, Error> {
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
