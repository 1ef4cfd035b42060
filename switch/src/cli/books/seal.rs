//! `clearway books seal`.

use clap::Args;
use serde_json::json;

use super::super::Verdict;
use super::super::door::ChangeArguments;
use crate::domain::clearing::BatchName;
use crate::error::Error;

#[derive(Debug, Args)]
pub(in crate::cli) struct SealArguments {
    /// The batch, such as B202611200011; D... for one of adjustments.
    batch: BatchName,
    #[command(flatten)]
    change: ChangeArguments,
}

impl SealArguments {
    pub(super) fn run(&self) -> Result<Verdict, Error> {
        self.change.change(&format!("/books/batches/{}", self.batch), json!({ "do": "seal" }))
    }
}
