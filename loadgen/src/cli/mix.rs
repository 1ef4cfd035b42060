//! What is sent, and how banks behave: by text or by a mix file.

use clap::Args;
use clearway_loadgen::mix::{Mix, MixFile};
use std::path::Path;

/// The part of the command line that becomes the mix of a plan.
#[derive(Debug, Args)]
pub(crate) struct MixArguments {
    /// What is sent: `all`, or weights such as payments=90,refunds=5,queries=5,duplicates=0,bad-signatures=0,skew=0,
    /// excess-refunds=0; also payouts, certified, entrusted, gateway, signs, ends, mandates, mandate-ends, order-queries,
    /// details, closes, control-numbers, disputes, cancels
    #[arg(long, default_value = "", hide_default_value = true)]
    mix: Mix,
    /// TOML file that says what is sent, by whom and how large; the same that `banks` behave by. loadgen/examples/mix.toml
    /// has every key.
    #[arg(long, value_name = "FILE", value_parser = load, conflicts_with = "mix")]
    mix_file: Option<Box<MixFile>>,
}

impl MixArguments {
    /// What is sent.
    pub(crate) fn mix(&self) -> Mix {
        self.mix_file.as_ref().map_or_else(|| self.mix.clone(), |file| file.mix.clone())
    }
}

/// Reads a mix file when the command line is parsed.
pub(crate) fn load(path: &str) -> Result<Box<MixFile>, String> {
    MixFile::load(Path::new(path)).map(Box::new).map_err(|error| error.to_string())
}
