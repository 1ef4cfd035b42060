//! The digest key's mark, kept beside the journal.
//!
//! Agreements and limits in the journal know accounts and customers by digests. With another key nothing that was kept
//! would be found, and nobody would be told. So the node compares a digest of nothing with the one of its first start.
//!
//! ```text
//! digest-key.check     sixteen hexadecimal digits and a line feed
//! ```

use std::fs;
use std::path::Path;

use super::keys::NodeKeys;
use super::register::replace;
use crate::error::{Error, Fault};

/// Name of the mark in the journal's folder.
const FILE_NAME: &str = "digest-key.check";
/// Nothing else is digested in this domain.
const DOMAIN: &str = "check of the key";

impl NodeKeys {
    /// Compares the digest key with its mark in `journal_dir` (made if missing, durably). Call before the journal is
    /// opened.
    ///
    /// # Errors
    /// The mark of another key; a mark that cannot be read or written.
    pub fn confirm_digest_key(&self, journal_dir: &Path) -> Result<(), Error> {
        let path = journal_dir.join(FILE_NAME);
        let mark = format!("{:016x}\n", self.digest.digest(DOMAIN, ""));
        match fs::read_to_string(&path) {
            Ok(known) if known == mark => Ok(()),
            Ok(_) => Err(Error::new(Fault::Configuration, "the journal was written with another digest key")
                .at(path.display().to_string())
                .at("node.digest_key")
                .remedy("restore the key file that the node had; without it no agreement's customer is known again")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => replace(journal_dir, &path, &mark),
            Err(error) => Err(Error::file("read", &path, error)),
        }
    }
}
