//! The command line of `clearway-bench history`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `clearway-bench history`. Exit code 1 when a record was refused.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Clone, Subcommand)]
pub(super) enum Command {
    /// Append a line for each record that may be quoted; say why of the others.
    Add(AddArguments),
    /// Draw the history as a page that stands alone.
    Page(PageArguments),
}

#[derive(Debug, Clone, Args)]
pub(super) struct AddArguments {
    /// Records, as `clearway-loadgen run --json` and `clearway-bench demo --json` write them.
    #[arg(required = true, value_name = "RECORD")]
    pub(super) records: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) history: HistoryArguments,
}

#[derive(Debug, Clone, Args)]
pub(super) struct PageArguments {
    /// The page.
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
    #[command(flatten)]
    pub(super) history: HistoryArguments,
}

#[derive(Debug, Clone, Args)]
pub(super) struct HistoryArguments {
    /// The history: one JSON line a run.
    #[arg(long, value_name = "FILE", default_value = "bench/history.jsonl")]
    pub(super) file: PathBuf,
}
