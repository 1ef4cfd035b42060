//! A leg that is to be routed.

use serde::{Deserialize, Serialize};

use crate::domain::business::{Business, rules};
use crate::domain::transaction::Leg;

/// An account type of the wire (two digits, 00 to 99) as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountType(u8);

impl AccountType {
    /// The type of two digits.
    #[must_use]
    pub const fn parse(text: &[u8]) -> Option<Self> {
        match text {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some(Self((*tens - b'0') * 10 + *ones - b'0')),
            _ => None,
        }
    }

    /// 0 to 99.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// What routing looks at. Money is fen; digests are keyed, and 0 means none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Participant index of who asked for the transaction.
    pub institution: u16,
    /// Participant index of the account's bank.
    pub bank: u16,
    /// Which leg.
    pub leg: Leg,
    /// What for.
    pub business: Business,
    /// The amount; 0 when no money moves.
    pub amount_fen: u64,
    /// Type of the leg's account, where the request says it.
    pub account_type: Option<AccountType>,
    /// Digest of the account's number.
    pub card: u64,
    /// Digest that stands for the customer: shares go by it, so that a customer stays with a channel.
    pub customer: u64,
    /// The customer has no agreement of the direct-link time.
    pub is_new: bool,
    /// The channel over which the payment went that this refunds, where that was the same bank.
    pub back: Option<u8>,
    /// It refunds a payment of the old direct channel, which is where it goes.
    pub is_direct_refund: bool,
}

impl Asked {
    /// Whether it is a part of a refund.
    #[must_use]
    pub fn is_refund(&self) -> bool {
        rules(self.business).reserves_original
    }

    /// Whether it moves a customer's money by a payment: that is what the cut-over is about.
    #[must_use]
    pub fn is_customers_payment(&self) -> bool {
        let row = rules(self.business);
        row.moves_money && !row.reserves_original && row.customer_leg == Some(self.leg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_type_is_two_digits() {
        assert_eq!(AccountType::parse(b"07").map(AccountType::number), Some(7));
        for text in [&b"7"[..], b"007", b"a7", b"", b"-1"] {
            assert_eq!(AccountType::parse(text), None, "{text:?}");
        }
    }
}
