use super::*;
use crate::random::Draws;
use crate::schedule::Step;

const SECOND: Duration = Duration::from_secs(1);

fn instants(profile: &Profile, arrival: Arrival, duration: Duration, seed: u64) -> Vec<u64> {
    Schedule::new(profile, arrival, duration, seed).map(|due| due.at_ns).collect()
}

/// Profiles of every sort that has a rate, drawn.
fn profiles(seed: u64) -> Vec<Profile> {
    let mut draws = Draws::new(seed, 3);
    let mut rate = || (1.0 + draws.unit() * 3_000.0).round() / 2.0;
    let steps = (0..5).map(|place| Step { rate_per_s: if place == 2 { 0.0 } else { rate() }, seconds: 1.5 }).collect();
    vec![
        Profile::constant(rate()),
        Profile::Steps { steps },
        Profile::Ramp { from_per_s: rate(), to_per_s: rate() },
        Profile::Ramp { from_per_s: 0.0, to_per_s: rate() },
        Profile::Ramp { from_per_s: rate(), to_per_s: 0.0 },
        Profile::Day { mean_per_s: rate() },
    ]
}

#[test]
fn constant_spacing_does_not_drift() {
    for rate in [1.0, 3.0, 997.0, 5_000.0, 12_345.6] {
        let due = instants(&Profile::constant(rate), Arrival::Constant, 60 * SECOND, 1);
        assert_eq!(due.len(), (60.0 * rate).ceil() as usize, "rate {rate}");
        for (index, at) in due.iter().enumerate() {
            let ideal = index as f64 * 1e9 / rate;
            assert!((*at as f64 - ideal).abs() <= 1.0, "rate {rate}, arrival {index}");
        }
    }
}

/// The n-th arrival lies where the sum of the rate is n, and there are as many as the sum over the whole run.
#[test]
fn every_profile_spaces_by_its_own_sum() {
    for seed in 0..20 {
        for profile in profiles(seed) {
            let duration = 7 * SECOND;
            let due = instants(&profile, Arrival::Constant, duration, seed);
            let pieces = profile.pieces(duration);
            assert_eq!(due.len(), pieces.total().ceil() as usize, "seed {seed}, {profile:?}");
            assert!(due.is_sorted(), "seed {seed}, {profile:?}");
            for (index, at) in due.iter().enumerate() {
                // A nanosecond at the highest rate, and where the rate is 0 the root of one.
                let sum = pieces.sum_to(*at as f64 / 1e9);
                assert!((sum - index as f64).abs() < 1e-3, "seed {seed}, {profile:?}, arrival {index}: {sum}");
            }
        }
    }
}

#[test]
fn a_rate_that_is_no_rate_gives_nothing() {
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        for arrival in [Arrival::Constant, Arrival::Poisson] {
            assert_eq!(instants(&Profile::constant(rate), arrival, SECOND, 1), [0; 0], "rate {rate}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_instants() {
    for profile in profiles(9) {
        let due = |seed| instants(&profile, Arrival::Poisson, 3 * SECOND, seed);
        assert_eq!(due(4), due(4), "{profile:?}");
        assert_ne!(due(4), due(5), "{profile:?}");
        assert!(due(4).is_sorted() && due(4).iter().all(|at| *at < 3_000_000_000), "{profile:?}");
    }
}

/// Whatever the profile, the sum of the rate between two Poisson arrivals is exponential with mean 1: Kolmogorov and
/// Smirnov's distance from that law; 1.63 / sqrt(n) is the 1 % critical value.
#[test]
fn poisson_gaps_are_exponential_in_the_sum_of_the_rate() {
    let duration = 40 * SECOND;
    for profile in profiles(11) {
        let pieces = profile.pieces(duration);
        let due = instants(&profile, Arrival::Poisson, duration, 11);
        let sums: Vec<f64> = due.iter().map(|at| pieces.sum_to(*at as f64 / 1e9)).collect();
        let mut gaps: Vec<f64> = sums.windows(2).map(|pair| pair[1] - pair[0]).collect();
        gaps.sort_by(f64::total_cmp);
        let n = gaps.len() as f64;
        let distance = gaps.iter().enumerate().map(|(rank, gap)| {
            let law = 1.0 - (-gap).exp();
            (law - rank as f64 / n).abs().max((law - (rank + 1) as f64 / n).abs())
        });
        let distance = distance.fold(0.0, f64::max);
        assert!(n > 1_000.0 && distance < 1.63 / n.sqrt(), "{profile:?}: distance {distance} over {n} gaps");
    }
}

/// The number of Poisson arrivals is Poisson itself: within five standard deviations of the sum.
#[test]
fn poisson_counts_are_the_sum_of_the_rate() {
    for seed in 0..10 {
        for profile in profiles(seed) {
            let expected = profile.expected(7 * SECOND);
            let count = instants(&profile, Arrival::Poisson, 7 * SECOND, seed).len() as f64;
            assert!((count - expected).abs() < 5.0 * expected.sqrt() + 1.0, "seed {seed}, {profile:?}: {count}");
        }
    }
}
