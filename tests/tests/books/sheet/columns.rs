//! The columns of a row that are formulas.

use super::calendar::Batch;
use super::rows::{Correction, Kind, Row, Sheet};

/// Money that moves from one bank to another, in a batch; and by how much the reserve account of the institution changes, at which bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Movement {
    pub(crate) batch: Batch,
    pub(crate) from_bank: usize,
    pub(crate) to_bank: usize,
    pub(crate) fen: i128,
    pub(crate) reserve: Option<Reserve>,
}

/// A change of a reserve account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reserve {
    pub(crate) institution: usize,
    pub(crate) bank: usize,
    pub(crate) is_in: bool,
}

impl Row {
    pub(super) const fn batch(&self) -> Batch {
        Batch::at(self.minute, false)
    }

    /// 00 and 03 count, 01 and 04 do not.
    fn counts(&self) -> bool {
        matches!(self.state, "00" | "03")
    }

    const fn banks(&self) -> (usize, usize) {
        match self.kind {
            Kind::In | Kind::Direct => (self.bank, self.other_bank),
            Kind::Out => (self.other_bank, self.bank),
        }
    }

    const fn reserve(&self) -> Option<Reserve> {
        match self.kind {
            Kind::Direct => None,
            kind => {
                Some(Reserve { institution: self.institution, bank: self.other_bank, is_in: matches!(kind, Kind::In) })
            }
        }
    }

    fn movement(&self) -> Option<Movement> {
        let (from_bank, to_bank) = self.banks();
        let movement = Movement { batch: self.batch(), from_bank, to_bank, fen: self.fen, reserve: self.reserve() };
        self.counts().then_some(movement)
    }
}

impl Correction {
    /// In the books of the hour in which it is made: to the payer it runs against the payment, to the payee with it.
    fn movement(&self, row: &Row) -> Movement {
        let (payer_bank, payee_bank) = row.banks();
        let reserve = row.reserve();
        let batch = Batch::at(self.minute, true);
        if self.to_payer {
            let reserve = reserve.map(|reserve| Reserve { is_in: !reserve.is_in, ..reserve });
            Movement { batch, from_bank: payee_bank, to_bank: payer_bank, fen: self.fen, reserve }
        } else {
            Movement { batch, from_bank: payer_bank, to_bank: payee_bank, fen: self.fen, reserve }
        }
    }
}

impl Sheet {
    /// Everything that moves money.
    pub(crate) fn movements(&self) -> Vec<Movement> {
        let payments = self.rows.iter().filter_map(Row::movement);
        let corrections = self.corrections.iter().map(|correction| correction.movement(&self.rows[correction.row]));
        payments.chain(corrections).collect()
    }
}
