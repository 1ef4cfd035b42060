//! `clearway keys`.

use clap::Subcommand;
use serde_json::json;

use super::super::Verdict;
use super::super::door::ChangeArguments;
use crate::error::Error;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum KeysCommand {
    /// Have the node read its key manifest, its decryption keys and its certificates again. All or nothing.
    Reload(ChangeArguments),
}

impl KeysCommand {
    pub(in crate::cli) fn run(&self) -> Result<Verdict, Error> {
        match self {
            Self::Reload(change) => change.change("/keys/reload", json!({})),
        }
    }
}
