//! What the next group must look like: the rule that makes groups a sequence. Pure.
//!
//! Invariant: after [`Chain::follow`] the chain names exactly one index and one predecessor checksum, so that a group of an
//! earlier life of the same blocks cannot continue it.

use super::frame::{Fault, GroupHeader, GroupKind, JOURNAL_AT};

/// The end of the groups seen so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    journal: u64,
    /// `None`: the groups before are not known (a segment is read on its own).
    last: Option<Last>,
}

/// The last group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Last {
    pub(crate) index: u64,
    pub(crate) term: u64,
    pub(crate) crc: u32,
    pub(crate) kind: GroupKind,
    durable_index: u64,
}

impl Chain {
    /// A journal without groups: the first has index 1 and names 0 as its predecessor's checksum.
    pub(crate) fn from_birth(journal: u64) -> Self {
        Self { journal, last: Some(Last { index: 0, term: 0, crc: 0, kind: GroupKind::Seal, durable_index: 0 }) }
    }

    /// Somewhere in a journal: takes the first group as it is.
    pub(crate) fn from_anywhere(journal: u64) -> Self {
        Self { journal, last: None }
    }

    pub(crate) fn last(&self) -> Option<Last> {
        self.last
    }

    /// The index that must come next, if known.
    pub(crate) fn next_index(&self) -> Option<u64> {
        self.last.map(|last| last.index.saturating_add(1))
    }

    /// Reads a group header. One of another version counts only if it is of this journal: the place of the journal's name is the same in
    /// every version, and a record that happens to look like a header must not keep a node from starting.
    pub(crate) fn decode(&self, bytes: &[u8]) -> Result<(GroupHeader, u32), Fault> {
        match GroupHeader::decode(bytes) {
            Err(Fault::Version(_)) if bytes.get(JOURNAL_AT) != Some(&self.journal.to_le_bytes()) => {
                Err(Fault::NotAGroup)
            }
            decoded => decoded,
        }
    }

    /// Whether `header` is of this journal and lies where it says.
    pub(crate) fn is_at_home(&self, header: &GroupHeader, segment_base: u64, offset: u64) -> bool {
        header.journal == self.journal && header.segment_base == segment_base && u64::from(header.offset) == offset
    }

    /// Whether `header` follows.
    pub(crate) fn continues_with(&self, header: &GroupHeader) -> bool {
        let Some(last) = self.last else { return true };
        header.index == last.index.saturating_add(1)
            && header.previous_crc == last.crc
            && header.term >= last.term
            && header.durable_index >= last.durable_index
    }

    /// Goes on to `header`, whose checksum is `crc`.
    pub(crate) fn follow(&mut self, header: &GroupHeader, crc: u32) {
        self.last = Some(Last {
            index: header.index,
            term: header.term,
            crc,
            kind: header.kind,
            durable_index: header.durable_index,
        });
    }

    /// Checks the whole group at the start of `bytes` and goes on to it.
    pub(crate) fn step(&mut self, bytes: &[u8], segment_base: u64, offset: u64) -> Result<GroupHeader, Fault> {
        let (header, crc) = self.decode(bytes)?;
        if !self.is_at_home(&header, segment_base, offset) || !self.continues_with(&header) {
            return Err(Fault::Misplaced);
        }
        header.check_frames(bytes)?;
        self.follow(&header, crc);
        Ok(header)
    }
}
