//! What the journal keeps of a batch: how far it is, and what it came to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CorruptEntry, Kept, Space};
use crate::domain::clearing::{BatchEvent, BatchName, BatchPhase, Positions, Side};
use crate::error::{Error, Fault};
use crate::registers::Registers;

/// One batch, from its closing on. Amounts are fen.
///
/// `nets` bounds the clearing banks of a node to about 2,500, by the length of an entry (ours).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchEntry {
    /// How far it is.
    pub phase: BatchPhase,
    /// When each phase was reached, unix microseconds.
    pub reached_us: BTreeMap<BatchPhase, u64>,
    /// Journal position at which, or before which, nothing of it stands.
    pub from_position: u64,
    /// Journal position behind everything that made its payments final.
    pub until_position: u64,
    /// Payments in it, of all final states; of a dispute batch, adjustments.
    pub payments: u64,
    /// Sum of the amounts that have moved: those of 00 and 03.
    pub moved_fen: u64,
    /// What each clearing bank is owed (above 0) or owes, by participant index; those at zero are left out.
    pub nets_fen: BTreeMap<u16, i128>,
    /// SHA-256 in hex of what was written for it, by what that is: `positions`, `archive`, `statements`, `shelf`.
    pub digests: BTreeMap<String, String>,
}

impl BatchEntry {
    /// A batch that has just been closed with these positions.
    pub fn closed(
        at_us: u64,
        [from_position, until_position]: [u64; 2],
        positions: &Positions,
        clears_into: impl Fn(u16) -> u16,
    ) -> Self {
        let mut nets_fen = positions.net_fen(clears_into);
        nets_fen.retain(|_, net| *net != 0);
        Self {
            phase: BatchPhase::Closed,
            reached_us: [(BatchPhase::Closed, at_us)].into(),
            from_position,
            until_position,
            payments: positions.payments(),
            moved_fen: moved_fen(positions),
            nets_fen,
            digests: BTreeMap::new(),
        }
    }

    /// The same with these positions, as they are when it is sealed.
    #[must_use]
    pub fn with_positions(self, positions: &Positions, clears_into: impl Fn(u16) -> u16) -> Self {
        let Self { phase, reached_us, digests, .. } = self;
        let stretch = [self.from_position, self.until_position];
        Self { phase, reached_us, digests, ..Self::closed(0, stretch, positions, clears_into) }
    }

    /// The batch after `event`, which happened at `at_us`; `None`: it cannot happen now.
    #[must_use]
    pub fn after(&self, event: BatchEvent, at_us: u64) -> Option<Self> {
        let phase = self.phase.after(event)?;
        let mut next = Self { phase, ..self.clone() };
        next.reached_us.insert(phase, at_us);
        Some(next)
    }

    /// The same with a digest noted.
    #[must_use]
    pub fn with_digest(mut self, of: &str, sha256_hex: String) -> Self {
        self.digests.insert(of.to_owned(), sha256_hex);
        self
    }

    /// What the registers hold about a batch.
    ///
    /// # Errors
    /// [`Fault::Data`] when the entry was written by a version that this one does not know.
    pub fn find(registers: &Registers, batch: BatchName) -> Result<Option<Kept<Self>>, Error> {
        let entry = registers.book_entry(Space::Batch.key(batch.as_u64()));
        entry.map(|entry| Kept::read(&entry).map_err(|corrupt| unreadable(&batch.to_string(), corrupt))).transpose()
    }

    /// All batches that the registers hold, in the order of time.
    ///
    /// # Errors
    /// As [`BatchEntry::find`].
    pub fn all(registers: &Registers) -> Result<BTreeMap<BatchName, Kept<Self>>, Error> {
        let read = |entry: &_| {
            let kept = Kept::<Self>::read(entry).map_err(|corrupt| unreadable("a batch", corrupt))?;
            let batch = BatchName::from_u64(kept.number());
            let batch = batch.ok_or_else(|| Error::new(Fault::Data, "an entry of the books names no batch"))?;
            Ok((batch, kept))
        };
        // Payments and adjustments stand apart in the keys.
        registers.book_entries(Space::Batch.keys()).iter().map(read).collect()
    }
}

/// Each payment once: by its debit.
fn moved_fen(positions: &Positions) -> u64 {
    let debits = positions.cells().filter(|(key, _)| key.side == Side::Debit && key.moves_money());
    debits.fold(0, |all, (_, sum)| crate::domain::clearing::add_fen(all, sum.amount_fen))
}

fn unreadable(what: &str, corrupt: CorruptEntry) -> Error {
    Error::new(Fault::Data, "an entry of the books cannot be read")
        .at(what)
        .remedy("run the version that wrote it")
        .caused_by(corrupt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clearing::{CellKey, Sum};

    fn positions() -> Positions {
        let mut positions = Positions::default();
        for (participant, side) in [(9, Side::Initiator), (1, Side::Debit), (2, Side::Credit)] {
            for (status, amount_fen) in [(0, 500), (1, 90), (3, 20)] {
                positions.add(CellKey { participant, side, business: 1, status }, Sum { count: 1, amount_fen });
            }
        }
        positions
    }

    #[test]
    fn an_entry_goes_its_way_and_reads_back() {
        let closed = BatchEntry::closed(5, [100, 200], &positions(), |bank| bank);
        assert_eq!((closed.payments, closed.moved_fen), (3, 520));
        assert_eq!(closed.nets_fen, [(1, -520), (2, 520)].into());
        let stopped = closed.after(BatchEvent::Disagreed, 6).expect("stopped");
        let sealed = stopped.after(BatchEvent::Agreed, 7).expect("sealed").with_digest("positions", "ab".to_owned());
        assert_eq!(sealed.after(BatchEvent::Stated, 8), None);
        assert_eq!(sealed.reached_us.values().copied().collect::<Vec<_>>(), [5, 6, 7]);
        let kept = Kept::new(Space::Batch, 7, 9, sealed);
        assert_eq!(Kept::read(&kept.entry().expect("short")), Ok(kept));
        let one = BatchEntry::closed(5, [100, 200], &positions(), |_| 4);
        assert!(one.nets_fen.is_empty(), "within one clearing bank nothing is owed");
    }

    #[test]
    fn many_clearing_banks_fit_into_an_entry() {
        let nets_fen = (0..2_500).map(|bank| (bank, -9_999_999_999_999)).collect();
        let entry = BatchEntry { nets_fen, ..BatchEntry::closed(5, [1, 2], &Positions::default(), |bank| bank) };
        assert!(Kept::new(Space::Batch, 7, 9, entry).entry().is_ok());
    }
}
