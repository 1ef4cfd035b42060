//! The bulkhead run: what one silent or crawling bank costs the payments of all others.
//!
//! ```text
//!  one node, one load at 70 % of what it holds
//!  |- warm-up -|---- window ----| settle, judge |- warm-up -|---- window ----| settle, judge | ...
//!                 all is well                        ^ trouble          ^ well again
//! ```
//!
//! The windows are taken in turn, so that what else the machine does hits both sides alike; trouble begins with the window, so that noticing
//! it is part of what is measured. Payments go on to the bank in trouble as before; only those that do not touch it count.

mod arguments;
mod outcome;

pub use arguments::{Arguments, Trouble};
pub use outcome::{Outcome, RATIO_MAX, Side, WindowOutcome};

use clearway_codec::InstitutionId;
use clearway_loadgen::Counterparties;
use clearway_loadgen::bank::{Behaviour, Delay};
use clearway_loadgen::link::LinkBehaviour;
use comfy_table::{Table, presets};

use crate::cli::{Judgement, write_json};
use crate::cpu::Cores;
use crate::disk::Scratch;
use crate::error::Error;
use crate::floors::{find_capacity, payments};
use crate::interrupt;
use crate::machine::Machine;
use crate::rig::{Load, Rig, Setup, Transport};

/// Load of the run, as a share of what the node holds.
const SHARE: f64 = 0.7;
/// How much later a crawling bank answers, in milliseconds: before any deadline, and so late that it holds many payments at once.
const CRAWL_MS: f64 = 2_000.0;
/// Connections of the load: payments that wait for the bank in trouble must not keep the others from leaving. A node takes 4,096.
const CONNECTIONS_MAX: usize = 4_000;

/// Measures, prints and writes.
///
/// # Errors
/// It could not be run; a goal that is missed is a judgement.
pub fn run(arguments: &Arguments) -> Result<Judgement, Error> {
    let outcome = measure(arguments)?;
    println!("{}", table(&outcome));
    outcome.invalid_because.iter().for_each(|reason| println!("INVALID: {reason}"));
    if let Some(file) = &arguments.run.json {
        write_json(file, &outcome)?;
    }
    Ok((outcome.met == Some(true)).into())
}

fn measure(arguments: &Arguments) -> Result<Outcome, Error> {
    let cores = Cores::choose();
    let scratch = Scratch::create("bulkhead", arguments.run.dir.as_deref(), arguments.run.keep)?;
    let machine = Machine::inspect(scratch.path())?;
    eprintln!("{}", machine.describe());
    eprintln!("{}; files in {}", cores.describe(), scratch.path().display());
    let transport = Transport::of(arguments.run.tls);
    let setup = Setup {
        transport,
        banks: usize::from(arguments.banks),
        seed: arguments.run.seed,
        ..Setup::of(arguments.suite)
    };
    let mut rig = Rig::start(&setup, &scratch, &cores)?;
    let (rate, capacity) = match arguments.rate {
        Some(rate) => (rate, None),
        None => {
            let capacity = find_capacity(&mut rig, arguments.suite, arguments.run.seed)?;
            (capacity * SHARE, Some(capacity))
        }
    };
    let mut windows = Vec::new();
    for round in 1..=arguments.rounds {
        for in_trouble in [false, true] {
            windows.push(measure_window(&mut rig, arguments, rate, round, in_trouble)?);
            interrupt::check()?;
        }
    }
    Ok(Outcome::new(arguments, (rate, capacity), windows, cores, machine))
}

fn measure_window(
    rig: &mut Rig,
    arguments: &Arguments,
    rate: f64,
    round: u16,
    in_trouble: bool,
) -> Result<WindowOutcome, Error> {
    let label = if in_trouble { arguments.fault.name() } else { "all well" };
    let load = Load {
        apart: vec![arguments.banks - 1],
        connections_max: CONNECTIONS_MAX,
        ..payments(&format!("round {round}, {label}"), rate, arguments.warm_up, arguments.seconds, arguments.run.seed)
    };
    let bank = rig.config().banks.last().map(|bank| bank.identity.id);
    let turn = |parties: &Counterparties, in_trouble: bool| {
        if let Some(bank) = bank {
            set_trouble(parties, bank, in_trouble.then_some(arguments.fault));
        }
    };
    let trial = rig.run_through(&load, |parties| turn(parties, in_trouble), |parties| turn(parties, false))?;
    Ok(WindowOutcome::new(in_trouble, &trial))
}

/// Brings trouble over every link of the bank, or takes it away.
fn set_trouble(parties: &Counterparties, bank: InstitutionId, trouble: Option<Trouble>) {
    let (line, delay) = match trouble {
        None => (LinkBehaviour::Open, Delay::None),
        Some(Trouble::Silent) => (LinkBehaviour::Silent { hears: true }, Delay::None),
        Some(Trouble::Crawling) => (LinkBehaviour::Open, Delay::Fixed { ms: CRAWL_MS }),
    };
    // The delay is in range, and the bank is one of those that run.
    let _ = parties.set_behaviour(bank, Behaviour { delay, ..Behaviour::default() });
    for link in parties.links().filter(|link| link.participant() == bank) {
        link.set(line);
    }
}

fn table(outcome: &Outcome) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header([
        "internal_us of the others",
        "p50",
        "p99",
        "p999",
        "payments/s",
        "refused",
        "node",
        "load",
        "verdict",
    ]);
    for window in &outcome.windows {
        let label = if window.in_trouble { outcome.fault.name() } else { "all well" };
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        table.add_row([
            label.to_owned(),
            window.internal_us.p50.to_string(),
            window.internal_us.p99.to_string(),
            window.internal_us.p999.to_string(),
            format!("{:.0}", window.payments_per_second),
            window.refused.to_string(),
            percent(window.node_busy),
            percent(window.load_busy),
            (if window.verdict.is_safe() { "good" } else { "BAD" }).to_owned(),
        ]);
    }
    let number = |ratio: Option<f64>| ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
    let met = outcome.met.map_or("undecided", |met| if met { "met" } else { "NOT met" });
    table.add_row([
        format!("{} / all well at {:.0}/s, {}", outcome.fault.name(), outcome.rate, outcome.transport),
        number(outcome.ratio_p50),
        number(outcome.ratio_p99),
        format!("goal <= {RATIO_MAX}: {met}"),
    ]);
    table
}
