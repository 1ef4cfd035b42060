//! What can stop the generator itself. What the switch answers, or fails to answer, is data and never an [`Error`].

use std::net::SocketAddr;
use std::path::PathBuf;
use thiserror::Error;

/// A failure of the generator or of its configuration.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration says something that cannot be.
    #[error("{}: {message}", path.display())]
    Config {
        /// Which file.
        path: PathBuf,
        /// Key and reason.
        message: String,
    },
    /// The mix cannot be used.
    #[error("mix: {0}")]
    Mix(String),
    /// The plan cannot be used.
    #[error("plan: {0}")]
    Plan(String),
    /// A line of a trace cannot be understood.
    #[error("trace {file}, line {line}: {why}")]
    Trace {
        /// Where it was read from.
        file: String,
        /// From 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The objective cannot be understood.
    #[error("slo: {0}")]
    Slo(String),
    /// Behaviours cannot be used.
    #[error("behaviour: {0}")]
    Behaviour(String),
    /// A listener could not be bound.
    #[error("cannot listen on {address} for {who}: {source}")]
    Listen {
        /// Participant.
        who: String,
        /// Address asked for.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The target is no `http://host:port/path`, or not of the configuration's transport.
    #[error("target {0}: {1}")]
    Target(String, String),
    /// A runtime or thread could not be started.
    #[error("cannot start {0}: {1}")]
    Start(&'static str, std::io::Error),
    /// A thread of the generator panicked: a bug.
    #[error("{0} ended in a panic")]
    Panicked(&'static str),
    /// A message could not be written: values of the configuration do not fit the wire.
    #[error("cannot compose {0}: {1}")]
    Compose(&'static str, String),
    /// Signing failed.
    #[error("cannot sign: {0}")]
    Sign(String),
    /// Sensitive values could not be sealed.
    #[error("cannot seal: {0}")]
    Seal(String),
    /// A ledger page could not be fetched or read.
    #[error("ledgers from {0}: {1}")]
    Ledgers(String, String),
    /// A node does not tell how it is.
    #[error("node at {0}: {1}")]
    Node(String, String),
    /// What a run left could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Error {
    /// Whether the command line, a configuration or a plan is at fault, and not the generator or its machine.
    pub const fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::File { .. }
                | Self::Config { .. }
                | Self::Mix(_)
                | Self::Plan(_)
                | Self::Behaviour(_)
                | Self::Target(..)
                | Self::Node(..)
        )
    }
}
