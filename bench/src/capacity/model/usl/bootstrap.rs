//! Intervals of a fit by resampling its residuals.
//!
//! Case resampling would leave too few different loads out of six; the loads are chosen by the course and not by chance,
//! so residuals are drawn with replacement, centred, and widened by sqrt(n / (n - 3)) for the three fitted coefficients
//! (B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993, section 9.4). Percentile intervals.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::fit::fit;
use super::{Load, Usl};
use crate::capacity::model::answer::Estimate;

/// Share of samples below the lower end, and above the upper end, of an interval.
const TAIL: f64 = 0.025;

/// Laws of all samples; the same seed gives the same ones.
pub(super) fn resample(loads: &[Load], law: &Usl, samples: u32, seed: u64) -> Vec<Usl> {
    let residuals = residuals(loads, law);
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    let mut draw = || loads.iter().map(|load| sampled(load, law, &residuals, &mut stream)).collect::<Vec<Load>>();
    (0..samples).filter_map(|_| fit(&draw())).collect()
}

fn residuals(loads: &[Load], law: &Usl) -> Vec<f64> {
    let count = loads.len() as f64;
    let widened = (count / (count - 3.0).max(1.0)).sqrt();
    let plain: Vec<f64> = loads.iter().map(|load| load.per_s - law.at(load.n)).collect();
    let mean = plain.iter().sum::<f64>() / count;
    plain.into_iter().map(|residual| (residual - mean) * widened).collect()
}

fn sampled(load: &Load, law: &Usl, residuals: &[f64], stream: &mut ChaCha8Rng) -> Load {
    let place = (stream.next_u64() % residuals.len() as u64) as usize;
    let fitted = law.at(load.n);
    // No throughput is negative, however large a residual of a higher load is.
    Load { n: load.n, per_s: (fitted + residuals[place]).max(fitted * 1e-3) }
}

/// The middle 95 % of what `figure` says of the samples, around its value of the fit.
pub(super) fn interval(law: &Usl, samples: &[Usl], figure: impl Fn(&Usl) -> f64) -> Estimate {
    let value = figure(law);
    let mut drawn: Vec<f64> = samples.iter().map(figure).filter(|drawn| drawn.is_finite()).collect();
    drawn.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (share * drawn.len().saturating_sub(1) as f64).round() as usize;
        drawn.get(place).copied().unwrap_or(value)
    };
    Estimate { value, low: at(TAIL).min(value), high: at(1.0 - TAIL).max(value) }
}
