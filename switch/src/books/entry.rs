//! A decision of the books as the journal keeps it: compact JSON with a version, readable by people in an inspection.
//!
//! ```text
//!  key u64: space u8 (top byte) | number (56 bits)        {"v":1,"at_us":...,"content":{...}}
//! ```

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::register::{BOOK_ENTRY_BYTES_MAX, BookEntry};
use crate::error::{Error, Fault};

/// The form that this version writes and reads.
const FORM: u32 = 1;
const SPACE_SHIFT: u32 = 56;

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Space {
    /// A batch, by `BatchName::as_u64`.
    Batch = 1,
    /// A clearing session, by day and window.
    Session = 2,
    /// An order to the large-value system.
    Order = 3,
    /// A booking on a reserve account.
    Reserve = 4,
    /// An accounting day.
    Day = 5,
    /// A difference that a person should look at.
    Case = 6,
    /// A participant's word on a batch's files.
    Agreement = 7,
    /// A clearing information file, or the file of interest, by day.
    Notice = 8,
}

impl Space {
    /// The key of its entry with this number, below 2^56.
    ///
    /// # Panics
    /// When the number is larger: its maker bounds it.
    #[must_use]
    pub const fn key(self, number: u64) -> u64 {
        assert!(number >> SPACE_SHIFT == 0, "numbers have 56 bits");
        (self as u64) << SPACE_SHIFT | number
    }

    /// All of its keys.
    #[must_use]
    pub const fn keys(self) -> std::ops::RangeInclusive<u64> {
        self.key(0)..=self.key((1 << SPACE_SHIFT) - 1)
    }

    /// The number in a key of any space.
    #[must_use]
    pub const fn number(key: u64) -> u64 {
        key & ((1 << SPACE_SHIFT) - 1)
    }
}

/// A decision, with its place and when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<C> {
    /// Its key, see [`Space::key`].
    pub key: u64,
    /// Number of changes, from 1.
    pub version: u32,
    /// When, unix microseconds.
    pub at_us: u64,
    /// What.
    pub content: C,
}

/// Bytes that are no entry of this version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry of the books: {0}")]
pub struct CorruptEntry(String);

impl From<CorruptEntry> for Error {
    fn from(corrupt: CorruptEntry) -> Self {
        Self::new(Fault::Data, "an entry of the books cannot be read or written")
            .remedy("run the version that wrote it")
            .caused_by(corrupt)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form<C> {
    v: u32,
    at_us: u64,
    content: C,
}

impl<C> Kept<C> {
    /// The first version of an entry.
    pub const fn new(space: Space, number: u64, at_us: u64, content: C) -> Self {
        Self { key: space.key(number), version: 1, at_us, content }
    }

    /// The entry with new content.
    #[must_use]
    pub fn next(&self, at_us: u64, content: C) -> Self {
        Self { key: self.key, version: self.version.saturating_add(1), at_us, content }
    }

    /// Its number within its space.
    #[must_use]
    pub const fn number(&self) -> u64 {
        Space::number(self.key)
    }
}

impl<C: Serialize> Kept<C> {
    /// For the journal.
    ///
    /// # Errors
    /// [`CorruptEntry`] when the content is too long, or cannot be written as JSON.
    pub fn entry(&self) -> Result<BookEntry, CorruptEntry> {
        let form = Form { v: FORM, at_us: self.at_us, content: &self.content };
        let bytes = serde_json::to_vec(&form).map_err(|error| CorruptEntry(error.to_string()))?;
        if bytes.len() > BOOK_ENTRY_BYTES_MAX {
            return Err(CorruptEntry(format!("{} bytes are more than {BOOK_ENTRY_BYTES_MAX}", bytes.len())));
        }
        Ok(BookEntry { key: self.key, version: self.version, bytes })
    }
}

impl<C: DeserializeOwned> Kept<C> {
    /// From the journal.
    ///
    /// # Errors
    /// [`CorruptEntry`] when the bytes are none of this version.
    pub fn read(entry: &BookEntry) -> Result<Self, CorruptEntry> {
        let form: Form<C> = serde_json::from_slice(&entry.bytes).map_err(|error| CorruptEntry(error.to_string()))?;
        if form.v != FORM {
            return Err(CorruptEntry(format!("form {} is not {FORM}", form.v)));
        }
        Ok(Self { key: entry.key, version: entry.version, at_us: form.at_us, content: form.content })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_reads_back() {
        let kept = Kept::new(Space::Order, 7, 11, vec!["made".to_owned()]).next(12, vec!["sent".to_owned()]);
        let entry = kept.entry().expect("short");
        assert_eq!((entry.version, Space::number(entry.key)), (2, 7));
        assert!(Space::Order.keys().contains(&entry.key) && !Space::Day.keys().contains(&entry.key));
        assert_eq!(Kept::read(&entry), Ok(kept.clone()));
        assert!(Kept::<u64>::read(&entry).is_err());
        let long = Kept::new(Space::Order, 7, 11, "x".repeat(BOOK_ENTRY_BYTES_MAX));
        assert!(long.entry().is_err());
    }
}
