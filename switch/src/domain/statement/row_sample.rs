//! A row as tests read it, with no code of the comparison's.

use clearway_codec::value::{Amount, TrxId, TrxStatus};

use super::COLUMNS;
use crate::domain::clearing::Side;

/// A row; see [`COLUMNS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row<'t> {
    pub(crate) columns: [&'t [u8]; COLUMNS.len()],
    pub(crate) trx_id: u128,
    pub(crate) status: TrxStatus,
    pub(crate) amount_fen: u64,
    pub(crate) side: Side,
}

impl<'t> Row<'t> {
    /// Reads one line, without its end. None for what is no row.
    pub(crate) fn parse(line: &'t [u8]) -> Option<Self> {
        let columns: [&[u8]; COLUMNS.len()] = line.split(|byte| *byte == b'|').collect::<Vec<_>>().try_into().ok()?;
        let [id, _, _, _, status, amount, _, _, _, flag, ..] = columns;
        Some(Self {
            columns,
            trx_id: TrxId::parse(id).ok()?.as_u128(),
            status: TrxStatus::parse(status).ok().filter(|status| status.is_final())?,
            amount_fen: Amount::parse(amount).ok()?.fen(),
            side: Side::from_flag(flag)?,
        })
    }
}
