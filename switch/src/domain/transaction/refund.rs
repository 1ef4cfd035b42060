//! Refunds and their original: reservation, refusal, release.
//!
//! ```text
//!   refund accepted     original.refunded_fen += amount      two after-images
//!   refund 00 or 03     stays: the money went back            one
//!   refund 01 or 04     original.refunded_fen -= amount      two after-images
//! ```
//!
//! Invariant: `refunded_fen <= amount_fen` of the original, also when refunds of one payment race: the reservation and
//! the refund's creation are made under the locks of both and stand in one record. Called by admit and commit.

use super::event::Event;
use super::payment::{Payment, STEP_MAX};
use super::transition::{Outcome, transition};
use crate::domain::timing::Timing;

/// What a refund asks of its original payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// Amount to refund, fen.
    pub amount_fen: u64,
    /// Participant index of the institution that asks.
    pub institution: u16,
    /// OriTrxAmt of the request, when given; must be the original's amount.
    pub original_amount_fen: Option<u64>,
}

/// Why a refund cannot be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefusal {
    /// No such payment of this institution, or of that amount, or of a kind that can be refunded.
    #[error("original payment unknown")]
    OriginalUnknown,
    /// The original is not, or not yet, a success.
    #[error("original payment is no success")]
    OriginalNotSuccessful,
    /// More than what earlier refunds left of the original.
    #[error("refund exceeds what is left of the original payment")]
    ExceedsOriginal,
}

impl RefundRefusal {
    /// BizStsCd of the refusal: RB622021 is (S); RB622022 and RB622023 are seen numbers whose meaning is ours.
    pub const fn code(self) -> [u8; 8] {
        match self {
            Self::OriginalUnknown => *b"RB622021",
            Self::ExceedsOriginal => *b"RB622022",
            Self::OriginalNotSuccessful => *b"RB622023",
        }
    }
}

/// The original with the refund's amount reserved; to be recorded together with the refund's first after-image.
///
/// # Errors
/// [`RefundRefusal`] when the refund must not be accepted.
pub fn reserve(
    original: Option<&Payment>,
    request: &RefundRequest,
    now_us: u64,
    timing: &Timing,
) -> Result<Payment, RefundRefusal> {
    let original = original.ok_or(RefundRefusal::OriginalUnknown)?;
    let amount_fits = request.original_amount_fen.is_none_or(|fen| fen == original.amount_fen);
    if original.institution != request.institution || !original.is_refundable() || !amount_fits {
        return Err(RefundRefusal::OriginalUnknown);
    }
    if !original.moves_money() {
        return Err(RefundRefusal::OriginalNotSuccessful);
    }
    match transition(original, Event::RefundReserved(request.amount_fen), now_us, timing) {
        Outcome::Changed { next, .. } => Ok(next),
        Outcome::Unchanged { .. } => Err(RefundRefusal::ExceedsOriginal),
    }
}

/// The original with the amount of a refund that ended 01 or 04 given back; recorded together with the refund's
/// final after-image. `None` when the original holds no such reservation, which is a bug of the caller.
pub fn release(original: &Payment, refund: &Payment, now_us: u64, timing: &Timing) -> Option<Payment> {
    match transition(original, Event::RefundReleased(refund.amount_fen), now_us, timing) {
        Outcome::Changed { next, .. } => Some(next),
        Outcome::Unchanged { .. } => None,
    }
}

/// What is reserved after one more refund; `None` when it must not be.
pub(super) fn reserved_fen(original: &Payment, amount_fen: u64) -> Option<u64> {
    let may = amount_fen > 0
        && original.is_final()
        && original.moves_money()
        && original.step < STEP_MAX
        && original.is_refundable();
    let reserved = original.refunded_fen.checked_add(amount_fen).filter(|sum| *sum <= original.amount_fen);
    if may { reserved } else { None }
}
