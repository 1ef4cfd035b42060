//! What one scheduled request does.

use crate::business::Business;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What one scheduled request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A new agreement payment (201).
    Payment,
    /// A refund (205) of an earlier successful payment of any kind that can be refunded.
    Refund,
    /// A payout (211).
    Payout,
    /// A certified payment (216).
    Certified,
    /// A payment on a mandate (221).
    Entrusted,
    /// A payment on the bank's page (241).
    Gateway,
    /// The first step of a signing (101 with 0201).
    IdentityCheck,
    /// The second step of a signing (101 with 0202).
    Sign,
    /// The end of an agreement (103).
    End,
    /// A new mandate (111).
    Mandate,
    /// The end of a mandate (115).
    MandateEnd,
    /// A status query (301) for an earlier transaction.
    Query,
    /// A query by order number (305).
    OrderQuery,
    /// A query for the details of an earlier transaction (313).
    Detail,
    /// The close of an earlier gateway order (317).
    Close,
    /// A request for control numbers (401).
    ControlNumbers,
    /// A dispute over an earlier transaction (321).
    Dispute,
    /// The adjustment (324) that follows a dispute, once the other side has had the time to agree.
    Adjustment,
    /// The very bytes of an earlier request once more.
    Duplicate,
    /// A payment (201) whose amount was changed after it was signed: its signature does not verify.
    BadSignature,
    /// A bare HTTP request: nothing of the wire.
    Bare,
}

impl Kind {
    /// Kinds, those that are not on the wire included.
    pub(crate) const COUNT: usize = Self::ALL.len() + 1;

    /// All kinds on the wire, in the order of reports.
    pub const ALL: [Self; 20] = [
        Self::Payment,
        Self::Refund,
        Self::Payout,
        Self::Certified,
        Self::Entrusted,
        Self::Gateway,
        Self::IdentityCheck,
        Self::Sign,
        Self::End,
        Self::Mandate,
        Self::MandateEnd,
        Self::Query,
        Self::OrderQuery,
        Self::Detail,
        Self::Close,
        Self::ControlNumbers,
        Self::Dispute,
        Self::Adjustment,
        Self::Duplicate,
        Self::BadSignature,
    ];

    /// Name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::OrderQuery => "order-query",
            Self::Detail => "detail",
            Self::Close => "close",
            Self::ControlNumbers => "control-numbers",
            Self::Dispute => "dispute",
            Self::Adjustment => "adjustment",
            Self::Duplicate => "duplicate",
            Self::BadSignature => "bad-signature",
            Self::Bare => "http",
            _ => self.business().map_or("", |business| business.row().name),
        }
    }

    /// The business that it starts a transaction of, if it starts one.
    pub const fn business(self) -> Option<Business> {
        Some(match self {
            Self::Payment => Business::Payment,
            Self::Refund => Business::Refund,
            Self::Payout => Business::Payout,
            Self::Certified => Business::Certified,
            Self::Entrusted => Business::Entrusted,
            Self::Gateway => Business::Gateway,
            Self::IdentityCheck => Business::IdentityCheck,
            Self::Sign => Business::Signing,
            Self::End => Business::Unsigning,
            Self::Mandate => Business::Mandate,
            Self::MandateEnd => Business::MandateEnd,
            _ => return None,
        })
    }

    /// Whether its receipts count as payments in rates and latencies, as good answers to bare requests do. A gateway
    /// payment waits for a person.
    pub fn is_timed(self) -> bool {
        let is_prompt = |business: Business| business.moves_money() && !business.row().is_deferred;
        self == Self::Bare || self.business().is_some_and(is_prompt)
    }

    /// Whether the tracker follows what becomes of it. The two steps of a signing share one transaction id, and only
    /// the second one leaves anything behind.
    pub(crate) fn is_tracked(self) -> bool {
        matches!(self, Self::Duplicate | Self::BadSignature)
            || self.business().is_some_and(|business| business != Business::IdentityCheck)
    }

    /// Names of all kinds, for messages to people.
    fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|kind| kind.name() == text);
        known.ok_or_else(|| format!("{text:?} is no kind of request; known are {}", Self::names()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_place_and_its_own_name() {
        let mut names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        assert!(Kind::ALL.iter().enumerate().all(|(place, kind)| kind.index() == place));
        assert_eq!(Kind::Bare.index() + 1, Kind::COUNT);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Kind::ALL.len());
        assert!(!names.contains(&""));
        assert!(Kind::ALL.iter().all(|kind| kind.name().parse() == Ok(*kind)));
        assert!("bribe".parse::<Kind>().unwrap_err().contains("payment, refund"));
    }
}
