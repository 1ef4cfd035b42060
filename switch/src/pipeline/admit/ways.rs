//! What routing must know of a request that begins a transaction, and refunds of payments of the old direct channel.

use clearway_codec::value::ReturnCode;

use super::super::route::Request;
use super::begin::Asked;
use crate::domain::route::DirectRefund;

/// A refund of a payment of the old direct channel that waits for a transfer (a seen number whose meaning is ours).
pub(super) const HELD: [u8; 8] = *b"RB622026";

impl Asked<'_, '_> {
    /// What becomes of a refund of a payment that the switch never saw; none when it saw it, or nothing was said.
    pub(super) fn direct_refund(&self, original: u128, [_, bank]: [u16; 2]) -> Option<DirectRefund> {
        let is_refund = self.row.reserves_original && !self.shared.router.is_plain();
        (is_refund && self.known.get_to_change(original).is_none()).then(|| self.shared.router.direct_refund(bank))
    }

    /// The request as routing sees it.
    pub(super) fn request(
        &self,
        banks: [u16; 2],
        amount_fen: u64,
        original: u128,
        is_direct_refund: bool,
    ) -> Request<'_> {
        Request {
            shared: self.shared,
            row: self.row,
            message: *self.message,
            digests: self.digests,
            institution: self.sender.index,
            banks,
            amount_fen,
            original,
            is_direct_refund,
            has_clear: self.clear.is_some(),
        }
    }

    /// The code that declines it when somebody who is asked could not read its sensitive values.
    pub(super) fn cannot_tell(&self, asked: [u16; 2]) -> Option<[u8; 8]> {
        self.clear?;
        let can_read =
            |index: &u16| self.shared.participants.get(*index).is_none_or(|to| self.shared.sealer.has_key_of(&to.id));
        let of_legs = asked.into_iter().take(self.row.legs.len());
        if of_legs.clone().all(|index| can_read(&index)) { None } else { Some(*ReturnCode::ES000029.as_bytes()) }
    }
}
