//! The fit against published data sets and the coefficients that were published with them.

use super::fit::fit;
use super::{Load, Usl};
use super::{Terms, law};
use crate::capacity::model::answer::{BandPoint, Estimate, FittedLaw, ScalingLaw};

/// Cisco's router benchmark: B. Schwartz, "Practical Scalability Analysis with the Universal Scalability Law", 2015; also
/// the test data of usl4j (C. Hale).
const CISCO: [f64; 32] = [
    955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61, 8278.71, 8646.7, 9047.84,
    9426.55, 9645.37, 9897.24, 10097.6, 10240.5, 10532.39, 10798.52, 11151.43, 11518.63, 11806.0, 12089.37, 12075.41,
    12177.29, 12211.41, 12158.93, 12155.27, 12118.04, 12140.4, 12074.39,
];

/// SPEC SDM91 on a Sun SPARCcenter 2000, October 1994: scripts an hour against simulated users; data set `specsdm91` of
/// the R package `usl` (S. Möding).
const SDM91: [(f64, f64); 7] =
    [(1.0, 64.9), (18.0, 995.9), (36.0, 1652.4), (72.0, 1853.2), (108.0, 1828.9), (144.0, 1775.0), (216.0, 1702.2)];

/// A ray tracer on an SGI Origin 2000: Gunther 2007, table 5.1; data set `raytracer` of the R package.
const RAYTRACER: [(f64, f64); 11] = [
    (1.0, 20.0),
    (4.0, 78.0),
    (8.0, 130.0),
    (12.0, 170.0),
    (16.0, 190.0),
    (20.0, 200.0),
    (24.0, 210.0),
    (28.0, 230.0),
    (32.0, 260.0),
    (48.0, 280.0),
    (64.0, 310.0),
];

/// The data that the R package tests itself with, made by sigma = kappa = 0.02.
const MADE: [(f64, f64); 6] = [(1.0, 1.0), (2.0, 1.8868), (4.0, 3.0769), (6.0, 3.5294), (8.0, 3.5398), (10.0, 3.3557)];

fn loads(pairs: &[(f64, f64)]) -> Vec<Load> {
    pairs.iter().map(|&(n, per_s)| Load { n, per_s }).collect()
}

fn cisco() -> Vec<Load> {
    (1_u32..).zip(CISCO).map(|(n, per_s)| Load { n: f64::from(n), per_s }).collect()
}

fn fitted(loads: &[Load]) -> FittedLaw {
    let terms = Terms { quantity: "requests under way", extrapolation_max: 4.0, samples: 1_000, seed: 7 };
    match law(loads, &terms) {
        ScalingLaw::Fitted(law) => *law,
        ScalingLaw::Refused { why } => panic!("{why}"),
    }
}

fn assert_close(found: f64, published: f64, share: f64) {
    assert!((found / published - 1.0).abs() <= share, "{found} where {published} is published");
}

#[test]
fn cisco_as_in_practical_scalability() {
    let law = fit(&cisco()).unwrap();
    // usl4j holds its own fit to the book within 0.02 %.
    assert_close(law.lambda, 995.6486, 2e-4);
    assert_close(law.sigma, 0.026_715_91, 2e-4);
    assert_close(law.kappa, 7.690_945e-4, 2e-4);
    assert_eq!(law.peak().unwrap().floor(), 35.0);
    for (n, published) in [(1.0, 995.648_772), (20.0, 11_063.633_138), (35.0, 12_341.745_621)] {
        assert_close(law.at(n), published, 1e-6);
    }
}

#[test]
fn cisco_from_the_first_ten_loads_as_in_the_book() {
    // Pages 30 and 31: latency N / X of the law that ten loads give; usl4j's values.
    let law = fit(&cisco()[..10]).unwrap();
    for (latency, n) in [(0.0012, 7.230_629), (0.0016, 20.251_064), (0.0020, 29.888_883)] {
        assert_close(n / law.at(n), latency, 1e-5);
    }
}

#[test]
fn specsdm91_as_in_r() {
    let found = fitted(&loads(&SDM91));
    // tests/summary.Rout.save and tests/usl-nlxb.Rout.save of the package, version 2.0 and later.
    assert_close(found.sigma.value, 0.027_728_5, 1e-4);
    assert_close(found.kappa.value, 0.000_104_4, 5e-4);
    assert_close(found.lambda.value, 89.995_233, 1e-5);
    assert_close(found.r_squared, 0.9896, 1e-4);
    let published = [90.0, 1078.0, 1541.0, 1850.0, 1879.0, 1822.0, 1646.0];
    for (point, fitted) in found.points.iter().zip(published) {
        assert!((point.fitted_per_s - fitted).abs() < 0.5, "{point:?}");
    }
    let worst = found.points.iter().map(|point| point.residual_per_s).fold(0.0_f64, f64::max);
    assert!((worst - 111.09).abs() < 0.01, "{worst}");
    // R rounds the peak to 97; we round down, as Gunther does.
    assert_eq!(found.n_peak, Some(96.0));
    assert!(!found.peak_is_extrapolated && found.remark.contains("within what was measured"));
}

#[test]
fn raytracer_as_in_r_has_no_retrograde_point() {
    let found = fitted(&loads(&RAYTRACER));
    // tests/confint.Rout.save: alpha 0.0578, beta 0 at its bound, gamma 21.8488.
    assert_close(found.sigma.value, 0.0578, 1e-3);
    assert_eq!(found.kappa.value, 0.0);
    assert_close(found.lambda.value, 21.8488, 1e-4);
    assert_eq!((found.kappa.low, found.n_peak, found.peak_per_s), (0.0, None, None));
    assert!(found.remark.contains("no retrograde point within the measured range"));
}

#[test]
fn made_data_give_the_coefficients_that_made_them() {
    let law = fit(&loads(&MADE)).unwrap();
    assert!((law.sigma - 0.02).abs() < 1e-4 && (law.kappa - 0.02).abs() < 1e-4 && (law.lambda - 1.0).abs() < 1e-3);
    // tests/peak-scalability.Rout.save: 320 for sigma = 0.001, kappa = 0.00001, two digits.
    let other = Usl { lambda: 1.0, sigma: 0.001, kappa: 0.000_01 };
    assert_eq!(other.peak().unwrap().floor(), 316.0);
}

/// R's intervals come from standard errors and Student's t with n - 3 degrees; ours from resampling. They must tell the
/// same story: overlap, and be of the same size.
#[test]
fn bootstrap_intervals_agree_with_those_of_r() {
    let agree = |ours: Estimate, low: f64, high: f64| {
        let width = (ours.high - ours.low) / (high - low);
        assert!(ours.low < high && ours.high > low && (0.4..1.3).contains(&width), "{ours:?} beside {low}..{high}");
    };
    let found = fitted(&loads(&SDM91));
    // Estimates -+ 2.776 standard errors (4 degrees) of tests/summary.Rout.save.
    agree(found.sigma, 0.0024, 0.0531);
    agree(found.kappa, 4.9e-5, 1.6e-4);
    agree(found.lambda, 50.5, 129.5);
    let found = fitted(&loads(&RAYTRACER));
    agree(found.sigma, 0.0337, 0.0819);
    agree(found.lambda, 17.87, 25.83);
}

#[test]
fn a_law_is_the_same_for_the_same_seed_and_whatever_the_order() {
    let forward = fitted(&loads(&SDM91));
    assert_eq!(forward, fitted(&loads(&SDM91)));
    let mut backward = loads(&SDM91);
    backward.reverse();
    assert_close(fit(&backward).unwrap().kappa, forward.kappa.value, 1e-6);
}

#[test]
fn five_loads_are_refused_even_when_one_was_measured_often() {
    let terms = Terms { quantity: "cores", extrapolation_max: 4.0, samples: 100, seed: 1 };
    let mut few = loads(&SDM91[..5]);
    few.extend(loads(&SDM91[..1]));
    match law(&few, &terms) {
        ScalingLaw::Refused { why } => assert!(why.starts_with("5 different numbers of cores"), "{why}"),
        ScalingLaw::Fitted(law) => panic!("{law:?}"),
    }
}

#[test]
fn a_law_is_not_followed_beyond_its_multiple() {
    let found = fitted(&loads(&SDM91));
    assert_eq!((found.n_measured_max, found.n_allowed_max), (216.0, 864.0));
    assert_eq!(found.at(100.0).map(|(_, extrapolated)| extrapolated), Ok(false));
    assert_eq!(found.at(864.0).map(|(_, extrapolated)| extrapolated), Ok(true));
    assert!(found.at(865.0).unwrap_err().contains("beyond"));
    let (measured, beyond): (Vec<BandPoint>, Vec<BandPoint>) =
        found.band.iter().copied().partition(|point| !point.extrapolated);
    assert!(measured.iter().all(|point| point.n <= 216.001) && beyond.iter().all(|point| point.n > 216.0));
    assert!(found.band.iter().all(|point| point.low_per_s <= point.per_s && point.per_s <= point.high_per_s));
}
