//! What a work of the books is given.

use std::path::Path;

use super::Steps;
use crate::config::Participants;
use crate::domain::register::BookEntry;
use crate::error::Error;
use crate::registers::Registers;

/// Where a work of the books reads what is decided, records what it decides, and puts its files.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// `[books] dir`.
    pub dir: &'a Path,
    /// Who takes part.
    pub participants: &'a Participants,
    /// What is decided so far.
    pub registers: &'a Registers,
    /// Records decisions made at the given unix microseconds, all or none, and returns when they are durable.
    pub record: &'a dyn Fn(u64, Vec<BookEntry>) -> Result<(), Error>,
    /// Is told of every step.
    pub steps: &'a dyn Steps,
}

impl Desk<'_> {
    /// Records `entries`; nothing when there are none.
    ///
    /// # Errors
    /// The journal takes no more, or has stopped.
    pub fn record(&self, at_us: u64, entries: Vec<BookEntry>) -> Result<(), Error> {
        if entries.is_empty() {
            return Ok(());
        }
        (self.record)(at_us, entries)?;
        self.steps.taken("entries recorded");
        Ok(())
    }

    /// The IssrId of a participant, for files and people; its number when the configuration does not know it any more.
    #[must_use]
    pub fn issr_id(&self, participant: u16) -> String {
        let known = self.participants.get(participant);
        known.map_or_else(|| format!("#{participant}"), |participant| participant.id.as_str().to_owned())
    }
}
