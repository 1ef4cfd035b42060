//! The demo's command line.

use std::path::Path;

use clap::Args;
use clearway_crypto::Suite;
use clearway_loadgen::mix::{Mix, MixFile};

use crate::cli::{rate, seconds};
use crate::rig::{RunArguments, Temper, modest_rate};

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
    /// TOML file that says what is sent, by whom, how large, by which suites, and how banks behave; loadgen/examples/mix.toml has every key. Where
    /// it weighs suites, institutions are made for them.
    #[arg(long, value_name = "FILE", value_parser = mix_file, conflicts_with = "mix")]
    pub mix_file: Option<Box<MixFile>>,
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
    /// What every run with a node takes.
    #[command(flatten)]
    pub run: RunArguments,
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

    /// What is sent.
    pub fn mix(&self) -> &Mix {
        self.mix_file.as_ref().map_or(&self.mix, |file| &file.mix)
    }

    /// How the world behaves; banks and institutions as the mix file says, where there is one.
    pub fn temper(&self) -> Temper {
        if self.faults.unwrap_or_else(|| self.mix().is_all()) { Temper::Faulty } else { Temper::Healthy }
    }
}

fn mix_file(path: &str) -> Result<Box<MixFile>, String> {
    MixFile::load(Path::new(path)).map(Box::new).map_err(|error| error.to_string())
}

/// Banks that are slow hold payments for a long time, and each costs several messages more.
const FAULTY_SHARE: f64 = 0.2;
