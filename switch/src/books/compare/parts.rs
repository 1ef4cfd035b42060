//! Rows of one side, spread over files by transaction, so that what belongs together lies together and fits into memory.
//!
//! ```text
//!  FOLDER/ours-00 ... ours-63     rows of 24 bytes, in the order in which they came
//! ```

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::domain::statement::compare::ComparedRow;
use crate::error::{Error, Fault};

/// Parts of a side.
pub(super) const PARTS: usize = 64;
/// Most rows of one part: files whose rows differ stay far below it.
const PART_ROWS_MAX: u64 = 4_000_000;
/// Most rows of one side that a comparison takes.
pub const ROWS_MAX: u64 = PART_ROWS_MAX * PARTS as u64 / 2;
const WRITER_BYTES: usize = 64 << 10;
/// What reading both sides takes at most: a window of zstd each, and buffers.
const READER_BYTES_MAX: u64 = 2 * (128 << 20) + (64 << 20);
/// What a comparison keeps in memory at most: readers and buffers of both sides, one part of each and a copy of one transaction's rows.
pub const MEMORY_BYTES_MAX: u64 =
    4 * PART_ROWS_MAX * ComparedRow::BYTES as u64 + (2 * PARTS * WRITER_BYTES) as u64 + READER_BYTES_MAX;
const _: () = assert!(MEMORY_BYTES_MAX < 1 << 30);

/// One side being spread.
#[derive(Debug)]
pub(super) struct Spread {
    folder: PathBuf,
    side: &'static str,
    writers: Vec<BufWriter<File>>,
    counts: Vec<u64>,
}

impl Spread {
    pub(super) fn create(folder: &Path, side: &'static str) -> Result<Self, Error> {
        let create = |part| {
            let path = path_of(folder, side, part);
            let file = File::create(&path).map_err(|error| Error::file("make", &path, error))?;
            Ok(BufWriter::with_capacity(WRITER_BYTES, file))
        };
        let writers = (0..PARTS).map(create).collect::<Result<_, Error>>()?;
        Ok(Self { folder: folder.to_owned(), side, writers, counts: vec![0; PARTS] })
    }

    pub(super) fn add(&mut self, row: ComparedRow) -> Result<(), Error> {
        let part = row.part(PARTS);
        self.counts[part] += 1;
        if self.counts[part] > PART_ROWS_MAX {
            return Err(Error::new(Fault::Data, format!("more rows than can be compared ({ROWS_MAX})"))
                .at(self.side)
                .remedy("compare batch by batch; a file that repeats its transactions is refused"));
        }
        let written = self.writers[part].write_all(&row.to_bytes());
        written.map_err(|error| Error::file("write", &path_of(&self.folder, self.side, part), error))
    }

    pub(super) fn finish(self) -> Result<Parts, Error> {
        for (part, mut writer) in self.writers.into_iter().enumerate() {
            let path = path_of(&self.folder, self.side, part);
            writer.flush().map_err(|error| Error::file("write", &path, error))?;
        }
        Ok(Parts { folder: self.folder, side: self.side, counts: self.counts })
    }
}

/// One side, spread.
#[derive(Debug)]
pub(super) struct Parts {
    folder: PathBuf,
    side: &'static str,
    counts: Vec<u64>,
}

impl Parts {
    pub(super) fn rows(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Reads a part into `rows`, sorted, and removes its file.
    pub(super) fn take(&self, part: usize, rows: &mut Vec<ComparedRow>) -> Result<(), Error> {
        let path = path_of(&self.folder, self.side, part);
        let failed = |error| Error::file("read", &path, error);
        let mut reader = BufReader::with_capacity(WRITER_BYTES, File::open(&path).map_err(failed)?);
        rows.clear();
        let mut bytes = [0; ComparedRow::BYTES];
        for _ in 0..self.counts[part] {
            reader.read_exact(&mut bytes).map_err(failed)?;
            rows.push(ComparedRow::from_bytes(&bytes));
        }
        rows.sort_unstable();
        fs::remove_file(&path).map_err(failed)
    }
}

fn path_of(folder: &Path, side: &str, part: usize) -> PathBuf {
    folder.join(format!("{side}-{part:02}"))
}

/// A folder that goes away with its files, however the comparison ends.
#[derive(Debug)]
pub(super) struct ScratchFolder(PathBuf);

impl ScratchFolder {
    /// Makes it anew: what an interrupted comparison left is removed.
    pub(super) fn create(path: PathBuf) -> Result<Self, Error> {
        if path.exists() {
            fs::remove_dir_all(&path).map_err(|error| Error::file("empty", &path, error))?;
        }
        fs::create_dir_all(&path).map_err(|error| Error::file("make", &path, error))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        // What cannot be removed is removed by the next comparison of the same batch.
        let _ = fs::remove_dir_all(&self.0);
    }
}
