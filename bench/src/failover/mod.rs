//! The failover run: the active line of a bank dies under load and comes back.
//!
//! ```text
//!  |- warm-up -|--- outage ---|---------- after ----------| settle, judge
//!              ^ active dies  ^ it is back      ^ legs go over it again
//!              |-> to_standby_ms                |
//!                             |-----------------> to_switch_back_ms
//! ```
//!
//! A fresh node for each way of dying, with its own defaults. Every bank has two links before one ledger, so the oracle sees a debit that was
//! made over the one and again over the other.

mod arguments;
mod course;
mod outcome;

pub use arguments::{Arguments, Death};
pub use course::Course;
pub use outcome::{DeathOutcome, MOVES_MAX, Outcome, TO_STANDBY_MAX_MS};

use std::time::Duration;

use comfy_table::{Table, presets};

use crate::cli::{Judgement, write_json};
use crate::cpu::Cores;
use crate::disk::Scratch;
use crate::error::Error;
use crate::floors::payments;
use crate::interrupt;
use crate::machine::Machine;
use crate::rig::{ACTIVE, Load, Rig, STANDBY, Setup, Transport};
use course::Pair;

/// Before the line dies, in seconds.
const WARM_UP_S: f64 = 3.0;
/// Connections of the load: payments that wait for the dead line must not keep the others from leaving.
const CONNECTIONS_MAX: usize = 4_000;

/// Measures, prints and writes.
///
/// # Errors
/// It could not be run; a line that is not survived is a judgement.
pub fn run(arguments: &Arguments) -> Result<Judgement, Error> {
    let cores = Cores::choose();
    let scratch = Scratch::create("failover", arguments.run.dir.as_deref(), arguments.run.keep)?;
    let machine = Machine::inspect(scratch.path())?;
    eprintln!("{}", machine.describe());
    eprintln!("{}; files in {}", cores.describe(), scratch.path().display());
    let mut deaths = Vec::new();
    for death in arguments.deaths() {
        deaths.push(measure(arguments, death, &scratch, &cores)?);
        interrupt::check()?;
    }
    let outcome = Outcome::new(arguments, deaths, cores, machine);
    println!("{}", table(&outcome));
    for death in &outcome.deaths {
        death.doubts.iter().for_each(|doubt| println!("{}: {doubt}", death.fault.name()));
        let examples = death.verdict.examples.iter();
        examples
            .for_each(|case| println!("{}: {:?} {}: {}", death.fault.name(), case.violation, case.trx_id, case.found));
    }
    if let Some(file) = &arguments.run.json {
        write_json(file, &outcome)?;
    }
    Ok(outcome.met.into())
}

fn measure(arguments: &Arguments, death: Death, scratch: &Scratch, cores: &Cores) -> Result<DeathOutcome, Error> {
    let transport = Transport::of(arguments.run.tls);
    let setup = Setup { transport, standbys: true, seed: arguments.run.seed, ..Setup::of(arguments.suite) };
    let mut rig = Rig::start(&setup, scratch, cores)?;
    // The last bank keeps no reserve account: it is asked for debits alone.
    let bank = rig.config().banks.last().map(|bank| bank.identity.id);
    let link = |name| bank.and_then(|bank| rig.counterparties().link(bank, name).cloned());
    let (Some(bank), Some(active), Some(standby)) = (bank, link(ACTIVE), link(STANDBY)) else {
        return Err(Error::Unsuited("the last bank has no two links".into()));
    };
    let (outage, after) = (Duration::from_secs_f64(arguments.outage), Duration::from_secs_f64(arguments.after));
    let load = Load {
        connections_max: CONNECTIONS_MAX,
        ..payments(&death.name(), arguments.rate, WARM_UP_S, (outage + after).as_secs_f64(), arguments.run.seed)
    };
    let pair = Pair { active, standby };
    let mut watching = None;
    let total = outage + after;
    let begin = |_: &_| watching = Some(pair.watch(death.behaviour(), outage, total));
    let trial = rig.run_through(&load, begin, |_| {})?;
    let watching = watching.ok_or_else(|| Error::Node("ended before its window".into()))??;
    let course =
        watching.join().map_err(|_| Error::Failed { what: "watch the links", why: "a thread panicked".into() })?;
    let queries =
        rig.counterparties().bank_counts().iter().find(|(id, _)| *id == bank).map_or(0, |(_, counts)| counts.queries);
    let legs = rig.admin().leg_outcomes(bank.as_str())?;
    Ok(DeathOutcome::new(death, course, &trial, &legs, queries))
}

fn table(outcome: &Outcome) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header([
        "the active line",
        "to standby ms",
        "back ms",
        "moves",
        "payments",
        "affected",
        "unknown legs",
        "unsent",
        "queries",
        "verdict",
        "met",
    ]);
    for death in &outcome.deaths {
        let number = |ms: Option<f64>| ms.map_or_else(|| "never".to_owned(), |ms| format!("{ms:.0}"));
        table.add_row([
            death.fault.name(),
            number(death.course.to_standby_ms),
            number(death.course.to_switch_back_ms),
            death.course.moves.to_string(),
            death.payments.values().sum::<u64>().to_string(),
            death.affected.to_string(),
            death.unknown_legs.to_string(),
            death.unsent_legs.to_string(),
            death.queries.to_string(),
            (if death.verdict.ok {
                "good"
            } else if death.verdict.is_safe() {
                "open"
            } else {
                "BAD"
            })
            .to_owned(),
            (if death.met { "yes" } else { "NO" }).to_owned(),
        ]);
    }
    table
}
