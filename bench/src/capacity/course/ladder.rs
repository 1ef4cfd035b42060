//! Which rate is tried next: up in equal steps until the SLO breaks, then between what held and what broke, one step beyond, and as many below as
//! a fit needs.
//!
//! Pure. A rate has broken the SLO, or cannot be tried here, only when that was seen twice: one stall of a shared machine is no limit of a node.
//! A rate that has broken it once must hold it twice. The number of trials is bounded.

/// The gap between what held and what broke is narrowed until it is this small.
const GAP: f64 = 1.08;
/// Most rates between the two.
const BETWEEN_MAX: usize = 3;
/// How far the last step lies above what broke, so that a law can be seen to bend.
const BEYOND: f64 = 1.25;

/// How one trial went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Went {
    /// The SLO held.
    Held,
    /// It broke.
    Broke,
    /// Nothing can be said of the node: the run was INVALID.
    Unusable,
}

/// The trials so far, and how to go on.
#[derive(Debug, Clone)]
pub(super) struct Ladder {
    start_per_s: f64,
    ratio: f64,
    rates_min: usize,
    trials_max: usize,
    trials: Vec<(f64, Went)>,
}

impl Ladder {
    /// From `start_per_s` up by `ratio`, over at least `rates_min` different rates where `trials_max` trials allow it.
    pub(super) fn new(start_per_s: f64, ratio: f64, rates_min: usize, trials_max: usize) -> Self {
        Self { start_per_s: round(start_per_s), ratio, rates_min, trials_max, trials: Vec::new() }
    }

    /// Takes down how a rate went.
    pub(super) fn note(&mut self, rate_per_s: f64, went: Went) {
        self.trials.push((rate_per_s, went));
    }

    /// The highest rate that held.
    pub(super) fn held(&self) -> Option<f64> {
        self.rates().into_iter().filter(|rate| self.verdict(*rate) == Some(Went::Held)).reduce(f64::max)
    }

    /// The rate to try next, in requests a second; `None` when enough is known.
    pub(super) fn next(&self) -> Option<f64> {
        if self.trials.len() >= self.trials_max {
            return None;
        }
        let Some((last, _)) = self.trials.last() else { return Some(self.start_per_s) };
        if self.verdict(*last).is_none() {
            return Some(*last);
        }
        match (self.held(), self.ceiling()) {
            (Some(held), None) => Some(round(held * self.ratio)),
            (Some(held), Some(ceiling)) => {
                self.between(held, ceiling).or_else(|| self.beyond(ceiling)).or_else(|| self.below())
            }
            (None, _) => self.lower(self.ratio * self.ratio),
        }
    }

    /// What is known of a rate; `None` while that is not enough.
    fn verdict(&self, rate: f64) -> Option<Went> {
        let seen = |what| self.trials.iter().filter(|(tried, went)| *tried == rate && *went == what).count();
        match (seen(Went::Held), seen(Went::Broke), seen(Went::Unusable)) {
            (1.., 0, _) | (2.., 1, _) => Some(Went::Held),
            (_, 2.., _) => Some(Went::Broke),
            (_, _, 2..) => Some(Went::Unusable),
            _ => None,
        }
    }

    /// Different rates, ascending.
    fn rates(&self) -> Vec<f64> {
        let mut rates: Vec<f64> = self.trials.iter().map(|(rate, _)| *rate).collect();
        rates.sort_by(f64::total_cmp);
        rates.dedup();
        rates
    }

    /// The lowest rate that did not hold, above all that did.
    fn ceiling(&self) -> Option<f64> {
        let held = self.held().unwrap_or(0.0);
        let failed = |rate: &f64| *rate > held && matches!(self.verdict(*rate), Some(Went::Broke | Went::Unusable));
        self.rates().into_iter().find(failed)
    }

    fn between(&self, held: f64, ceiling: f64) -> Option<f64> {
        let tried = self.rates().into_iter().filter(|rate| !self.is_rung(*rate)).count();
        let rate = round((held * ceiling).sqrt());
        (ceiling / held > GAP && tried < BETWEEN_MAX && rate > held && rate < ceiling).then_some(rate)
    }

    /// Whether the way up led over this rate.
    fn is_rung(&self, rate: f64) -> bool {
        let mut rung = self.start_per_s;
        while rung < rate {
            rung = round(rung * self.ratio);
        }
        rung == rate || rate < self.start_per_s
    }

    /// Only beyond a rate that the node could not hold: beyond one that could not be tried nothing is to be seen.
    fn beyond(&self, ceiling: f64) -> Option<f64> {
        let highest = self.rates().into_iter().reduce(f64::max)?;
        let is_seen = highest >= ceiling * BEYOND.sqrt();
        (self.verdict(ceiling) == Some(Went::Broke) && !is_seen).then(|| round(ceiling * BEYOND))
    }

    fn below(&self) -> Option<f64> {
        if self.rates().len() < self.rates_min { self.lower(self.ratio) } else { None }
    }

    fn lower(&self, factor: f64) -> Option<f64> {
        let rate = round(self.rates().first()? / factor);
        (rate >= 1.0).then_some(rate)
    }
}

/// Two digits and a half: rates are names of files and points of a table, too.
fn round(rate: f64) -> f64 {
    let unit = if rate >= 1_000.0 {
        50.0
    } else if rate >= 100.0 {
        5.0
    } else {
        1.0
    };
    (rate / unit).round() * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: usize = 8;
    const TRIALS: usize = 18;

    fn climb(start: f64, trial: impl Fn(f64, usize) -> Went) -> Ladder {
        let mut ladder = Ladder::new(start, 1.35, RATES, TRIALS);
        while let Some(rate) = ladder.next() {
            assert!(rate >= 1.0 && rate.is_finite());
            let went = trial(rate, ladder.trials.len());
            ladder.note(rate, went);
        }
        ladder
    }

    #[test]
    fn the_limit_is_bracketed_and_eight_rates_are_tried_wherever_it_lies() {
        for limit in [700.0, 1_000.0, 2_345.0, 3_000.0, 5_100.0, 9_000.0] {
            let ladder = climb(800.0, |rate, _| if rate <= limit { Went::Held } else { Went::Broke });
            let (held, ceiling) = (ladder.held().unwrap(), ladder.ceiling().unwrap());
            assert!(held <= limit && ceiling > limit && ceiling / held < 1.2, "{limit}: {held} {ceiling}");
            assert!(ladder.rates().len() >= RATES && ladder.trials.len() <= TRIALS, "{limit}: {:?}", ladder.trials);
            assert!(ladder.rates().last().unwrap() >= &(limit * 1.1), "{limit}: one step beyond");
        }
    }

    #[test]
    fn one_stall_is_no_limit() {
        let ladder = climb(800.0, |rate, trial| if rate <= 3_000.0 && trial != 2 { Went::Held } else { Went::Broke });
        assert!(ladder.held().unwrap() > 2_700.0, "{:?}", ladder.trials);
    }

    #[test]
    fn above_a_generator_that_is_the_limit_nothing_is_tried() {
        let ladder = climb(800.0, |rate, _| if rate <= 2_000.0 { Went::Held } else { Went::Unusable });
        assert!(ladder.held().unwrap() <= 2_000.0);
        assert!(ladder.rates().last().unwrap() <= &(2_000.0 * 1.35 * 1.05), "{:?}", ladder.trials);
        assert!(ladder.rates().len() >= RATES);
    }

    #[test]
    fn nothing_that_holds_ends_too() {
        for went in [Went::Broke, Went::Unusable] {
            let ladder = climb(800.0, |_, _| went);
            assert!(ladder.held().is_none() && ladder.trials.len() <= TRIALS);
        }
        assert!(climb(800.0, |_, _| Went::Held).trials.len() == TRIALS);
    }
}
