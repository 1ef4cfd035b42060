//! A fitted law as the report tells it: intervals, residuals, the peak, and how far it may be followed.

use super::bootstrap::{interval, resample};
use super::fit::fit;
use super::{LOADS_MIN, Load, Usl};
use crate::capacity::model::answer::{BandPoint, FitPoint, FittedLaw, ScalingLaw};

/// Points of the band.
const BAND_POINTS: u32 = 60;

/// What a law is fitted with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'a> {
    /// What N is, in words.
    pub(crate) quantity: &'a str,
    /// Multiple of the largest N measured up to which the law may be followed.
    pub(crate) extrapolation_max: f64,
    /// Samples of the bootstrap.
    pub(crate) samples: u32,
    /// Its seed.
    pub(crate) seed: u64,
}

/// Fits `loads`, or says why not.
pub(crate) fn law(loads: &[Load], terms: &Terms) -> ScalingLaw {
    let distinct = distinct(loads);
    if distinct < LOADS_MIN {
        let why = format!(
            "{distinct} different numbers of {} were measured; a law with three coefficients and their intervals takes at \
             least {LOADS_MIN}",
            terms.quantity
        );
        return ScalingLaw::Refused { why };
    }
    match fit(loads) {
        Some(law) => ScalingLaw::Fitted(Box::new(fitted(loads, &law, terms))),
        None => ScalingLaw::Refused { why: format!("no law fits throughput against {}", terms.quantity) },
    }
}

fn distinct(loads: &[Load]) -> usize {
    let mut seen: Vec<f64> = loads.iter().map(|load| load.n).collect();
    seen.sort_by(f64::total_cmp);
    seen.dedup_by(|one, other| (*one / *other - 1.0).abs() < 1e-6);
    seen.len()
}

fn fitted(loads: &[Load], law: &Usl, terms: &Terms) -> FittedLaw {
    let samples = resample(loads, law, terms.samples, terms.seed);
    let kappa = interval(law, &samples, |law| law.kappa);
    let n_measured_max = loads.iter().fold(0.0_f64, |most, load| most.max(load.n));
    let n_peak = if kappa.low > 0.0 { law.peak().map(f64::floor).filter(|peak| *peak >= 1.0) } else { None };
    FittedLaw {
        quantity: terms.quantity.to_owned(),
        lambda: interval(law, &samples, |law| law.lambda),
        sigma: interval(law, &samples, |law| law.sigma),
        kappa,
        r_squared: r_squared(loads, law),
        points: loads.iter().map(|load| point(load, law)).collect(),
        n_measured_max,
        n_allowed_max: n_measured_max * terms.extrapolation_max,
        n_peak,
        peak_per_s: n_peak.map(|peak| law.at(peak)),
        peak_is_extrapolated: n_peak.is_some_and(|peak| peak > n_measured_max),
        band: band(loads, law, &samples, terms),
        remark: remark(n_peak, n_measured_max, terms),
    }
}

fn remark(n_peak: Option<f64>, n_measured_max: f64, terms: &Terms) -> String {
    let reach = terms.extrapolation_max;
    match n_peak {
        None => "no retrograde point within the measured range: the interval of kappa includes 0".to_owned(),
        Some(peak) if peak > n_measured_max * reach => {
            format!("the peak lies beyond {reach} times what was measured: not to be relied on")
        }
        Some(peak) if peak > n_measured_max => "the peak lies beyond what was measured: extrapolated".to_owned(),
        Some(_) => "the peak lies within what was measured".to_owned(),
    }
}

fn point(load: &Load, law: &Usl) -> FitPoint {
    let fitted_per_s = law.at(load.n);
    FitPoint { n: load.n, measured_per_s: load.per_s, fitted_per_s, residual_per_s: load.per_s - fitted_per_s }
}

/// 1 - residual sum of squares / total sum of squares about the mean.
fn r_squared(loads: &[Load], law: &Usl) -> f64 {
    let mean = loads.iter().map(|load| load.per_s).sum::<f64>() / loads.len() as f64;
    let about =
        |value: fn(&Load, &Usl, f64) -> f64| -> f64 { loads.iter().map(|load| value(load, law, mean).powi(2)).sum() };
    let total = about(|load, _, mean| load.per_s - mean);
    let residual = about(|load, law, _| load.per_s - law.at(load.n));
    if total > 0.0 { 1.0 - residual / total } else { 0.0 }
}

/// From the smallest load to as far as the law may be followed, at equal ratios.
fn band(loads: &[Load], law: &Usl, samples: &[Usl], terms: &Terms) -> Vec<BandPoint> {
    let ends = loads.iter().fold((f64::INFINITY, 0.0_f64), |(least, most), load| (least.min(load.n), most.max(load.n)));
    let (first, measured_max) = ends;
    let ratio = measured_max * terms.extrapolation_max / first;
    let points = (0..BAND_POINTS).map(|place| first * ratio.powf(f64::from(place) / f64::from(BAND_POINTS - 1)));
    let at = |n: f64| {
        let here = interval(law, samples, |law| law.at(n));
        // The last measured load itself is no extrapolation, whatever the ratio's last bits are.
        let extrapolated = n > measured_max * (1.0 + 1e-9);
        BandPoint { n, low_per_s: here.low, per_s: here.value, high_per_s: here.high, extrapolated }
    };
    points.map(at).collect()
}

impl FittedLaw {
    /// Throughput at `n` by the law, and whether that is extrapolated.
    ///
    /// # Errors
    /// `n` lies beyond what may be asked; says how far the law reaches.
    pub fn at(&self, n: f64) -> Result<(f64, bool), String> {
        if n > self.n_allowed_max * (1.0 + 1e-9) {
            return Err(format!(
                "{n:.0} {} are beyond the {:.1} up to which the law may be followed ({:.1} were measured)",
                self.quantity, self.n_allowed_max, self.n_measured_max
            ));
        }
        let law = Usl { lambda: self.lambda.value, sigma: self.sigma.value, kappa: self.kappa.value };
        Ok((law.at(n), n > self.n_measured_max))
    }
}
