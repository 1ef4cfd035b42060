//! The demo's command line.

use std::path::PathBuf;

use clap::Args;
use clearway_crypto::Suite;
use clearway_loadgen::Mix;

use crate::cli::{rate, seconds};
use crate::rig::{Temper, modest_rate};

/// `clearway-bench demo`. Exit code 0 only if the verdict is good.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// Length of the measured window, in seconds.
    #[arg(long, default_value_t = 20.0, value_parser = seconds)]
    pub seconds: f64,
    /// Length of the warm-up before it, in seconds.
    #[arg(long, default_value_t = 3.0, value_parser = seconds)]
    pub warm_up: f64,
    /// Requests a second, all together. Default: what a modest core holds with the suite (1,500 for P-256 and Ed25519, 600 for SM2, 500 for
    /// RSA-2048), and a fifth of that with faults.
    #[arg(long, value_parser = rate)]
    pub rate: Option<f64>,
    /// Suite of all keys: rsa-2048-sha256, sm2-sm3, ecdsa-p256-sha256 or ed25519.
    #[arg(long, default_value_t = Suite::EcdsaP256Sha256)]
    pub suite: Suite,
    /// What is sent: `all`, which drives every business at once with faulty banks and institutions, or weights such as
    /// payments=90,refunds=5,queries=5,duplicates=0,skew=0,excess-refunds=0.
    #[arg(long, default_value = "")]
    pub mix: Mix,
    /// Slow, silent, refusing, late, garbage-answering and forgetful banks, customers who walk away, deaf institutions, and a node with short
    /// deadlines. Default: only with `--mix all`.
    #[arg(long, value_name = "BOOL")]
    pub faults: Option<bool>,
    /// Payment institutions.
    #[arg(long, default_value_t = 4)]
    pub institutions: usize,
    /// Banks.
    #[arg(long, default_value_t = 6)]
    pub banks: usize,
    /// Seed of schedule, mix and contents.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Also write the result as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Make the run's folder in here; must be on a local disk. Default: beside the folder of this program.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Mutual TLS on every connection, with certificates made for the run.
    #[arg(long)]
    pub tls: bool,
    /// Keep the run's folder: configuration, journal, log.
    #[arg(long)]
    pub keep: bool,
    /// Exit with 1 also when the verdict is good but the figures are INVALID, because the generator was late or its core saturated.
    #[arg(long)]
    pub strict: bool,
}

impl Arguments {
    /// Requests a second.
    pub fn rate(&self) -> f64 {
        let share = if self.temper() == Temper::Faulty { FAULTY_SHARE } else { 1.0 };
        self.rate.unwrap_or_else(|| modest_rate(self.suite) * share)
    }

    /// How the world behaves.
    pub fn temper(&self) -> Temper {
        if self.faults.unwrap_or_else(|| self.mix.is_all()) { Temper::Faulty } else { Temper::Healthy }
    }
}

/// Banks that are slow hold payments for a long time, and each costs several messages more.
const FAULTY_SHARE: f64 = 0.2;
