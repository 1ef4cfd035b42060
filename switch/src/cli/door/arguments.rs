//! What every command of an operator is told on the command line.

use std::path::PathBuf;

use clap::Args;

/// Where the node's admin server is, and how its answer is printed.
#[derive(Debug, Args)]
pub(in crate::cli) struct DoorArguments {
    /// The node's clearway.toml: where its admin server listens.
    #[arg(long, value_name = "FILE", required_unless_present = "node")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// Where the admin server listens, for a machine without clearway.toml.
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "config")]
    pub(in crate::cli) node: Option<String>,
    /// Print what the node answers as it is: JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// The same for a command that changes something, and who makes the change.
#[derive(Debug, Args)]
pub(in crate::cli) struct ChangeArguments {
    #[command(flatten)]
    pub(in crate::cli) door: DoorArguments,
    /// Who makes the change, for the journal of the node; left out: the user of this machine.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) by: Option<String>,
}
