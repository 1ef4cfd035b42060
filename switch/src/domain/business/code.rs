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
