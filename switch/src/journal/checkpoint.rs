//! Checkpoints: the state at a position, so that replay need not start at the beginning.
//!
//! ```text
//! 00000000000067108864.checkpoint      named after the position from which replay goes on
//! 00000000000067108864.writing         being written; synced, then renamed
//!
//!    0  magic "CWCHKPNT" 8 | version 4 | zero 4 | position 8 | zero ... | crc 4 (CRC32C over bytes 0..4092)
//! 4096  block: length 4 | crc 4 (CRC32C over payload, length, number of the block 8, position 8) | payload
//!       block ...
//!       end:   length 0xffff_ffff | crc 4 (over the same, with the number of blocks as its number, no payload)
//!       zeros up to a multiple of 4096
//! ```
//!
//! Invariant: a file named `.checkpoint` was whole and synced before it got that name. The one before is kept: if the newest
//! turns out damaged, the one before it and a longer replay do. What is in the blocks is the caller's.

use std::path::Path;
use std::sync::Arc;

use super::aligned::AlignedBuffer;
use super::checksum;
use super::directory::Directory;
use super::error::Error;
use super::frame::{BLOCK_BYTES, FORMAT_VERSION};
use super::position::Position;
use super::storage::{Storage, StoredFile};

/// Longest block, in bytes.
pub const CHECKPOINT_BLOCK_BYTES_MAX: usize = 64 << 20;
/// Checkpoints that are kept.
const KEPT: usize = 2;

const MAGIC: [u8; 8] = *b"CWCHKPNT";
const CRC_AT: usize = BLOCK_BYTES - 4;
const BLOCK_HEADER_BYTES: usize = 8;
const WRITING: &str = ".writing";
const END: u32 = u32::MAX;
const BUFFER_BYTES: usize = 1 << 20;

fn checkpoint_name(position: Position) -> String {
    format!("{:020}.checkpoint", position.0)
}

fn writing_name(position: Position) -> String {
    format!("{:020}{WRITING}", position.0)
}

fn position_of(name: &str) -> Option<Position> {
    let digits = name.strip_suffix(".checkpoint")?;
    (digits.len() == 20).then(|| digits.parse().ok()).flatten().map(Position)
}

fn block_crc(payload: &[u8], length: u32, number: u64, position: Position) -> u32 {
    let mut place = [0; 20];
    place[0..4].copy_from_slice(&length.to_le_bytes());
    place[4..12].copy_from_slice(&number.to_le_bytes());
    place[12..20].copy_from_slice(&position.0.to_le_bytes());
    checksum::extend(checksum::crc(payload), &place)
}

/// Positions of the checkpoints on `storage`, the newest first.
fn positions(storage: &dyn Storage) -> Result<Vec<Position>, Error> {
    let names = storage.list().map_err(Error::io("list", "."))?;
    let mut positions: Vec<Position> = names.iter().filter_map(|name| position_of(name)).collect();
    positions.sort_unstable_by(|a, b| b.cmp(a));
    Ok(positions)
}

/// The position of the oldest checkpoint that is kept in `dir`, if there is one: the journal is needed from there on, for the case that
/// the newer one turns out damaged.
///
/// # Errors
/// [`Error::Io`].
pub fn oldest_kept(dir: &Path) -> Result<Option<Position>, Error> {
    Ok(positions(&Directory::read_only(dir))?.into_iter().take(KEPT).next_back())
}

/// Writes one checkpoint. Dropped unfinished it leaves nothing.
pub struct Writer {
    storage: Arc<dyn Storage>,
    file: Arc<dyn StoredFile>,
    position: Position,
    buffer: AlignedBuffer,
    used: usize,
    offset: u64,
    blocks: u64,
    is_finished: bool,
}

impl Writer {
    /// Begins the checkpoint from which replay goes on at `position`. One writer at a time.
    /// ([`Journal::checkpoint_position`](super::Journal::checkpoint_position)).
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn create(dir: &Path, position: Position) -> Result<Self, Error> {
        Self::create_with(Arc::new(Directory::open(dir)?), position)
    }

    /// [`Writer::create`] on another disk than the system's.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn create_with(storage: Arc<dyn Storage>, position: Position) -> Result<Self, Error> {
        for name in storage.list().map_err(Error::io("list", "."))? {
            // What a crash left over. There is one writer at a time.
            if name.ends_with(WRITING) {
                storage.remove(&name).map_err(Error::io("remove", &name))?;
            }
        }
        let name = writing_name(position);
        let file = storage.create(&name).map_err(Error::io("create", &name))?;
        let mut buffer = AlignedBuffer::new(BUFFER_BYTES);
        buffer[0..8].copy_from_slice(&MAGIC);
        buffer[8..12].copy_from_slice(&u32::from(FORMAT_VERSION).to_le_bytes());
        buffer[16..24].copy_from_slice(&position.0.to_le_bytes());
        let crc = checksum::crc(&buffer[..CRC_AT]);
        buffer[CRC_AT..BLOCK_BYTES].copy_from_slice(&crc.to_le_bytes());
        Ok(Self { storage, file, position, buffer, used: BLOCK_BYTES, offset: 0, blocks: 0, is_finished: false })
    }

    /// Adds one block of at most [`CHECKPOINT_BLOCK_BYTES_MAX`] bytes. Large blocks (1 MiB) cost least.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Options`] if the block is too long.
    pub fn write(&mut self, block: &[u8]) -> Result<(), Error> {
        if block.len() > CHECKPOINT_BLOCK_BYTES_MAX {
            return Err(Error::Options(format!(
                "a checkpoint block has at most {CHECKPOINT_BLOCK_BYTES_MAX} bytes, not {}",
                block.len()
            )));
        }
        let length = block.len() as u32;
        self.put(&length.to_le_bytes())?;
        self.put(&block_crc(block, length, self.blocks, self.position).to_le_bytes())?;
        self.put(block)?;
        self.blocks += 1;
        Ok(())
    }

    /// Makes the checkpoint valid: on the disk, named, and older ones but one removed.
    ///
    /// # Errors
    /// [`Error::Io`]; the checkpoint does not exist then, the older ones do.
    pub fn finish(mut self) -> Result<(), Error> {
        self.put(&END.to_le_bytes())?;
        self.put(&block_crc(&[], END, self.blocks, self.position).to_le_bytes())?;
        let end = self.used.next_multiple_of(BLOCK_BYTES);
        self.buffer[self.used..end].fill(0);
        self.used = end;
        self.spill()?;
        let (writing, name) = (writing_name(self.position), checkpoint_name(self.position));
        self.file.sync().map_err(Error::io("sync", &writing))?;
        self.storage.rename(&writing, &name).map_err(Error::io("rename", &writing))?;
        self.storage.sync_dir().map_err(Error::io("sync the folder of", &name))?;
        self.is_finished = true;
        for old in positions(&*self.storage)?.into_iter().skip(KEPT) {
            let name = checkpoint_name(old);
            self.storage.remove(&name).map_err(Error::io("remove", &name))?;
        }
        Ok(())
    }

    fn put(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            let (head, tail) = bytes.split_at(bytes.len().min(self.buffer.len() - self.used));
            self.buffer[self.used..self.used + head.len()].copy_from_slice(head);
            self.used += head.len();
            bytes = tail;
            if self.used == self.buffer.len() {
                self.spill()?;
            }
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<(), Error> {
        let name = writing_name(self.position);
        self.file.write_at(&self.buffer[..self.used], self.offset).map_err(Error::io("write", &name))?;
        self.offset += self.used as u64;
        self.used = 0;
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.is_finished {
            // Nothing depends on it: an unfinished checkpoint is never read.
            let _ = self.storage.remove(&writing_name(self.position));
        }
    }
}

/// Reads one checkpoint, block by block.
pub struct Reader {
    file: Arc<dyn StoredFile>,
    name: String,
    position: Position,
    buffer: AlignedBuffer,
    /// The buffer holds file bytes `start .. start + filled`.
    start: u64,
    filled: usize,
    at: u64,
    number: u64,
    /// A block that does not lie in the buffer as one piece.
    block: Vec<u8>,
}

impl Reader {
    /// The newest checkpoint in `dir` that is whole; every byte of it was checked. A damaged one is passed over with a warning.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn latest(dir: &Path) -> Result<Option<(Position, Self)>, Error> {
        Self::latest_with(&Directory::read_only(dir))
    }

    /// [`Reader::latest`] on another disk than the system's.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn latest_with(storage: &dyn Storage) -> Result<Option<(Position, Self)>, Error> {
        for position in positions(storage)? {
            let whole = Self::open(storage, position).and_then(|mut reader| {
                while reader.next_block()?.is_some() {}
                Self::open(storage, position)
            });
            match whole {
                Ok(reader) => return Ok(Some((position, reader))),
                Err(error @ Error::Corrupt { .. }) => tracing::warn!(%error, "checkpoint passed over"),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Opens one checkpoint and checks its header.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Version`], [`Error::Io`].
    pub fn open(storage: &dyn Storage, position: Position) -> Result<Self, Error> {
        let name = checkpoint_name(position);
        let file = storage.open(&name).map_err(Error::io("open", &name))?;
        let buffer = AlignedBuffer::new(BUFFER_BYTES);
        let mut reader =
            Self { file, name, position, buffer, start: 0, filled: 0, at: 0, number: 0, block: Vec::new() };
        let mut head = [0; BLOCK_BYTES];
        reader.take(&mut head)?;
        let stored = u32::from_le_bytes([head[CRC_AT], head[CRC_AT + 1], head[CRC_AT + 2], head[CRC_AT + 3]]);
        if head[0..8] != MAGIC || checksum::crc(&head[..CRC_AT]) != stored || head[16..24] != position.0.to_le_bytes() {
            return Err(reader.corrupt(0, "the checkpoint header does not match its checksum"));
        }
        if head[8..12] != u32::from(FORMAT_VERSION).to_le_bytes() {
            return Err(Error::Version { file: reader.name, offset: 0, version: head[8] });
        }
        Ok(reader)
    }

    /// The next block; `None` after the last.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if it is not as it was written or the file ends early; [`Error::Io`].
    pub fn next_block(&mut self) -> Result<Option<&[u8]>, Error> {
        let at = self.at;
        let mut head = [0; BLOCK_HEADER_BYTES];
        self.take(&mut head)?;
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
        let stored = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        let bytes = if length == END { 0 } else { length as usize };
        if bytes > CHECKPOINT_BLOCK_BYTES_MAX {
            return Err(self.corrupt(at, "the length of a block is impossible"));
        }
        let mut block = std::mem::take(&mut self.block);
        block.resize(bytes, 0);
        let taken = self.take(&mut block);
        self.block = block;
        taken?;
        if block_crc(&self.block, length, self.number, self.position) != stored {
            return Err(self.corrupt(at, "a block does not match its checksum"));
        }
        self.number += 1;
        Ok((length != END).then_some(self.block.as_slice()))
    }

    fn take(&mut self, mut into: &mut [u8]) -> Result<(), Error> {
        while !into.is_empty() {
            let skip = (self.at - self.start) as usize;
            let Some(ready) = self.buffer[..self.filled].get(skip..).filter(|ready| !ready.is_empty()) else {
                self.start = self.at - self.at % BLOCK_BYTES as u64;
                self.filled = self.file.read_at(&mut self.buffer, self.start).map_err(Error::io("read", &self.name))?;
                if self.start + self.filled as u64 <= self.at {
                    return Err(self.corrupt(self.at, "the file ends early"));
                }
                continue;
            };
            let bytes = ready.len().min(into.len());
            let (head, tail) = into.split_at_mut(bytes);
            head.copy_from_slice(&ready[..bytes]);
            self.at += bytes as u64;
            into = tail;
        }
        Ok(())
    }

    fn corrupt(&self, offset: u64, what: &str) -> Error {
        Error::Corrupt { file: self.name.clone(), offset, what: what.to_owned() }
    }
}

/// Loads the newest whole checkpoint of `dir` in one pass: `begin` is called with its position, then `block` with each block. If
/// it turns out damaged half way, `begin` is called again for the one before: whatever was loaded must be thrown away then. Gives the
/// position to replay from, or `None` if there is no whole checkpoint (then `begin` was called last with [`Position::START`]).
///
/// # Errors
/// [`Error::Io`], and what `block` says.
pub fn load(
    dir: &Path,
    begin: &mut dyn FnMut(Position),
    block: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
) -> Result<Option<Position>, Error> {
    load_with(&Directory::read_only(dir), begin, block)
}

/// [`load`] on another disk than the system's.
///
/// # Errors
/// As for [`load`].
pub fn load_with(
    storage: &dyn Storage,
    begin: &mut dyn FnMut(Position),
    block: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
) -> Result<Option<Position>, Error> {
    for position in positions(storage)? {
        begin(position);
        match load_one(storage, position, block) {
            Ok(()) => return Ok(Some(position)),
            Err(error @ Error::Corrupt { .. }) => tracing::warn!(%error, "checkpoint passed over"),
            Err(error) => return Err(error),
        }
    }
    begin(Position::START);
    Ok(None)
}

fn load_one(
    storage: &dyn Storage,
    position: Position,
    block: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut reader = Reader::open(storage, position)?;
    while let Some(bytes) = reader.next_block()? {
        block(bytes)?;
    }
    Ok(())
}
