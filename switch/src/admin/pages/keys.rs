//! Keys and certificates: read again while the node runs.
//!
//! Invariant: all or nothing. Every part is loaded before the journal is told, and none is in force before the journal
//! has it; a part that cannot be loaded leaves all as they are, and that is journaled too.

use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::hooks::{Answer, Call, Pages};
use crate::clock::Clock;
use crate::error::Error;
use crate::settings::{Record, Refusal, Setting, Slot, Space};

/// Longest reason that is journaled, in characters.
const WHY_CHARS_MAX: usize = 512;

/// What a part of the node has loaded.
pub struct Loaded {
    /// What it is, for the journal: numbers and digests, never a secret.
    pub note: Value,
    /// Puts it in force.
    pub install: Box<dyn FnOnce() + Send>,
}

/// Loads a part anew and puts nothing in force yet.
pub type Load = Box<dyn Fn() -> Result<Loaded, Error> + Send + Sync>;

/// The pages, and what they stand on.
pub struct KeyPages {
    parts: Vec<(&'static str, Load)>,
    record: Arc<Record>,
    clock: Clock,
    /// Number of reloads that were journaled.
    version: Mutex<u32>,
}

/// A reload as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Reload {
    /// What each part has loaded.
    Reloaded(Map<String, Value>),
    /// Nothing is different from before.
    Refused {
        /// The part that could not be loaded.
        part: String,
        /// Why.
        why: String,
    },
}

impl std::fmt::Debug for KeyPages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.parts.iter().map(|(name, _)| name)).finish()
    }
}

impl KeyPages {
    /// Pages that reload these parts, each under its name; `version` reloads were journaled in earlier lives.
    #[must_use]
    pub fn new(parts: Vec<(&'static str, Load)>, record: Arc<Record>, clock: Clock, version: u32) -> Self {
        Self { parts, record, clock, version: Mutex::new(version) }
    }

    /// The key of reloads in the registers.
    #[must_use]
    pub const fn setting_key() -> u32 {
        Space::Keys.first_key()
    }

    fn reload(&self, by: &str) -> Answer {
        let mut version = self.version.lock();
        let (mut notes, mut installs) = (Map::new(), Vec::with_capacity(self.parts.len()));
        for (name, load) in &self.parts {
            match load() {
                Ok(Loaded { note, install }) => {
                    notes.insert((*name).to_owned(), note);
                    installs.push(install);
                }
                Err(error) => return self.refuse(&mut version, by, name, &error),
            }
        }
        let made = self.journal(&mut version, by, Reload::Reloaded(notes));
        if made.is_ok() {
            installs.into_iter().for_each(|install| install());
        }
        Answer::change(made)
    }

    fn refuse(&self, version: &mut u32, by: &str, part: &str, error: &Error) -> Answer {
        tracing::error!(%by, %part, %error, "not reloaded, the old keys and certificates stay");
        let why = error.to_string().chars().take(WHY_CHARS_MAX).collect();
        match self.journal(version, by, Reload::Refused { part: part.to_owned(), why }) {
            Ok(_) => Answer::error(500, &format!("not reloaded, the old {part} stay: {error}")),
            Err(refusal) => Answer::error(503, &refusal.to_string()),
        }
    }

    fn journal(&self, version: &mut u32, by: &str, change: Reload) -> Result<Setting<Reload>, Refusal> {
        let slot = Slot { key: Self::setting_key(), version: *version }.next();
        let setting = Setting::new(slot, by, self.clock.now_micros(), change);
        (self.record)(setting.image()).map_err(Refusal::NotRecorded)?;
        *version = slot.version;
        Ok(setting)
    }
}

impl Pages for KeyPages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        (call.path == "/keys/reload").then(|| self.reload(&call.by))
    }
}
