//! What every command takes that runs a node.

use std::path::PathBuf;

use clap::Args;

/// Seed, transport, and where the run and its result go.
#[derive(Debug, Clone, Args)]
pub struct RunArguments {
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
}
