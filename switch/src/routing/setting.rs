//! What the journal keeps of routing.
//!
//! ```text
//! {"v":1,"key":33554432,"version":3,"at_us":...,"by":"li.wei","change":{"table":{"table":{...},"known":[...]}}}
//! {"v":1,"key":33554433,"version":1,"at_us":...,"by":"routes.toml","change":{"channels":{"known":[...]}}}
//! ```

use serde::{Deserialize, Serialize};

use super::file::RoutesFile;
use crate::settings;

/// A change of routes, with who made it and when.
pub type Setting = settings::Setting<Change>;

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Change {
    /// The whole table; none: as configured.
    Table {
        /// The table.
        table: Option<Box<RoutesFile>>,
        /// All channels that are known with it.
        known: Vec<KnownChannel>,
    },
    /// Channels of the file that were not known before: their numbers are given for ever.
    Channels {
        /// All channels that are known with it.
        known: Vec<KnownChannel>,
    },
}

/// Who is asked over a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownChannel {
    /// The bank's id.
    pub bank: String,
    /// The channel's number.
    pub number: u8,
    /// The id of who is asked.
    pub via: String,
}
