//! What is sent: weights of the kinds of request, duplicates, and the skew between institutions.
//!
//! Text form, as on the command line: `payments=90,refunds=5,queries=5,duplicates=1,skew=70,excess-refunds=0`. What is
//! left out keeps its default.

use crate::error::Error;
use crate::random::Draws;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What one scheduled request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A new agreement payment (201).
    Payment,
    /// A refund (205) of an earlier successful payment.
    Refund,
    /// A status query (301) for an earlier payment.
    Query,
    /// The very bytes of an earlier payment or refund once more.
    Duplicate,
}

impl Kind {
    /// All kinds, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Payment, Self::Refund, Self::Query, Self::Duplicate];

    /// Name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Query => "query",
            Self::Duplicate => "duplicate",
        }
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

/// Shares of the kinds and of the institutions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mix {
    /// Weight of new payments.
    pub payments: f64,
    /// Weight of refunds. A refund due before any payment has succeeded is sent as a payment.
    pub refunds: f64,
    /// Weight of queries. A query due before any payment was answered is sent as a payment.
    pub queries: f64,
    /// Per cent of all requests that repeat earlier bytes, 0 to 100.
    pub duplicates: f64,
    /// Per cent of the traffic that the first institution sends, 0 to 100; the others share the rest evenly. 0 = all
    /// alike.
    pub skew: f64,
    /// Per cent of refunds that ask for more than is left of the original, 0 to 100; the switch must refuse them.
    pub excess_refunds: f64,
}

impl Default for Mix {
    fn default() -> Self {
        Self { payments: 90.0, refunds: 5.0, queries: 5.0, duplicates: 0.0, skew: 0.0, excess_refunds: 0.0 }
    }
}

impl Mix {
    /// New payments alone.
    pub fn payments_only() -> Self {
        Self { payments: 1.0, refunds: 0.0, queries: 0.0, ..Self::default() }
    }

    /// Checks ranges: weights not negative and not all zero, percentages within 0 to 100.
    ///
    /// # Errors
    /// [`Error::Mix`], naming what is out of range.
    pub fn check(&self) -> Result<(), Error> {
        let weights = [self.payments, self.refunds, self.queries];
        if weights.iter().any(|weight| !weight.is_finite() || *weight < 0.0) || weights.iter().sum::<f64>() <= 0.0 {
            return Err(Error::Mix("weights must be 0 or more, and one of them above 0".into()));
        }
        let shares = [("duplicates", self.duplicates), ("skew", self.skew), ("excess-refunds", self.excess_refunds)];
        match shares.iter().find(|(_, share)| !(0.0..=100.0).contains(share)) {
            Some((name, share)) => Err(Error::Mix(format!("{name}={share}: must be within 0 and 100"))),
            None => Ok(()),
        }
    }

    /// The kind of the next request.
    pub(crate) fn draw_kind(&self, draws: &mut Draws) -> Kind {
        if draws.unit() * 100.0 < self.duplicates {
            return Kind::Duplicate;
        }
        let at = draws.unit() * (self.payments + self.refunds + self.queries);
        if at < self.payments {
            Kind::Payment
        } else if at < self.payments + self.refunds {
            Kind::Refund
        } else {
            Kind::Query
        }
    }

    /// The institution that sends the next payment, as an index below `count`.
    pub(crate) fn draw_institution(&self, count: usize, draws: &mut Draws) -> usize {
        let (share, among) = (draws.unit() * 100.0, draws.unit());
        match (self.skew > 0.0, count) {
            (_, 0 | 1) => 0,
            (false, _) => below(among, count),
            (true, _) if share < self.skew => 0,
            (true, _) => 1 + below(among, count - 1),
        }
    }

    /// Whether the next refund asks for too much.
    pub(crate) fn draw_excess(&self, draws: &mut Draws) -> bool {
        draws.unit() * 100.0 < self.excess_refunds
    }

    fn set(&mut self, name: &str, value: f64) -> Result<(), Error> {
        let place = match name {
            "payments" => &mut self.payments,
            "refunds" => &mut self.refunds,
            "queries" => &mut self.queries,
            "duplicates" => &mut self.duplicates,
            "skew" => &mut self.skew,
            "excess-refunds" => &mut self.excess_refunds,
            _ => {
                return Err(Error::Mix(format!(
                    "{name}: unknown; known are payments, refunds, queries, duplicates, skew, excess-refunds"
                )));
            }
        };
        *place = value;
        Ok(())
    }
}

/// `unit` in `[0, 1)` as an index below `count`.
pub(crate) fn below(unit: f64, count: usize) -> usize {
    ((unit * count as f64) as usize).min(count.saturating_sub(1))
}

impl FromStr for Mix {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut mix = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) =
                part.split_once('=').ok_or_else(|| Error::Mix(format!("{part}: expected name=number")))?;
            let value = value.trim().parse().map_err(|_| Error::Mix(format!("{part}: not a number")))?;
            mix.set(name.trim(), value)?;
        }
        mix.check()?;
        Ok(mix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_sets_what_it_names() {
        let mix: Mix = "payments=3, refunds=1,queries=0,duplicates=2.5,skew=70".parse().unwrap();
        assert_eq!(
            mix,
            Mix { payments: 3.0, refunds: 1.0, queries: 0.0, duplicates: 2.5, skew: 70.0, excess_refunds: 0.0 }
        );
        assert_eq!("".parse::<Mix>().unwrap(), Mix::default());
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "payments",
            "payments=x",
            "bribes=1",
            "payments=-1",
            "payments=0,refunds=0,queries=0",
            "skew=101",
            "duplicates=-1",
            "payments=NaN",
        ] {
            assert!(text.parse::<Mix>().is_err(), "{text}");
        }
    }

    #[test]
    fn shares_come_out_as_asked() {
        let mix: Mix = "payments=80,refunds=15,queries=5,duplicates=10,skew=70".parse().unwrap();
        let mut draws = Draws::new(5, 0);
        let (mut kinds, mut first) = ([0_u32; 4], 0_u32);
        for _ in 0..100_000 {
            kinds[mix.draw_kind(&mut draws).index()] += 1;
            first += u32::from(mix.draw_institution(4, &mut draws) == 0);
        }
        let ideals = [72_000.0, 13_500.0, 4_500.0, 10_000.0];
        for (count, ideal) in kinds.iter().zip(ideals) {
            assert!((f64::from(*count) / ideal - 1.0).abs() < 0.05, "{kinds:?}");
        }
        assert!((f64::from(first) / 70_000.0 - 1.0).abs() < 0.02, "{first}");
    }

    #[test]
    fn institutions_are_within_range_for_any_count() {
        let mut draws = Draws::new(6, 0);
        for (count, skew) in [(1, 0.0), (1, 50.0), (2, 100.0), (7, 0.0), (7, 30.0)] {
            let mix = Mix { skew, ..Mix::default() };
            assert!((0..1_000).all(|_| mix.draw_institution(count, &mut draws) < count));
        }
    }
}
