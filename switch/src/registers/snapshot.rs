//! Fuzzy snapshots, as the table's: copied a chunk at a time while changes go on, completed by the journal.
//!
//! ```text
//!   chunk   images, one after the other, as in a record
//! ```
//!
//! Invariants: rows never move, and a map is walked by its keys, so a cursor misses nothing that was there when the copy
//! began; what came later is in the journal. A chunk may hold a change whose record is not durable yet: **the checkpoint counts
//! only when everything appended before its end is durable**. Called by the checkpoint, and by recovery (`load`).

use std::ops::Bound;

use super::Registers;
use super::column::{Column, Row};
use super::shard::Shard;
use crate::domain::agreement::Agreement;
use crate::domain::register::Image;
use crate::domain::transaction::Corrupt;

/// A chunk ends when it is about as long as this.
const CHUNK_BYTES: usize = 16 * 1024;

/// How far a snapshot has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    part: Part,
    shard: usize,
    row: usize,
    after: Option<u128>,
    after_entry: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Agreements,
    Mandates,
    Aliases,
    Sharings,
    Cases,
    Settings,
    Books,
}

/// Why a chunk of a snapshot cannot be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The bytes are no images.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
}

impl Registers {
    /// Appends the next images to `out`, about 16 KiB (one setting may be longer), under one lock for microseconds. Returns where
    /// to go on, or `None` when everything has been copied. Begins at `Cursor::default()`. A chunk may be empty.
    pub fn snapshot(&self, cursor: Cursor, out: &mut Vec<u8>) -> Option<Cursor> {
        match cursor.part {
            Part::Agreements => self.copy_rows(cursor, Part::Mandates, |shard, row| {
                let run = shard.packed().run(row);
                run.iter().filter_map(|packed| Agreement::from_bytes(&packed.0).ok()).for_each(|agreement| {
                    Image::Agreement(agreement).encode(out);
                });
                run.len()
            }),
            Part::Mandates => self.copy_rows(cursor, Part::Aliases, |shard, row| {
                copy(&shard.mandates, row, out, |mandate| Image::Mandate(*mandate))
            }),
            Part::Aliases => self.copy_rows(cursor, Part::Sharings, |shard, row| {
                copy(&shard.aliases, row, out, |alias| Image::Alias(*alias))
            }),
            Part::Sharings => self.copy_rows(cursor, Part::Cases, |shard, row| {
                copy(&shard.sharings, row, out, |sharing| Image::Sharing(sharing.clone()))
            }),
            Part::Cases => Some(self.copy_cases(cursor, out)),
            Part::Settings => {
                self.settings.lock().values().for_each(|setting| Image::Setting(setting.clone()).encode(out));
                Some(Cursor { part: Part::Books, ..Cursor::default() })
            }
            Part::Books => self.copy_books(cursor, out),
        }
    }

    /// Copies one run of rows; then `next` follows when no shard is left.
    fn copy_rows(&self, cursor: Cursor, next: Part, copy: impl FnOnce(&Shard, usize) -> usize) -> Option<Cursor> {
        let Some(shard) = self.shards.get(cursor.shard) else {
            return Some(Cursor { part: next, ..Cursor::default() });
        };
        let copied = copy(&shard.0.lock(), cursor.row);
        Some(match copied {
            0 => Cursor { shard: cursor.shard + 1, row: 0, ..cursor },
            _ => Cursor { row: cursor.row + copied, ..cursor },
        })
    }

    fn copy_cases(&self, cursor: Cursor, out: &mut Vec<u8>) -> Cursor {
        let end = out.len() + CHUNK_BYTES;
        for case in self.cases.lock().behind(cursor.after) {
            Image::Case(case.clone()).encode(out);
            if out.len() >= end {
                return Cursor { after: Some(case.trx_key), ..cursor };
            }
        }
        Cursor { part: Part::Settings, ..Cursor::default() }
    }

    fn copy_books(&self, cursor: Cursor, out: &mut Vec<u8>) -> Option<Cursor> {
        let end = out.len() + CHUNK_BYTES;
        let from = cursor.after_entry.map_or(Bound::Unbounded, Bound::Excluded);
        for (key, entry) in self.books.lock().range((from, Bound::Unbounded)) {
            Image::Book(entry.clone()).encode(out);
            if out.len() >= end {
                return Some(Cursor { after_entry: Some(*key), ..cursor });
            }
        }
        None
    }

    /// Applies the images of one chunk; how many they were.
    ///
    /// # Errors
    /// [`LoadError`] when the bytes are no chunk. The registers are then of no use.
    pub fn load(&self, mut chunk: &[u8]) -> Result<usize, LoadError> {
        let mut images = 0;
        while !chunk.is_empty() {
            let (image, length) = Image::decode(chunk)?;
            self.apply(&image);
            chunk = &chunk[length..];
            images += 1;
        }
        Ok(images)
    }
}

fn copy<T: Row>(column: &Column<T>, row: usize, out: &mut Vec<u8>, image: impl Fn(&T) -> Image) -> usize {
    let run = column.rows().run(row);
    run.iter().for_each(|one| image(one).encode(out));
    run.len()
}
