//! Reads all records from a position on, at the speed of the disk.
//!
//! ```text
//!   reader thread:   read chunk n+1, n+2 ...      --channel-->
//!   caller's thread: check groups of chunk n, hand out records; a group that crosses chunks is put together first
//! ```
//!
//! Invariant: three buffers and one group, however long the journal; every byte handed out has been checked; the first fault
//! before the known end is an error, never an end.

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

/// Part of a segment in memory.
struct Chunk {
    buffer: AlignedBuffer,
    base: u64,
    segment_bytes: u64,
    filled: usize,
}

/// Hands all records of the stretch to `consumer`, in order.
pub(crate) fn replay(storage: &Arc<dyn Storage>, stretch: &Stretch, consumer: &mut Consumer<'_>) -> Result<(), Error> {
    let (filled, chunks) = sync_channel(BUFFERS);
    let (spent, free) = sync_channel(BUFFERS);
    let longest = stretch.segments.iter().map(|(_, bytes)| *bytes).max().unwrap_or_default();
    for _ in 0..BUFFERS {
        let bytes = usize::try_from(longest).unwrap_or(usize::MAX).min(CHUNK_BYTES);
        // The channel has room for all.
        let _ = spent.send(AlignedBuffer::new(bytes));
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
            let wanted = usize::try_from(end - offset).unwrap_or(usize::MAX).min(buffer.len());
            let read = file.read_at(&mut buffer[..wanted], offset).map_err(Error::io("read", &name))?;
            if read < wanted {
                return Err(Error::Corrupt {
                    file: name,
                    offset: offset + read as u64,
                    what: "the file has become shorter".to_owned(),
                });
            }
            if filled.send(Chunk { buffer, base, segment_bytes: bytes, filled: read }).is_err() {
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
    /// The segment that is being walked, its length, and where in it the next group starts.
    base: u64,
    segment_bytes: u64,
    at: u64,
    /// The beginning of a group that goes on in the next chunk; its header is sound.
    begun: Vec<u8>,
    suspicion: Option<Suspicion>,
}

impl<'w, 'c> Walk<'w, 'c> {
    fn new(stretch: &'w Stretch, consumer: &'w mut Consumer<'c>) -> Self {
        let (base, segment_bytes) = stretch.segments.first().copied().unwrap_or_default();
        let chain = if base == 0 { Chain::from_birth(stretch.journal) } else { Chain::from_anywhere(stretch.journal) };
        Self { stretch, consumer, chain, base, segment_bytes, at: FIRST_GROUP_AT, begun: Vec::new(), suspicion: None }
    }

    fn run(&mut self, chunks: &Receiver<Chunk>, spent: &SyncSender<AlignedBuffer>) -> Result<(), Error> {
        while let Ok(chunk) = chunks.recv() {
            if chunk.base != self.base {
                (self.base, self.segment_bytes, self.at) = (chunk.base, chunk.segment_bytes, FIRST_GROUP_AT);
            }
            // After a fault the rest of the segment is passed over.
            if !self.is_suspect(chunk.base) {
                self.chunk(&chunk.buffer[..chunk.filled])?;
            }
            // The reader may have ended already.
            let _ = spent.send(chunk.buffer);
        }
        self.finish()
    }

    fn chunk(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        if !self.begun.is_empty() {
            let mut begun = std::mem::take(&mut self.begun);
            let whole = GroupHeader::decode(&begun).map_or(0, |(header, _)| header.group_bytes());
            let missing = usize::try_from(whole).unwrap_or(usize::MAX).saturating_sub(begun.len());
            let (head, tail) = bytes.split_at(missing.min(bytes.len()));
            begun.extend_from_slice(head);
            bytes = tail;
            self.groups(&begun)?;
        }
        if self.is_suspect(self.base) { Ok(()) } else { self.groups(bytes) }
    }

    /// Walks the groups in `bytes`, which start at `self.at`; keeps the last one if it is not whole.
    fn groups(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() && self.base + self.at < self.stretch.end.0 {
            let header = match self.chain.decode(bytes) {
                Ok((header, _)) if header.group_bytes() > self.segment_bytes - self.at => Err(Fault::Short),
                Ok((header, _)) if header.group_bytes() > bytes.len() as u64 => {
                    self.begun.extend_from_slice(bytes);
                    return Ok(());
                }
                Ok(_) => self.chain.step(bytes, self.base, self.at),
                Err(fault) => Err(fault),
            };
            let header = match header {
                Ok(header) => header,
                Err(fault) => return self.suspect(fault),
            };
            self.suspicion = None;
            self.hand_out(&header, bytes)?;
            self.at += header.group_bytes();
            bytes = usize::try_from(header.group_bytes()).ok().and_then(|end| bytes.get(end..)).unwrap_or_default();
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
    fn suspect(&mut self, fault: Fault) -> Result<(), Error> {
        if let Fault::Version(version) = fault {
            return Err(Error::Version { file: segment::segment_name(self.base), offset: self.at, version });
        }
        let suspicion = Suspicion { base: self.base, offset: self.at, fault };
        match &self.suspicion {
            Some(before) if !before.fault.yields_to(fault) => self.finish(),
            Some(_) => {
                self.suspicion = Some(suspicion);
                self.finish()
            }
            None => {
                self.suspicion = Some(suspicion);
                Ok(())
            }
        }
    }

    fn is_suspect(&self, base: u64) -> bool {
        self.suspicion.as_ref().is_some_and(|suspicion| suspicion.base == base)
    }

    fn finish(&mut self) -> Result<(), Error> {
        if !self.begun.is_empty() {
            self.suspicion.get_or_insert(Suspicion { base: self.base, offset: self.at, fault: Fault::Short });
        }
        match self.suspicion.take() {
            None => Ok(()),
            Some(Suspicion { base, offset, .. }) if base + offset >= self.stretch.end.0 => Ok(()),
            Some(Suspicion { base, offset, fault }) => {
                Err(Error::Corrupt { file: segment::segment_name(base), offset, what: fault.to_string() })
            }
        }
    }
}
