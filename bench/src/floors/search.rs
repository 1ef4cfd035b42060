//! Finds the highest rate that holds: up in steps until one fails, then halving the gap.
//!
//! Pure but for the trial that is passed in. A rate fails only when it fails twice, because one stall of a shared machine is no limit of the
//! node; the number of trials is bounded.

use crate::error::Error;

/// Step up while nothing has failed, and down while nothing has held.
const STEP_UP: f64 = 1.25;
const STEP_DOWN: f64 = 1.5;
/// The search ends when the gap is this narrow.
const GAP: f64 = 1.04;
/// Most trials.
const TRIALS_MAX: usize = 16;

/// One rate tried.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tried {
    pub(super) rate: f64,
    /// Why it did not hold; `None` = it held.
    pub(super) failure: Option<String>,
}

/// What a search has found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// The highest rate that held.
    pub(super) rate: f64,
    /// Every trial in order.
    pub(super) trials: Vec<Tried>,
}

impl Found {
    /// Why the lowest failing rate failed.
    pub(super) fn limit(&self) -> Option<&Tried> {
        let failed = self.trials.iter().filter(|tried| tried.failure.is_some() && tried.rate > self.rate);
        failed.min_by(|one, other| one.rate.total_cmp(&other.rate))
    }
}

/// Searches from `start` with `trial`, which says why a rate did not hold.
///
/// # Errors
/// What `trial` says, or no rate held at all.
pub(super) fn search(start: f64, mut trial: impl FnMut(f64) -> Result<Option<String>, Error>) -> Result<Found, Error> {
    let mut trials = Vec::new();
    let (mut held, mut failed, mut rate) = (0.0_f64, f64::INFINITY, start);
    while trials.len() < TRIALS_MAX {
        let mut failure = trial(rate)?;
        if failure.is_some() && trials.len() + 1 < TRIALS_MAX {
            trials.push(Tried { rate, failure });
            failure = trial(rate)?;
        }
        match failure {
            None => held = held.max(rate),
            Some(_) => failed = failed.min(rate),
        }
        trials.push(Tried { rate, failure });
        rate = match (held > 0.0, failed.is_finite()) {
            (true, true) if failed / held <= GAP => break,
            (true, true) => (held * failed).sqrt(),
            (true, false) => held * STEP_UP,
            (false, _) => failed / STEP_DOWN,
        };
    }
    if held > 0.0 {
        Ok(Found { rate: held, trials })
    } else {
        Err(Error::Unsuited(format!("no rate from {start:.0}/s down to {failed:.0}/s holds")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit_at(limit: f64) -> impl FnMut(f64) -> Result<Option<String>, Error> {
        move |rate| Ok((rate > limit).then(|| "slow".to_owned()))
    }

    #[test]
    fn the_limit_is_found_from_either_side() {
        for (start, limit) in [(1_000.0, 5_000.0), (5_000.0, 1_300.0), (4_000.0, 4_001.0), (3_000.0, 3_000.0)] {
            let found = search(start, limit_at(limit)).unwrap();
            assert!(found.rate <= limit && found.rate > limit / 1.3, "{start} {limit}: {}", found.rate);
            assert!(found.trials.len() <= TRIALS_MAX);
            assert!(found.limit().is_some_and(|tried| tried.rate > limit));
        }
    }

    #[test]
    fn one_stall_is_no_limit() {
        let mut trials = 0;
        let found = search(1_000.0, |rate| {
            trials += 1;
            Ok((trials == 1 || rate > 1_500.0).then(|| "stall".to_owned()))
        });
        assert!(found.unwrap().rate > 1_250.0);
    }

    #[test]
    fn nothing_that_holds_is_an_error_and_the_search_ends() {
        assert!(matches!(search(1_000.0, limit_at(0.0)), Err(Error::Unsuited(_))));
        assert!(search(1_000.0, limit_at(f64::INFINITY)).unwrap().rate > 10_000.0);
    }
}
