//! Runs load against a rig: warm-up, measured window, settlement, judgement.
//!
//! ```text
//!  |-- warm-up --|------------ window ------------|- last answers -|- settle -|- judge
//!                ^ reset histograms, status 1     ^ status 2
//! ```
//!
//! Bounded in time: the schedule, one reply timeout for what waits for a connection and one for its answer, and the settlement's limit.

use std::time::{Duration, Instant};

use clearway_loadgen::run::{Progress, Valve};
use clearway_loadgen::{Counterparties, Finished, GeneratorCost, Oracle, Plan, Profile, Run, Settlement, settle};

use super::{Load, NodeStatus, Registry, Rig, Trial, Window};
use crate::cpu::{machine_cpu, process_cpu};
use crate::error::Error;
use crate::interrupt;
use crate::network::loopback_bytes;
use crate::progress::Display;

/// How often a run is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Time for what is open after the last answer.
const SETTLE_MAX: Duration = Duration::from_secs(45);
/// Time for the terminal notices that make the books agree, once all ends are known.
const AGREEMENT_MAX: Duration = Duration::from_secs(20);

/// The node at one moment.
struct Look {
    at: Instant,
    /// Longest pause between two looks at the run on the way here.
    stalled: Duration,
    /// Mean number of requests under way at these looks.
    in_flight_mean: f64,
    load_cpu: Duration,
    /// Of it, the sending thread, and the banks and institutions.
    sender_and_banks_cpu: [Duration; 2],
    machine_cpu: Option<(Duration, usize)>,
    network_bytes: Option<u64>,
    status: NodeStatus,
}

impl Rig {
    /// Runs `load`, settles and judges.
    ///
    /// # Errors
    /// The node ends, the generator cannot work, or Ctrl-C. That payments go wrong is a verdict, not an error.
    pub fn run(&mut self, load: &Load) -> Result<Trial, Error> {
        self.run_through(load, |_| {}, |_| {})
    }

    /// The same, with something that happens to the counterparties as the window begins, and as it ends.
    ///
    /// # Errors
    /// As [`Rig::run`].
    pub fn run_through(
        &mut self,
        load: &Load,
        begins: impl FnOnce(&Counterparties),
        ends: impl FnOnce(&Counterparties),
    ) -> Result<Trial, Error> {
        let plan = self.plan(load);
        let run = Run::start(&plan, &self.config, &self.target)?;
        let mut display = Display::start(&load.label, plan.duration);
        let opening = self.watch(&run, &mut display, load.warm_up, true)?;
        begins(&self.counterparties);
        let closing = self.watch(&run, &mut display, plan.duration, false)?;
        ends(&self.counterparties);
        let offered = run.progress().sent as f64 / plan.profile.expected(plan.duration).max(1.0);
        while !run.is_finished() {
            let progress = run.progress();
            display.tell(plan.duration, || format!("waiting for the last answers; {}", describe(&progress)));
            self.pause()?;
        }
        drop(display);
        let finished = run.wait()?;
        let Finished { report, recording, mut tracker, .. } = finished;
        let open = tracker.unresolved().len();
        if open > 0 {
            eprintln!("{}: asking for {open} that are still open", load.label);
        }
        self.counterparties.calm();
        let settlement = Settlement { limit: SETTLE_MAX, ..Settlement::default() };
        let settled = settle(&settlement, &self.config, &self.target, &mut tracker)?;
        self.node.check()?;
        let books = || Ok(self.counterparties.ledgers());
        let verdict = Oracle::await_agreement(books, &tracker, AGREEMENT_MAX)?;
        let standings = Oracle::standings(&self.counterparties.ledgers(), &tracker);
        let registry = Registry::compare(self.admin(), &standings)?;
        let window = self.window(&opening, closing);
        Ok(Trial {
            load: load.clone(),
            transport: self.transport,
            report,
            recording,
            window,
            offered,
            settled,
            verdict,
            registry,
        })
    }

    fn plan(&self, load: &Load) -> Plan {
        let duration = load.warm_up + load.measured;
        Plan {
            profile: Profile::constant(load.rate_per_s),
            duration,
            warm_up: load.warm_up,
            mix: load.mix.clone(),
            seed: load.seed,
            pin_core: self.cores.load.first().copied(),
            apart: load.apart.clone(),
            connections_max: load.connections_max,
            backlog_max: load.backlog_max,
            // The rig overloads its node on purpose, and sees to it that it lives.
            valve: Valve::OFF,
            signed_before: load.signed_before,
            verify_share: self.verify_share,
            ..Plan::default()
        }
    }

    /// Waits until the run has come to `until`, then looks at the node; with `reset` its latencies start anew.
    fn watch(&mut self, run: &Run, display: &mut Display, until: Duration, reset: bool) -> Result<Look, Error> {
        let (mut stalled, mut looks, mut in_flight) = (Duration::ZERO, 0_u64, 0_u64);
        loop {
            let progress = run.progress();
            (looks, in_flight) = (looks + 1, in_flight + progress.sent.saturating_sub(progress.completed));
            display.tell(progress.elapsed, || describe(&progress));
            let begun = progress.elapsed > Duration::ZERO;
            if (begun && progress.elapsed >= until) || run.is_finished() {
                break;
            }
            let before = Instant::now();
            self.pause()?;
            stalled = stalled.max(before.elapsed());
        }
        if reset {
            self.admin().reset_histograms()?;
        }
        let status = self.admin().status()?;
        let (load_cpu, machine_cpu, network_bytes) = (process_cpu(), machine_cpu(), loopback_bytes());
        let in_flight_mean = in_flight as f64 / looks as f64;
        let sender_and_banks_cpu = [run.sender_cpu(), self.counterparties.cpu()];
        let at = Instant::now();
        Ok(Look { at, stalled, in_flight_mean, load_cpu, sender_and_banks_cpu, machine_cpu, network_bytes, status })
    }

    fn pause(&mut self) -> Result<(), Error> {
        interrupt::check()?;
        self.node.check()?;
        std::thread::sleep(LOOK_EVERY);
        Ok(())
    }

    fn window(&self, opening: &Look, closing: Look) -> Window {
        let seconds = (closing.at - opening.at).as_secs_f64().max(1e-9);
        let load_cpu = closing.load_cpu.saturating_sub(opening.load_cpu).as_secs_f64();
        let finals = closing.status.finals().saturating_sub(opening.status.finals());
        Window {
            seconds,
            finals,
            cpu_us: (closing.status.cpu_seconds - opening.status.cpu_seconds) * 1e6,
            internal_us: closing.status.internal_us,
            stages: closing.status.stages.since(&opening.status.stages),
            groups: closing.status.journal.groups.saturating_sub(opening.status.journal.groups),
            journal_bytes: closing.status.journal.bytes.saturating_sub(opening.status.journal.bytes),
            network_bytes: closing
                .network_bytes
                .zip(opening.network_bytes)
                .map(|(after, before)| after.saturating_sub(before)),
            in_flight_mean: closing.in_flight_mean,
            stalled_s: closing.stalled.as_secs_f64(),
            others_busy: others_busy(opening, &closing, seconds),
            generator_cpu_us_per_payment: generator_cost(opening, &closing, finals),
            load_busy: load_cpu / (seconds * self.cores.load_capacity() as f64),
            status: closing.status,
        }
    }
}

fn generator_cost(opening: &Look, closing: &Look, finals: u64) -> GeneratorCost {
    let used = |place: usize| closing.sender_and_banks_cpu[place].saturating_sub(opening.sender_and_banks_cpu[place]);
    GeneratorCost::new(used(0), Some(used(1)), finals)
}

/// What neither node nor load account for.
fn others_busy(opening: &Look, closing: &Look, seconds: f64) -> f64 {
    let (Some((before, _)), Some((after, cores))) = (opening.machine_cpu, closing.machine_cpu) else { return 0.0 };
    let load = closing.load_cpu.saturating_sub(opening.load_cpu).as_secs_f64();
    let node = closing.status.cpu_seconds - opening.status.cpu_seconds;
    let others = after.saturating_sub(before).as_secs_f64() - load - node;
    (others / (seconds * cores as f64)).max(0.0)
}

fn describe(progress: &Progress) -> String {
    let Progress { sent, finals, refused, failed, late, dropped, .. } = progress;
    format!("sent {sent}, final {finals}, refused {refused}, failed {failed}, late {late}, dropped {dropped}")
}
