//! What the known server does in each scenario, and what is asked of it.

use std::time::Duration;

use clearway_loadgen::Arrival;
use clearway_loadgen::known::{Closing, KnownBehaviour, Law, Stall};

/// Work of a request: long beside what loopback and wake-ups add, so that 2 % can be told.
const SERVICE: Duration = Duration::from_millis(20);
/// The quick course is shorter by this.
const QUICK: u32 = 4;

/// One behaviour of the server and the load on it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) what: String,
    pub(super) behaviour: KnownBehaviour,
    /// Requests a second of the generators that can hold a rate.
    pub(super) rate_per_s: f64,
    /// Measured.
    pub(super) length: Duration,
    /// From the server's start to the load's: its first period must be like all others.
    pub(super) wait: Duration,
    /// Quantiles that are judged: those that the law puts beside a jump are left out.
    pub(super) judged: &'static [f64],
    /// Connections of the generators with a fixed number of them.
    pub(super) connections: usize,
    /// Why the others report what they do.
    pub(super) remark: &'static str,
}

impl Scenario {
    /// All of them.
    pub(super) fn all(quick: bool) -> Vec<Self> {
        let length = Duration::from_secs(8) / if quick { QUICK } else { 1 };
        vec![fixed(length), closing(length), stalled(quick), queued(quick), hiccup(quick)]
    }

    /// The truth.
    pub(super) fn law(&self) -> Option<Law> {
        Law::of(&self.behaviour, Arrival::Constant, self.rate_per_s)
    }
}

fn fixed(length: Duration) -> Scenario {
    Scenario {
        name: "fixed",
        what: "every answer takes 20 ms".to_owned(),
        behaviour: KnownBehaviour { service: SERVICE, ..KnownBehaviour::default() },
        rate_per_s: 500.0,
        length,
        wait: Duration::ZERO,
        judged: &[0.5, 0.9, 0.99],
        connections: 10,
        remark: "Nothing waits for anything: open and closed loops see the same.",
    }
}

fn stall(quick: bool) -> Stall {
    let scale = if quick { QUICK } else { 1 };
    Stall { length: Duration::from_secs(1) / scale, period: Duration::from_secs(10) / scale }
}

fn stalled(quick: bool) -> Scenario {
    let stall = stall(quick);
    Scenario {
        name: "stall",
        what: format!("20 ms, and nothing for {:?} of every {:?}", stall.length, stall.period),
        behaviour: KnownBehaviour { service: SERVICE, stall: Some(stall), ..KnownBehaviour::default() },
        rate_per_s: 1_000.0,
        length: stall.period * 2,
        wait: Duration::ZERO,
        judged: &[0.5, 0.99, 0.999],
        connections: 10,
        remark: "A closed loop has one request per connection in a stall, however many were due. wrk adds invented ones \
                 afterwards, from the mean interval of a connection (its stats_correct); that fits a stall in which \
                 nothing queues. oha counts what it saw unless --latency-correction is asked for.",
    }
}

fn queued(quick: bool) -> Scenario {
    let stall = stall(quick);
    Scenario {
        name: "queue",
        what: format!(
            "20 servers behind one queue, 20 ms each, 80 % of what they can; nothing for {:?} of every {:?}",
            stall.length, stall.period
        ),
        behaviour: KnownBehaviour {
            service: SERVICE,
            servers: Some(20),
            stall: Some(stall),
            ..KnownBehaviour::default()
        },
        rate_per_s: 800.0,
        length: stall.period * 2,
        // A stall and the queue behind it last for five times the stall.
        wait: stall.length * 5,
        judged: &[0.9, 0.99],
        connections: 10,
        remark: "Requests that fall due during a stall queue up behind it, and it takes four times as long to work that \
                 off: half of all requests are late. A closed loop stops asking, so that no queue ever forms; wrk's \
                 invented requests fill the stall and not what came after it.",
    }
}

fn hiccup(quick: bool) -> Scenario {
    let stall = Stall { length: Duration::from_millis(100), period: Duration::from_secs(10) };
    Scenario {
        name: "hiccup",
        what: "one server, 1 ms, 80 % of what it can; nothing for 100ms of every 10s".to_owned(),
        behaviour: KnownBehaviour {
            service: Duration::from_millis(1),
            servers: Some(1),
            stall: Some(stall),
            ..KnownBehaviour::default()
        },
        rate_per_s: 800.0,
        length: if quick { stall.period } else { stall.period * 2 },
        wait: stall.length * 5,
        judged: &[0.99, 0.999],
        connections: 10,
        remark: "A pause of the length of a garbage collection, once in ten seconds: one request in a hundred is caught \
                 in it, and four more queue behind it. A closed loop sees the one.",
    }
}

fn closing(length: Duration) -> Scenario {
    Scenario {
        name: "closing",
        what: "20 ms, and 50 connections a second are closed with an answer".to_owned(),
        behaviour: KnownBehaviour {
            service: SERVICE,
            closing: Some(Closing::PerSecond(50)),
            ..KnownBehaviour::default()
        },
        rate_per_s: 500.0,
        length,
        wait: Duration::ZERO,
        judged: &[0.5, 0.9, 0.99],
        connections: 10,
        remark: "A closed connection costs a new one, within the latency of the request that needs it.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_has_a_law_and_judges_what_lies_beside_no_jump() {
        for quick in [false, true] {
            for scenario in Scenario::all(quick) {
                scenario.behaviour.check().unwrap();
                let law = scenario.law().expect("a law");
                for quantile in scenario.judged {
                    let around = [quantile - 5e-4, quantile + 5e-4].map(|quantile| law.quantile_us(quantile));
                    assert!(around[1] / around[0] < 1.03, "{} {quantile}: {around:?}", scenario.name);
                }
            }
        }
    }

    #[test]
    fn stalls_are_met_as_often_as_the_law_says() {
        for scenario in Scenario::all(false).iter().filter(|scenario| scenario.behaviour.stall.is_some()) {
            let period = scenario.behaviour.stall.unwrap().period;
            assert_eq!(scenario.length.as_nanos() % period.as_nanos(), 0, "whole periods");
        }
    }
}
