//! One row of the table of businesses.

use super::table::BUSINESSES;
use crate::bank::Leg;
use clearway_codec::{Checked, Field, InstitutionId, MessageType};
use serde::{Deserialize, Serialize};

/// A kind of transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Business {
    /// 201: an agreement payment.
    Payment,
    /// 205: a refund of an earlier payment.
    Refund,
    /// 211: a payout from the reserve account.
    Payout,
    /// 216: a certified payment, account data in every request.
    Certified,
    /// 221: a payment on a mandate.
    Entrusted,
    /// 241: a payment on the bank's own page.
    Gateway,
    /// 101 with 0201: the bank checks the customer and sends the code.
    IdentityCheck,
    /// 101 with 0202: the agreement is signed.
    Signing,
    /// 103: the institution ends an agreement.
    Unsigning,
    /// 111: a mandate is created.
    Mandate,
    /// 115: the institution ends a mandate.
    MandateEnd,
    /// 105: the bank has ended an agreement.
    BankUnsigning,
    /// 117: the bank wants to end a mandate.
    BankMandateEnd,
}

/// What a transaction does at the banks when it succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Leg 1 debits, leg 2 credits.
    Money,
    /// Nothing that lasts.
    Check,
    /// An agreement is live afterwards.
    OpensAgreement,
    /// An agreement is no longer live afterwards.
    ClosesAgreement,
    /// A mandate is live afterwards.
    OpensMandate,
    /// A mandate is no longer live afterwards.
    ClosesMandate,
}

impl Effect {
    /// Whether it makes something live.
    pub const fn opens(self) -> bool {
        matches!(self, Self::OpensAgreement | Self::OpensMandate)
    }

    /// Whether it ends something.
    pub const fn closes(self) -> bool {
        matches!(self, Self::ClosesAgreement | Self::ClosesMandate)
    }

    /// Whether it is about a mandate.
    pub const fn is_of_mandate(self) -> bool {
        matches!(self, Self::OpensMandate | Self::ClosesMandate)
    }
}

/// One row.
#[derive(Debug)]
pub struct BusinessRow {
    /// The row's key.
    pub business: Business,
    /// Name in reports.
    pub name: &'static str,
    /// Message type that asks for it.
    pub request: MessageType,
    /// Message type that answers it.
    pub receipt: MessageType,
    /// TrxCtgy of the request.
    pub category: &'static [u8; 4],
    /// What it does.
    pub effect: Effect,
    /// Elements that may name the bank of leg 1; the first one that is there counts. The institution when a bank
    /// starts the transaction.
    pub first: &'static [Field],
    /// The same for leg 2; none = one leg.
    pub second: &'static [Field],
    /// The bank's answer may be "later".
    pub is_deferred: bool,
    /// A success can be refunded.
    pub is_refundable: bool,
}

impl Business {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 13] = [
        Self::Payment,
        Self::Refund,
        Self::Payout,
        Self::Certified,
        Self::Entrusted,
        Self::Gateway,
        Self::IdentityCheck,
        Self::Signing,
        Self::Unsigning,
        Self::Mandate,
        Self::MandateEnd,
        Self::BankUnsigning,
        Self::BankMandateEnd,
    ];

    /// Its row.
    pub fn row(self) -> &'static BusinessRow {
        &BUSINESSES[self as usize]
    }

    /// Whether it moves money.
    pub fn moves_money(self) -> bool {
        self.row().effect == Effect::Money
    }
}

impl BusinessRow {
    /// Whether the institution starts it.
    pub fn is_of_institution(&self) -> bool {
        !matches!(self.business, Business::BankUnsigning | Business::BankMandateEnd)
    }

    /// The bank that a leg is for, by the message's own elements.
    pub(crate) fn addressee(&self, message: &Checked<'_>, leg: Leg) -> Option<InstitutionId> {
        let fields = if leg == Leg::Credit { self.second } else { self.first };
        let named = fields.iter().find_map(|field| message.field(*field))?;
        InstitutionId::parse(named).ok()
    }
}
