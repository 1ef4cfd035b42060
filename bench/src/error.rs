//! What can stop a measurement. A figure that is worse than its goal is a result and never an [`Error`].

use std::fmt::Display;

use thiserror::Error as ThisError;

/// A measurement that could not be made.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// File, socket, process or thread.
    #[error("{what}: {source}")]
    Machine {
        /// What was tried, and on what.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The load generator.
    #[error("load: {0}")]
    Load(#[from] clearway_loadgen::Error),
    /// The switch, used as a library.
    #[error("switch: {0}")]
    Switch(#[from] clearway::Error),
    /// A signature library.
    #[error("crypto: {0}")]
    Crypto(#[from] clearway_crypto::Error),
    /// The node's process did not do what it should.
    #[error("node: {0}")]
    Node(String),
    /// This machine cannot give the figure; says what it would take.
    #[error("{0}")]
    Unsuited(String),
    /// Something between our own parts failed.
    #[error("{what}: {why}")]
    Failed {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        why: String,
    },
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// For `map_err` on file, socket and process calls.
    pub fn machine(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Machine { what, source }
    }

    /// For `map_err` on everything else.
    pub fn failed<E: Display>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Failed { what, why: error.to_string() }
    }
}
