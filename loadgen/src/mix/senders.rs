//! Which institution sends the next request.
//!
//! ```text
//! skew, or weights by id --> share of each within its suite --.
//!                                                              >-- shares, added up --draw--> place
//! weights by suite -------------------------------------------'
//! ```

use super::weights::Mix;
use crate::config::{Config, Institution};
use crate::error::Error;
use crate::random::Draws;
use clearway_crypto::Suite;
use std::collections::BTreeMap;

/// In [`Mix::institutions`] the weight of whoever is not named.
const OTHERS: &str = "others";

/// The institutions' shares of the traffic.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Senders {
    /// By place: the shares up to and with this one. The last one is 1.
    upto: Vec<f64>,
}

impl Senders {
    /// By the mix, for the institutions of this configuration.
    ///
    /// # Errors
    /// [`Error::Mix`]: somebody is named who is not there, or nobody is left to send.
    pub(crate) fn new(mix: &Mix, config: &Config) -> Result<Self, Error> {
        let weights = weights(mix, &config.institutions)?;
        let shares =
            if mix.suites.is_empty() { weights } else { by_suite(&mix.suites, &config.institutions, &weights)? };
        let total: f64 = shares.iter().sum();
        if total <= 0.0 {
            return Err(Error::Mix("no institution is left to send anything: all weights are 0".into()));
        }
        let mut sum = 0.0;
        let upto = shares.iter().map(|share| {
            sum += share;
            sum / total
        });
        Ok(Self { upto: upto.collect() })
    }

    /// The institution that sends the next request.
    pub(crate) fn draw(&self, draws: &mut Draws) -> u16 {
        let at = draws.unit();
        let place = self.upto.partition_point(|upto| *upto <= at);
        // Rounding may leave the last sum below 1.
        place.min(self.upto.len().saturating_sub(1)) as u16
    }
}

/// By place, before suites are looked at.
fn weights(mix: &Mix, institutions: &[Institution]) -> Result<Vec<f64>, Error> {
    let count = institutions.len();
    if mix.institutions.is_empty() {
        let first = if mix.skew > 0.0 { mix.skew } else { 100.0 / count as f64 };
        let rest = if count > 1 { (100.0 - first) / (count - 1) as f64 } else { 0.0 };
        return Ok((0..count).map(|place| if place == 0 { first } else { rest }).collect());
    }
    let ids: Vec<&str> = institutions.iter().map(|institution| institution.identity.id.as_str()).collect();
    if let Some(name) = mix.institutions.keys().find(|name| *name != OTHERS && !ids.contains(&name.as_str())) {
        return Err(Error::Mix(format!("institutions: {name} is none of the configuration's, nor {OTHERS:?}")));
    }
    let others = mix.institutions.get(OTHERS).copied().unwrap_or_default();
    Ok(ids.iter().map(|id| mix.institutions.get(*id).copied().unwrap_or(others)).collect())
}

/// The suites' shares, each spread over its institutions by their weights.
fn by_suite(suites: &BTreeMap<String, f64>, institutions: &[Institution], weights: &[f64]) -> Result<Vec<f64>, Error> {
    let mut shares = vec![0.0; institutions.len()];
    for (name, share) in suites {
        let suite: Suite = name.parse().map_err(|error| Error::Mix(format!("suites: {error}")))?;
        let holds = |place: &usize| institutions[*place].identity.key.suite() == suite;
        let members: Vec<usize> = (0..institutions.len()).filter(holds).collect();
        let total: f64 = members.iter().map(|place| weights[*place]).sum();
        if *share > 0.0 && total <= 0.0 {
            let how = "`clearway init --institution-suites` makes institutions with different ones";
            return Err(Error::Mix(format!("suites: no institution that sends anything signs with {suite}; {how}")));
        }
        for place in members.into_iter().filter(|_| total > 0.0) {
            shares[place] = share * weights[place] / total;
        }
    }
    Ok(shares)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::tests::config_of_suites;

    const SM2: Suite = Suite::Sm2Sm3;
    const P256: Suite = Suite::EcdsaP256Sha256;
    const ED: Suite = Suite::Ed25519;

    /// Shares as they come out over many draws.
    fn drawn(mix: &Mix, suites: &[Suite]) -> Vec<f64> {
        let senders = Senders::new(mix, &config_of_suites(suites)).unwrap();
        let mut counts = vec![0.0; suites.len()];
        let mut draws = Draws::new(5, 0);
        for _ in 0..50_000 {
            counts[usize::from(senders.draw(&mut draws))] += 1.0 / 50_000.0;
        }
        counts
    }

    fn map(pairs: &[(&str, f64)]) -> BTreeMap<String, f64> {
        pairs.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect()
    }

    #[test]
    fn shares_come_out_as_asked() {
        let id = |place: usize| config_of_suites(&[ED; 3]).institutions[place].identity.id.to_string();
        let mix = |skew, institutions, suites| Mix { skew, institutions, suites, ..Mix::default() };
        let (two, none) = (id(2), map(&[]));
        let table = [
            (mix(0.0, none.clone(), none.clone()), vec![ED; 4], vec![0.25; 4]),
            (mix(70.0, none.clone(), none.clone()), vec![ED; 4], vec![0.7, 0.1, 0.1, 0.1]),
            (mix(70.0, none.clone(), none.clone()), vec![ED], vec![1.0]),
            (mix(100.0, none.clone(), none.clone()), vec![ED; 2], vec![1.0, 0.0]),
            (mix(0.0, map(&[(&two, 3.0), ("others", 0.5)]), none.clone()), vec![ED; 3], vec![0.125, 0.125, 0.75]),
            (mix(0.0, map(&[(&two, 3.0)]), none.clone()), vec![ED; 3], vec![0.0, 0.0, 1.0]),
            (
                mix(0.0, none.clone(), map(&[("sm2-sm3", 60.0), ("ecdsa-p256-sha256", 40.0)])),
                vec![SM2, P256, P256, ED],
                vec![0.6, 0.2, 0.2, 0.0],
            ),
            (
                mix(0.0, map(&[(&two, 3.0), ("others", 1.0)]), map(&[("ecdsa-p256-sha256", 1.0), ("sm2-sm3", 1.0)])),
                vec![SM2, P256, P256],
                vec![0.5, 0.125, 0.375],
            ),
        ];
        for (mix, suites, shares) in table {
            let found = drawn(&mix, &suites);
            let is_near = found.iter().zip(&shares).all(|(found, share)| (found - share).abs() < 0.01);
            assert!(is_near, "{mix:?}: {found:?}, asked for {shares:?}");
        }
    }

    #[test]
    fn who_is_not_there_is_named() {
        let refused = |institutions, suites| {
            let mix = Mix { institutions, suites, ..Mix::default() };
            Senders::new(&mix, &config_of_suites(&[ED, SM2])).unwrap_err().to_string()
        };
        assert!(refused(map(&[("Z0000000000000", 1.0)]), map(&[])).contains("Z0000000000000"));
        assert!(refused(map(&[("others", 0.0)]), map(&[])).contains("left to send"));
        assert!(refused(map(&[]), map(&[("rsa-2048-sha256", 1.0)])).contains("--institution-suites"));
        assert!(refused(map(&[]), map(&[("md5", 1.0)])).contains("md5"));
    }
}
