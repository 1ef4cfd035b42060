//! The command line of the bulkhead run.

use clap::{Args, ValueEnum};
use clearway_crypto::Suite;
use serde::Serialize;

use crate::cli::{rate, seconds};
use crate::rig::RunArguments;

/// What is wrong with the one bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// It takes requests, debits, and says nothing, to probes neither.
    #[default]
    Silent,
    /// It answers legs and queries two seconds later, and probes at once.
    Crawling,
}

impl Trouble {
    /// As on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Crawling => "crawling",
        }
    }
}

/// `clearway-bench bulkhead`. Exit code 0 only if the goal is met and no rule was broken.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// Length of each measured window, in seconds.
    #[arg(long, default_value_t = 10.0, value_parser = seconds)]
    pub seconds: f64,
    /// Length of the warm-up before each, in seconds.
    #[arg(long, default_value_t = 3.0, value_parser = seconds)]
    pub warm_up: f64,
    /// Payments a second. Default: 70 % of what the node holds, found by a search that takes minutes.
    #[arg(long, value_parser = rate)]
    pub rate: Option<f64>,
    /// Windows without and with the trouble, in turn.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub rounds: u16,
    /// What is wrong with the one bank.
    #[arg(long, value_enum, default_value_t)]
    pub fault: Trouble,
    /// Suite of all keys.
    #[arg(long, default_value_t = Suite::EcdsaP256Sha256)]
    pub suite: Suite,
    /// Banks; the last one is the one in trouble, and holds no reserve account.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u16).range(5..=1_000))]
    pub banks: u16,
    /// What every run with a node takes.
    #[command(flatten)]
    pub run: RunArguments,
}
