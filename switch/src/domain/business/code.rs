//! The businesses by name and number.

use clearway_codec::catalogue::MessageType;

use super::BUSINESSES;

/// A kind of transaction that has its own rules. The numbers stand in records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Business {
    /// 201: the payer's bank pays by agreement into the institution's reserve account.
    AgreementPayment = 1,
    /// 205: the reserve bank pays back, wholly or partly, what an earlier payment brought.
    Refund = 2,
    /// 211: the institution pays from its reserve account to a customer's account.
    Payout = 3,
    /// 216: as 201, with the account's data in the payment itself and no agreement.
    CertifiedPayment = 4,
    /// 221: a payment under a mandate, to the reserve account or to a merchant's bank account.
    EntrustedPayment = 5,
    /// 241: the customer pays on the bank's own page.
    GatewayPayment = 6,
    /// 101 with 0201: the bank checks who the customer is, and sends a code to the customer's phone.
    IdentityCheck = 7,
    /// 101 with 0202: the code makes an agreement.
    Signing = 8,
    /// 103: the institution ends an agreement.
    AgreementEnd = 9,
    /// 105: the bank has ended an agreement.
    ForcedAgreementEnd = 10,
    /// 111: a mandate is created, on the bank's page or offline.
    Mandate = 11,
    /// 115: the institution ends a mandate.
    MandateEnd = 12,
    /// 117: the bank wants to end a mandate, and the institution may refuse.
    MandateEndByBank = 13,
    /// 321: asks the other side for an adjustment.
    DisputeSubmission = 14,
    /// 322: the other side agrees or refuses.
    DisputeDecision = 15,
    /// 324: an adjustment, in the books of its own day.
    DisputeAdjustment = 16,
}

impl Business {
    /// The business that a message of this type and category asks for.
    pub fn from_request(request: MessageType, category: &[u8]) -> Option<Self> {
        let asks = |row: &&super::BusinessRules| {
            row.request == request
                && (row.categories.is_empty() || row.categories.iter().any(|known| known.as_bytes() == category))
        };
        BUSINESSES.iter().find(asks).map(|row| row.business)
    }

    /// Whether messages of this type ask for any business.
    pub fn is_request(request: MessageType) -> bool {
        BUSINESSES.iter().any(|row| row.request == request)
    }

    /// The business whose transactions queries name by this category; none for one that the catalogue does not have.
    pub fn from_category(category: &[u8]) -> Option<Self> {
        let is_its = |row: &&super::BusinessRules| row.categories.iter().any(|known| known.as_bytes() == category);
        BUSINESSES.iter().find(is_its).map(|row| row.business)
    }

    /// The business with this number in a record.
    pub fn from_code(code: u8) -> Option<Self> {
        usize::from(code).checked_sub(1).and_then(|place| BUSINESSES.get(place)).map(|row| row.business)
    }

    /// The business with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        BUSINESSES.iter().find(|row| row.name == name).map(|row| row.business)
    }

    /// Its number in a record.
    pub const fn code(self) -> u8 {
        self as u8
    }
}
