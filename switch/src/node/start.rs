//! Starting, draining and ending a node.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::HeaderValue;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::sync::{Notify, mpsc};

use super::handle::Handle;
use super::handover::HANDOVER_MAX;
use super::probe::probe;
use super::worker_thread::{self, Seat};
use crate::admin::{Admin, Hooks, Readiness};
use crate::clock::Clock;
use crate::config::{Config, JournalDriver};
use crate::domain::timing::{Schedule, Timing};
use crate::domain::transaction::Payment;
use crate::error::{Error, Fault};
use crate::journal::{self, DriverChoice, Journal, Options};
use crate::metrics::Metrics;
use crate::pipeline::{Active, Shared, is_unfinished};
use crate::recovery::{Checkpointer, restore};
use crate::table::Table;

/// Shards of the table: enough that two workers rarely meet.
const SHARDS: usize = 64;
/// Connections that the kernel may hold for us before we accept them.
const BACKLOG: i32 = 4096;

/// A running switch. Dropping it stops everything at once, as a crash would; [`drain`](Self::drain) first to be kind.
pub struct Node {
    shared: Arc<Shared>,
    config: Arc<Config>,
    handle: Handle,
    listen_address: SocketAddr,
    admin: Admin,
    checkpointer: Option<Checkpointer>,
    threads: Vec<JoinHandle<()>>,
    close: Vec<Arc<Notify>>,
    stop: Vec<Arc<Notify>>,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node").field("listen_address", &self.listen_address).finish_non_exhaustive()
    }
}

impl Node {
    /// Restores the table, takes up what was under way, and listens.
    ///
    /// # Errors
    /// A configuration that contradicts itself, keys that cannot be read, a journal that is damaged or in use, an address
    /// that cannot be had.
    pub fn start(config: Config) -> Result<Self, Error> {
        config.check()?;
        let config = Arc::new(config);
        let listeners = listen(config.listen.address, config.node.workers)?;
        let listen_address = listeners.first().map_or(Ok(config.listen.address), TcpListener::local_addr);
        let listen_address = listen_address.map_err(|error| cannot_listen(config.listen.address, error))?;
        let (shared, table) = open(&config)?;
        let wakes: Vec<Arc<Notify>> = listeners.iter().map(|_| Arc::new(Notify::new())).collect();
        let woken = wakes.clone();
        shared.journal.on_progress(Arc::new(move || woken.iter().for_each(|worker| worker.notify_one())));
        let mut node = Self {
            handle: Handle::new(Vec::new()),
            listen_address,
            admin: start_admin(&config, &shared)?,
            checkpointer: Some(Checkpointer::start(
                config.journal.dir.clone(),
                config.checkpoint.clone(),
                Arc::clone(&table),
                Arc::clone(&shared.journal),
            )?),
            threads: Vec::new(),
            close: Vec::new(),
            stop: Vec::new(),
            shared,
            config,
        };
        node.start_workers(listeners, wakes)?;
        Ok(node)
    }

    fn start_workers(&mut self, listeners: Vec<TcpListener>, wakes: Vec<Arc<Notify>>) -> Result<(), Error> {
        let mut shares = unfinished(&self.shared.table, listeners.len());
        let connections = Arc::new(AtomicUsize::new(0));
        let (mut handovers, mut starting) = (Vec::new(), Vec::new());
        for (number, (listener, wake)) in listeners.into_iter().zip(wakes).enumerate() {
            let (handover, received) = mpsc::channel(HANDOVER_MAX);
            let (close, stop) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
            self.close.push(Arc::clone(&close));
            self.stop.push(Arc::clone(&stop));
            handovers.push(handover);
            let seat = Seat {
                number,
                core: self.config.node.pin_cores.get(number).copied(),
                shared: Arc::clone(&self.shared),
                config: Arc::clone(&self.config),
                listener,
                connections: Arc::clone(&connections),
                unfinished: shares.get_mut(number).map(std::mem::take).unwrap_or_default(),
                handover: received,
                wake,
                close,
                stop,
            };
            let started = worker_thread::start(seat)?;
            self.threads.push(started.thread);
            starting.push(started.listening);
        }
        for listening in starting {
            listening
                .blocking_recv()
                .map_err(|_| Error::new(Fault::Environment, "a worker ended while it started"))??;
        }
        self.handle = Handle::new(handovers);
        Ok(())
    }

    /// A way to put messages into this node without a socket.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Where participants post their messages.
    #[must_use]
    pub const fn listen_address(&self) -> SocketAddr {
        self.listen_address
    }

    /// Where the operator asks.
    #[must_use]
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.address()
    }

    /// The journal driver that won, for logs and results.
    #[must_use]
    pub fn journal_driver(&self) -> &'static str {
        self.shared.journal.driver()
    }

    /// Why the node cannot go on, if so: a journal that has failed takes no record any more.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.shared.journal.status().poisoned
    }

    /// Takes no new payments, and waits until those under way are answered or the drain deadline has passed. What is still
    /// open then is taken up at the next start. Then ends everything.
    pub fn drain(mut self) {
        self.shared.draining.store(true, Ordering::Relaxed);
        self.close.iter().chain(&self.stop).for_each(|signal| signal.notify_one());
        let deadline = std::time::Instant::now() + Duration::from_millis(self.config.timing.drain_deadline_ms);
        while self.threads.iter().any(|thread| !thread.is_finished()) && std::time::Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(self.checkpointer.take());
        self.shared.journal.shutdown();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.shared.draining.store(true, Ordering::Relaxed);
        self.shared.ended.store(true, Ordering::Relaxed);
        self.close.iter().chain(&self.stop).for_each(|signal| signal.notify_one());
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a worker has panicked");
            }
        }
    }
}

/// Opens journal and table and restores what they hold.
fn open(config: &Config) -> Result<(Arc<Shared>, Arc<Table>), Error> {
    let keys = config.keys.load()?;
    config.participants.confirm_register(&config.journal.dir)?;
    let (journal, recovered) = Journal::open(options(config)).map_err(|error| {
        Error::new(fault_of(&error), "the journal cannot be opened")
            .at(config.journal.dir.display().to_string())
            .caused_by(error)
    })?;
    let table = Arc::new(Table::new(SHARDS, config.limits.payments_max));
    let restored = restore(&config.journal.dir, &journal, &recovered, &table)?;
    tracing::info!(
        payments = restored.payments,
        from_checkpoint = restored.from_checkpoint,
        records = restored.records,
        took_ms = restored.took.as_millis(),
        cut = ?recovered.truncated_tail,
        driver = journal.driver(),
        "restored"
    );
    let clock = Clock::real();
    let metrics = Metrics::new(config.node.workers, config.participants.metric_names(), clock.clone());
    let participants =
        config.participants.iter().map(|participant| usize::from(participant.index) + 1).max().unwrap_or(0);
    let issuer = HeaderValue::from_str(config.node.id.as_str());
    let shared = Arc::new(Shared {
        id: config.node.id,
        serial: config.node.serial,
        issuer: issuer
            .map_err(|error| Error::new(Fault::Configuration, "node.id is no header value").caused_by(error))?,
        signing_key: keys.signing,
        backends: config.crypto.backends()?,
        ring: ArcSwap::new(keys.ring),
        participants: config.participants.clone(),
        table: Arc::clone(&table),
        journal: Arc::new(journal),
        timing: timing(config)?,
        clock,
        metrics,
        active: Active::new(config.limits.in_flight_max, participants),
        recorded: AtomicU64::new(0),
        draining: AtomicBool::new(false),
        ended: AtomicBool::new(false),
    });
    table.for_each(|payment| shared.active.moved(None, payment));
    shared.metrics.connect(probe(Arc::clone(&shared)));
    Ok((shared, table))
}

/// Who has to act on a journal that does not open.
fn fault_of(error: &journal::Error) -> Fault {
    match error {
        journal::Error::Options(_) => Fault::Configuration,
        journal::Error::Io { .. }
        | journal::Error::Locked(_)
        | journal::Error::Full { .. }
        | journal::Error::Poisoned(_) => Fault::Environment,
        _ => Fault::Data,
    }
}

fn options(config: &Config) -> Options {
    let section = &config.journal;
    let defaults = Options::new(&section.dir);
    // Small segments have room for a small reserve only.
    let reserve_bytes =
        defaults.reserve_bytes.min(section.segment_bytes.saturating_mul(section.segments_ahead as u64) / 2);
    Options {
        driver: match section.driver {
            JournalDriver::Auto => DriverChoice::Auto,
            JournalDriver::IoUring => DriverChoice::IoUring,
            JournalDriver::Pwrite => DriverChoice::Pwrite,
        },
        segment_bytes: section.segment_bytes,
        segments_ahead: section.segments_ahead,
        group_bytes_max: section.group_bytes_max,
        groups_in_flight_max: section.groups_in_flight_max,
        linger_us: section.linger_us,
        reserve_bytes,
        ..defaults
    }
}

fn timing(config: &Config) -> Result<Timing, Error> {
    let section = &config.timing;
    let schedule = |key: &str, offsets_ms: &[u64]| {
        let offsets_us: Vec<u64> = offsets_ms.iter().map(|ms| ms.saturating_mul(1000)).collect();
        Schedule::new(&offsets_us)
            .map_err(|error| Error::new(Fault::Configuration, error.to_string()).at(format!("timing.{key}")))
    };
    Ok(Timing {
        leg_deadline_us: [section.leg1_deadline_ms.saturating_mul(1000), section.leg2_deadline_ms.saturating_mul(1000)],
        query_schedule: schedule("query_schedule_ms", &section.query_schedule_ms)?,
        notice_schedule: schedule("notice_schedule_ms", &section.notice_schedule_ms)?,
        receipt_deadline_us: section.receipt_deadline_ms.saturating_mul(1000),
    })
}

fn start_admin(config: &Config, shared: &Arc<Shared>) -> Result<Admin, Error> {
    let (asked, reloaded, keys) = (Arc::clone(shared), Arc::clone(shared), config.keys.clone());
    let ready = move || {
        if asked.draining.load(Ordering::Relaxed) {
            return Readiness::NotReady("draining".to_owned());
        }
        asked
            .journal
            .status()
            .poisoned
            .map_or(Readiness::Ready, |why| Readiness::NotReady(format!("the journal has stopped: {why}")))
    };
    let reload_keys = move || {
        let ring = keys.load_ring()?;
        let line = format!("{} keys loaded", ring.iter().count());
        reloaded.ring.store(ring);
        Ok(line)
    };
    Admin::start(
        &config.admin,
        Hooks { metrics: Arc::clone(&shared.metrics), ready: Box::new(ready), reload_keys: Box::new(reload_keys) },
    )
}

/// The unfinished payments, one share a worker.
fn unfinished(table: &Table, workers: usize) -> Vec<Vec<Payment>> {
    let mut shares = vec![Vec::new(); workers];
    let mut turn = 0;
    table.for_each(|payment| {
        if is_unfinished(payment)
            && let Some(share) = shares.get_mut(turn % workers.max(1))
        {
            share.push(*payment);
            turn += 1;
        }
    });
    shares
}

/// One listener a worker on the same address; the kernel spreads connections over them.
fn listen(address: SocketAddr, workers: usize) -> Result<Vec<TcpListener>, Error> {
    let mut address = address;
    let mut listeners = Vec::with_capacity(workers);
    for _ in 0..workers {
        let listener = listen_once(address).map_err(|error| cannot_listen(address, error))?;
        address = listener.local_addr().map_err(|error| cannot_listen(address, error))?;
        listeners.push(listener);
    }
    Ok(listeners)
}

fn listen_once(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM.nonblocking().cloexec(), Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn cannot_listen(address: SocketAddr, error: std::io::Error) -> Error {
    Error::new(Fault::Environment, "cannot listen")
        .at(address.to_string())
        .remedy("choose another address, or port 0")
        .caused_by(error)
}
