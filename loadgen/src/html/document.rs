//! The page of a document whose kind nobody knows yet.

use super::{overload_page, run_page, search_page};
use crate::overload::{self, OverloadRecord};
use crate::record::{self, RunRecord};
use crate::search::{self, SearchRecord};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What every record says of itself.
#[derive(Deserialize)]
struct Kind {
    format: String,
}

/// The page of a record in JSON, whichever command left it: a run, a search or a sweep into overload.
///
/// # Errors
/// In words: what it is instead, and what could be drawn.
pub fn page_of(json: &str) -> Result<String, String> {
    let kind: Kind = serde_json::from_str(json).map_err(|error| format!("no record with a `format`: {error}"))?;
    match kind.format.as_str() {
        record::FORMAT => read::<RunRecord>(json).map(|record| run_page(&record)),
        search::FORMAT => read::<SearchRecord>(json).map(|record| search_page(&record)),
        overload::FORMAT => read::<OverloadRecord>(json).map(|record| overload_page(&record)),
        other => {
            let known = [record::FORMAT, search::FORMAT, overload::FORMAT].join(", ");
            Err(format!("format {other}: this program draws {known}"))
        }
    }
}

fn read<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}
