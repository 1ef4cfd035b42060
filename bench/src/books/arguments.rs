//! The command line of the books' measurement.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use clearway::config::Compression;

/// `clearway-bench books`. Exit code 0 only if the books are right: positions add up to nothing, the recomputation agrees, and a comparison finds what
/// was changed and nothing else.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// Payments of the hour. One hour at 5,300/s has 19,080,000.
    #[arg(long, default_value_t = 1_000_000)]
    pub payments: u64,
    /// Also measure smaller hours, each in a process of its own, and show the cost of a payment at each size.
    #[arg(long)]
    pub curve: bool,
    /// Also write everything as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Make the run's folder in here; must be on a local disk. Default: beside the folder of this program.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Keep the run's folder.
    #[arg(long)]
    pub keep: bool,
    /// Seed of the hour.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Threads that make statements.
    #[arg(long, default_value_t = 2)]
    pub threads: usize,
    /// How detail files are compressed.
    #[arg(long, value_enum, default_value_t = Packing::Gzip)]
    pub compression: Packing,
}

/// How detail files are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Packing {
    /// As the switch does by default.
    Gzip,
    /// Faster, and smaller.
    Zstd,
}

impl Packing {
    pub(super) const fn compression(self) -> Compression {
        match self {
            Self::Gzip => Compression::Gzip,
            Self::Zstd => Compression::Zstd,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}
