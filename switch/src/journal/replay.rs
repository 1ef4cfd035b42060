//! Reads all records from a position on, at the speed of the disk.
//!
//! ```text
//!   reader thread:   read chunk n+1, n+2 ...      --channel-->
//!   caller's thread: [rest of chunk n-1][chunk n] check groups, hand out records
//! ```
//!
//! Invariant: three buffers, however long the journal; every byte handed out has been checked; the first fault before the
//! known end is an error, never an end. A group that crosses two chunks is completed by copying its beginning in front of the
//! next chunk.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::aligned::AlignedBuffer;
use super::chain::Chain;
use super::error::Error;
use super::frame::{BLOCK_BYTES, Fault, GroupHeader};
use super::position::Position;
use super::segment::{self, FIRST_GROUP_AT};
use super::storage::Storage;

/// Bytes of one read.
const CHUNK_BYTES: usize = 2 << 20;
/// Room in front of a chunk: the longest group that any options allow. Pages of it that are never used are never touched.
const HEAD_BYTES: usize = 16 << 20;
const BUFFERS: usize = 3;

/// What takes the records of a replay.
pub type Consumer<'c> = dyn FnMut(Position, &[u8]) -> Result<(), Error> + 'c;

/// A stretch of the journal: segments in order as (base, length), and the end of what is to be read.
pub(crate) struct Stretch {
    pub(crate) journal: u64,
    pub(crate) segments: Vec<(u64, u64)>,
    pub(crate) from: Position,
    pub(crate) end: Position,
}

/// Part of a segment in memory, at `HEAD_BYTES` of its buffer.
struct Chunk {
    buffer: AlignedBuffer,
    base: u64,
    offset: u64,
    filled: usize,
}

/// Hands all records of the stretch to `consumer`, in order.
pub(crate) fn replay(storage: &Arc<dyn Storage>, stretch: &Stretch, consumer: &mut Consumer<'_>) -> Result<(), Error> {
    let (filled, chunks) = sync_channel(BUFFERS);
    let (spent, free) = sync_channel(BUFFERS);
    for _ in 0..BUFFERS {
        // The channel has room for all.
        let _ = spent.send(AlignedBuffer::new(HEAD_BYTES + CHUNK_BYTES));
    }
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || read_ahead(&**storage, stretch, &free, &filled));
        let result = Walk::new(stretch, consumer).run(&chunks, &spent);
        // Ends the reader if it still waits to send or for a buffer.
        drop((chunks, spent));
        match reader.join() {
            Ok(Ok(())) => result,
            Ok(Err(error)) => result.and(Err(error)),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Reads the segments chunk by chunk until the end, or until nobody listens.
fn read_ahead(
    storage: &dyn Storage,
    stretch: &Stretch,
    free: &Receiver<AlignedBuffer>,
    filled: &SyncSender<Chunk>,
) -> Result<(), Error> {
    for &(base, bytes) in &stretch.segments {
        let name = segment::segment_name(base);
        let end = bytes.min(stretch.end.0.saturating_sub(base)).next_multiple_of(BLOCK_BYTES as u64);
        let mut offset = FIRST_GROUP_AT;
        if offset >= end {
            continue;
        }
        let file = storage.open(&name).map_err(Error::io("open", &name))?;
        while offset < end {
            let Ok(mut buffer) = free.recv() else { return Ok(()) };
            let wanted = usize::try_from(end - offset).unwrap_or(usize::MAX).min(CHUNK_BYTES);
            let read = file.read_at(&mut buffer[HEAD_BYTES..HEAD_BYTES + wanted], offset).map_err(Error::io("read", &name))?;
            if read < wanted {
                return Err(Error::Corrupt { file: name, offset: offset + read as u64, what: "the file has become shorter".to_owned() });
            }
            if filled.send(Chunk { buffer, base, offset, filled: read }).is_err() {
                return Ok(());
            }
            offset += read as u64;
        }
    }
    Ok(())
}

/// A fault that is none if the next segment goes on from there.
struct Suspicion {
    base: u64,
    offset: u64,
    fault: Fault,
}

struct Walk<'w, 'c> {
    stretch: &'w Stretch,
    consumer: &'w mut Consumer<'c>,
    chain: Chain,
    /// The segment that is being walked, and where in it the next group starts.
    base: u64,
    at: u64,
    suspicion: Option<Suspicion>,
}

impl<'w, 'c> Walk<'w, 'c> {
    fn new(stretch: &'w Stretch, consumer: &'w mut Consumer<'c>) -> Self {
        let base = stretch.segments.first().map_or(0, |(base, _)| *base);
        let chain = if base == 0 { Chain::from_birth(stretch.journal) } else { Chain::from_anywhere(stretch.journal) };
        Self { stretch, consumer, chain, base, at: FIRST_GROUP_AT, suspicion: None }
    }

    fn run(&mut self, chunks: &Receiver<Chunk>, spent: &SyncSender<AlignedBuffer>) -> Result<(), Error> {
        let mut before: Option<Chunk> = None;
        while let Ok(mut chunk) = chunks.recv() {
            if chunk.base != self.base {
                (self.base, self.at) = (chunk.base, FIRST_GROUP_AT);
            }
            // What the chunk before left over of a group.
            let carried = usize::try_from(chunk.offset.saturating_sub(self.at)).unwrap_or(usize::MAX).min(HEAD_BYTES);
            if let Some(before) = before.take() {
                let from = (HEAD_BYTES + before.filled).saturating_sub(carried);
                chunk.buffer[HEAD_BYTES - carried..HEAD_BYTES].copy_from_slice(&before.buffer[from..from + carried]);
                let _ = spent.send(before.buffer);
            }
            if self.suspicion.as_ref().is_none_or(|suspicion| suspicion.base != chunk.base) {
                self.groups(&chunk.buffer[HEAD_BYTES - carried..HEAD_BYTES + chunk.filled])?;
            } else {
                self.at = chunk.offset + chunk.filled as u64;
            }
            before = Some(chunk);
        }
        self.finish()
    }

    /// Walks the whole groups in `bytes`, which start at `self.at`.
    fn groups(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        let end = self.stretch.end.0;
        while !bytes.is_empty() && self.base + self.at < end {
            let header = match GroupHeader::decode(bytes) {
                Ok((header, _)) if header.group_bytes() > bytes.len() as u64 && header.group_bytes() <= HEAD_BYTES as u64 => return Ok(()),
                Ok(_) => self.chain.step(bytes, self.base, self.at),
                Err(fault) => Err(fault),
            };
            let header = match header {
                Ok(header) => header,
                Err(fault) => return self.suspect(fault, bytes.len()),
            };
            self.suspicion = None;
            let group_bytes = usize::try_from(header.group_bytes()).unwrap_or(usize::MAX);
            self.hand_out(&header, bytes)?;
            self.at += header.group_bytes();
            bytes = bytes.get(group_bytes..).unwrap_or_default();
        }
        Ok(())
    }

    fn hand_out(&mut self, header: &GroupHeader, group: &[u8]) -> Result<(), Error> {
        if header.position().0 + header.group_bytes() <= self.stretch.from.0 {
            return Ok(());
        }
        for frame in header.frames(group) {
            if frame.position >= self.stretch.from {
                (self.consumer)(frame.position, frame.payload)?;
            }
        }
        Ok(())
    }

    /// Keeps the fault until the next segment clears it; the rest of this segment is passed over.
    fn suspect(&mut self, fault: Fault, rest: usize) -> Result<(), Error> {
        if let Fault::Version(version) = fault {
            return Err(Error::Version { file: segment::segment_name(self.base), offset: self.at, version });
        }
        if self.suspicion.is_some() {
            return self.finish();
        }
        self.suspicion = Some(Suspicion { base: self.base, offset: self.at, fault });
        self.at += rest as u64;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        match self.suspicion.take() {
            None => Ok(()),
            Some(Suspicion { base, offset, .. }) if base + offset >= self.stretch.end.0 => Ok(()),
            Some(Suspicion { base, offset, fault }) => {
                Err(Error::Corrupt { file: segment::segment_name(base), offset, what: fault.to_string() })
            }
        }
    }
}
