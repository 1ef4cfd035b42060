//! What the books of a node are made from.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clearway_codec::value::InstitutionId;
use clearway_crypto::{DigestKey, EncryptionRing};

use crate::books::{Desk, Steps};
use crate::config::{BooksSection, Participants};
use crate::domain::calendar::Calendar;
use crate::domain::register::BookEntry;
use crate::error::Error;
use crate::journal::Journal;
use crate::positions::Live;
use crate::registers::Registers;
use crate::shelf::Shelves;
use crate::table::{Orders, Table};

/// Records entries, all or none, and returns when they are durable.
pub type RecordBooks = dyn Fn(u64, Vec<BookEntry>) -> Result<(), Error> + Send + Sync;

/// The parts of a node that its books work on.
pub struct Parts {
    /// `[books]`.
    pub section: BooksSection,
    /// Id of the switch, the central counterparty.
    pub switch: InstitutionId,
    /// Who takes part.
    pub participants: Participants,
    /// Working days of the large-value system.
    pub calendar: Calendar,
    /// What keys of days are derived from.
    pub digest: Arc<DigestKey>,
    /// What keys of days are sealed to participants with; asked anew each time, since it is reloaded.
    pub ring: Box<dyn Fn() -> Arc<EncryptionRing> + Send + Sync>,
    /// What is decided.
    pub registers: Arc<Registers>,
    /// Decides.
    pub record: Box<RecordBooks>,
    /// The sums of open batches.
    pub live: Arc<Live>,
    /// Where all is kept.
    pub journal: Arc<Journal>,
    /// Payments in memory.
    pub table: Arc<Table>,
    /// Orders by number, in memory as long as their payments are.
    pub orders: Arc<Orders>,
    /// Payments that have left it.
    pub shelves: Arc<Shelves>,
    /// Is told of every step.
    pub steps: Arc<dyn Steps>,
    /// Set when the node ends: long works then break off.
    pub stop: Arc<AtomicBool>,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("section", &self.section).finish_non_exhaustive()
    }
}

impl Parts {
    /// What a work is given.
    pub(super) fn desk(&self) -> Desk<'_> {
        Desk {
            dir: &self.section.dir,
            participants: &self.participants,
            registers: &self.registers,
            record: &*self.record,
            steps: &*self.steps,
        }
    }
}
