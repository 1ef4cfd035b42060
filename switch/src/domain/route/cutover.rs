//! Cut-over (切量): while the direct channels of the old time and the switch run side by side, which of them a customer's payment
//! takes, and what becomes of refunds of direct payments (business.md section 2).
//!
//! ```text
//!   first rule that speaks, from the top:
//!     halted          everything back to the direct channel, in a moment
//!     direct list     this customer stays direct
//!     switch list     this customer goes through the switch
//!     new customers   who was never served directly goes through the switch
//!     share           of the rest, by a stable hash: who is in at 10 % is in at 20 %
//! ```
//!
//! The rules of an institution at a bank, else of the institution, else of all. Invariant: pure; a larger share never sends a
//! customer back. Data that is swapped whole; asked by [`decide`](super::decide()), and by the operator to see why.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

/// Shares are in ten-thousandths.
pub const SHARE_MAX: u16 = 10_000;

/// Rules for one scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CutoverRule {
    /// Everything goes directly, whatever else is said.
    pub halted: bool,
    /// New customers go through the switch.
    pub new_customers: bool,
    /// Share of the existing customers that goes through the switch, 0 to [`SHARE_MAX`].
    pub share: u16,
    /// Customers (keyed digests) that stay direct.
    pub direct: BTreeSet<u64>,
    /// Customers that go through the switch.
    pub switch: BTreeSet<u64>,
}

/// What is done with a refund whose payment was made on the direct channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DirectRefund {
    /// Handed to the old channel.
    Forward,
    /// Kept for a transfer.
    Hold,
    /// Refused, RB622021: the switch does not know the payment.
    #[default]
    Refuse,
}

/// All rules of the cut-over; the default is that it is over: everything goes through the switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cutover {
    /// For whom nothing else is said.
    pub general: CutoverRule,
    /// By participant index of the institution.
    pub institutions: BTreeMap<u16, CutoverRule>,
    /// By institution and bank.
    pub channels: BTreeMap<(u16, u16), CutoverRule>,
    /// Refunds of direct payments, by participant index of the bank.
    pub direct_refunds: BTreeMap<u16, DirectRefund>,
}

impl Default for Cutover {
    fn default() -> Self {
        let general = CutoverRule { new_customers: true, share: SHARE_MAX, ..CutoverRule::default() };
        Self { general, institutions: BTreeMap::new(), channels: BTreeMap::new(), direct_refunds: BTreeMap::new() }
    }
}

/// A payment to be routed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traveller {
    /// Participant index of the institution.
    pub institution: u16,
    /// Participant index of the account's bank.
    pub bank: u16,
    /// Keyed digest of the customer.
    pub customer: u64,
    /// The customer has no agreement of the direct-link time.
    pub is_new: bool,
}

/// The way that a payment takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// The institution's old direct channel.
    Direct,
    /// The switch.
    Switch,
}

/// Which rules were asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Those of the institution at this bank.
    Channel,
    /// Those of the institution.
    Institution,
    /// Those for all.
    General,
}

/// Which of them decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// The cut-over is halted.
    Halted,
    /// The customer is on the list of those who stay.
    DirectList,
    /// The customer is on the list of those who go.
    SwitchList,
    /// The customer is new.
    NewCustomer,
    /// The customer's place, 0 to 9,999, is below the share or not.
    Share {
        /// The customer's place.
        place: u16,
        /// The share.
        share: u16,
    },
}

/// A way, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The way.
    pub way: Way,
    /// Which rules were asked.
    pub scope: Scope,
    /// Which of them decided.
    pub ground: Ground,
}

impl Cutover {
    /// The way of a payment, and why.
    pub fn decide(&self, traveller: &Traveller) -> Decision {
        let channel = self.channels.get(&(traveller.institution, traveller.bank)).map(|rule| (Scope::Channel, rule));
        let institution = || self.institutions.get(&traveller.institution).map(|rule| (Scope::Institution, rule));
        let (scope, rule) = channel.or_else(institution).unwrap_or((Scope::General, &self.general));
        let (way, ground) = rule.decide(traveller);
        Decision { way, scope, ground }
    }

    /// Whether every payment of this bank goes through the switch, whoever's it is.
    pub fn is_over_at(&self, bank: u16) -> bool {
        let is_over = |rule: &CutoverRule| !rule.halted && rule.direct.is_empty() && rule.share >= SHARE_MAX;
        let channels = self.channels.iter().filter(|((_, of), _)| *of == bank).map(|(_, rule)| rule);
        is_over(&self.general) && self.institutions.values().all(is_over) && channels.into_iter().all(is_over)
    }

    /// What becomes of refunds of direct payments at a bank; they are refused when nothing is said.
    pub fn direct_refund(&self, bank: u16) -> DirectRefund {
        self.direct_refunds.get(&bank).copied().unwrap_or_default()
    }
}

impl Decision {
    /// Which rule decided, and how, for people.
    #[must_use]
    pub fn words(&self) -> String {
        let scope = match self.scope {
            Scope::Channel => "by the rules of the institution at this bank",
            Scope::Institution => "by the rules of the institution",
            Scope::General => "by the general rules",
        };
        format!("{}, {scope}", self.ground)
    }
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Halted => f.write_str("the cut-over is halted"),
            Self::DirectList => f.write_str("the customer is listed as staying direct"),
            Self::SwitchList => f.write_str("the customer is listed for the switch"),
            Self::NewCustomer => f.write_str("the customer is new"),
            Self::Share { place, share } => {
                write!(f, "the customer's place is {place}, the share {share} of {SHARE_MAX}")
            }
        }
    }
}

impl CutoverRule {
    fn decide(&self, traveller: &Traveller) -> (Way, Ground) {
        if self.halted {
            (Way::Direct, Ground::Halted)
        } else if self.direct.contains(&traveller.customer) {
            (Way::Direct, Ground::DirectList)
        } else if self.switch.contains(&traveller.customer) {
            (Way::Switch, Ground::SwitchList)
        } else if self.new_customers && traveller.is_new {
            (Way::Switch, Ground::NewCustomer)
        } else {
            let place = place_of(traveller.customer);
            let way = if place < self.share { Way::Switch } else { Way::Direct };
            (way, Ground::Share { place, share: self.share })
        }
    }
}

/// A customer's place, 0 to 9,999: the same on every machine and in every version (the finaliser of SplitMix64), because who
/// has been moved must not be moved back by an update.
pub(super) fn place_of(customer: u64) -> u16 {
    let mut mixed = customer.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ mixed >> 31) % u64::from(SHARE_MAX)) as u16
}

impl DirectRefund {
    /// BizStsCd of the refusal, when it is refused (RB622021, S: original transaction not known).
    pub const fn refusal(self) -> Option<[u8; 8]> {
        match self {
            Self::Refuse => Some(*b"RB622021"),
            Self::Forward | Self::Hold => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn traveller(customer: u64) -> Traveller {
        Traveller { institution: 3, bank: 11, customer, is_new: false }
    }

    fn share(share: u16) -> CutoverRule {
        CutoverRule { share, ..CutoverRule::default() }
    }

    #[test]
    fn the_first_rule_that_speaks_decides() {
        let rule = CutoverRule {
            new_customers: true,
            share: 0,
            direct: [1].into(),
            switch: [1, 2].into(),
            ..CutoverRule::default()
        };
        let halted = CutoverRule { halted: true, ..rule.clone() };
        let new = |customer| Traveller { is_new: true, ..traveller(customer) };
        let by_share = |customer| Ground::Share { place: place_of(customer), share: 0 };
        let rows = [
            (&rule, traveller(1), Way::Direct, Ground::DirectList),
            (&rule, new(1), Way::Direct, Ground::DirectList),
            (&rule, traveller(2), Way::Switch, Ground::SwitchList),
            (&rule, new(3), Way::Switch, Ground::NewCustomer),
            (&rule, traveller(3), Way::Direct, by_share(3)),
            (&halted, traveller(2), Way::Direct, Ground::Halted),
            (&halted, new(3), Way::Direct, Ground::Halted),
        ];
        for (rule, traveller, way, ground) in rows {
            assert!(!Cutover { general: rule.clone(), ..Cutover::default() }.is_over_at(11));
            let cutover = Cutover { general: rule.clone(), ..Cutover::default() };
            assert_eq!(cutover.decide(&traveller), Decision { way, scope: Scope::General, ground }, "{traveller:?}");
        }
    }

    #[test]
    fn the_narrower_rules_are_asked_first() {
        let mut cutover = Cutover { general: share(0), ..Cutover::default() };
        let seen = |cutover: &Cutover| {
            let decision = cutover.decide(&traveller(7));
            (decision.way, decision.scope)
        };
        assert_eq!(seen(&cutover), (Way::Direct, Scope::General));
        cutover.institutions.insert(3, share(SHARE_MAX));
        assert_eq!(seen(&cutover), (Way::Switch, Scope::Institution));
        cutover.channels.insert((3, 11), share(0));
        assert_eq!(seen(&cutover), (Way::Direct, Scope::Channel));
        cutover.channels.clear();
        cutover.institutions.insert(3, CutoverRule { halted: true, ..share(SHARE_MAX) });
        assert_eq!(seen(&cutover), (Way::Direct, Scope::Institution), "reversed in a moment");
        assert_eq!(Cutover::default().decide(&traveller(7)).way, Way::Switch);
    }

    #[test]
    fn a_place_never_changes() {
        // Computed once; another value would move customers back.
        assert_eq!([0, 1, 2, u64::MAX].map(place_of), [7_535, 2_465, 8_110, 3_936]);
        let inside = (0..100_000).filter(|customer| place_of(*customer) < 1_000).count();
        assert!((9_500..10_500).contains(&inside), "{inside} of 100,000 at 10 %");
    }

    #[test]
    fn banks_differ_in_what_they_do_with_refunds_of_the_old_time() {
        let cutover = Cutover { direct_refunds: [(11, DirectRefund::Hold)].into(), ..Cutover::default() };
        assert_eq!([11, 12].map(|bank| cutover.direct_refund(bank)), [DirectRefund::Hold, DirectRefund::Refuse]);
        let refusals = [DirectRefund::Forward, DirectRefund::Hold, DirectRefund::Refuse].map(DirectRefund::refusal);
        assert_eq!(refusals, [None, None, Some(*b"RB622021")]);
    }

    proptest! {
        #[test]
        fn a_larger_share_never_sends_a_customer_back(customer: u64, low in 0..=SHARE_MAX, more in 0..=SHARE_MAX) {
            let way = |percent| Cutover { general: share(percent), ..Cutover::default() }.decide(&traveller(customer)).way;
            let high = low.saturating_add(more).min(SHARE_MAX);
            prop_assert!(way(low) == Way::Direct || way(high) == Way::Switch);
            prop_assert_eq!((way(0), way(SHARE_MAX)), (Way::Direct, Way::Switch));
        }
    }
}
