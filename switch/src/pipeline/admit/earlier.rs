//! Earlier transactions: the one that a request repeats, the one that it refunds or is about.

use clearway_codec::catalogue::Field;
use clearway_codec::value::ReturnCode;

use super::super::known::Known;
use super::begin::{Asked, No, form};
use crate::domain::transaction::RefundRequest;

/// Same TrxId again: the same content is a repetition, other content is refused (business.md section 1).
pub(super) fn repetition(known: &Known<'_>, key: u128, digest: &[u8; 16], sender: u16) -> Result<(), No> {
    match known.get(key) {
        None if known.wanted().is_some() => Err(No::Fetch),
        None => Ok(()),
        Some(known) if known.digest == *digest && known.institution == sender => Err(No::Repeat(Box::new(known))),
        Some(_) => Err(No::Refuse(ReturnCode::ES000031)),
    }
}

impl Asked<'_, '_> {
    /// The payment that it refunds or is about is in memory, or nowhere.
    pub(super) fn check_original(&self) -> Result<(), No> {
        if self.row.reserves_original {
            let original = self.message.trx_id(Field::OriTrxId).map_err(form)?;
            self.known.get_to_change(original.as_u128());
        }
        if self.known.wanted().is_some() { Err(No::Fetch) } else { Ok(()) }
    }

    /// The original's key, and what a refund asks of it.
    pub(super) fn original(&self, amount_fen: u64) -> Result<(u128, Option<RefundRequest>), No> {
        if let Some(original) = self.original {
            return Ok((original.trx_id, None));
        }
        if !self.row.reserves_original {
            return Ok((0, None));
        }
        let original = self.message.trx_id(Field::OriTrxId).map_err(form)?.as_u128();
        let given = self.message.field(Field::OriTrxAmt).and_then(|_| self.message.amount(Field::OriTrxAmt).ok());
        let original_amount_fen = given.map(|amount| amount.fen());
        Ok((original, Some(RefundRequest { amount_fen, institution: self.sender.index, original_amount_fen })))
    }
}
