//! What is sent: weights of the kinds of request, duplicates, cancels, bad signatures, and who sends it.
//!
//! Text form, as on the command line: `payments=90,refunds=5,queries=5,duplicates=1,skew=70,bad-signatures=0.5`. What is
//! left out keeps its default. `all` sets sensible weights of every business; what follows it changes single ones. What
//! has no text form (weights of single institutions and suites, sizes) stands in a mix file.

use super::fill::Fill;
use crate::error::Error;
use crate::kind::Kind;
use crate::random::Draws;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::str::FromStr;

/// Declares the mix: a weight for each kind that can be asked for, its name on the command line and what it is.
macro_rules! mix {
    ($($(#[$doc:meta])* $field:ident = $name:literal, $kind:ident, $default:literal, $all:literal;)*) => {
        /// Shares of the kinds and of the institutions.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
        pub struct Mix {
            $($(#[$doc])* pub $field: f64,)*
            /// Per cent of all requests that repeat earlier bytes, 0 to 100.
            pub duplicates: f64,
            /// Per cent of all requests that close a gateway order whose customer has not paid yet, 0 to 100.
            pub cancels: f64,
            /// Per cent of the traffic that the first institution sends, 0 to 100; the others share the rest evenly.
            /// 0 = all alike.
            pub skew: f64,
            /// Per cent of all requests that are payments whose amount was changed after they were signed, 0 to 100;
            /// the switch must refuse them, and nothing may come of them.
            pub bad_signatures: f64,
            /// Per cent of refunds that ask for more than is left of the original, 0 to 100; the switch must refuse
            /// them.
            pub excess_refunds: f64,
            /// Weights of institutions by their ids, in place of the skew; `others` is that of each that is not named,
            /// 0 when it is left out. Empty = by the skew.
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            pub institutions: BTreeMap<String, f64>,
            /// Weights of signature suites, by their names: institutions send by the suite of their keys. Empty = the suites
            /// do not matter.
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            pub suites: BTreeMap<String, f64>,
            /// How large requests are.
            pub text: Fill,
        }

        impl Default for Mix {
            fn default() -> Self {
                Self { $($field: $default,)* ..Self::nothing() }
            }
        }

        impl Mix {
            /// Sensible weights of every business, with some repetitions and cancels.
            pub fn all() -> Self {
                Self { $($field: $all,)* duplicates: 2.0, cancels: 1.0, excess_refunds: 10.0, ..Self::nothing() }
            }

            const fn nothing() -> Self {
                Self { $($field: 0.0,)*
                    duplicates: 0.0,
                    cancels: 0.0,
                    skew: 0.0,
                    bad_signatures: 0.0,
                    excess_refunds: 0.0,
                    institutions: BTreeMap::new(),
                    suites: BTreeMap::new(),
                    text: Fill::Usual,
                }
            }

            const NAMES: &[&str] = &[$($name,)* "duplicates", "cancels", "skew", "bad-signatures", "excess-refunds"];

            fn weights(&self) -> [(Kind, f64); WEIGHTS] {
                [$((Kind::$kind, self.$field),)*]
            }

            fn place(&mut self, name: &str) -> Option<&mut f64> {
                Some(match name {
                    $($name => &mut self.$field,)*
                    "duplicates" => &mut self.duplicates,
                    "cancels" => &mut self.cancels,
                    "skew" => &mut self.skew,
                    "bad-signatures" => &mut self.bad_signatures,
                    "excess-refunds" => &mut self.excess_refunds,
                    _ => return None,
                })
            }
        }

        const WEIGHTS: usize = [$(Kind::$kind),*].len();
    };
}

mix! {
    /// Weight of new agreement payments (201).
    payments = "payments", Payment, 90.0, 30.0;
    /// Weight of refunds (205). A refund due before any payment has succeeded is sent as a payment.
    refunds = "refunds", Refund, 5.0, 10.0;
    /// Weight of payouts (211).
    payouts = "payouts", Payout, 0.0, 8.0;
    /// Weight of certified payments (216).
    certified = "certified", Certified, 0.0, 8.0;
    /// Weight of payments on a mandate (221). One due before there is a mandate is sent as a mandate.
    entrusted = "entrusted", Entrusted, 0.0, 8.0;
    /// Weight of gateway payments (241).
    gateway = "gateway", Gateway, 0.0, 8.0;
    /// Weight of signings: 101 with 0201, and when that was answered, 101 with 0202.
    signs = "signs", Sign, 0.0, 6.0;
    /// Weight of ends of agreements (103). One due before anything was signed is sent as a signing.
    ends = "ends", End, 0.0, 2.0;
    /// Weight of new mandates (111).
    mandates = "mandates", Mandate, 0.0, 3.0;
    /// Weight of ends of mandates (115). One due before there is a mandate is sent as a mandate.
    mandate_ends = "mandate-ends", MandateEnd, 0.0, 1.0;
    /// Weight of status queries (301). A query due before anything was answered is sent as a payment.
    queries = "queries", Query, 5.0, 8.0;
    /// Weight of queries by order number (305).
    order_queries = "order-queries", OrderQuery, 0.0, 2.0;
    /// Weight of queries for details (313).
    details = "details", Detail, 0.0, 1.0;
    /// Weight of closes of any gateway order (317), paid ones too. One due before there is an order is sent as a
    /// gateway payment.
    closes = "closes", Close, 0.0, 2.0;
    /// Weight of requests for control numbers (401).
    control_numbers = "control-numbers", ControlNumbers, 0.0, 1.0;
    /// Weight of disputes: 321, and 324 where one was raised before.
    disputes = "disputes", Dispute, 0.0, 1.0;
}

impl Mix {
    /// New payments alone.
    pub fn payments_only() -> Self {
        Self { payments: 1.0, ..Self::nothing() }
    }

    /// Checks ranges: weights not negative and not all zero, percentages within 0 to 100.
    ///
    /// # Errors
    /// [`Error::Mix`], naming what is out of range.
    pub fn check(&self) -> Result<(), Error> {
        let weights = self.weights().map(|(_, weight)| weight);
        if weights.iter().any(|weight| !weight.is_finite() || *weight < 0.0) || weights.iter().sum::<f64>() <= 0.0 {
            return Err(Error::Mix("weights must be 0 or more, and one of them above 0".into()));
        }
        let shares = [
            ("duplicates", self.duplicates),
            ("cancels", self.cancels),
            ("skew", self.skew),
            ("bad-signatures", self.bad_signatures),
            ("duplicates and bad-signatures together", self.duplicates + self.bad_signatures),
            ("excess-refunds", self.excess_refunds),
        ];
        if let Some((name, share)) = shares.iter().find(|(_, share)| !(0.0..=100.0).contains(share)) {
            return Err(Error::Mix(format!("{name}={share}: must be within 0 and 100")));
        }
        let named = self.institutions.iter().chain(&self.suites);
        if let Some((name, weight)) = named.into_iter().find(|(_, weight)| !(0.0..=1e9).contains(*weight)) {
            return Err(Error::Mix(format!("{name} = {weight}: a weight must be 0 or more")));
        }
        if self.skew > 0.0 && !self.institutions.is_empty() {
            return Err(Error::Mix("skew and institutions exclude each other: both say who sends how much".into()));
        }
        self.text.check()
    }

    /// Whether every kind of request is sent.
    pub fn is_all(&self) -> bool {
        self.weights().iter().all(|(_, weight)| *weight > 0.0)
    }

    /// The kind of the next request. A cancel is a close, told apart by [`Mix::draw_cancel`].
    pub(crate) fn draw_kind(&self, draws: &mut Draws) -> Kind {
        match draws.unit() * 100.0 {
            share if share < self.duplicates => return Kind::Duplicate,
            share if share < self.duplicates + self.bad_signatures => return Kind::BadSignature,
            _ => {}
        }
        let weights = self.weights();
        let mut at = draws.unit() * weights.iter().map(|(_, weight)| weight).sum::<f64>();
        let drawn = weights.iter().find(|(_, weight)| {
            at -= weight;
            at < 0.0
        });
        // Rounding may leave nothing: then the last kind that has a weight.
        let last = || weights.iter().rev().find(|(_, weight)| *weight > 0.0);
        drawn.or_else(last).map_or(Kind::Payment, |(kind, _)| *kind)
    }

    /// Whether the next request closes an open order in place of what was drawn.
    pub(crate) fn draw_cancel(&self, draws: &mut Draws) -> bool {
        self.cancels > 0.0 && draws.unit() * 100.0 < self.cancels
    }

    /// Whether institutions repeat requests, so that their bytes must be kept.
    pub(crate) fn repeats(&self) -> bool {
        self.duplicates > 0.0
    }

    /// Whether the next refund asks for too much.
    pub(crate) fn draw_excess(&self, draws: &mut Draws) -> bool {
        draws.unit() * 100.0 < self.excess_refunds
    }

    fn set(&mut self, part: &str) -> Result<(), Error> {
        if part == "all" {
            *self = Self::all();
            return Ok(());
        }
        let (name, value) = part.split_once('=').ok_or_else(|| Error::Mix(format!("{part}: expected name=number")))?;
        let value = value.trim().parse().map_err(|_| Error::Mix(format!("{part}: not a number")))?;
        let place = self.place(name.trim()).ok_or_else(|| {
            Error::Mix(format!("{}: unknown; known are all, {}", name.trim(), Self::NAMES.join(", ")))
        })?;
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
            mix.set(part)?;
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
        let expected = Mix { payments: 3.0, refunds: 1.0, queries: 0.0, duplicates: 2.5, skew: 70.0, ..Mix::default() };
        assert_eq!(mix, expected);
        assert_eq!("".parse::<Mix>().unwrap(), Mix::default());
    }

    #[test]
    fn all_draws_every_kind_and_can_be_changed() {
        let mix: Mix = "all,duplicates=5,signs=0".parse().unwrap();
        assert_eq!(mix, Mix { duplicates: 5.0, signs: 0.0, ..Mix::all() });
        let mut draws = Draws::new(8, 0);
        let drawn: std::collections::BTreeSet<_> = (0..20_000).map(|_| Mix::all().draw_kind(&mut draws)).collect();
        // The first step of a signing and the last one of a dispute are never drawn: they stand in for the others. A bad
        // signature has to be asked for.
        assert_eq!(drawn.len(), Kind::ALL.len() - 3);
    }

    #[test]
    fn every_name_sets_one_weight() {
        for name in Mix::NAMES {
            let mut mix = Mix::nothing();
            mix.set(&format!("{name}=7")).unwrap();
            let seven = serde_json::to_string(&mix).unwrap().matches("7.0").count();
            assert_eq!(seven, 1, "{name}");
        }
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
            "duplicates=60,bad-signatures=60",
            "payments=NaN",
        ] {
            assert!(text.parse::<Mix>().is_err(), "{text}");
        }
    }

    #[test]
    fn shares_come_out_as_asked() {
        let mix: Mix = "payments=80,refunds=15,queries=5,duplicates=10,bad-signatures=5".parse().unwrap();
        let mut draws = Draws::new(5, 0);
        let mut kinds = [0_u32; Kind::ALL.len()];
        for _ in 0..100_000 {
            kinds[mix.draw_kind(&mut draws).index()] += 1;
        }
        let ideals = [
            (Kind::Payment, 68_000.0),
            (Kind::Refund, 12_750.0),
            (Kind::Query, 4_250.0),
            (Kind::Duplicate, 10_000.0),
            (Kind::BadSignature, 5_000.0),
        ];
        for (kind, ideal) in ideals {
            assert!((f64::from(kinds[kind.index()]) / ideal - 1.0).abs() < 0.05, "{kinds:?}");
        }
        assert_eq!(kinds.iter().sum::<u32>(), 100_000);
    }
}
