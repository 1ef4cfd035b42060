//! `[books]`: clearing, statements, archive.

use std::path::PathBuf;

use serde::Deserialize;

use super::configuration::{fault, range};
use crate::error::Error;

/// How detail files are compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// `gzip`: `.gz`, which every participant can read.
    #[default]
    Gzip,
    /// `zstd`: `.zst`, several times as fast.
    Zstd,
}

/// What files are digested with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileDigest {
    /// `sha256`.
    #[default]
    Sha256,
    /// `sm3`.
    Sm3,
}

impl FileDigest {
    /// What computes it.
    #[must_use]
    pub const fn algorithm(self) -> clearway_crypto::FileDigest {
        match self {
            Self::Sha256 => clearway_crypto::FileDigest::Sha256,
            Self::Sm3 => clearway_crypto::FileDigest::Sm3,
        }
    }
}

/// How detail files are encrypted, under the participant's key of the day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileEncryption {
    /// `none`: the line to the file server protects them.
    #[default]
    None,
    /// `aes-256`.
    #[serde(rename = "aes-256")]
    Aes256,
    /// `sm4`.
    Sm4,
}

/// `[books]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BooksSection {
    /// `dir`: where statements, archive, orders and reports are written. Default `books`, beside the configuration.
    pub dir: PathBuf,
    /// `compression` of detail files: `gzip` (default) or `zstd`.
    pub compression: Compression,
    /// `digest` of files: `sha256` (default) or `sm3`.
    pub digest: FileDigest,
    /// `encryption` of detail files: `none` (default), `aes-256` or `sm4`.
    pub encryption: FileEncryption,
    /// `rows_max`: most rows of one detail file, 1 to 100,000,000. Default 1,000,000.
    pub rows_max: u64,
    /// `file_servers`: the `host:port` of the servers that export `dir`, as the summaries name them, in turn. Default none: the
    /// summaries name paths alone.
    pub file_servers: Vec<String>,
    /// `threads` that statements are made with, 1 to 64. Default 2.
    pub threads: usize,
    /// `interest_ppm`: the yearly rate of interest on advances, in millionths, 0 to 1,000,000. Default 3,500, which is 0.35 %.
    pub interest_ppm: u32,
    /// `accounting_cut_hour`: the hour, Beijing time, at which one accounting day ends and the next begins, 0 to 23. Default 20.
    pub accounting_cut_hour: u32,
    /// `hvps_close_hour`: the hour at which the large-value system closes, 16 to 21. Default 17; the clearing information file comes
    /// two hours later.
    pub hvps_close_hour: u32,
    /// `journal_days`: days for which the messages of archived batches stay in the journal at least, 0 to 36,500; 0 (the default): for
    /// ever.
    pub journal_days: u32,
}

impl Default for BooksSection {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("books"),
            compression: Compression::default(),
            digest: FileDigest::default(),
            encryption: FileEncryption::default(),
            rows_max: 1_000_000,
            file_servers: Vec::new(),
            threads: 2,
            interest_ppm: 3_500,
            accounting_cut_hour: 20,
            hvps_close_hour: 17,
            journal_days: 0,
        }
    }
}

impl BooksSection {
    /// Checks ranges.
    ///
    /// # Errors
    /// The first key that is out of range.
    pub(super) fn check(&self) -> Result<(), Error> {
        range("books.rows_max", self.rows_max, 1, 100_000_000)?;
        range("books.threads", self.threads, 1, 64)?;
        range("books.interest_ppm", self.interest_ppm, 0, 1_000_000)?;
        range("books.accounting_cut_hour", self.accounting_cut_hour, 0, 23)?;
        range("books.hvps_close_hour", self.hvps_close_hour, 16, 21)?;
        range("books.journal_days", self.journal_days, 0, 36_500)?;
        match self.file_servers.iter().find(|server| !is_host_and_port(server)) {
            None => Ok(()),
            Some(server) => Err(fault("books.file_servers", format!("{server:?} is no host:port"))),
        }
    }
}

/// Letters, digits, dots, hyphens and brackets, a colon, a port.
fn is_host_and_port(server: &str) -> bool {
    let Some((host, port)) = server.rsplit_once(':') else { return false };
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-[]:".contains(&byte);
    !host.is_empty() && host.bytes().all(is_host) && port.parse::<u16>().is_ok()
}
