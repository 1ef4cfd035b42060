//! What was written for a batch.

use clearway_crypto::FileDigest;
use serde::{Deserialize, Serialize};

use crate::domain::clearing::BatchName;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenFile {
    /// IssrId of the participant whose file it is.
    pub participant: String,
    /// Its name, without folder.
    pub name: String,
    /// Rows of a detail file; of a summary, of its sums together.
    pub rows: u64,
    /// Their amounts together, fen.
    pub amount_fen: u64,
    /// Length as it is delivered.
    pub bytes: u64,
    /// Digest as it is delivered, with its name.
    pub digest: String,
}

/// All files of a batch: by participant in the order of their indexes, detail files in order, then the summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The batch.
    pub batch: String,
    /// Lines, which is payments.
    pub lines: u64,
    /// Rows in all files.
    pub rows: u64,
    /// Length of all detail rows before they are compressed, bytes.
    pub text_bytes: u64,
    /// The files.
    pub files: Vec<WrittenFile>,
}

impl Manifest {
    pub(super) fn new(batch: BatchName) -> Self {
        Self { batch: batch.to_string(), lines: 0, rows: 0, text_bytes: 0, files: Vec::new() }
    }

    /// Length of all files, bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// One digest (SHA-256) of names and digests of all files: equal exactly when all files are.
    #[must_use]
    pub fn digest(&self) -> String {
        let names: String = self.files.iter().map(|file| format!("{}|{}\n", file.name, file.digest)).collect();
        FileDigest::Sha256.of(names.as_bytes())
    }
}
