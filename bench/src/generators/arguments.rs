//! The command line of `clearway-bench generators`.

use std::path::PathBuf;

use clap::Args;

/// `clearway-bench generators`. Exit code 1 where our own generator misses what it promises.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// Also write the result as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Also write the result as a page.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// A quarter of the time: shorter stalls and steps.
    #[arg(long)]
    pub quick: bool,
    /// wrk, as Debian packages it.
    #[arg(long, value_name = "PROGRAM", default_value = "wrk")]
    pub wrk: PathBuf,
    /// oha, as `cargo install oha` makes it.
    #[arg(long, value_name = "PROGRAM", default_value = "oha")]
    pub oha: PathBuf,
    /// Seed of the schedules.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}
