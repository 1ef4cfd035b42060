//! One generator after the other against the same server.

use std::time::{Duration, Instant};

use clearway_loadgen::known::{KnownBehaviour, KnownServer, Law};

use super::arguments::Arguments;
use super::ours::{self, Ask};
use super::outcome::{Cost, Found, Hold, Outcome, Percentiles, Sight, Stage};
use super::peer::{Call, Kind, Peer, arguments};
use super::report::{LOAD, REASON_OHA, REASON_WRK};
use super::scenario::Scenario;
use crate::cpu::{Cores, children_cpu, machine_cpu, micros, process_cpu};
use crate::disk::Scratch;
use crate::error::Error;
use crate::interrupt;
use crate::machine::Machine;

/// The rate that must be held.
const HOLD_PER_S: f64 = 5_000.0;
/// Connections of the closed loops when cost is measured: enough to keep their core busy.
const COST_CONNECTIONS: usize = 64;

/// Everything, in about four minutes; in one with `quick`.
pub(super) fn measure(asked: &Arguments) -> Result<Outcome, Error> {
    let cores = Cores::choose();
    let scratch = Scratch::create("generators", None, false)?;
    let machine = Machine::inspect(scratch.path())?;
    eprintln!("{}\n{}", machine.describe(), cores.describe());
    let (generators, peers) = find(asked);
    let bench = Bench { cores, peers, quick: asked.quick, seed: asked.seed };
    let look = Look::now();
    let stages = Scenario::all(asked.quick).into_iter().map(|scenario| bench.stage(&scenario));
    let stages = stages.collect::<Result<_, Error>>()?;
    let (hold, costs) = (bench.hold()?, bench.costs()?);
    let Bench { cores, quick, seed, .. } = bench;
    Ok(Outcome { generators, stages, hold, costs, quick, seed, others_busy: look.others_busy(), cores, machine })
}

fn find(asked: &Arguments) -> (Vec<Found>, Vec<Peer>) {
    let ours =
        Found { name: ours::NAME.to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()), skipped: None };
    let looked = [(Kind::Wrk, &asked.wrk), (Kind::Oha, &asked.oha), (Kind::OhaCorrected, &asked.oha)]
        .map(|(kind, program)| Peer::find(kind, program));
    let (found, peers): (Vec<Found>, Vec<Option<Peer>>) = looked.into_iter().unzip();
    (std::iter::once(ours).chain(found).collect(), peers.into_iter().flatten().collect())
}

/// CPU time so far: of this process and those that it has started, and of the whole machine.
struct Look {
    at: Instant,
    ours: Duration,
    machine: Option<(Duration, usize)>,
}

impl Look {
    fn now() -> Self {
        let ours = process_cpu() + children_cpu().unwrap_or_default();
        Self { at: Instant::now(), ours, machine: machine_cpu() }
    }

    /// Share of all cores that others have used since; 0 when the system does not say.
    fn others_busy(&self) -> f64 {
        let later = Self::now();
        let (Some((before, _)), Some((after, cores))) = (self.machine, later.machine) else { return 0.0 };
        let others = after.saturating_sub(before).saturating_sub(later.ours.saturating_sub(self.ours));
        others.as_secs_f64() / ((later.at - self.at).as_secs_f64().max(1e-9) * cores as f64)
    }
}

struct Bench {
    cores: Cores,
    peers: Vec<Peer>,
    quick: bool,
    seed: u64,
}

impl Bench {
    fn load_core(&self) -> Option<usize> {
        self.cores.load.first().copied()
    }

    /// A server of its own for each generator, so that all meet it in the same phase.
    fn server(&self, behaviour: &KnownBehaviour, wait: Duration) -> Result<KnownServer, Error> {
        interrupt::check()?;
        let server = KnownServer::start(behaviour, ([127, 0, 0, 1], 0).into(), self.cores.node)?;
        std::thread::sleep(wait);
        Ok(server)
    }

    fn stage(&self, scenario: &Scenario) -> Result<Stage, Error> {
        eprintln!("{}: {}", scenario.name, scenario.what);
        let law = scenario.law().ok_or_else(|| Error::Unsuited(format!("{} has no law", scenario.name)))?;
        let server = self.server(&scenario.behaviour, scenario.wait)?;
        let Scenario { rate_per_s, length, .. } = *scenario;
        let ask = Ask { rate_per_s, warm_up: Duration::ZERO, length, seed: self.seed, core: self.load_core() };
        let mut sights = vec![ours::sight(&ours::run(&server, &ask)?)];
        drop(server);
        for peer in &self.peers {
            sights.push(self.peer_sight(peer, scenario)?);
        }
        Ok(Stage {
            name: scenario.name.to_owned(),
            what: scenario.what.clone(),
            rate_per_s,
            truth: truth(&law),
            judged: scenario.judged.to_vec(),
            sights,
            remark: scenario.remark.to_owned(),
        })
    }

    /// One that fails does not end the comparison.
    fn peer_sight(&self, peer: &Peer, scenario: &Scenario) -> Result<Sight, Error> {
        let server = self.server(&scenario.behaviour, scenario.wait)?;
        let call = Call {
            url: format!("http://{}/", server.address()),
            connections: scenario.connections,
            length: scenario.length,
            rate_per_s: peer.kind().holds_rates().then_some(scenario.rate_per_s),
            core: self.load_core(),
        };
        let ran = peer.run(&call);
        interrupt::check()?;
        let (rate_per_s, percentiles, doubts) = match ran {
            Ok(seen) => (seen.requests / seen.seconds, seen.percentiles, Vec::new()),
            Err(error) => (0.0, Percentiles::default(), vec![error.to_string()]),
        };
        let call = arguments(peer.kind(), &call).join(" ");
        Ok(Sight { generator: peer.kind().name().to_owned(), call, rate_per_s, percentiles, doubts })
    }

    fn hold(&self) -> Result<Hold, Error> {
        eprintln!("rate: {HOLD_PER_S:.0}/s against a server that answers at once");
        let server = self.server(&KnownBehaviour::default(), Duration::ZERO)?;
        let (warm_up, length) = (Duration::from_secs(1), Duration::from_secs(if self.quick { 4 } else { 12 }));
        let ask = Ask { rate_per_s: HOLD_PER_S, warm_up, length, seed: self.seed, core: self.load_core() };
        Ok(ours::hold(&ours::run(&server, &ask)?))
    }

    fn costs(&self) -> Result<Vec<Cost>, Error> {
        eprintln!("cost: {LOAD}");
        let length = Duration::from_secs(if self.quick { 1 } else { 4 });
        let server = self.server(&KnownBehaviour::default(), Duration::ZERO)?;
        let mut costs = vec![ours::cost(&server, length, self.seed, self.load_core())?];
        for peer in self.peers.iter().filter(|peer| peer.kind() != Kind::OhaCorrected) {
            costs.push(self.peer_cost(peer, &server, length)?);
        }
        Ok(costs)
    }

    fn peer_cost(&self, peer: &Peer, server: &KnownServer, length: Duration) -> Result<Cost, Error> {
        let call = Call {
            url: format!("http://{}/", server.address()),
            connections: COST_CONNECTIONS,
            length,
            rate_per_s: None,
            core: self.load_core(),
        };
        let ran = peer.run(&call);
        interrupt::check()?;
        let (rate_per_s, cpu_us_per_request, doubts) = match ran {
            Ok(seen) => {
                let cpu_us = seen.cpu.map_or(0.0, micros);
                (seen.requests / seen.seconds, cpu_us / seen.requests, Vec::new())
            }
            Err(error) => (0.0, 0.0, vec![error.to_string()]),
        };
        let reason = if peer.kind() == Kind::Wrk { REASON_WRK } else { REASON_OHA };
        Ok(Cost {
            generator: peer.kind().name().to_owned(),
            call: arguments(peer.kind(), &call).join(" "),
            rate_per_s,
            cpu_us_per_request,
            requests_per_core_second: if cpu_us_per_request > 0.0 { 1e6 / cpu_us_per_request } else { 0.0 },
            reason: reason.to_owned(),
            doubts,
        })
    }
}

fn truth(law: &Law) -> Percentiles {
    Percentiles {
        p50_us: law.quantile_us(0.5),
        p90_us: law.quantile_us(0.9),
        p99_us: law.quantile_us(0.99),
        p999_us: law.quantile_us(0.999),
    }
}
