//! Whether the journal says what the live sums say.

use std::collections::BTreeMap;
use std::fmt;

use super::Recomputed;
use crate::domain::clearing::{CellKey, Positions, Side, Sum};

/// A cell in which the two differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub cell: CellKey,
    /// What the live sums say.
    pub live: Sum,
    /// What the journal says.
    pub journal: Sum,
}

impl Recomputed {
    /// The cells in which it differs from the live sums, in their order; nothing when they agree to the fen.
    #[must_use]
    pub fn disagreement(&self, live: &Positions) -> Option<Vec<Difference>> {
        let mut cells: BTreeMap<CellKey, (Sum, Sum)> = BTreeMap::new();
        live.cells().for_each(|(cell, sum)| cells.entry(cell).or_default().0 = sum);
        self.positions.cells().for_each(|(cell, sum)| cells.entry(cell).or_default().1 = sum);
        let differing = cells.into_iter().filter(|(_, (live, journal))| live != journal);
        let differences: Vec<_> = differing.map(|(cell, (live, journal))| Difference { cell, live, journal }).collect();
        if differences.is_empty() { None } else { Some(differences) }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.cell.side {
            Side::Initiator => "initiator",
            Side::Debit => "debit",
            Side::Credit => "credit",
        };
        write!(
            f,
            "participant {} as {side}, business {}, status {:02}: live {} payments of {} fen, journal {} of {} fen",
            self.cell.participant,
            self.cell.business,
            self.cell.status,
            self.live.count,
            self.live.amount_fen,
            self.journal.count,
            self.journal.amount_fen
        )
    }
}
