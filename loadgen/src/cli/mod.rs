//! The command line: arguments in, library calls, words out.

mod admin;
mod agreements;
mod banks;
mod compare;
mod ending;
mod find_max;
mod ground;
mod http;
mod known_server;
mod load;
mod mix;
mod objective;
mod outputs;
mod overload;
mod page;
mod results;
mod run;
mod schedule;
mod signatures;
mod until;
mod valve;
mod view;

use clap::Parser;
use clearway_loadgen::Error;

pub(crate) use ending::Ending;

/// Open-loop load, simulated banks and payment institutions, and the oracle that judges a run.
#[derive(Debug, Parser)]
#[command(name = "clearway-loadgen", version)]
pub(crate) enum Command {
    /// Write the agreements that payments draw from as a file for `clearway agreements import`.
    Agreements(agreements::Agreements),
    /// Search the highest rate that holds an objective: a ramp, a bisection, then repeats of what was found.
    FindMax(find_max::FindMax),
    /// Offer more than a target can do, up to three times its capacity: goodput, and whether it recovers.
    Overload(overload::Overload),
    /// Run the simulated banks and the institutions' notice desks until a signal or for a time.
    Banks(banks::Banks),
    /// Set the records of runs side by side: ratios to the first one, spread, and what else differs.
    Compare(compare::Compare),
    /// Send one HTTP request again and again to any server, on the same schedules and with the same figures as `run`.
    Http(Box<http::Http>),
    /// Serve a known behaviour over HTTP, for judging load generators, until a signal or for a time.
    KnownServer(known_server::KnownServer),
    /// Draw the page of a record again, from its JSON alone.
    Page(page::Page),
    /// Send load, settle what is open, and judge it where the ledgers can be seen.
    Run(Box<run::Run>),
}

impl Command {
    pub(crate) fn carry_out(self) -> Result<Ending, Error> {
        match self {
            Self::Agreements(agreements) => agreements.carry_out(),
            Self::Banks(banks) => banks.carry_out(),
            Self::Compare(compare) => compare.carry_out(),
            Self::Http(http) => http.carry_out(),
            Self::FindMax(search) => search.carry_out(),
            Self::Overload(sweep) => sweep.carry_out(),
            Self::KnownServer(known) => known.carry_out(),
            Self::Page(page) => page.carry_out(),
            Self::Run(run) => run.carry_out(),
        }
    }
}
