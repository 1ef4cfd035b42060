//! What a transaction brings to the registers, and what its order says of its validity, read from its messages.
//!
//! Pure: checked messages, an after-image and what is known of the original in; facts out. Called by admit for a request that may
//! begin, and by commit at every point of its life at which its register may change.

use clearway_codec::Checked;
use clearway_codec::catalogue::Field;
use clearway_codec::value::BeijingTime;

use super::disclose::Digests;
use crate::domain::agreement::{MerchantNo, SgnNo};
use crate::domain::business::{BusinessRules, Initiator};
use crate::domain::dispute::Direction;
use crate::domain::mandate::{Collection, PeriodUnit, Terms};
use crate::domain::patience::OrderTerms;
use crate::domain::register::{DisputeFacts, Facts};
use crate::domain::transaction::{Leg, Party, Payment};
use crate::registers::Registers;

/// A transaction's messages, and what it is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) row: &'static BusinessRules,
    pub(super) request: &'a Checked<'a>,
    /// The answer to leg 1, if there is one.
    pub(super) answer: Option<&'a Checked<'a>>,
    /// The transaction that it is about.
    pub(super) original: Option<&'a Payment>,
    pub(super) digests: Digests,
    /// Whether numbers that the registers do not know are let through.
    pub(super) unknown_passes: bool,
}

impl Source<'_> {
    /// The facts of `payment`, which is the transaction's after-image, at `now_us`.
    pub(super) fn facts(&self, payment: &Payment, registers: &Registers, now_us: u64) -> Facts {
        let (institution, bank) = self.ends(payment);
        Facts {
            sgn_no: self.number(registers),
            account: self.digests.account,
            customer: self.digests.customer,
            institution,
            bank,
            amount_fen: self.amount_fen(payment),
            terms: self.terms(),
            collection: self.collection(),
            dispute: self.dispute(payment),
            trx_key: payment.trx_id,
            accepted_at_us: payment.accepted_at_us,
            at_us: now_us,
            code: payment.code,
            unknown_passes: self.unknown_passes,
            full: registers.is_full(),
        }
    }

    /// Institution and bank, whoever of them began it.
    const fn ends(&self, payment: &Payment) -> (u16, u16) {
        match self.row.initiator {
            Initiator::Bank(_) => (payment.bank(Leg::One), payment.institution),
            Initiator::Institution(_) | Initiator::Party => (payment.institution, payment.bank(Leg::One)),
        }
    }

    /// The number that the request names, or that the bank has given; an old number is resolved.
    fn number(&self, registers: &Registers) -> Option<SgnNo> {
        let named = self.request.text(Field::SgnNo).or_else(|| self.answer?.text(Field::SgnNo))?;
        registers.resolve(named.as_bytes())
    }

    fn amount_fen(&self, payment: &Payment) -> u64 {
        let disputed = || self.request.amount(Field::DsptAmt).ok().map(|amount| amount.fen());
        if self.row.moves_money { payment.amount_fen } else { disputed().unwrap_or(0) }
    }

    fn terms(&self) -> Option<Terms> {
        let request = self.request;
        let number = |field| request.field(field).and_then(|text| str::from_utf8(text).ok()?.parse::<u16>().ok());
        let second = |field| request.time(field).ok().and_then(|time| u32::try_from(time.unix_secs()).ok());
        Some(Terms {
            merchant: MerchantNo::parse(request.field(Field::PyeeMrchntNo)?)?,
            limit_fen: request.amount(Field::EntrstAmtLmt).ok()?.fen(),
            starts_at_s: second(Field::EntrstStrDtTm)?,
            ends_at_s: second(Field::EntrstEndDtTm)?,
            unit: PeriodUnit::parse(request.field(Field::EntrstDtUnt)?)?,
            step: number(Field::EntrstDtStp)?,
            frequency: number(Field::EntrstFrqcy).unwrap_or(1),
        })
    }

    fn collection(&self) -> Collection {
        let is_person = |field| matches!(self.request.field(field), Some(b"00" | b"01" | b"02" | b"03" | b"07"));
        Collection {
            to_reserve: self.request.field(Field::ResfdAcctIssrId).is_some(),
            from_person: is_person(Field::PyerAcctTp),
            to_person: is_person(Field::PyeeAcctTp),
        }
    }

    fn dispute(&self, payment: &Payment) -> Option<DisputeFacts> {
        let original = self.original?;
        Some(DisputeFacts {
            original_key: original.trx_id,
            original_status: original.status,
            original_business: original.business.code(),
            original_has_reserve: original.has_reserve(),
            original_amount_fen: original.amount_fen,
            refunded_fen: original.refunded_fen,
            institution: original.institution,
            banks: original.banks,
            direction: Direction::parse(self.request.field(Field::DsptTp)?)?,
            agrees: self.request.field(Field::DsptRslt) == Some(b"00"),
            by: payment.institution,
            of: payment.bank(Leg::One),
            by_operator: false,
        })
    }
}

/// What a gateway order says of its validity.
pub(super) fn order_terms(request: &Checked<'_>) -> OrderTerms {
    let valid_until = request.field(Field::OrdrExp).and_then(|_| request.time(Field::OrdrExp).ok());
    OrderTerms {
        is_company: request.field(Field::CBFlg) == Some(COMPANY),
        valid_until_us: valid_until.map(BeijingTime::unix_micros),
    }
}

/// CBFlg of a company (ours).
const COMPANY: &[u8] = b"02";

/// Whether a party of a payment is the institution of its register entry: parties are told by their place in the transaction, and a
/// bank may have begun it.
pub(super) const fn end_of(row: &BusinessRules, party: Party) -> Party {
    match (row.initiator, party) {
        (Initiator::Bank(_), Party::Institution) => Party::Bank1,
        (Initiator::Bank(_), Party::Bank1) => Party::Institution,
        (_, party) => party,
    }
}
