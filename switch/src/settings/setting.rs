//! One change as the journal keeps it: compact JSON with a version, readable by people in an inspection.
//!
//! ```text
//! {"v":1,"key":7,"version":3,"at_us":1790000000000000,"by":"li.wei","change":{"participant":{"id":"C1...","rules":{...}}}}
//! ```

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::register;

/// The form that this version writes and reads.
const VERSION: u32 = 1;

/// A change of an area, with who made it and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting<C> {
    v: u32,
    key: u32,
    version: u32,
    /// When, unix microseconds.
    pub at_us: u64,
    /// Who: the name that the operator gave, or that the certificate names.
    pub by: String,
    /// The whole new value.
    pub change: C,
}

/// A key, and how often it was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// What the setting is about; its top byte is its [`Space`](super::Space).
    pub key: u32,
    /// Number of settings with this key up to this one, from 1.
    pub version: u32,
}

impl Slot {
    /// The same key, used once more.
    #[must_use]
    pub const fn next(self) -> Self {
        Self { key: self.key, version: self.version.saturating_add(1) }
    }
}

/// Bytes that are no setting of this version, or one that does not fit the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("setting: {0}")]
pub struct CorruptSetting(pub String);

impl<C> Setting<C> {
    /// A setting of this version.
    #[must_use]
    pub fn new(slot: Slot, by: &str, at_us: u64, change: C) -> Self {
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

    /// Key and version together.
    #[must_use]
    pub const fn slot(&self) -> Slot {
        Slot { key: self.key, version: self.version }
    }
}

impl<C: Serialize> Setting<C> {
    /// The bytes for the journal.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What the journal and the registers keep of it.
    #[must_use]
    pub fn image(&self) -> register::Setting {
        register::Setting { key: self.key, version: self.version, bytes: self.encode() }
    }
}

impl<C: DeserializeOwned> Setting<C> {
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
