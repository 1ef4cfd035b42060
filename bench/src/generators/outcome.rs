//! What the comparison has found, and whether ours keeps its promises.

use serde::Serialize;

use crate::cpu::Cores;
use crate::machine::Machine;

/// Reported percentiles may be off the law by this share.
pub(super) const OFF_LAW_MAX: f64 = 0.02;
/// The rate of sending may be off the intended one by this share.
pub(super) const OFF_RATE_MAX: f64 = 0.001;
/// 1 in 100 requests may leave as late as this, in microseconds.
pub(super) const LATENESS_P99_MAX_US: u64 = 1_000;

/// What `generators --json` writes.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// Who was there, ours first.
    pub generators: Vec<Found>,
    /// The scenarios with a law.
    pub stages: Vec<Stage>,
    /// Ours at 5,000 requests a second.
    pub hold: Hold,
    /// What each costs, against a server that answers at once.
    pub costs: Vec<Cost>,
    /// Whether this was the short course.
    pub quick: bool,
    /// Seed of the schedules.
    pub seed: u64,
    /// Share of all cores of the machine that neither server nor generators used, and that were busy.
    pub others_busy: f64,
    /// Who ran where.
    pub cores: Cores,
    /// The machine.
    pub machine: Machine,
}

/// A generator, found or not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// What it says of itself; `None` where it is not there.
    pub version: Option<String>,
    /// Why it was left out; `None` where it was not.
    pub skipped: Option<String>,
}

/// One scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// What the server does.
    pub what: String,
    /// Requests a second of those that hold a rate.
    pub rate_per_s: f64,
    /// What the percentiles must be.
    pub truth: Percentiles,
    /// Quantiles that ours is judged by.
    pub judged: Vec<f64>,
    /// What each generator reports, ours first.
    pub sights: Vec<Sight>,
    /// Why they differ.
    pub remark: String,
}

/// What one generator reports.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sight {
    /// Its name.
    pub generator: String,
    /// How it was called.
    pub call: String,
    /// Requests a second that it made.
    pub rate_per_s: f64,
    /// As it reports them.
    pub percentiles: Percentiles,
    /// What it, or we, hold against these figures.
    pub doubts: Vec<String>,
}

/// Latencies in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Percentiles {
    /// Median.
    pub p50_us: f64,
    /// 90 in 100 are at most this.
    pub p90_us: f64,
    /// 99 in 100.
    pub p99_us: f64,
    /// 999 in 1000.
    pub p999_us: f64,
}

impl Percentiles {
    /// With their quantiles.
    pub(super) fn pairs(&self) -> [(f64, f64); 4] {
        [(0.5, self.p50_us), (0.9, self.p90_us), (0.99, self.p99_us), (0.999, self.p999_us)]
    }
}

/// Ours at a fixed rate, against a server that answers at once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hold {
    /// Requests a second asked for.
    pub offered_per_s: f64,
    /// Requests a second sent.
    pub achieved_per_s: f64,
    /// From the intended instant to the sending, in microseconds.
    pub lateness_p50_us: u64,
    /// 99 in 100.
    pub lateness_p99_us: u64,
    /// The largest.
    pub lateness_max_us: u64,
    /// What ours holds against the run.
    pub doubts: Vec<String>,
}

/// What a request costs a generator.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cost {
    /// Its name.
    pub generator: String,
    /// How it was called.
    pub call: String,
    /// Requests a second that it made.
    pub rate_per_s: f64,
    /// User and system time of the generator / request, in microseconds.
    pub cpu_us_per_request: f64,
    /// Requests that one second of one core pays for.
    pub requests_per_core_second: f64,
    /// Where its CPU goes, and where it does not.
    pub reason: String,
    /// What is to be held against the figure.
    pub doubts: Vec<String>,
}

impl Stage {
    /// Reported / true, at each judged quantile.
    pub(super) fn ratios(&self, sight: &Sight) -> Vec<(f64, f64)> {
        let both = sight.percentiles.pairs().into_iter().zip(self.truth.pairs());
        let judged = both.filter(|((quantile, _), _)| self.judged.contains(quantile));
        judged.map(|((quantile, seen), (_, truth))| (quantile, seen / truth.max(f64::MIN_POSITIVE))).collect()
    }

    fn misses(&self) -> Vec<String> {
        let Some(ours) = self.sights.first() else { return vec![format!("{}: was not run", self.name)] };
        let off = |(_, ratio): &(f64, f64)| (ratio - 1.0).abs() > OFF_LAW_MAX;
        let told = |(quantile, ratio): (f64, f64)| {
            format!("{}: p{} is {:+.1} % off the law", self.name, quantile * 100.0, (ratio - 1.0) * 100.0)
        };
        let doubts = ours.doubts.iter().map(|doubt| format!("{}: {doubt}", self.name));
        self.ratios(ours).into_iter().filter(off).map(told).chain(doubts).collect()
    }
}

impl Hold {
    /// Sent / asked for.
    pub(super) fn ratio(&self) -> f64 {
        self.achieved_per_s / self.offered_per_s.max(f64::MIN_POSITIVE)
    }

    fn misses(&self) -> Vec<String> {
        let off = (self.ratio() - 1.0).abs();
        [
            (off > OFF_RATE_MAX).then(|| format!("rate: {:+.3} % off the intended one", (self.ratio() - 1.0) * 100.0)),
            (self.lateness_p99_us > LATENESS_P99_MAX_US)
                .then(|| format!("lateness: p99 {} us is above {LATENESS_P99_MAX_US} us", self.lateness_p99_us)),
        ]
        .into_iter()
        .flatten()
        .chain(self.doubts.iter().map(|doubt| format!("rate: {doubt}")))
        .collect()
    }
}

impl Outcome {
    /// Where ours does not keep its promises; empty = nowhere.
    pub fn misses(&self) -> Vec<String> {
        self.stages.iter().flat_map(Stage::misses).chain(self.hold.misses()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(p50_us: f64, p99_us: f64) -> Sight {
        let percentiles = Percentiles { p50_us, p90_us: 1.0, p99_us, p999_us: 9e9 };
        Sight { generator: "ours".into(), call: String::new(), rate_per_s: 1.0, percentiles, doubts: Vec::new() }
    }

    #[test]
    fn ours_is_judged_by_two_per_cent_of_the_judged_quantiles() {
        let truth = Percentiles { p50_us: 20_000.0, p90_us: 20_000.0, p99_us: 940_000.0, p999_us: 1.0 };
        let stage = |sights| Stage {
            name: "stall".into(),
            what: String::new(),
            rate_per_s: 1.0,
            truth,
            judged: vec![0.5, 0.99],
            sights,
            remark: String::new(),
        };
        // wrk's own figures are shown and not judged.
        assert!(stage(vec![sight(20_399.0, 922_000.0), sight(1.0, 1.0)]).misses().is_empty());
        let misses = stage(vec![sight(20_410.0, 900_000.0)]).misses();
        assert_eq!(misses.len(), 2, "{misses:?}");
        assert!(misses[1].contains("p99 is -4.3 % off"), "{misses:?}");
        let doubted = Sight { doubts: vec!["generator late".into()], ..sight(20_000.0, 940_000.0) };
        assert_eq!(stage(vec![doubted]).misses(), ["stall: generator late"]);
        assert_eq!(stage(Vec::new()).misses(), ["stall: was not run"]);
    }

    #[test]
    fn a_rate_is_held_within_a_thousandth_and_a_millisecond() {
        let hold = |achieved_per_s, lateness_p99_us| Hold {
            offered_per_s: 5_000.0,
            achieved_per_s,
            lateness_p50_us: 20,
            lateness_p99_us,
            lateness_max_us: 5_000,
            doubts: Vec::new(),
        };
        assert!(hold(5_004.0, 1_000).misses().is_empty());
        assert_eq!((hold(5_006.0, 1_000).misses().len(), hold(4_994.0, 1_001).misses().len()), (1, 2));
    }
}
