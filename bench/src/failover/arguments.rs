//! The command line of the failover run.

use clap::{Args, ValueEnum};
use clearway_crypto::Suite;
use clearway_loadgen::link::LinkBehaviour;
use serde::Serialize;

use crate::cli::{rate, seconds};
use crate::rig::RunArguments;

/// How the active line of a bank dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Death {
    /// The bank's process ends: open connections close, new ones are refused.
    Refused,
    /// The line is cut: open connections fall silent, new ones are never made.
    BlackHole,
    /// The bank's program stands still: connections are made by its system, and nobody reads.
    HalfOpen,
    /// The bank's program takes requests, debits, and says nothing.
    Silent,
}

impl Death {
    /// What happens to the link.
    pub const fn behaviour(self) -> LinkBehaviour {
        match self {
            Self::Refused => LinkBehaviour::Refuses,
            Self::BlackHole => LinkBehaviour::BlackHole,
            Self::HalfOpen => LinkBehaviour::HalfOpen,
            Self::Silent => LinkBehaviour::Silent { hears: true },
        }
    }

    /// As on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// `clearway-bench failover`. Exit code 0 only if every death was survived as wanted.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// How the line dies, separated by commas. Default: every way.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub faults: Vec<Death>,
    /// Payments a second, all banks; the bank that is hit gets its share.
    #[arg(long, default_value_t = 600.0, value_parser = rate)]
    pub rate: f64,
    /// How long the line is dead, in seconds: longer than a leg may take, so that legs on it become unknown.
    #[arg(long, default_value_t = 10.0, value_parser = seconds)]
    pub outage: f64,
    /// How long the load goes on after that, in seconds: hold-down, trial and switch-back must fit.
    #[arg(long, default_value_t = 24.0, value_parser = seconds)]
    pub after: f64,
    /// Suite of all keys.
    #[arg(long, default_value_t = Suite::EcdsaP256Sha256)]
    pub suite: Suite,
    /// What every run with a node takes.
    #[command(flatten)]
    pub run: RunArguments,
}

impl Arguments {
    /// Which deaths are tried.
    pub fn deaths(&self) -> Vec<Death> {
        if self.faults.is_empty() { Death::value_variants().to_vec() } else { self.faults.clone() }
    }
}
