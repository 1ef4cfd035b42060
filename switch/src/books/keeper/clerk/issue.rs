//! What a sealed batch is told in: the archive, and from it the statements.

use std::path::PathBuf;
use std::sync::Arc;

use clearway_codec::value::{BeijingTime, Date};

use super::super::task::Outcome;
use super::Clerk;
use super::stoppable::Stoppable;
use crate::books::archive::{self, Archive, Writing};
use crate::books::extract::Records;
use crate::books::statement::Statements;
use crate::books::{BatchEntry, Silent};
use crate::domain::clearing::{BatchEvent, BatchName};
use crate::error::{Error, Fault};

/// The digest of the archive, among those of the batch.
const ARCHIVE: &str = "archive";

impl Clerk {
    pub(super) fn archive(&self, batch: BatchName, now_us: u64) -> Result<Outcome, Error> {
        let (kept, parts) = (self.entry(batch)?, &self.parts);
        let records = Records::of_journal(&parts.journal).until(kept.content.until_position).stopped_by(&parts.stop);
        let desk = parts.desk();
        let writing = Writing {
            dir: &self.archive_dir(),
            batch,
            provisional: false,
            name_of: &|participant| desk.issr_id(participant),
            threads: parts.section.threads,
        };
        let archived = archive::write(&records, &writing, &Silent, &*parts.steps)?;
        confirm("archive", &kept.content, [archived.rows, archived.moved_fen])?;
        self.record_event(&kept, BatchEvent::Archived, Vec::new(), now_us, |entry| {
            entry.with_digest(ARCHIVE, archived.digest)
        })?;
        Ok(Outcome::Done)
    }

    pub(super) fn state(&self, batch: BatchName, now_us: u64) -> Result<Outcome, Error> {
        let (kept, parts) = (self.entry(batch)?, &self.parts);
        let archive = Archive::new(self.archive_dir());
        if let Some(digest) = kept.content.digests.get(ARCHIVE) {
            archive.check(batch, digest)?;
        }
        let source = Stoppable { source: &archive, stop: &parts.stop };
        let statements = self.statements();
        let manifest = statements.write(batch, &source, &Silent, &*parts.steps)?;
        confirm("statements", &kept.content, [manifest.lines, kept.content.moved_fen])?;
        self.record_event(&kept, BatchEvent::Stated, Vec::new(), now_us, |entry| {
            entry.with_digest("statements", manifest.digest())
        })?;
        Ok(Outcome::Done)
    }

    /// Hands out the keys of today's and tomorrow's files: once for each day, and again when certificates were reloaded.
    pub(super) fn hand_out_keys(&self, now_us: u64) -> Result<Outcome, Error> {
        let statements = self.statements();
        if !statements.are_encrypted() {
            return Ok(Outcome::Nothing);
        }
        let (today, ring) = (BeijingTime::from_unix_micros(now_us).date(), (self.parts.ring)());
        let mut handed = self.handed.lock();
        if handed.as_ref().is_some_and(|(day, known)| *day == today && Arc::ptr_eq(known, &ring)) {
            return Ok(Outcome::Nothing);
        }
        for day in [Some(today), Date::from_days(today.days() + 1)].into_iter().flatten() {
            let done = statements.hand_out_keys(day, &ring, &*self.parts.steps)?;
            for participant in done.without {
                tracing::warn!(%participant, %day, "no encryption certificate: the participant cannot read its statements");
            }
        }
        *handed = Some((today, ring));
        Ok(Outcome::Done)
    }

    fn statements(&self) -> Statements {
        Statements::new(&self.parts.section, &self.parts.participants, &self.parts.digest)
    }

    fn archive_dir(&self) -> PathBuf {
        self.parts.section.dir.join("archive")
    }
}

/// Nothing goes out that does not come to what was sealed.
fn confirm(what: &str, entry: &BatchEntry, found: [u64; 2]) -> Result<(), Error> {
    let sealed = [entry.payments, entry.moved_fen];
    if found == sealed {
        return Ok(());
    }
    let [lines, fen] = found;
    let text = format!(
        "the {what} came to {lines} lines and {fen} fen, and the batch to {} and {}",
        entry.payments, entry.moved_fen
    );
    Err(Error::new(Fault::Data, text).remedy("run `clearway books recompute` and look which is right"))
}
