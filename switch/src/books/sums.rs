//! What the lines of a batch came to when it was sealed: what each participant was debited and credited, and what moved on each reserve
//! account. Bookings and day-end work from it, so neither reads a payment again.
//!
//! ```text
//!  sums|B202611200009
//!  participant|number|number of its clearing bank|debits|fen|credits|fen
//!  reserve|institution number|bank number|payments in|fen|payments out|fen
//!  end|lines before this one|SHA-256 of them
//! ```
//!
//! Only what has moved counts, 00 and 03. Invariant: the same sums are the same bytes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::Steps;
use super::sealed_text::{read_sealed, write_sealed};
use crate::domain::clearing::{BatchName, Positions, ReserveAccount, ReserveSum, Reserves, Side, Sum};
use crate::error::{Error, Fault};

/// What a participant was debited and credited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ParticipantSums {
    /// Participant index of the bank into which it cleared then.
    pub clearing_bank: u16,
    /// Legs 1.
    pub debits: Sum,
    /// Legs 2.
    pub credits: Sum,
}

/// The sums of one batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchSums {
    /// What each participant was debited and credited, by participant index.
    pub participants: BTreeMap<u16, ParticipantSums>,
    /// What moved on each reserve account.
    pub reserves: Reserves,
}

impl BatchSums {
    /// The sums of a recomputed batch; `clears_into` says into which bank a participant clears.
    #[must_use]
    pub fn of(positions: &Positions, reserves: Reserves, clears_into: impl Fn(u16) -> u16) -> Self {
        let mut participants = BTreeMap::<u16, ParticipantSums>::new();
        for (key, sum) in positions.cells().filter(|(key, _)| key.moves_money() && key.side != Side::Initiator) {
            let sums = participants.entry(key.participant).or_default();
            sums.clearing_bank = clears_into(key.participant);
            let side = if key.side == Side::Debit { &mut sums.debits } else { &mut sums.credits };
            *side = side.plus(sum);
        }
        Self { participants, reserves }
    }

    /// What each clearing bank is owed (above 0) or owes, fen; those at zero too.
    #[must_use]
    pub fn nets_fen(&self) -> BTreeMap<u16, i128> {
        let mut nets = BTreeMap::new();
        for sums in self.participants.values() {
            *nets.entry(sums.clearing_bank).or_insert(0) +=
                i128::from(sums.credits.amount_fen) - i128::from(sums.debits.amount_fen);
        }
        nets
    }

    /// What each reserve bank is to book, fen; those at zero too.
    #[must_use]
    pub fn reserves_fen(&self) -> BTreeMap<u16, i128> {
        let mut banks = BTreeMap::new();
        for (account, sum) in self.reserves.accounts() {
            *banks.entry(account.bank).or_insert(0) += sum.net_fen();
        }
        banks
    }

    /// Writes the file of `batch` under `dir`, durably. Done again it is the same file.
    ///
    /// # Errors
    /// The disk's.
    pub fn store(&self, dir: &Path, batch: BatchName, steps: &dyn Steps) -> Result<(), Error> {
        write_sealed(&path(dir, batch), &self.text(batch), steps)
    }

    /// Reads the file of `batch`.
    ///
    /// # Errors
    /// [`Fault::Data`] when it is damaged or another's, [`Fault::Environment`] when it cannot be read.
    pub fn load(dir: &Path, batch: BatchName) -> Result<Self, Error> {
        let path = path(dir, batch);
        let text = read_sealed(&path)?;
        let damaged = || Error::new(Fault::Data, "no sums of this batch").at(path.display().to_string());
        let mut lines = text.lines();
        if lines.next() != Some(format!("sums|{batch}").as_str()) {
            return Err(damaged());
        }
        let mut sums = Self::default();
        for line in lines {
            sums.read(line).ok_or_else(damaged)?;
        }
        Ok(sums)
    }

    fn text(&self, batch: BatchName) -> String {
        let mut text = format!("sums|{batch}\n");
        for (participant, sums) in &self.participants {
            let shown = shown(&[sums.debits, sums.credits]);
            let _ = writeln!(text, "participant|{participant}|{}|{shown}", sums.clearing_bank);
        }
        for (account, sum) in self.reserves.accounts() {
            let shown = shown(&[sum.paid_in, sum.paid_out]);
            let _ = writeln!(text, "reserve|{}|{}|{shown}", account.institution, account.bank);
        }
        text
    }

    fn read(&mut self, line: &str) -> Option<()> {
        let mut parts = line.split('|');
        let kind = parts.next()?;
        let numbers: Vec<u64> = parts.map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let sum = |at: usize| Some(Sum { count: *numbers.get(at)?, amount_fen: *numbers.get(at + 1)? });
        let index = |at: usize| u16::try_from(*numbers.get(at)?).ok();
        match kind {
            "participant" if numbers.len() == 6 => {
                let sums = ParticipantSums { clearing_bank: index(1)?, debits: sum(2)?, credits: sum(4)? };
                self.participants.insert(index(0)?, sums);
            }
            "reserve" if numbers.len() == 6 => {
                let account = ReserveAccount { institution: index(0)?, bank: index(1)? };
                self.reserves.add(account, ReserveSum { paid_in: sum(2)?, paid_out: sum(4)? });
            }
            _ => return None,
        }
        Some(())
    }
}

fn shown([one, other]: &[Sum; 2]) -> String {
    format!("{}|{}|{}|{}", one.count, one.amount_fen, other.count, other.amount_fen)
}

fn path(dir: &Path, batch: BatchName) -> PathBuf {
    dir.join("sums").join(format!("{batch}.txt"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::NoSteps;
    use crate::domain::clearing::CellKey;

    fn sums() -> BatchSums {
        let mut positions = Positions::default();
        let cells = [(9, Side::Initiator, 0), (1, Side::Debit, 0), (2, Side::Credit, 3), (2, Side::Debit, 1)];
        for (participant, side, status) in cells {
            positions.add(CellKey { participant, side, business: 1, status }, Sum { count: 2, amount_fen: 500 });
        }
        let mut reserves = Reserves::default();
        let paid_in = Sum { count: 2, amount_fen: 500 };
        reserves.add(ReserveAccount { institution: 9, bank: 2 }, ReserveSum { paid_in, ..ReserveSum::default() });
        BatchSums::of(&positions, reserves, |bank| bank)
    }

    #[test]
    fn sums_read_back_and_nothing_else_does() {
        let dir = tempfile::tempdir().expect("a folder");
        let batch: BatchName = "B202611200009".parse().expect("a batch");
        let other: BatchName = "D202611200009".parse().expect("a batch");
        assert_eq!(sums().nets_fen(), [(1, -500), (2, 500)].into());
        assert_eq!(sums().reserves_fen(), [(2, 500)].into());
        for sums in [sums(), BatchSums::default()] {
            sums.store(dir.path(), batch, &NoSteps).expect("stored");
            assert_eq!(BatchSums::load(dir.path(), batch).expect("loaded"), sums);
        }
        assert_eq!(BatchSums::load(dir.path(), other).map_err(|error| error.fault()), Err(Fault::Environment));
        std::fs::rename(path(dir.path(), batch), path(dir.path(), other)).expect("renamed");
        assert_eq!(BatchSums::load(dir.path(), other).map_err(|error| error.fault()), Err(Fault::Data));
    }
}
