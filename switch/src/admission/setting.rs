//! One change of the rules as the journal keeps it: compact JSON with a version, readable by people in an inspection.
//!
//! ```text
//! {"v":1,"key":7,"version":3,"at_us":1790000000000000,"by":"li.wei","change":{"participant":{"id":"C1...","rules":{...}}}}
//! ```
//!
//! Invariant: a setting holds the whole new value of what it changes, never a difference, and its key stands for that
//! one thing. So the last setting of each key, in any order, is all that has to be kept; keys of windows that are over
//! are used again.

use clearway_codec::value::BeijingTime;
use serde::{Deserialize, Serialize};

use crate::config::{AdmissionRules, LimitTable, MaintenanceWindow};

/// The form that this version writes and reads.
const VERSION: u32 = 1;

/// A change, with who made it and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    v: u32,
    pub(super) key: u32,
    pub(super) version: u32,
    /// When, unix microseconds.
    pub(super) at_us: u64,
    /// Who: the name that the operator gave.
    pub(super) by: String,
    pub(super) change: Change,
}

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Change {
    /// What a participant may do; without rules: as configured.
    Participant { id: String, rules: Option<AdmissionRules> },
    /// A layer's bounds; without limit: as configured.
    Limit { layer: Layer, bank: String, institution: Option<String>, limit: Option<LimitTable> },
    /// A window, under a number that no other one has had.
    Maintenance { number: u64, window: WindowText },
    /// A window taken back.
    MaintenanceCancelled { number: u64 },
}

/// A layer of limits by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Layer {
    Bank,
    Institution,
    Card,
}

/// A maintenance window as text; without bank: the centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WindowText {
    pub(super) bank: Option<String>,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) text: String,
}

/// A key, and how often it was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) key: u32,
    pub(super) version: u32,
}

/// Bytes that are no setting of this version, or one that does not fit the participants.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("setting: {0}")]
pub struct CorruptSetting(pub(super) String);

impl Setting {
    pub(super) fn new(slot: Slot, by: &str, at_us: u64, change: Change) -> Self {
        Self { v: VERSION, key: slot.key, version: slot.version, at_us, by: by.to_owned(), change }
    }

    /// What it is about: of two settings with the same key only the one with the higher version counts.
    #[must_use]
    pub const fn key(&self) -> u32 {
        self.key
    }

    /// Number of settings with this key up to this one, from 1.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The bytes for the journal.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads [`encode`](Self::encode)d bytes.
    ///
    /// # Errors
    /// Bytes of another form or version.
    pub fn decode(bytes: &[u8]) -> Result<Self, CorruptSetting> {
        let setting: Self = serde_json::from_slice(bytes).map_err(|error| CorruptSetting(error.to_string()))?;
        if setting.v != VERSION {
            return Err(CorruptSetting(format!("version {} is not known", setting.v)));
        }
        Ok(setting)
    }
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
