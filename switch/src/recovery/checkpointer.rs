//! Checkpoints while the node runs, so that a restart replays a bounded tail.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::{Chunk, Memory};
use crate::config::CheckpointSection;
use crate::error::{Error, Fault};
use crate::journal::{Journal, Position, checkpoint};

/// How often the checkpointer looks whether one is due.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);
/// Pause after each chunk: the copy must not take the core from payments.
const CHUNKS_A_BREATH: usize = 16;

/// The thread that takes checkpoints. Dropping it stops the thread; a checkpoint under way is given up.
#[derive(Debug)]
pub struct Checkpointer {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

/// What a checkpoint is made of and where it goes.
struct Source {
    dir: PathBuf,
    rules: CheckpointSection,
    memory: Memory,
    journal: Arc<Journal>,
    stop: Arc<(Mutex<bool>, Condvar)>,
}

impl Checkpointer {
    /// Starts the thread. The first checkpoint is due after the interval.
    ///
    /// # Errors
    /// If the thread cannot be made.
    pub fn start(dir: PathBuf, rules: CheckpointSection, memory: Memory, journal: Arc<Journal>) -> Result<Self, Error> {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let source = Source { dir, rules, memory, journal, stop: Arc::clone(&stop) };
        let thread =
            std::thread::Builder::new().name("checkpoint".into()).spawn(move || source.run()).map_err(|error| {
                Error::new(Fault::Environment, "the checkpoint thread cannot be started").caused_by(error)
            })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        *self.stop.0.lock() = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the checkpoint thread has panicked");
        }
    }
}

impl Source {
    fn run(&self) {
        let mut last = Instant::now();
        let mut last_position = self.journal.checkpoint_position();
        while !self.pause(LOOK_INTERVAL) {
            let position = self.journal.checkpoint_position();
            let tail = position.as_u64().saturating_sub(last_position.as_u64());
            let due = last.elapsed() >= Duration::from_secs(self.rules.interval_s) || tail >= self.rules.tail_bytes_max;
            if !due || tail == 0 {
                continue;
            }
            (last, last_position) = (Instant::now(), position);
            match self.take(position) {
                Ok(Some(payments)) => tracing::info!(
                    payments,
                    position = position.as_u64(),
                    took_ms = last.elapsed().as_millis(),
                    "checkpoint"
                ),
                Ok(None) => return,
                Err(error) => tracing::error!(%error, "checkpoint failed; the next restart takes longer"),
            }
        }
    }

    /// Waits; true if the thread is to end.
    fn pause(&self, time: Duration) -> bool {
        let (stop, told) = &*self.stop;
        let mut stop = stop.lock();
        if !*stop {
            told.wait_for(&mut stop, time);
        }
        *stop
    }

    /// One checkpoint at `position`; none if the thread was told to end meanwhile.
    fn take(&self, position: Position) -> Result<Option<usize>, crate::journal::Error> {
        let mut writer = checkpoint::Writer::create(&self.dir, position)?;
        let mut pages = Pages { source: self, writer: &mut writer, chunk: Vec::new(), chunks: 0 };
        let Memory { table, registers, .. } = &self.memory;
        let whole = pages.copy(Chunk::Payments, |at, chunk| table.snapshot(at, chunk))?
            && pages.copy(Chunk::Registers, |at, chunk| registers.snapshot(at, chunk))?;
        if !whole {
            return Ok(None);
        }
        // What the copy holds beyond the position must be durable before the copy counts.
        self.journal.flush()?;
        writer.finish()?;
        Ok(Some(self.memory.table.len()))
    }
}

/// The chunks of one checkpoint on their way to its file.
struct Pages<'c> {
    source: &'c Source,
    writer: &'c mut checkpoint::Writer,
    chunk: Vec<u8>,
    chunks: usize,
}

impl Pages<'_> {
    /// Writes all that `snapshot` gives, from cursor to cursor; false if the thread was told to end meanwhile.
    fn copy<C: Default>(
        &mut self,
        kind: Chunk,
        snapshot: impl Fn(C, &mut Vec<u8>) -> Option<C>,
    ) -> Result<bool, crate::journal::Error> {
        let mut cursor = Some(C::default());
        while let Some(at) = cursor {
            kind.begin(&mut self.chunk);
            cursor = snapshot(at, &mut self.chunk);
            self.writer.write(&self.chunk)?;
            self.chunks += 1;
            if self.chunks.is_multiple_of(CHUNKS_A_BREATH) && self.source.pause(Duration::from_micros(200)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
