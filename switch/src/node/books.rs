//! The books of a running node: a thread that does what is due, at low priority.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::books::NoSteps;
use crate::books::keeper::{Board, Clerk, Did, Keeper, Parts};
use crate::books::settlement::Settlement;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::{Error, Fault};
use crate::pipeline::Shared;
use crate::recovery::Memory;
use crate::registrar::Registrar;

use super::rules::calendar;

/// Pause when there is nothing to do for now.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// How much the threads of the books yield to those that serve payments, on the scale of `nice`.
const NICENESS: i32 = 10;

/// What others need of the books: the console, the metrics.
#[derive(Clone)]
pub(super) struct BookHandles {
    pub(super) board: Arc<Board>,
    pub(super) settlement: Arc<Mutex<Settlement>>,
    pub(super) registrar: Arc<Registrar>,
}

/// The running thread. Stops when dropped; a long work is broken off, and done again after the next start.
pub(super) struct Bookkeeping {
    stop: Arc<AtomicBool>,
    told: Arc<(Mutex<()>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

/// The keeper of a node whose memory is restored, and what others need of it.
pub(super) fn keeper(
    config: &Config,
    shared: &Arc<Shared>,
    memory: &Memory,
) -> Result<(Keeper<Clerk>, Arc<AtomicBool>, BookHandles), Error> {
    let registrar = Arc::new(Registrar::new(Arc::clone(&memory.registers), Arc::clone(&shared.journal)));
    let recorder = Arc::clone(&registrar);
    let (stop, keys) = (Arc::new(AtomicBool::new(false)), Arc::clone(shared));
    let clerk = Clerk::new(Parts {
        section: config.books.clone(),
        switch: config.node.id,
        participants: config.participants.clone(),
        calendar: calendar(&config.business)?,
        digest: shared.sealer.digest_key(),
        ring: Box::new(move || keys.sealer.encryption_ring()),
        registers: Arc::clone(&memory.registers),
        record: Box::new(move |at_us, entries| recorder.record_books(at_us, entries)),
        live: Arc::clone(&shared.positions),
        journal: Arc::clone(&shared.journal),
        table: Arc::clone(&memory.table),
        orders: Arc::clone(&shared.orders),
        shelves: Arc::clone(&memory.shelves),
        steps: Arc::new(NoSteps),
        stop: Arc::clone(&stop),
    })?;
    let board = Arc::clone(&shared.keeper);
    let handles = BookHandles { board: Arc::clone(&board), settlement: clerk.settlement(), registrar };
    Ok((Keeper::new(clerk, board), stop, handles))
}

impl Bookkeeping {
    /// Starts the thread; `stop` is what the keeper's works look at.
    pub(super) fn start(mut keeper: Keeper<Clerk>, stop: Arc<AtomicBool>, clock: Clock) -> Result<Self, Error> {
        let told = Arc::new((Mutex::new(()), Condvar::new()));
        let (ending, waiting) = (Arc::clone(&stop), Arc::clone(&told));
        let work = move || {
            lower_priority();
            let mut is_failing = false;
            while !ending.load(Ordering::Acquire) {
                if turn(&mut keeper, clock.now_micros(), &mut is_failing) {
                    continue;
                }
                let mut waits = waiting.0.lock();
                if !ending.load(Ordering::Acquire) {
                    waiting.1.wait_for(&mut waits, LOOK_INTERVAL);
                }
            }
        };
        let thread = std::thread::Builder::new().name("books".to_owned()).spawn(work);
        let thread = thread.map_err(|error| {
            Error::new(Fault::Environment, "the thread of the books cannot be started").caused_by(error)
        })?;
        Ok(Self { stop, told, thread: Some(thread) })
    }
}

impl Drop for Bookkeeping {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        drop(self.told.0.lock());
        self.told.1.notify_all();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the books has panicked");
        }
    }
}

/// One turn; whether there may be more to do at once. Says once in the log that the books cannot be read.
fn turn(keeper: &mut Keeper<Clerk>, now_us: u64, is_failing: &mut bool) -> bool {
    match keeper.turn(now_us) {
        Ok(did) => {
            *is_failing = false;
            did != Did::Nothing
        }
        Err(error) => {
            if !std::mem::replace(is_failing, true) {
                tracing::error!(%error, "the books stand still");
            }
            false
        }
    }
}

/// Payments come first. Threads that this one starts are as polite.
fn lower_priority() {
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::warn!(%error, "the thread of the books keeps its priority");
    }
}
