//! What a transaction brings to the registers.

use clearway_codec::value::TrxStatus;

use crate::domain::agreement::SgnNo;
use crate::domain::dispute::Direction;
use crate::domain::mandate::{Collection, Terms};

/// The facts of one transaction. Most businesses need few of them: the rest stays at its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The agreement or mandate that it names, or that the bank has given; an old number is resolved before.
    pub sgn_no: Option<SgnNo>,
    /// Keyed digest of the account number; 0 when not known.
    pub account: u64,
    /// Keyed digest of the customer's identity; 0 when not known.
    pub customer: u64,
    /// Participant index of the institution.
    pub institution: u16,
    /// Participant index of the bank that keeps the agreement or mandate: leg 1's.
    pub bank: u16,
    /// Amount, fen.
    pub amount_fen: u64,
    /// Terms of a mandate to be created.
    pub terms: Option<Terms>,
    /// Who pays whom, for a payment by mandate.
    pub collection: Collection,
    /// What a dispute message says.
    pub dispute: Option<DisputeFacts>,
    /// Key of the transaction.
    pub trx_key: u128,
    /// When the transaction was accepted, microseconds since 1970; the same at every stage.
    pub accepted_at_us: u64,
    /// Now, microseconds since 1970.
    pub at_us: u64,
    /// BizStsCd of the final answer.
    pub code: [u8; 8],
    /// Whether numbers that the registry does not know are let through to this bank (cut-over time).
    pub unknown_passes: bool,
    /// The registers take no more agreements.
    pub full: bool,
}

/// What 321, 322 and 324 say, and what is known of the transaction they are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisputeFacts {
    /// Key of the transaction in dispute.
    pub original_key: u128,
    /// Its status.
    pub original_status: TrxStatus,
    /// Its business, as in a record.
    pub original_business: u8,
    /// Whether one of its legs is booked on the institution's reserve account.
    pub original_has_reserve: bool,
    /// Its amount, fen.
    pub original_amount_fen: u64,
    /// What refunds have reserved or moved of it, fen.
    pub refunded_fen: u64,
    /// Participant index of its institution.
    pub institution: u16,
    /// Participant indexes of its banks.
    pub banks: [u16; 2],
    /// Whom the money shall go to.
    pub direction: Direction,
    /// Whether the answer is yes (322).
    pub agrees: bool,
    /// Participant index of the sender.
    pub by: u16,
    /// Participant index of the receiver.
    pub of: u16,
    /// Made at the operator's console: no consent is asked for.
    pub by_operator: bool,
}
