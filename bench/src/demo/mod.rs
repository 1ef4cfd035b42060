//! The demo: one node, six banks, four institutions, twenty seconds, one table.
//!
//! ```text
//!  floors (signatures, bare exchange) -> configuration -> banks, institutions -> node -> load -> settle -> oracle -> table, JSON
//! ```

mod arguments;
mod outcome;
mod show;

pub use arguments::Arguments;
pub use outcome::Outcome;

use std::time::Duration;

use clearway_crypto::Suite;
use clearway_loadgen::constants::{BACKLOG_MAX, CONNECTIONS_MAX};

use crate::cli::{Judgement, write_json};
use crate::cpu::Cores;
use crate::disk::Scratch;
use crate::error::Error;
use crate::machine::Machine;
use crate::probe::{CryptoFloor, ExchangeFloor, measure_crypto, measure_exchange};
use crate::rig::{Load, Rig, Setup, Transport};

/// CPU time of one round of signatures.
const CRYPTO_ROUND: Duration = Duration::from_millis(40);
/// How long the bare exchange is driven.
const EXCHANGE_TIME: Duration = Duration::from_millis(1_600);

/// Runs the demo and prints what came of it.
///
/// # Errors
/// It could not be run; a bad verdict is a judgement.
pub fn run(arguments: &Arguments) -> Result<Judgement, Error> {
    let outcome = measure(arguments)?;
    println!("{}", show::table(&outcome));
    println!("{}", show::stages(&outcome));
    for table in [show::businesses(&outcome), show::questions(&outcome)].into_iter().flatten() {
        println!("{table}");
    }
    show::remarks(&outcome).iter().for_each(|remark| println!("{remark}"));
    if let Some(file) = &arguments.run.json {
        write_json(file, &outcome)?;
    }
    Ok((outcome.is_good() && (outcome.valid || !arguments.strict)).into())
}

fn measure(arguments: &Arguments) -> Result<Outcome, Error> {
    let cores = Cores::choose();
    let scratch = Scratch::create("demo", arguments.run.dir.as_deref(), arguments.run.keep)?;
    let machine = Machine::inspect(scratch.path())?;
    eprintln!("{}", machine.describe());
    eprintln!("{}; files in {}", cores.describe(), scratch.path().display());
    let (crypto, exchange) = floors(arguments.suite, &cores)?;
    let setup = Setup {
        institutions: arguments.institutions,
        banks: arguments.banks,
        seed: arguments.run.seed,
        temper: arguments.temper(),
        transport: Transport::of(arguments.run.tls),
        mix_file: arguments.mix_file.clone(),
        ..Setup::of(arguments.suite)
    };
    let mut rig = Rig::start(&setup, &scratch, &cores)?;
    let load = Load {
        label: format!("{} at {:.0}/s", arguments.suite, arguments.rate()),
        rate_per_s: arguments.rate(),
        warm_up: Duration::from_secs_f64(arguments.warm_up),
        measured: Duration::from_secs_f64(arguments.seconds),
        mix: arguments.mix().clone(),
        seed: arguments.run.seed,
        connections_max: CONNECTIONS_MAX,
        backlog_max: BACKLOG_MAX,
        signed_before: false,
        apart: Vec::new(),
    };
    let trial = rig.run(&load)?;
    Ok(Outcome::new(&trial, arguments.suite, crypto, exchange, cores, machine))
}

/// What one payment cannot cost less than, on the cores of this run.
///
/// # Errors
/// No backend, no socket, no thread.
pub fn floors(suite: Suite, cores: &Cores) -> Result<(CryptoFloor, ExchangeFloor), Error> {
    let crypto = measure_crypto(suite, cores.node, CRYPTO_ROUND)?;
    let exchange = measure_exchange(cores.node, cores.load.first().copied(), EXCHANGE_TIME)?;
    Ok((crypto, exchange))
}
