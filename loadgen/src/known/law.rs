//! What the percentiles of a server of known behaviour must be, in closed form.
//!
//! With `s` the service time, `c` servers, `a` arrivals a second, rho = a s / c (0 without a queue), stalls of `L` in every
//! `P`:
//!
//! * without stalls every answer takes s, as long as arrivals are even and rho <= 1, or there is no queue;
//! * with stalls a request that comes `t` after a stall's beginning takes L - (1 - rho) t + s: it waits for the end of the
//!   stall and for those before it. So a share L / ((1 - rho) P) of them takes anything between s and s + L alike, those
//!   caught in the midst of their service (s / P) take s + L, and all others s;
//! * one server with Poisson arrivals is the queue M/D/1 (A. K. Erlang 1909): P(wait <= x) =
//!   (1 - rho) sum over k <= x / s of e^(a (x - k s)) (-a (x - k s))^k / k!.

use super::behaviour::KnownBehaviour;
use crate::schedule::Arrival;

/// Above this utilisation the terms of Erlang's sum cancel too many digits.
const UTILISATION_MAX: f64 = 0.8;
/// Halvings of the interval in which a quantile of M/D/1 lies.
const HALVINGS: u32 = 60;

/// How long answers take, from the intended instant, in an open loop that never ends.
///
/// ```
/// use clearway_loadgen::known::{KnownBehaviour, Law};
/// use clearway_loadgen::schedule::Arrival;
/// use std::time::Duration;
///
/// let service = Duration::from_millis(20);
/// let stalls = KnownBehaviour { service, stall: Some("1s/10s".parse()?), ..KnownBehaviour::default() };
/// let law = Law::of(&stalls, Arrival::Constant, 1_000.0).unwrap();
/// assert_eq!(law.quantile_us(0.5), 20_000.0);
/// // One in ten meets a stall, one in a hundred at its very beginning.
/// assert!((law.quantile_us(0.99) - 940_000.0).abs() < 1.0);
/// # Ok::<(), clearway_loadgen::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Law(Form);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    /// Always the same.
    Fixed { service_s: f64 },
    /// `spread` of the requests take anything from `service_s` to `service_s + stall_s`, `caught` the whole of it.
    Stalled { service_s: f64, stall_s: f64, spread: f64, caught: f64 },
    /// Poisson arrivals at one server.
    Waiting { service_s: f64, arrivals_per_s: f64 },
}

impl Law {
    /// The law of `behaviour` under arrivals at `rate_per_s`; `None` where there is no closed form, or no steady state.
    /// How connections end changes nothing: it costs a connection, which takes no time here.
    pub fn of(behaviour: &KnownBehaviour, arrival: Arrival, rate_per_s: f64) -> Option<Self> {
        let service_s = behaviour.service.as_secs_f64();
        let utilisation = behaviour.servers.map_or(0.0, |servers| rate_per_s * service_s / servers as f64);
        let is_queue_of_chance = arrival == Arrival::Poisson && behaviour.servers.is_some();
        match behaviour.stall {
            None if is_queue_of_chance => (behaviour.servers == Some(1) && utilisation <= UTILISATION_MAX)
                .then_some(Self(Form::Waiting { service_s, arrivals_per_s: rate_per_s })),
            None => (utilisation <= 1.0).then_some(Self(Form::Fixed { service_s })),
            Some(_) if is_queue_of_chance || utilisation >= 1.0 => None,
            Some(stall) => {
                let (stall_s, period_s) = (stall.length.as_secs_f64(), stall.period.as_secs_f64());
                let spread = stall_s / ((1.0 - utilisation) * period_s);
                let caught = service_s / period_s;
                (spread + caught <= 1.0).then_some(Self(Form::Stalled { service_s, stall_s, spread, caught }))
            }
        }
    }

    /// The time that a share `quantile` of the answers takes at most, in microseconds.
    pub fn quantile_us(&self, quantile: f64) -> f64 {
        let seconds = match self.0 {
            Form::Fixed { service_s } => service_s,
            Form::Stalled { service_s, stall_s, spread, caught } => {
                let within = (quantile - (1.0 - spread - caught)) / spread.max(f64::MIN_POSITIVE);
                service_s + stall_s * within.clamp(0.0, 1.0)
            }
            Form::Waiting { service_s, arrivals_per_s } => service_s + wait_s(quantile, service_s, arrivals_per_s),
        };
        seconds * 1e6
    }
}

/// The wait in M/D/1 that a share `quantile` does not exceed.
fn wait_s(quantile: f64, service_s: f64, arrivals_per_s: f64) -> f64 {
    let share = |wait_s: f64| waiting_at_most(wait_s, service_s, arrivals_per_s);
    let (mut low, mut high) = (0.0, service_s);
    if share(0.0) >= quantile {
        return 0.0;
    }
    while share(high) < quantile && high < 1e3 * service_s {
        high *= 2.0;
    }
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if share(middle) < quantile { low = middle } else { high = middle }
    }
    high
}

fn waiting_at_most(wait_s: f64, service_s: f64, arrivals_per_s: f64) -> f64 {
    let terms = (wait_s / service_s).floor() as u32;
    let term = |count: u32| {
        let area = arrivals_per_s * (wait_s - f64::from(count) * service_s);
        let power: f64 = (1..=count).map(|factor| -area / f64::from(factor)).product();
        area.exp() * power
    };
    (1.0 - arrivals_per_s * service_s) * (0..=terms).map(term).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn behaviour(service_ms: u64, servers: Option<usize>, stall: Option<&str>) -> KnownBehaviour {
        let stall = stall.map(|text| text.parse().unwrap());
        KnownBehaviour { service: Duration::from_millis(service_ms), servers, stall, ..KnownBehaviour::default() }
    }

    fn quantile_ms(behaviour: &KnownBehaviour, arrival: Arrival, rate: f64, quantile: f64) -> f64 {
        (Law::of(behaviour, arrival, rate).unwrap().quantile_us(quantile) / 10.0).round() / 100.0
    }

    #[test]
    fn a_queue_behind_a_stall_lasts_longer_than_the_stall() {
        // rho = 0.6: a quarter of all requests is affected, the tenth slowest waits 0.6 s.
        let queue = behaviour(20, Some(20), Some("1s/10s"));
        let at = |quantile| quantile_ms(&queue, Arrival::Constant, 600.0, quantile);
        assert_eq!([at(0.5), at(0.7), at(0.9), at(0.99)], [20.0, 20.0, 628.0, 988.0]);
    }

    #[test]
    fn waiting_times_of_md1_are_those_of_the_tables() {
        // rho = 0.5: half do not wait; P(W <= s) = (1 - rho) e^rho = 0.8244; P(W <= 2 s) = 0.5 (e - 0.5 e^0.5) = 0.9470.
        let one = 1e-3;
        for (wait, share) in [(0.0, 0.5), (one, 0.824_361), (2.0 * one, 0.946_959)] {
            assert!((waiting_at_most(wait + 1e-12, one, 500.0) - share).abs() < 1e-5, "{wait}");
        }
        let queue = behaviour(1, Some(1), None);
        assert_eq!(quantile_ms(&queue, Arrival::Poisson, 500.0, 0.4), 1.0);
        assert_eq!(quantile_ms(&queue, Arrival::Poisson, 500.0, 0.824_361), 2.0);
    }

    #[test]
    fn what_has_no_closed_form_has_no_law() {
        let without = |behaviour: &KnownBehaviour, arrival, rate| Law::of(behaviour, arrival, rate).is_none();
        assert!(without(&behaviour(1, Some(2), None), Arrival::Poisson, 100.0));
        assert!(without(&behaviour(1, Some(1), None), Arrival::Poisson, 900.0));
        assert!(without(&behaviour(1, Some(1), None), Arrival::Constant, 1_001.0));
        assert!(without(&behaviour(1, Some(1), Some("1s/10s")), Arrival::Poisson, 100.0));
        assert!(without(&behaviour(1, Some(1), Some("1s/10s")), Arrival::Constant, 950.0), "never empty again");
        assert!(!without(&behaviour(1, None, Some("1s/10s")), Arrival::Poisson, 1e6));
    }
}
