//! The formulas themselves. Times have whatever unit the service time has.

/// Mean and spread of a service time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Service {
    /// Mean.
    pub mean: f64,
    /// Squared coefficient of variation: variance / mean^2; 0 = always the same, 1 = exponential.
    pub cv_squared: f64,
}

impl Service {
    /// The log-normal time with this median and 99th percentile: the shape of most measured latencies.
    ///
    /// ```
    /// use clearway_bench::capacity::model::queueing::Service;
    ///
    /// let fixed = Service::of_quantiles(100.0, 100.0);
    /// assert_eq!((fixed.mean, fixed.cv_squared), (100.0, 0.0));
    /// ```
    #[must_use]
    pub fn of_quantiles(p50: f64, p99: f64) -> Self {
        /// 99th percentile of the standard normal distribution.
        const Z99: f64 = 2.326_347_874;
        let spread = if p50 > 0.0 { (p99.max(p50) / p50).ln() / Z99 } else { 0.0 };
        Self { mean: p50 * (spread * spread / 2.0).exp(), cv_squared: (spread * spread).exp_m1() }
    }
}

/// Erlang B: share of arrivals that find all of `servers` busy and go away, with `erlangs` of traffic offered.
///
/// By the recurrence B(0) = 1, B(c) = A B(c - 1) / (c + A B(c - 1)), which neither overflows nor loses digits.
///
/// ```
/// use clearway_bench::capacity::model::queueing::erlang_b;
///
/// // Tables of traffic engineering: ten trunks carry 4.461 erlangs at one loss in a hundred.
/// assert!((erlang_b(10, 4.461) - 0.01).abs() < 1e-5);
/// ```
#[must_use]
pub fn erlang_b(servers: u32, erlangs: f64) -> f64 {
    if erlangs <= 0.0 {
        return if servers == 0 { 1.0 } else { 0.0 };
    }
    (1..=servers).fold(1.0, |blocked, server| erlangs * blocked / (f64::from(server) + erlangs * blocked))
}

/// Erlang C: share of arrivals that must wait for one of `servers`; `None` when the traffic is too much for them.
#[must_use]
pub fn erlang_c(servers: u32, erlangs: f64) -> Option<f64> {
    let count = f64::from(servers);
    if servers == 0 || !(0.0..count).contains(&erlangs) {
        return None;
    }
    let blocked = erlang_b(servers, erlangs);
    Some(count * blocked / (count - erlangs * (1.0 - blocked)))
}

/// Mean wait before service in M/M/c; `None` at or beyond saturation.
#[must_use]
pub fn mmc_wait(servers: u32, arrivals_per_unit: f64, service_mean: f64) -> Option<f64> {
    let erlangs = arrivals_per_unit * service_mean;
    Some(erlang_c(servers, erlangs)? * service_mean / (f64::from(servers) - erlangs))
}

/// Mean wait before service in M/G/1 (Pollaczek and Khinchine): rho (1 + cv^2) / 2 (1 - rho) x service; `None` at or beyond
/// saturation.
#[must_use]
pub fn mg1_wait(arrivals_per_unit: f64, service: Service) -> Option<f64> {
    let utilisation = arrivals_per_unit * service.mean;
    (0.0..1.0)
        .contains(&utilisation)
        .then(|| utilisation * (1.0 + service.cv_squared) / (2.0 * (1.0 - utilisation)) * service.mean)
}

/// Little's law: mean number in a system = arrivals x mean time in it.
#[must_use]
pub fn little_in_flight(arrivals_per_unit: f64, mean_time: f64) -> f64 {
    arrivals_per_unit * mean_time
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Published tables of Erlang B, rounded to the digits printed there: trunks, loss, erlangs.
    const TABLE: [(u32, f64, f64); 16] = [
        (1, 0.01, 0.0101),
        (2, 0.01, 0.153),
        (5, 0.01, 1.361),
        (10, 0.01, 4.461),
        (20, 0.01, 12.03),
        (50, 0.01, 37.90),
        (100, 0.01, 84.06),
        (5, 0.02, 1.657),
        (10, 0.02, 5.084),
        (30, 0.02, 21.93),
        (50, 0.02, 40.26),
        (10, 0.05, 6.216),
        (20, 0.05, 15.25),
        (10, 0.001, 3.092),
        (20, 0.001, 9.412),
        (100, 0.001, 75.24),
    ];

    #[test]
    fn erlang_b_is_that_of_the_tables() {
        for (servers, loss, erlangs) in TABLE {
            let found = erlang_b(servers, erlangs);
            assert!((found / loss - 1.0).abs() < 0.01, "{servers} trunks, {erlangs} erlangs: {found} for {loss}");
        }
    }

    #[test]
    fn erlang_c_has_its_textbook_values() {
        // M/M/1 waits with probability rho; M/M/2 at rho = 1/2 with 1/3; five servers at four erlangs with 0.5541.
        for (servers, erlangs, expected) in
            [(1, 0.7, 0.7), (2, 1.0, 1.0 / 3.0), (5, 4.0, 0.554_11), (10, 8.0, 0.409_18)]
        {
            let found = erlang_c(servers, erlangs).unwrap();
            assert!((found - expected).abs() < 1e-5, "{servers} {erlangs}: {found}");
        }
        assert_eq!((erlang_c(2, 2.0), erlang_c(0, 0.0), erlang_c(1, -1.0)), (None, None, None));
    }

    #[test]
    fn a_thousand_servers_do_not_overflow() {
        let found = erlang_c(1_000, 950.0).unwrap();
        assert!((0.0..1.0).contains(&found) && found > 0.01, "{found}");
    }

    #[test]
    fn one_server_is_the_same_by_both_formulas() {
        for load in [0.1, 0.5, 0.9, 0.99] {
            let exponential = Service { mean: 2.0, cv_squared: 1.0 };
            let (one, other) = (mmc_wait(1, load / 2.0, 2.0).unwrap(), mg1_wait(load / 2.0, exponential).unwrap());
            assert!((one / other - 1.0).abs() < 1e-9, "{one} {other}");
            let fixed = mg1_wait(load / 2.0, Service { cv_squared: 0.0, ..exponential }).unwrap();
            assert!((fixed / other - 0.5).abs() < 1e-9, "fixed service halves the wait");
        }
        assert_eq!(mg1_wait(0.5, Service { mean: 2.0, cv_squared: 0.0 }), None);
    }

    #[test]
    fn a_log_normal_time_has_the_quantiles_that_it_was_made_of() {
        // sigma = ln(400 / 100) / 2.3263 = 0.59592; mean = 100 e^(sigma^2 / 2); cv^2 = e^(sigma^2) - 1
        let found = Service::of_quantiles(100.0, 400.0);
        assert!((found.mean - 119.43).abs() < 0.01 && (found.cv_squared - 0.4263).abs() < 0.001, "{found:?}");
    }

    proptest! {
        #[test]
        fn more_servers_wait_less_and_more_traffic_waits_more(servers in 1_u32..200, share in 0.01..0.98_f64) {
            let erlangs = f64::from(servers) * share;
            let waiting = erlang_c(servers, erlangs).unwrap();
            prop_assert!((0.0..=1.0).contains(&waiting));
            prop_assert!(erlang_c(servers + 1, erlangs).unwrap() <= waiting);
            prop_assert!(erlang_c(servers, erlangs * 1.01).unwrap() >= waiting);
            prop_assert!(erlang_b(servers, erlangs) <= waiting);
        }
    }
}
