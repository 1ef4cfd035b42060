//! What the journal keeps of a session.

use clearway_codec::value::Date;
use serde::{Deserialize, Serialize};

use super::super::{BatchEntry, Kept, Space};
use crate::domain::clearing::{BatchName, Opening, SessionName};
use crate::error::{Error, Fault};
use crate::registers::Registers;

/// A session that was held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionEntry {
    /// The last batch of payments that it has looked at: the end of its window, or less when there was too much for one session.
    pub until: BatchName,
    /// The batches whose positions it settles, in the order of time.
    pub batches: Vec<BatchName>,
    /// Batches up to `until` that were not sealed in time: the next session looks at them again.
    pub left_out: Vec<BatchName>,
    /// Orders: clearing banks with a position that is not zero.
    pub orders: usize,
    /// What its orders collect, and pay out, fen.
    pub moved_fen: u64,
    /// Whether all of its orders are recorded.
    pub is_ordered: bool,
}

impl SessionEntry {
    /// What the registers hold about a session.
    ///
    /// # Errors
    /// [`Fault::Data`] when the entry was written by a version that this one does not know.
    pub fn find(registers: &Registers, session: SessionName) -> Result<Option<Kept<Self>>, Error> {
        let entry = registers.book_entry(Space::Session.key(session.as_u64()));
        Ok(entry.map(|entry| Kept::read(&entry)).transpose()?)
    }
}

/// The sessions of a day that were held.
///
/// # Errors
/// As [`SessionEntry::find`].
pub fn sessions_of_day(registers: &Registers, day: Date) -> Result<Vec<(SessionName, Kept<SessionEntry>)>, Error> {
    let mut found = Vec::new();
    for opening in [Opening::Morning, Opening::Afternoon] {
        let session = SessionName { day, opening };
        found.extend(SessionEntry::find(registers, session)?.map(|kept| (session, kept)));
    }
    Ok(found)
}

/// The session that an entry is about.
pub(super) fn session_of(kept: &Kept<SessionEntry>) -> Result<SessionName, Error> {
    let session = SessionName::from_u64(kept.number());
    session.ok_or_else(|| Error::new(Fault::Data, "an entry of the books names no session"))
}

/// The positions of a batch that a session holds, which was sealed.
pub(super) fn batch_of(registers: &Registers, batch: BatchName) -> Result<BatchEntry, Error> {
    let sealed = BatchEntry::find(registers, batch)?.filter(|kept| kept.content.phase.is_sealed());
    let missing = || Error::new(Fault::Data, "a session holds a batch that is not sealed").at(batch.to_string());
    sealed.map(|kept| kept.content).ok_or_else(missing)
}
