//! Its command line.

use std::path::PathBuf;

use clap::Args;

/// `clearway-bench instructions`. Without a flag it only shows.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// Exit with 1 when a count has grown by more than the baseline allows.
    #[arg(long, conflicts_with = "save")]
    pub check: bool,
    /// Make this run the baseline.
    #[arg(long)]
    pub save: bool,
    /// The baseline.
    #[arg(long, value_name = "FILE", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/baseline/instructions.json"))]
    pub baseline: PathBuf,
}
