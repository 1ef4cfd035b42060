//! One change of the rules as the journal keeps it: compact JSON with a version, readable by people in an inspection.
//!
//! ```text
//! {"v":1,"key":7,"version":3,"at_us":1790000000000000,"by":"li.wei","change":{"participant":{"id":"C1...","rules":{...}}}}
//! ```
//!
//! Keys of windows that are over are used again.

use clearway_codec::value::BeijingTime;
use serde::{Deserialize, Serialize};

use crate::config::{AdmissionRules, LimitTable, MaintenanceWindow};
use crate::settings;

/// A change of the rules, with who made it and when.
pub type Setting = settings::Setting<Change>;

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Change {
    /// What a participant may do; without rules: as configured.
    Participant {
        /// Whose.
        id: String,
        /// The rules; `None`: as configured.
        rules: Option<AdmissionRules>,
    },
    /// A layer's bounds; without limit: as configured.
    Limit {
        /// Which layer.
        layer: Layer,
        /// The bank's id.
        bank: String,
        /// The institution's id, in the layer of institutions.
        institution: Option<String>,
        /// The bounds; `None`: as configured.
        limit: Option<LimitTable>,
    },
    /// A window, under a number that no other one has had.
    Maintenance {
        /// Its number.
        number: u64,
        /// The window.
        window: WindowText,
    },
    /// A window taken back.
    MaintenanceCancelled {
        /// Its number.
        number: u64,
    },
}

/// A layer of limits by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// All institutions at a bank.
    Bank,
    /// One institution at a bank.
    Institution,
    /// Each card of a bank.
    Card,
}

/// A maintenance window as text; without bank: the centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowText {
    pub(super) bank: Option<String>,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) text: String,
}

impl From<&MaintenanceWindow> for WindowText {
    fn from(window: &MaintenanceWindow) -> Self {
        let time = |time: BeijingTime| String::from_utf8_lossy(&time.to_text()).into_owned();
        Self {
            bank: window.bank.map(|bank| bank.as_str().to_owned()),
            from: time(window.from),
            until: time(window.until),
            text: window.text.clone(),
        }
    }
}
