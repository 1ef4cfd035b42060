//! The registers' pages: over the door of a node that runs, else over its files.
//!
//! Invariant: a node that runs is never worked around; its journal is locked, and the command says so.

use http::Method;

use super::arguments::CertificateArguments;
use super::line::is_open;
use super::open::Door;
use crate::admin::{Answer, Call, Pages, RegisterPages};
use crate::config::Config;
use crate::error::{Error, Fault};
use crate::node::offline_pages;

/// A way to the registers' pages.
pub(in crate::cli) enum RegisterDoor {
    /// The admin server of the node, which runs.
    Online(Door),
    /// The node's files, opened by this process.
    Offline(Box<RegisterPages>),
}

impl RegisterDoor {
    /// The admin server if the node answers there, else the files.
    pub(in crate::cli) fn open(config: &Config, certificates: &CertificateArguments) -> Result<Self, Error> {
        if is_open(&config.admin.address.to_string())? {
            return Door::of(&config.admin, certificates).map(Self::Online);
        }
        Ok(Self::Offline(Box::new(offline_pages(config)?)))
    }

    /// Makes one call; the JSON that is answered.
    ///
    /// # Errors
    /// What keeps the call from being made, and every answer but 200 and 404.
    pub(in crate::cli) fn call(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Answer, Error> {
        let pages = match self {
            Self::Online(door) => return door.call(method, path, body),
            Self::Offline(pages) => pages,
        };
        let answer = pages.answer(&Call { method, body, ..Call::get(path) });
        let answer = answer.unwrap_or_else(|| Answer::error(404, "no such page"));
        match answer.status {
            200 | 404 => Ok(answer),
            400..500 => Err(Error::new(Fault::Configuration, answer.text)),
            _ => Err(Error::new(Fault::Environment, answer.text)),
        }
    }
}
