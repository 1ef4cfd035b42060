//! Findings about a journal as text for people.

use std::fmt::{Result, Write};

use super::inspection::{Inspection, SegmentLine};
use super::verifier::RecordFindings;
use super::walk::{SegmentFindings, Verification};

impl Verification {
    /// The findings as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.journal.write_text(&mut text).and_then(|()| self.records.write_text(&mut text));
        text.push_str(if self.good { "good\n" } else { "NOT GOOD\n" });
        text
    }
}

impl Inspection {
    /// The listing as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let _ = self.write_text(&mut text);
        text
    }

    fn write_text(&self, out: &mut String) -> Result {
        self.journal.write_text(out)?;
        writeln!(out, "largest group {} bytes of records\n", self.largest_group_bytes)?;
        self.segments.iter().try_for_each(|segment| segment.write_text(out))?;
        writeln!(out, "\nrecords by kind")?;
        for (kind, count) in &self.kinds {
            writeln!(out, "  {kind:<26} {count:>12}")?;
        }
        writeln!(out, "\nlast records")?;
        self.tail.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

impl SegmentFindings {
    fn write_text(&self, out: &mut String) -> Result {
        writeln!(out, "segments      {}, {} bytes", self.segments, self.disk_bytes)?;
        writeln!(out, "groups        {}, the last is number {}", self.groups, self.last_group)?;
        writeln!(out, "records       {}, {} bytes", self.records, self.record_bytes)?;
        match (self.verdict, self.place.as_deref().unwrap_or_default()) {
            ("sound", _) => writeln!(out, "segments are  sound"),
            ("tail", place) => {
                writeln!(out, "segments are  sound up to an unacknowledged tail, which the next start cuts ({place})")
            }
            (_, place) => writeln!(out, "segments are  DAMAGED: the node would not start ({place})"),
        }
    }
}

impl SegmentLine {
    fn write_text(&self, out: &mut String) -> Result {
        let (first, last) = self.group_range;
        write!(out, "{}  position {}, {} bytes: ", self.file, self.base, self.bytes)?;
        if self.groups == 0 {
            return writeln!(out, "{}", self.then);
        }
        let (groups, seals, records) = (self.groups, self.seals, self.records);
        writeln!(
            out,
            "groups {first} to {last} ({groups}, of them {seals} seals), {records} records of {} bytes, terms {} to {}, used to {}; then: {}",
            self.record_bytes, self.terms.0, self.terms.1, self.end, self.then
        )
    }
}

impl RecordFindings {
    fn write_text(&self, out: &mut String) -> Result {
        let statuses: Vec<_> =
            self.payments_by_status.iter().map(|(status, count)| format!("{status}: {count}")).collect();
        writeln!(out, "payments      {} ({})", self.payments, statuses.join(", "))?;
        match self.signatures {
            Some(counts) => writeln!(
                out,
                "signatures    {} valid, {} of answers that were not believed, {} WRONG, of {} messages",
                counts.valid, counts.disbelieved, counts.wrong, self.messages
            )?,
            None => {
                writeln!(out, "signatures    not verified (--config verifies those of all {} messages)", self.messages)?
            }
        }
        for fault in &self.faults {
            writeln!(out, "WRONG         {fault}")?;
        }
        let untold = self.fault_count.saturating_sub(self.faults.len() as u64);
        if untold == 0 { Ok(()) } else { writeln!(out, "WRONG         and {untold} more") }
    }
}
