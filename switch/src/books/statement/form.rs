//! In which form detail files are written.

use clearway_crypto::FileDigest;

use super::packer::ending;
use crate::config::{self, BooksSection, Compression};

/// Compression, digest, encryption, size.
#[derive(Debug, Clone)]
pub(super) struct FileForm {
    pub(super) compression: Compression,
    pub(super) digest: FileDigest,
    /// Most rows of one file.
    pub(super) rows_max: u64,
}

impl FileForm {
    /// As configured.
    pub(super) fn new(section: &BooksSection) -> Self {
        Self {
            compression: section.compression,
            digest: match section.digest {
                config::FileDigest::Sha256 => FileDigest::Sha256,
                config::FileDigest::Sm3 => FileDigest::Sm3,
            },
            rows_max: section.rows_max.max(1),
        }
    }

    /// What names end with, behind `.txt`.
    pub(super) fn ending(&self) -> String {
        ending(self.compression).to_owned()
    }
}
