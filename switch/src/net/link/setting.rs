//! One change of the links as the journal keeps it: the whole new value of one thing.
//!
//! ```text
//! {"v":1,"key":16777217,"version":2,"at_us":...,"by":"li.wei","change":{"drained":{"participant":"C1...","link":"main","drained":true}}}
//! {...,"change":{"in-use":{"participant":"C1...","link":"disaster"}}}      link null: as configured
//! ```

use serde::{Deserialize, Serialize};

use crate::settings;

/// A change of the links, with who made it and when.
pub type Setting = settings::Setting<LinkChange>;

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum LinkChange {
    /// Whether a link takes nothing new.
    Drained {
        /// Whose link: an institution id.
        participant: String,
        /// Its name.
        link: String,
        /// Whether it does.
        drained: bool,
    },
    /// Which link of a participant takes everything.
    InUse {
        /// Whose links.
        participant: String,
        /// The link's name; none: as configured.
        link: Option<String>,
    },
}

impl LinkChange {
    /// What it is about: of two changes of the same thing the later one counts.
    pub(super) fn subject(&self) -> Subject {
        match self {
            Self::Drained { participant, link, .. } => Subject { participant: participant.clone(), link: link.clone() },
            Self::InUse { participant, .. } => Subject { participant: participant.clone(), link: String::new() },
        }
    }
}

/// A link by its names; without a link: which one of the participant is in use.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Subject {
    pub(super) participant: String,
    pub(super) link: String,
}
