//! The businesses as data: which messages, which banks, which presumption. A new business is a new row here.
//!
//! Invariant: nothing outside this file decides by business; it asks the row. Called by the transition and by the
//! pipeline (admit, forward, reply).

use clearway_codec::catalogue::{Field, MessageType};
use clearway_codec::value::TrxStatus;

use super::transaction::Leg;

/// A kind of transaction that has its own rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Business {
    /// 201: the payer's bank pays by agreement into the institution's reserve account.
    AgreementPayment = 1,
    /// 205: the reserve bank pays back, wholly or partly, what an earlier payment brought.
    Refund = 2,
}

/// One leg of a business: whom it goes to and what its trouble is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegRules {
    /// The element of the request that names the leg's bank.
    pub bank_field: Field,
    /// Refusal when that bank is no participant.
    pub unknown_bank: [u8; 8],
    /// Outcome when no byte of the leg could leave, or a bank says that the transaction never reached it.
    pub unreachable: [u8; 8],
    /// What the leg's bank answers to a query for a transaction that it does not know.
    pub no_such_transaction: [u8; 8],
    /// Status when the leg stays unknown to the end (the rule of presumption).
    pub presumed_status: TrxStatus,
    /// Outcome code that goes with it.
    pub presumed: [u8; 8],
}

/// One row of the table of businesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusinessRules {
    /// The row's key.
    pub business: Business,
    /// Message type that asks for it.
    pub request: MessageType,
    /// Message type that answers, from banks and to the institution.
    pub receipt: MessageType,
    /// TrxCtgy of the request.
    pub category: &'static str,
    /// The element that must name the institution which signed the request: its own side of the money.
    pub own_field: Field,
    /// Leg 1 (debit) and leg 2 (credit).
    pub legs: [LegRules; 2],
    /// Whether a successful one can be refunded.
    pub refundable: bool,
    /// Whether it names an original payment on which its amount is reserved.
    pub reserves_original: bool,
}

impl BusinessRules {
    /// The rules of one leg.
    pub const fn leg(&self, leg: Leg) -> &LegRules {
        &self.legs[leg.index()]
    }
}

/// Codes are I-marked in wire.md sections 4 and 6.2 (PS500030, PS500031, RS600030 beside ES000098/99), or ours.
const PAYER_UNKNOWN_BANK: [u8; 8] = *b"PB520097";
const PAYEE_UNKNOWN_BANK: [u8; 8] = *b"RB620097";

const LEG_ONE: LegRules = LegRules {
    bank_field: Field::PyerAcctIssrId,
    unknown_bank: PAYER_UNKNOWN_BANK,
    unreachable: *b"PS500030",
    no_such_transaction: *b"PB531001",
    presumed_status: TrxStatus::PresumedFailure,
    presumed: *b"PS500031",
};

const LEG_TWO: LegRules = LegRules {
    bank_field: Field::ResfdAcctIssrId,
    unknown_bank: PAYEE_UNKNOWN_BANK,
    unreachable: *b"RS600030",
    no_such_transaction: *b"PB631001",
    presumed_status: TrxStatus::PresumedSuccess,
    presumed: *b"RS600031",
};

/// Every business; the place in this table is `Business as usize - 1`.
pub static BUSINESSES: [BusinessRules; 2] = [
    BusinessRules {
        business: Business::AgreementPayment,
        request: MessageType::Epcc201,
        receipt: MessageType::Epcc206,
        category: "0110",
        own_field: Field::PyeeAcctIssrId,
        legs: [LEG_ONE, LEG_TWO],
        refundable: true,
        reserves_original: false,
    },
    BusinessRules {
        business: Business::Refund,
        request: MessageType::Epcc205,
        receipt: MessageType::Epcc206,
        category: "0121",
        own_field: Field::PyerAcctIssrId,
        legs: [
            LegRules { bank_field: Field::ResfdAcctIssrId, unknown_bank: PAYEE_UNKNOWN_BANK, ..LEG_ONE },
            LegRules { bank_field: Field::PyeeAcctIssrId, ..LEG_TWO },
        ],
        refundable: false,
        reserves_original: true,
    },
];

/// The row of a business.
pub fn rules(business: Business) -> &'static BusinessRules {
    &BUSINESSES[business as usize - 1]
}

impl Business {
    /// The business that a message type asks for, if it asks for one.
    pub fn from_request(request: MessageType) -> Option<Self> {
        BUSINESSES.iter().find(|row| row.request == request).map(|row| row.business)
    }

    /// The business with this number in a record.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::AgreementPayment),
            2 => Some(Self::Refund),
            _ => None,
        }
    }

    /// Its number in a record.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_key_its_number_and_its_request() {
        for row in &BUSINESSES {
            assert_eq!(rules(row.business), row);
            assert_eq!(Business::from_code(row.business.code()), Some(row.business));
            assert_eq!(Business::from_request(row.request), Some(row.business));
        }
        assert_eq!(Business::from_code(0), None);
        assert_eq!(Business::from_code(BUSINESSES.len() as u8 + 1), None);
        assert_eq!(Business::from_request(MessageType::Epcc301), None);
    }

    #[test]
    fn the_rule_of_presumption_is_04_for_the_payers_side_and_03_for_the_payees() {
        for row in &BUSINESSES {
            assert_eq!(
                row.legs.map(|leg| leg.presumed_status),
                [TrxStatus::PresumedFailure, TrxStatus::PresumedSuccess]
            );
        }
    }

    #[test]
    fn a_business_that_reserves_its_original_is_not_refundable_itself() {
        assert!(BUSINESSES.iter().all(|row| !(row.reserves_original && row.refundable)));
    }
}
