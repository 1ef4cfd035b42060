//! Where the files of a batch stand, and what they are called (wire.md section 5).
//!
//! ```text
//!  {dir}/statements/{IssrId}/{yyyyMMdd}/trans/{IssrId}_{BatchId}_SUM.txt        yyyyMMdd: natural day of the batch
//!                                             {IssrId}_{BatchId}_DTL_{nnn}.txt.gz    nnn from 001
//!                                             {IssrId}-{yyyyMMdd}.key
//! ```

use std::path::{Path, PathBuf};

use clearway_codec::value::{Date, InstitutionId};

use crate::domain::clearing::BatchName;

/// Under the folder of the books.
const STATEMENTS: &str = "statements";
/// What a participant's programs look into, under the day (S).
const TRANS: &str = "trans";

/// The folder of one participant's day.
#[must_use]
pub fn day_folder(dir: &Path, participant: &InstitutionId, date: Date) -> PathBuf {
    dir.join(STATEMENTS).join(served_folder(participant, date))
}

/// The same as the file server's clients see it.
pub(super) fn served_folder(participant: &InstitutionId, date: Date) -> String {
    format!("{participant}/{date}/{TRANS}")
}

/// What the names of all files of a batch begin with.
pub(super) fn batch_prefix(participant: &InstitutionId, batch: BatchName) -> String {
    format!("{participant}_{batch}_")
}

/// The name of the summary.
#[must_use]
pub fn summary_name(participant: &InstitutionId, batch: BatchName) -> String {
    format!("{}SUM.txt", batch_prefix(participant, batch))
}

/// The name of a detail file, by its number from 1; `ending` says how it is packed.
pub(super) fn detail_name(participant: &InstitutionId, batch: BatchName, number: u64, ending: &str) -> String {
    format!("{}DTL_{number:03}.txt{ending}", batch_prefix(participant, batch))
}

/// The name of the file with the day's key.
#[must_use]
pub fn key_name(participant: &InstitutionId, date: Date) -> String {
    format!("{participant}-{date}.key")
}
