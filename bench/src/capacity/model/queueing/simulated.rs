//! The formulas against queues that are simulated event by event, in virtual time.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{Service, little_in_flight, mg1_wait, mmc_wait};

const ARRIVALS: usize = 400_000;
const SEED: u64 = 20_261_120;

/// What a queue in order of arrival did.
struct Course {
    /// Mean wait before service.
    wait: f64,
    /// Mean time in the system.
    time: f64,
    /// Mean number in the system, by adding up its changes over time.
    in_system: f64,
    /// Arrivals per unit of time, as they came.
    arrivals_per_unit: f64,
}

fn exponential(stream: &mut ChaCha8Rng) -> f64 {
    let unit = (stream.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    -(1.0 - unit).ln()
}

/// Poisson arrivals at `rate`, `servers` of them, each service drawn by `service`.
fn simulate(servers: usize, rate: f64, mut service: impl FnMut(&mut ChaCha8Rng) -> f64) -> Course {
    let mut stream = ChaCha8Rng::seed_from_u64(SEED);
    let mut free_at = vec![0.0_f64; servers];
    let (mut now, mut waits, mut times) = (0.0_f64, 0.0_f64, 0.0_f64);
    let mut events: Vec<(f64, f64)> = Vec::with_capacity(2 * ARRIVALS);
    for _ in 0..ARRIVALS {
        now += exponential(&mut stream) / rate;
        let first = (0..servers).min_by(|one, other| free_at[*one].total_cmp(&free_at[*other])).unwrap();
        let begins = free_at[first].max(now);
        free_at[first] = begins + service(&mut stream);
        waits += begins - now;
        times += free_at[first] - now;
        events.extend([(now, 1.0), (free_at[first], -1.0)]);
    }
    events.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut area, mut inside, mut before) = (0.0, 0.0, 0.0);
    for (at, change) in events {
        area += inside * (at - before);
        (inside, before) = (inside + change, at);
    }
    let count = ARRIVALS as f64;
    Course { wait: waits / count, time: times / count, in_system: area / before, arrivals_per_unit: count / before }
}

fn assert_within(found: f64, expected: f64, share: f64, what: &str) {
    assert!((found / expected - 1.0).abs() < share, "{what}, seed {SEED}: {found} for {expected}");
}

#[test]
fn mmc_waits_as_long_as_the_formula_says() {
    for (servers, load) in [(1, 0.5), (1, 0.8), (2, 0.7), (4, 0.9), (16, 0.85)] {
        let rate = load * servers as f64;
        let seen = simulate(servers, rate, exponential);
        let expected = mmc_wait(u32::try_from(servers).unwrap(), rate, 1.0).unwrap();
        assert_within(seen.wait, expected, 0.06, &format!("M/M/{servers} at {load}"));
    }
}

#[test]
fn mg1_waits_as_long_as_pollaczek_and_khinchine_say() {
    let log_normal = |stream: &mut ChaCha8Rng| {
        // Box and Muller; median 1, p99 4.
        let (radius, angle) = ((2.0 * exponential(stream)).sqrt(), exponential(stream));
        let turn = (1.0 - (-angle).exp()) * std::f64::consts::TAU;
        (radius * turn.cos() * 4.0_f64.ln() / 2.326_347_874).exp()
    };
    let spread = Service::of_quantiles(1.0, 4.0);
    for load in [0.3, 0.6, 0.8] {
        let seen = simulate(1, load / spread.mean, log_normal);
        assert_within(seen.wait, mg1_wait(load / spread.mean, spread).unwrap(), 0.06, "M/G/1, log-normal");
        let seen = simulate(1, load, |_| 1.0);
        let fixed = Service { mean: 1.0, cv_squared: 0.0 };
        assert_within(seen.wait, mg1_wait(load, fixed).unwrap(), 0.06, "M/D/1");
    }
}

#[test]
fn littles_law_holds_whatever_the_service_is() {
    for (servers, rate) in [(1, 0.9), (3, 2.0)] {
        let seen = simulate(servers, rate, |stream| if exponential(stream) > 2.0 { 3.0 } else { 0.5 });
        // An identity of the course itself: no error of sampling is in it.
        assert_within(seen.in_system, little_in_flight(seen.arrivals_per_unit, seen.time), 1e-9, "Little");
    }
}
