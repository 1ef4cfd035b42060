//! Changes of the registers that no transaction brings: the import of existing agreements, and the console.
//!
//! ```text
//!   line of a file --import--> images --record--> journal (a register entry), then the registers, under the entry's lock
//! ```
//!
//! Invariant: an image is put only when its entry is in the journal's open group, so that what is built on it comes later in
//! the journal; nobody is told "done" before [`Registrar::flush`]. Called by the admin pages and by the command line.

mod history;
mod import;
mod line;

pub use history::{Entry, History};
pub use import::{Fate, Import, Imported, LINE_BYTES_MAX, Sender, import_lines};
pub use line::{LineFault, Names, Reading};

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use crate::domain::record::encode_registers;
use crate::domain::register::{BookEntry, Image, Key, Setting};
use crate::error::{Error, Fault};
use crate::journal::{AppendError, Journal, Work};
use crate::registers::{Guard, Registers};

/// Writes images into the journal and puts them into the registers.
pub struct Registrar {
    registers: Arc<Registers>,
    journal: Arc<Journal>,
    /// Bytes appended since the last flush.
    waiting_bytes: Mutex<u64>,
}

/// The right to make one change; changes of the registrar are made one after the other, so that what is read before one still
/// holds when it is recorded, unless a transaction changes it.
#[derive(Debug)]
pub struct Turn<'r> {
    registrar: &'r Registrar,
    waiting_bytes: MutexGuard<'r, u64>,
}

impl fmt::Debug for Registrar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registrar").field("waiting_bytes", &self.waiting_bytes).finish_non_exhaustive()
    }
}

impl Registrar {
    /// For these registers, restored from this journal.
    #[must_use]
    pub fn new(registers: Arc<Registers>, journal: Arc<Journal>) -> Self {
        Self { registers, journal, waiting_bytes: Mutex::new(0) }
    }

    /// The registers.
    #[must_use]
    pub fn registers(&self) -> &Registers {
        &self.registers
    }

    /// Waits for one's turn, and for the disk when much waits for it: here, while nobody is kept from paying.
    ///
    /// # Errors
    /// When the journal has stopped.
    pub fn turn(&self) -> Result<Turn<'_>, Error> {
        let mut waiting_bytes = self.waiting_bytes.lock();
        if *waiting_bytes > WAITING_BYTES_MAX {
            self.flush()?;
            *waiting_bytes = 0;
        }
        Ok(Turn { registrar: self, waiting_bytes })
    }

    /// Records settings, which no transaction changes, in one entry, and returns when they are durable.
    ///
    /// # Errors
    /// When the journal takes no more, or has stopped; the registers are then as they were.
    pub fn record_settings(&self, at_us: u64, settings: Vec<Setting>) -> Result<(), Error> {
        self.record_images(at_us, settings.into_iter().map(Image::Setting).collect())
    }

    /// Records entries of the books, which no transaction changes, in one entry of the journal, all or none, and returns when they
    /// are durable. Each must be the next version of what is known: console and keeper may decide about the same one at once.
    ///
    /// # Errors
    /// One of them was changed meanwhile; the journal takes no more, or has stopped; the registers are then as they were.
    pub fn record_books(&self, at_us: u64, entries: Vec<BookEntry>) -> Result<(), Error> {
        self.record_images(at_us, entries.into_iter().map(Image::Book).collect())
    }

    /// To be called in one's turn.
    fn check_versions(&self, images: &[Image]) -> Result<(), Error> {
        let mut versions = HashMap::new();
        for entry in images.iter().filter_map(|image| if let Image::Book(entry) = image { Some(entry) } else { None }) {
            let known = || self.registers.book_entry(entry.key).map_or(0, |known| known.version);
            let version = versions.entry(entry.key).or_insert_with(known);
            if entry.version != *version + 1 {
                return Err(Error::new(Fault::Caller, "this entry of the books was changed meanwhile")
                    .remedy("look at it again, then say it again"));
            }
            *version = entry.version;
        }
        Ok(())
    }

    fn record_images(&self, at_us: u64, images: Vec<Image>) -> Result<(), Error> {
        let mut turn = self.turn()?;
        self.check_versions(&images)?;
        turn.append(at_us, &images)?;
        images.iter().for_each(|image| {
            self.registers.apply(image);
        });
        drop(turn);
        self.flush()
    }

    /// Waits until everything recorded is durable.
    ///
    /// # Errors
    /// When the journal has stopped.
    pub fn flush(&self) -> Result<(), Error> {
        self.journal.flush().map_err(stopped)
    }
}

impl Turn<'_> {
    /// Asks `decide` for images, with the image of `key` as it is and under its lock, and records what it wants: one entry of the
    /// journal, durable after [`Registrar::flush`]. Returns how many images there were. The image of `key`, if it is among them,
    /// must be its next version; of the others, those without a key are put when they are newer.
    ///
    /// # Errors
    /// What `decide` says; or the journal takes no more.
    pub fn record<E: From<Error>>(
        mut self,
        at_us: u64,
        key: &Key,
        decide: impl FnOnce(Option<&Image>) -> Result<Vec<Image>, E>,
    ) -> Result<usize, E> {
        let guard = self.registrar.registers.lock(key);
        let images = decide(guard.image().as_ref())?;
        if images.is_empty() {
            return Ok(0);
        }
        self.append(at_us, &images)?;
        Ok(self.put(guard, key, images))
    }

    fn append(&mut self, at_us: u64, images: &[Image]) -> Result<(), Error> {
        let (mut head, mut body) = (Vec::new(), Vec::new());
        encode_registers(at_us, &mut head);
        images.iter().for_each(|image| image.encode(&mut body));
        self.registrar.journal.append(Work::New, &[&head, &body]).map_err(refused)?;
        *self.waiting_bytes += (head.len() + body.len()) as u64;
        Ok(())
    }

    /// Puts the image of the guard's key under the guard, the others without it.
    fn put(&self, mut guard: Guard<'_>, key: &Key, images: Vec<Image>) -> usize {
        let count = images.len();
        let (own, others): (Vec<_>, Vec<_>) = images.into_iter().partition(|image| image.key().as_ref() == Some(key));
        own.into_iter().for_each(|image| guard.put(image));
        drop(guard);
        others.iter().for_each(|image| {
            self.registrar.registers.apply(image);
        });
        count
    }
}

fn refused(error: AppendError) -> Error {
    match error {
        AppendError::Full => Error::new(Fault::Environment, "the journal has no room")
            .remedy("wait, or make room on the disk, and do it again"),
        AppendError::Poisoned | AppendError::TooLarge => Error::new(Fault::Stopped, error.to_string()).caused_by(error),
    }
}

/// What may wait for the disk before the next change waits with it.
const WAITING_BYTES_MAX: u64 = 1 << 20;

fn stopped(error: crate::journal::Error) -> Error {
    Error::new(Fault::Stopped, "the journal has stopped").caused_by(error)
}

#[cfg(test)]
mod tests;
