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
    #[command(flatten)]
    pub(in crate::cli) certificates: CertificateArguments,
    /// Print what the node answers as it is: JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// What is shown at a door behind certificates, and whom it must prove to be. Left out: as `[admin.tls]` of clearway.toml
/// says.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct CertificateArguments {
    /// The operator's certificate, PEM.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(in crate::cli) certificate: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub(in crate::cli) key: Option<PathBuf>,
    /// The authority of the node's certificate, PEM.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) ca: Option<PathBuf>,
    /// The DNS name in the node's certificate.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,
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
