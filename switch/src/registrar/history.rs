//! Who changed what and when, of all areas: the newest changes, whole, over restarts.
//!
//! A register keeps the last setting of each key. What was before it stands in the journal, but nobody walks a journal to
//! answer an operator. So each change is recorded twice in one entry: as the setting that it is, and as a copy in one of
//! [`KEPT_MAX`] places that are used in turn.
//!
//! An operator's change of a register is no setting; of it there is the copy alone, beside the register's image.
//!
//! Invariant: a change and its copy are durable together or not at all. Lock order: the history, then the registrar's turn.

use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Registrar;
use crate::domain::register::{BookEntry, Image, Setting};
use crate::error::Error;
use crate::settings::{self, Space};

/// Changes that are kept; the oldest one makes room for the next.
const KEPT_MAX: u64 = 1_024;
/// A copy holds what was changed up to so many bytes; of more it says how many and their digest.
const CHANGE_BYTES_MAX: usize = 2_048;

/// The newest changes, and the way by which every change of an operator becomes durable.
pub struct History {
    registrar: Arc<Registrar>,
    /// Number of changes ever copied.
    count: Mutex<u64>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its number among all changes; none for one that was made before changes were numbered.
    pub number: Option<u64>,
    /// The area: [`Space::name`].
    pub space: &'static str,
    /// When, unix microseconds.
    pub at_us: u64,
    /// Who.
    pub by: String,
    /// What, as its area journals it.
    pub change: Value,
}

/// A copy as the journal keeps it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Copied {
    number: u64,
    key: u32,
    version: u32,
    at_us: u64,
    by: String,
    change: Value,
}

/// A setting of any area.
type AnySetting = settings::Setting<Value>;

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("History").field("count", &self.count).finish_non_exhaustive()
    }
}

impl History {
    /// Goes on where the registers, restored, have stopped.
    #[must_use]
    pub fn new(registrar: Arc<Registrar>) -> Self {
        let count = copies(&registrar).map(|copied| copied.number.saturating_add(1)).max().unwrap_or(0);
        Self { registrar, count: Mutex::new(count) }
    }

    /// Records a setting and its copy, and returns when both are durable.
    ///
    /// # Errors
    /// When the journal takes no more, or has stopped; nothing is changed then.
    pub fn record(&self, at_us: u64, setting: Setting) -> Result<(), Error> {
        let mut count = self.count.lock();
        let copy = copy_of(*count, &setting);
        self.registrar.record_settings(at_us, [Some(setting), copy].into_iter().flatten().collect())?;
        *count = count.saturating_add(1);
        Ok(())
    }

    /// Has `make` make a change of a register and record the copy with it, in one entry of the journal.
    ///
    /// # Errors
    /// What `make` says; nothing is to be recorded then.
    pub fn note<E>(
        &self,
        at_us: u64,
        by: &str,
        change: Value,
        make: impl FnOnce(Setting) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut count = self.count.lock();
        let slot = settings::Slot { key: Space::Registers.first_key(), version: 0 };
        if let Some(copy) = copy_of(*count, &AnySetting::new(slot, by, at_us, change).image()) {
            make(copy)?;
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    /// Records what an operator has decided about the books, with the copy, in one entry of the journal.
    ///
    /// # Errors
    /// As [`Registrar::record_books`].
    pub fn record_books(&self, at_us: u64, by: &str, change: Value, entries: Vec<BookEntry>) -> Result<(), Error> {
        let mut count = self.count.lock();
        let slot = settings::Slot { key: Space::Books.first_key(), version: 0 };
        let copy = copy_of(*count, &AnySetting::new(slot, by, at_us, change).image()).map(Image::Setting);
        self.registrar.record_images(at_us, entries.into_iter().map(Image::Book).chain(copy).collect())?;
        *count = count.saturating_add(1);
        Ok(())
    }

    /// The changes, newest first; beside them the last change of what was never changed since changes are copied.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let copies: Vec<_> = copies(&self.registrar).collect();
        let of_before = self.registrar.registers().settings().into_iter().filter(|setting| {
            let known = |copied: &Copied| (copied.key, copied.version) == (setting.key, setting.version);
            !copies.iter().any(known)
        });
        let of_before: Vec<_> = of_before.filter_map(|setting| entry_of(None, &setting.bytes, setting.key)).collect();
        let copied = copies.into_iter().filter_map(|copied| {
            let Copied { number, key, at_us, by, change, .. } = copied;
            Some(Entry { number: Some(number), space: Space::of(key)?.name(), at_us, by, change })
        });
        let mut entries: Vec<_> = copied.chain(of_before).collect();
        entries.sort_by_key(|entry| std::cmp::Reverse((entry.number, entry.at_us)));
        entries
    }
}

fn copies(registrar: &Registrar) -> impl Iterator<Item = Copied> {
    let all = registrar.registers().settings().into_iter();
    all.filter(|setting| Space::of(setting.key) == Some(Space::History))
        .filter_map(|setting| serde_json::from_slice(&setting.bytes).ok())
}

fn entry_of(number: Option<u64>, bytes: &[u8], key: u32) -> Option<Entry> {
    let space = Space::of(key).filter(|space| *space != Space::History)?;
    let AnySetting { at_us, by, change, .. } = AnySetting::decode(bytes).ok()?;
    Some(Entry { number, space: space.name(), at_us, by, change })
}

/// The copy of a setting in the place of change `number`; none of bytes that nobody can read.
fn copy_of(number: u64, setting: &Setting) -> Option<Setting> {
    let AnySetting { at_us, by, change, .. } = AnySetting::decode(&setting.bytes).ok()?;
    let text = change.to_string();
    let change = if text.len() > CHANGE_BYTES_MAX {
        let digest: String =
            clearway_crypto::sha256(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        json!({ "bytes": text.len(), "sha256": digest })
    } else {
        change
    };
    let copied = Copied { number, key: setting.key, version: setting.version, at_us, by, change };
    let place = u32::try_from(number % KEPT_MAX).ok()?;
    Some(Setting {
        key: Space::History.key(place)?,
        version: u32::try_from(number / KEPT_MAX + 1).ok()?,
        bytes: serde_json::to_vec(&copied).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Journal, Options};
    use crate::registers::Registers;
    use crate::settings::Slot;

    fn setting(space: Space, number: u32, version: u32, change: Value) -> Setting {
        let slot = Slot { key: space.key(number).unwrap(), version };
        AnySetting::new(slot, "li", u64::from(version), change).image()
    }

    fn registrar(dir: &std::path::Path) -> Arc<Registrar> {
        let options = Options { segment_bytes: 8 << 20, reserve_bytes: 1 << 20, ..Options::new(dir) };
        Arc::new(Registrar::new(Arc::new(Registers::new(1_000)), Arc::new(Journal::open(options).unwrap().0)))
    }

    #[test]
    fn every_change_is_there_newest_first_and_the_oldest_make_room() {
        let dir = tempfile::tempdir().unwrap();
        let registrar = registrar(dir.path());
        assert!(registrar.registers().apply(&Image::Setting(setting(Space::Admission, 9, 1, json!("of before")))));
        let history = History::new(Arc::clone(&registrar));
        for version in 1..=3 {
            history.record(7, setting(Space::Links, 0, version, json!({ "drain": version }))).unwrap();
        }
        let shown: Vec<_> = history.entries().into_iter().map(|one| (one.number, one.space, one.change)).collect();
        assert_eq!(
            shown,
            [
                (Some(2), "links", json!({ "drain": 3 })),
                (Some(1), "links", json!({ "drain": 2 })),
                (Some(0), "links", json!({ "drain": 1 })),
                (None, "admission", json!("of before")),
            ]
        );
        let again = History::new(Arc::clone(&registrar));
        again.record(7, setting(Space::Admission, 9, 2, json!("x".repeat(5_000)))).unwrap();
        let entries = again.entries();
        assert_eq!((entries.len(), entries[0].number), (4, Some(3)));
        assert_eq!(entries[0].change["bytes"], json!(5_002), "{:?}", entries[0]);
    }

    #[test]
    fn places_are_used_in_turn() {
        let one = setting(Space::Routes, 1, 1, json!(1));
        let place = |number| copy_of(number, &one).map(|copy| (copy.key & 0xff_ffff, copy.version)).unwrap();
        assert_eq!([place(0), place(1_023), place(1_024), place(2_049)], [(0, 1), (1_023, 1), (0, 2), (1, 3)]);
        assert!(copy_of(0, &Setting { key: 1, version: 1, bytes: b"no JSON".to_vec() }).is_none());
    }
}
