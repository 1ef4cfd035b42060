//! Lines in, one file out.
//!
//! ```text
//!  caller: source --> Rows --1 group--> thread: columns of the group, encoded by so many threads --> file, in order
//! ```

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use bytes::Bytes;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;

use super::digested::Digested;
use super::layout::{self, failed};
use super::rows::{Column, Encoded, Names, Rows};
use crate::books::{Draft, LineSource, Progress, Steps};
use crate::domain::clearing::{BatchName, add_fen};
use crate::error::{Error, Fault};

/// Groups of rows that wait to be encoded.
const WAITING_MAX: usize = 1;

/// What is to be written, and how.
pub struct Writing<'a> {
    /// The root of the archive: `archive` in the folder of the books.
    pub dir: &'a Path,
    /// The batch.
    pub batch: BatchName,
    /// Whether the batch is not sealed, so that the file may lack payments; the file says so.
    pub provisional: bool,
    /// Ids of participants by their index.
    pub name_of: &'a dyn Fn(u16) -> String,
    /// Threads that encode, beside the one that reads the lines; 1 to 64.
    pub threads: usize,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Lines in it.
    pub rows: u64,
    /// The sum of their amounts where money moved (00 and 03), fen.
    pub moved_fen: u64,
    /// The digest of the file, `sha256:` and 64 hexadecimal digits.
    pub digest: String,
}

/// Where the file of a batch is, under the root of the archive.
#[must_use]
pub fn path_of(dir: &Path, batch: BatchName) -> PathBuf {
    let (year, month, day) = batch.date().to_ymd();
    dir.join(format!("day={year:04}-{month:02}-{day:02}")).join(format!("batch={batch}")).join("part-0.parquet")
}

/// Writes the file of a batch, in place of one that is there.
///
/// # Errors
/// What the source says; the disk's. There is no new file then.
pub fn write(
    source: &dyn LineSource,
    writing: &Writing<'_>,
    progress: &dyn Progress,
    steps: &dyn Steps,
) -> Result<Archived, Error> {
    let path = path_of(writing.dir, writing.batch);
    let file = File::create(&path, writing)?;
    let (groups, waiting) = sync_channel(WAITING_MAX);
    let (counted, (draft, bytes, digest)) = std::thread::scope(|scope| {
        let encoder = scope.spawn(move || file.run(&waiting));
        let counted = fill(source, writing, progress, &groups);
        drop(groups);
        let written = encoder.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // Where the file failed, that is the reason, and not that nobody takes groups any more.
        written.and_then(|digested| Ok((counted?, digested.finish())))
    })?;
    draft.finish(steps)?;
    Ok(Archived { path, bytes, rows: counted.rows, moved_fen: counted.moved_fen, digest })
}

#[derive(Default)]
struct Counted {
    rows: u64,
    moved_fen: u64,
}

/// Makes groups of rows of all lines.
fn fill(
    source: &dyn LineSource,
    writing: &Writing<'_>,
    progress: &dyn Progress,
    groups: &SyncSender<Rows>,
) -> Result<Counted, Error> {
    let name = ByteArray::from(writing.batch.to_string().into_bytes());
    let mut names = Names::new(writing.name_of);
    let mut counted = Counted::default();
    let mut rows = Rows::default();
    let send = |rows: &mut Rows| {
        let gone = |_| Error::new(Fault::Environment, "the archive cannot be written");
        groups.send(std::mem::take(rows)).map_err(gone)
    };
    source.for_each(writing.batch, progress, &mut |line| {
        rows.push(line, &name, &mut names)?;
        counted.rows += 1;
        if matches!(line.status.code(), "00" | "03") {
            counted.moved_fen = add_fen(counted.moved_fen, line.amount_fen);
        }
        if rows.is_full() { send(&mut rows) } else { Ok(()) }
    })?;
    if !rows.is_empty() {
        send(&mut rows)?;
    }
    Ok(counted)
}

/// The file while it is written.
struct File {
    writer: SerializedFileWriter<Digested>,
    threads: usize,
}

impl File {
    fn create(path: &Path, writing: &Writing<'_>) -> Result<Self, Error> {
        let properties = layout::properties(writing.batch, writing.provisional)?;
        let draft = Digested::new(Draft::create(path)?);
        let writer = layout::schema().and_then(|schema| SerializedFileWriter::new(draft, schema, properties));
        let writer = writer.map_err(|error| failed("the archive cannot be written", error))?;
        Ok(Self { writer, threads: writing.threads.clamp(1, 64) })
    }

    /// Writes all groups, and what stands behind them.
    fn run(mut self, groups: &Receiver<Rows>) -> Result<Digested, Error> {
        let cannot = |error| failed("the archive cannot be written", error);
        while let Ok(rows) = groups.recv() {
            self.group(rows).map_err(cannot)?;
        }
        self.writer.into_inner().map_err(cannot)
    }

    fn group(&mut self, rows: Rows) -> Result<(), ParquetError> {
        let encoded = self.encode(rows)?;
        let mut group = self.writer.next_row_group()?;
        for (bytes, closed) in encoded {
            group.append_column::<Bytes>(&bytes, closed)?;
        }
        group.close().map(|_| ())
    }

    /// Each thread takes every n-th column.
    fn encode(&self, rows: Rows) -> Result<Vec<Encoded>, ParquetError> {
        let schema = self.writer.schema_descr();
        let properties = self.writer.properties();
        let mut parts: Vec<Vec<(usize, Column)>> = (0..self.threads).map(|_| Vec::new()).collect();
        for (at, column) in rows.into_columns().into_iter().enumerate() {
            parts[at % self.threads].push((at, column));
        }
        let one =
            |(at, column): (usize, Column)| column.encode(schema.column(at), properties.clone()).map(|made| (at, made));
        let part = |part: Vec<(usize, Column)>| part.into_iter().map(one).collect::<Result<Vec<_>, _>>();
        let mut made = std::thread::scope(|scope| {
            let last = parts.pop().unwrap_or_default();
            let others: Vec<_> = parts.into_iter().map(|columns| scope.spawn(|| part(columns))).collect();
            let mut made = part(last)?;
            for other in others {
                made.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok::<_, ParquetError>(made)
        })?;
        made.sort_unstable_by_key(|(at, _)| *at);
        Ok(made.into_iter().map(|(_, encoded)| encoded).collect())
    }
}
