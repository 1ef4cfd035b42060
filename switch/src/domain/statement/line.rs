//! One final payment as the statements tell it.

use clearway_codec::value::{BatchId, TrxStatus};

use super::Particulars;
use crate::domain::business::{Business, KEY_TAG, rules};
use crate::domain::clearing::BatchName;
use crate::domain::transaction::Payment;

/// One line; the same for all parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// TrxId as a number.
    pub trx_id: u128,
    /// The batch that it is booked in.
    pub batch: BatchName,
    /// Its business.
    pub business: Business,
    /// Its final status.
    pub status: TrxStatus,
    /// Fen, above 0.
    pub amount_fen: u64,
    /// Participant index of who asked for it.
    pub institution: u16,
    /// Participant indexes of whom it takes the money from and gives it to.
    pub banks: [u16; 2],
    /// TrxId of the payment that it refunds or corrects; 0 when there is none.
    pub original: u128,
    /// When it was accepted, microseconds since 1970.
    pub accepted_at_us: u64,
    /// When it became final, microseconds since 1970.
    pub finished_at_us: u64,
    /// BizStsCd.
    pub code: [u8; 8],
    /// Whether one of its legs is booked on the institution's reserve account: not when it goes straight to a merchant's bank.
    pub has_reserve: bool,
    /// The rest.
    pub particulars: Particulars<'a>,
}

impl<'a> Line<'a> {
    /// The line of a payment; none unless it is final and of a business that moves money.
    #[must_use]
    pub fn of(payment: &Payment, particulars: Particulars<'a>) -> Option<Self> {
        if !payment.is_final() || !rules(payment.business).moves_money {
            return None;
        }
        Some(Self {
            trx_id: payment.trx_id % KEY_TAG,
            batch: BatchName::payments(BatchId::from_u32(payment.batch)?),
            business: payment.business,
            status: payment.status,
            amount_fen: payment.amount_fen,
            institution: payment.institution,
            banks: payment.banks,
            original: payment.original % KEY_TAG,
            accepted_at_us: payment.accepted_at_us,
            finished_at_us: payment.finished_at_us,
            code: payment.code,
            has_reserve: payment.has_reserve(),
            particulars,
        })
    }
}
