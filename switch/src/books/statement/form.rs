//! In which form detail files are written.

use clearway_crypto::FileDigest;
use clearway_crypto::file_seal::FileCipher;

use super::packer::ending;
use crate::config::{BooksSection, Compression, FileEncryption};

/// What names of encrypted files end with.
pub const SEALED_ENDING: &str = ".enc";

/// Compression, digest, encryption, size.
#[derive(Debug, Clone)]
pub(super) struct FileForm {
    pub(super) compression: Compression,
    pub(super) digest: FileDigest,
    /// None: they are not encrypted.
    pub(super) cipher: Option<FileCipher>,
    /// Most rows of one file.
    pub(super) rows_max: u64,
}

impl FileForm {
    /// As configured.
    pub(super) fn new(section: &BooksSection) -> Self {
        Self {
            compression: section.compression,
            digest: section.digest.algorithm(),
            cipher: match section.encryption {
                FileEncryption::None => None,
                FileEncryption::Aes256 => Some(FileCipher::Aes256),
                FileEncryption::Sm4 => Some(FileCipher::Sm4),
            },
            rows_max: section.rows_max.max(1),
        }
    }

    /// What names end with, behind `.txt`.
    pub(super) fn ending(&self) -> String {
        let sealed = if self.cipher.is_some() { SEALED_ENDING } else { "" };
        format!("{}{sealed}", ending(self.compression))
    }
}
