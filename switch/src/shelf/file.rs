//! One shelf on the disk. Its file is opened for each question: months of shelves would need thousands of open files.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::contents::Contents;
use super::lookup::Lookup;
use super::page::{self, PAGE_BYTES, Place, Section};
use super::writer::{MAGIC, TRAILER_BYTES, VERSION};
use crate::domain::Payment;
use crate::domain::transaction::PAYMENT_BYTES;
use crate::error::{Error, Fault};

/// Pages of images that a walk reads at once: 1 MiB.
const PAGES_AT_ONCE: u64 = 64;

/// A shelf: where it is, and in short what is on it.
#[derive(Debug)]
pub struct Shelf {
    path: PathBuf,
    contents: Contents,
}

impl Shelf {
    /// Reads the contents of the shelf at `path`.
    ///
    /// # Errors
    /// A file that cannot be read; one that is no shelf, or not as it was written ([`Fault::Data`]).
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|error| Error::file("open the shelf", path, error))?;
        let read = |bytes: &mut [u8], at| file.read_exact_at(bytes, at).map_err(|error| unreadable(path, error));
        let length = file.metadata().map_err(|error| unreadable(path, error))?.len();
        let mut trailer = [0; TRAILER_BYTES];
        let trailer_at = length.checked_sub(TRAILER_BYTES as u64).ok_or_else(|| damaged(path, "it is too short"))?;
        read(&mut trailer, trailer_at)?;
        let field = |at: usize| {
            trailer.get(at..at + 4).and_then(|field| field.first_chunk()).map_or(0, |field| u32::from_le_bytes(*field))
        };
        if !trailer.starts_with(&MAGIC) {
            return Err(damaged(path, "it does not end as a shelf does"));
        }
        if field(8) != VERSION {
            return Err(damaged(path, "it is of another version"));
        }
        let contents_at = u64::from(field(24)) | u64::from(field(28)) << 32;
        let bytes = u64::from(field(12));
        if contents_at.checked_add(bytes) != Some(trailer_at) {
            return Err(damaged(path, "its contents are not where they should be"));
        }
        let mut contents = vec![0; bytes as usize];
        read(&mut contents, contents_at)?;
        if crc32c::crc32c(&contents) != field(16) {
            return Err(damaged(path, "its contents do not match their checksum"));
        }
        let contents =
            Contents::decode(&contents).map_err(|corrupt| damaged(path, "its contents").caused_by(corrupt))?;
        let pages = contents.image_pages + contents.key_pages() + contents.order_pages() + contents.came_back_pages();
        if pages.checked_mul(PAGE_BYTES as u64) != Some(contents_at) {
            return Err(damaged(path, "its pages are not as many as its contents say"));
        }
        Ok(Self { path: path.to_owned(), contents })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is on it.
    #[must_use]
    pub const fn contents(&self) -> &Contents {
        &self.contents
    }

    /// The payment with this key, if it is on it: two pages are read.
    ///
    /// # Errors
    /// A file that cannot be read, or is damaged.
    pub fn find(&self, key: u128) -> Result<Option<Payment>, Error> {
        Lookup::new(self, self.pages()?).find(key)
    }

    /// Shows those of `keys`, which rise, that are on it; a page is read once at most.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn find_all(&self, keys: &[u128], found: &mut dyn FnMut(usize, &Payment)) -> Result<(), Error> {
        let mut lookup = Lookup::new(self, self.pages()?);
        for (at, key) in keys.iter().enumerate() {
            if let Some(payment) = lookup.find(*key)? {
                found(at, &payment);
            }
        }
        Ok(())
    }

    /// The latest transaction of an institution's order on it: when it was accepted, and its key.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn find_order(&self, institution: u16, digest: u64) -> Result<Option<(u64, u128)>, Error> {
        Lookup::new(self, self.pages()?).find_order(u64::from(institution), digest)
    }

    /// Shows every payment whose key is `from` or behind it, by key, many at once, until `each` says that it has seen enough by an
    /// error or `false`.
    ///
    /// # Errors
    /// As [`find`](Self::find), and what `each` says.
    pub fn walk(&self, from: u128, each: &mut dyn FnMut(&[Payment]) -> Result<bool, Error>) -> Result<(), Error> {
        let mut lookup = Lookup::new(self, self.pages()?);
        let mut at = lookup.page_of(from)?.unwrap_or(0);
        let (mut bytes, mut payments) = (Vec::new(), Vec::new());
        while at < self.contents.image_pages {
            let pages = (self.contents.image_pages - at).min(PAGES_AT_ONCE);
            lookup.pages().read_run(at, pages, &mut bytes)?;
            payments.clear();
            for (number, page) in bytes.chunks_exact(PAGE_BYTES).enumerate() {
                self.decode_page(page, at + number as u64, &mut payments)?;
            }
            let skip = payments.partition_point(|payment| payment.trx_id < from);
            if !each(payments.get(skip..).unwrap_or_default())? {
                return Ok(());
            }
            at += pages;
        }
        Ok(())
    }

    /// Shows every payment on it that limits count, and that no older shelf has.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn walk_limited(&self, each: &mut dyn FnMut(&Payment)) -> Result<(), Error> {
        let came_back = Lookup::new(self, self.pages()?).came_back()?;
        self.walk(0, &mut |payments| {
            let limited = payments.iter().filter(|payment| !payment.layers.is_empty() && !payment.has_failed());
            limited.filter(|payment| !came_back.contains(&payment.trx_id)).for_each(&mut *each);
            Ok(true)
        })
    }

    fn decode_page(&self, page: &[u8], number: u64, payments: &mut Vec<Payment>) -> Result<(), Error> {
        let place = Place { run: self.contents.run, page: number };
        let records = page::records(Section::Images, page, place).ok_or_else(|| page_damaged(&self.path, number))?;
        let (images, _) = records.as_chunks::<PAYMENT_BYTES>();
        for image in images {
            payments.push(
                Payment::from_bytes(image).map_err(|corrupt| page_damaged(&self.path, number).caused_by(corrupt))?,
            );
        }
        Ok(())
    }

    fn pages(&self) -> Result<Pages<'_>, Error> {
        let file = File::open(&self.path).map_err(|error| Error::file("open the shelf", &self.path, error))?;
        Ok(Pages { path: &self.path, file, run: self.contents.run })
    }
}

/// The pages of one shelf's open file.
#[derive(Debug)]
pub(super) struct Pages<'s> {
    path: &'s Path,
    file: File,
    run: u64,
}

impl Pages<'_> {
    /// The records of one page, into `records`.
    pub(super) fn read(&self, section: Section, number: u64, records: &mut Vec<u8>) -> Result<(), Error> {
        let mut page = [0; PAGE_BYTES];
        self.read_at(&mut page, number)?;
        let place = Place { run: self.run, page: number };
        records.clear();
        records.extend_from_slice(page::records(section, &page, place).ok_or_else(|| page_damaged(self.path, number))?);
        Ok(())
    }

    fn read_run(&self, from: u64, pages: u64, bytes: &mut Vec<u8>) -> Result<(), Error> {
        bytes.resize(pages as usize * PAGE_BYTES, 0);
        self.read_at(bytes, from)
    }

    fn read_at(&self, bytes: &mut [u8], page: u64) -> Result<(), Error> {
        let read = self.file.read_exact_at(bytes, page * PAGE_BYTES as u64);
        read.map_err(|error| unreadable(self.path, error))
    }

    pub(super) fn damaged(&self, number: u64) -> Error {
        page_damaged(self.path, number)
    }
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::file("read the shelf", path, error)
}

fn page_damaged(path: &Path, number: u64) -> Error {
    damaged(path, &format!("page {number} does not match its checksum"))
}

fn damaged(path: &Path, what: &str) -> Error {
    Error::new(Fault::Data, format!("a shelf of payments is damaged: {what}"))
        .at(path.display().to_string())
        .remedy("restore the file from a copy: it holds payments that are nowhere else in the node's memory")
}
