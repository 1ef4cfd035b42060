//! The customer on the bank's page: pays, refuses or walks away, and the bank tells the switch, or fails to.
//!
//! ```text
//! 241, 111 --> answered with a page, or "waits" --delay--> pays    --> booked  --> 245, 113 with 00
//!                                                          refuses --> refused --> 245, 113 with 01
//!                                                          abandons            (the order expires, or is closed)
//! ```
//!
//! Invariant: the ledger changes before the switch is told, so that a query finds the truth first. A customer who comes
//! after the bank was told that the order is void is turned away.

use super::behaviour::{Delay, pick};
use crate::error::Error;
use crate::random::Draws;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// How the news of a customer's decision goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewsFault {
    /// It never comes: the switch must ask. News of a mandate always comes.
    Never,
    /// It comes [`Customer::late_ms`] later.
    Late,
    /// It comes twice.
    Twice,
    /// Garbage comes first.
    GarbageFirst,
}

impl NewsFault {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Never, Self::Late, Self::Twice, Self::GarbageFirst];
}

/// What customers do. The default pays at once, and the bank says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Customer {
    /// Probability that a customer says no. Those who neither refuse nor abandon pay, or confirm.
    pub refuses: f64,
    /// Probability that a customer walks away from a page. A mandate is always decided.
    pub abandons: f64,
    /// How long a decision takes.
    pub delay: Delay,
    /// Probability of each fault in the news of it; together at most 1.
    pub news_faults: BTreeMap<NewsFault, f64>,
    /// How much later late news comes, in milliseconds.
    pub late_ms: f64,
}

impl Default for Customer {
    fn default() -> Self {
        Self {
            refuses: 0.0,
            abandons: 0.0,
            delay: Delay::Fixed { ms: 30.0 },
            news_faults: BTreeMap::new(),
            late_ms: 1_000.0,
        }
    }
}

/// What one customer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Agrees,
    Refuses,
    Abandons,
}

/// One customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Visit {
    pub(super) decision: Decision,
    pub(super) delay: Duration,
    pub(super) fault: Option<NewsFault>,
    /// How much later the news comes than the decision.
    pub(super) lateness: Duration,
}

impl Customer {
    /// The same with one more fault in the news.
    #[must_use]
    pub fn with_fault(mut self, fault: NewsFault, probability: f64) -> Self {
        self.news_faults.insert(fault, probability);
        self
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        self.delay.check()?;
        let faults = self.news_faults.values();
        let sums = [self.refuses + self.abandons, faults.clone().sum()];
        let single = [self.refuses, self.abandons];
        let mut shares = sums.iter().chain(&single).chain(faults);
        match shares.find(|share| !(0.0..=1.0 + 1e-9).contains(*share)) {
            Some(share) => Err(Error::Behaviour(format!("customer: {share} is no probability"))),
            None if !(0.0..1e9).contains(&self.late_ms) => Err(Error::Behaviour("customer: negative late_ms".into())),
            None => Ok(()),
        }
    }

    /// What one customer does. `may_abandon`: there is a page to walk away from.
    pub(super) fn visit(&self, may_abandon: bool, draws: &mut Draws) -> Visit {
        let decision = match draws.unit() {
            unit if unit < self.refuses => Decision::Refuses,
            unit if unit < self.refuses + self.abandons && may_abandon => Decision::Abandons,
            _ => Decision::Agrees,
        };
        let delay = self.delay.draw(draws);
        // Nobody would ever ask: only an order expires or is closed.
        let is_heard = |fault: &NewsFault| *fault != NewsFault::Never || may_abandon;
        let fault = pick(&self.news_faults, draws.unit()).filter(is_heard);
        let late = fault == Some(NewsFault::Late);
        let lateness_s = if late { self.late_ms / 1_000.0 } else { 0.0 };
        let lateness = Duration::try_from_secs_f64(lateness_s).unwrap_or(Duration::ZERO);
        Visit { decision, delay, fault, lateness }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_decide_in_their_shares_and_never_abandon_a_mandate() {
        let customer = Customer { refuses: 0.2, abandons: 0.3, ..Customer::default() };
        let share = |decision, may_abandon| {
            let visit = |key| customer.visit(may_abandon, &mut Draws::new(3, key)).decision;
            (0..10_000).filter(|key| visit(*key) == decision).count() as f64 / 10_000.0
        };
        for (decision, ideal) in [(Decision::Refuses, 0.2), (Decision::Abandons, 0.3), (Decision::Agrees, 0.5)] {
            assert!((share(decision, true) - ideal).abs() < 0.02, "{decision:?}");
        }
        assert_eq!(share(Decision::Abandons, false), 0.0);
    }

    #[test]
    fn only_late_news_is_late() {
        for fault in NewsFault::ALL {
            let customer = Customer { late_ms: 250.0, ..Customer::default() }.with_fault(fault, 1.0);
            let visit = customer.visit(true, &mut Draws::new(1, 1));
            assert_eq!(visit.fault, Some(fault));
            assert_eq!(visit.lateness.is_zero(), fault != NewsFault::Late);
        }
    }

    #[test]
    fn customers_out_of_range_are_refused() {
        assert!(Customer::default().check().is_ok());
        for broken in [
            Customer { refuses: 0.7, abandons: 0.7, ..Customer::default() },
            Customer { refuses: -0.1, ..Customer::default() },
            Customer { late_ms: -1.0, ..Customer::default() },
            Customer::default().with_fault(NewsFault::Late, 0.6).with_fault(NewsFault::Never, 0.6),
        ] {
            assert!(broken.check().is_err(), "{broken:?}");
        }
    }
}
