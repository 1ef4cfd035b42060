//! Starting, draining and ending a node.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use clearway_crypto::SignJob;
use tokio::sync::{Notify, mpsc};

use super::books::{BookHandles, Bookkeeping, keeper};
use super::certificates::CertificateWatch;
use super::handle::Handle;
use super::handover::HANDOVER_MAX;
use super::listen::Bound;
use super::open::open;
use super::operator::hooks;
use super::worker_thread::{self, Seat};
use crate::admin::{Admin, Entrance};
use crate::config::Config;
use crate::constants::EXPIRY_WARNING_DAYS;
use crate::domain::transaction::Payment;
use crate::error::{Error, Fault};
use crate::operations::{Reporter, ReporterOptions};
use crate::pipeline::Shared;
use crate::positions::Live;
use crate::prober::{Prober, Voice};
use crate::recovery::{Checkpointer, Memory};
use crate::table::Table;

/// A running switch. Dropping it stops everything at once, as a crash would; [`drain`](Self::drain) first to be kind.
pub struct Node {
    shared: Arc<Shared>,
    config: Arc<Config>,
    handle: Handle,
    listen_address: SocketAddr,
    admin: Admin,
    checkpointer: Option<Checkpointer>,
    reporter: Option<Reporter>,
    prober: Option<Prober>,
    books: Option<Bookkeeping>,
    _certificates: Option<CertificateWatch>,
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
        let bound = Bound::bind(config.listen.address, config.node.workers)?;
        let (shared, memory) = open(&config)?;
        let (keeper, stop_books, books) = keeper(&config, &shared, &memory)?;
        let wakes: Vec<Arc<Notify>> = (0..config.node.workers).map(|_| Arc::new(Notify::new())).collect();
        let woken = wakes.clone();
        shared.journal.on_progress(Arc::new(move || woken.iter().for_each(|worker| worker.notify_one())));
        let mut node = Self {
            handle: Handle::new(Vec::new()),
            listen_address: bound.address(),
            admin: start_admin(&config, &shared, &memory, &books)?,
            reporter: Some(start_reporter(&config, &shared)?),
            prober: Some(start_prober(&shared)?),
            books: Some(Bookkeeping::start(keeper, stop_books, shared.clock.clone())?),
            _certificates: watch_certificates(&config, &shared)?,
            checkpointer: Some(Checkpointer::start(
                config.journal.dir.clone(),
                config.checkpoint.clone(),
                memory,
                Arc::clone(&shared.journal),
            )?),
            threads: Vec::new(),
            close: Vec::new(),
            stop: Vec::new(),
            shared,
            config,
        };
        node.start_workers(bound.listen()?, wakes)?;
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

    /// The live books: what every batch that is not settled comes to so far.
    #[must_use]
    pub fn positions(&self) -> Arc<Live> {
        Arc::clone(&self.shared.positions)
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
        drop(self.reporter.take());
        drop(self.prober.take());
        drop(self.books.take());
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

/// Tells participants every minute how their transactions went (business.md section 9).
fn start_reporter(config: &Config, shared: &Arc<Shared>) -> Result<Reporter, Error> {
    let signer = Arc::clone(shared);
    let sign = move |message: &[u8]| {
        let job = SignJob { key: &signer.signing_key, message };
        signer.backends.sign(&job).map(|signature| signature.as_bytes().to_vec())
    };
    let sealer = Arc::clone(shared);
    let (links, transports) = (Arc::clone(&shared.links), shared.transports.clone());
    let options = ReporterOptions {
        from: shared.id,
        serial: shared.serial,
        sign: Arc::new(sign),
        seal: Some(Arc::new(move |to, body| sealer.sealer.seal_text(to, str::from_utf8(body).ok()?))),
        way: Arc::new(move |to| {
            // The link that takes messages now; where none does, the first one is as good as any.
            let taking = links.bundle(to.index).and_then(|bundle| bundle.link(bundle.takers().first()));
            let endpoint = taking.map_or_else(|| to.endpoint(), |link| &link.endpoint);
            (endpoint.authority().to_owned(), transports.connector(to, endpoint))
        }),
        connect_timeout: Duration::from_millis(config.timing.connect_timeout_ms),
        answer_timeout: Duration::from_millis(config.timing.answer_timeout_ms),
    };
    Reporter::start(Arc::clone(&shared.board), options)
}

fn watch_certificates(config: &Config, shared: &Shared) -> Result<Option<CertificateWatch>, Error> {
    if shared.transports.all().next().is_none() {
        return Ok(None);
    }
    let days = config.tls.as_ref().map_or(EXPIRY_WARNING_DAYS, |section| section.expiry_warning_days);
    CertificateWatch::start(shared.transports.clone(), days).map(Some)
}

fn start_admin(config: &Config, shared: &Arc<Shared>, memory: &Memory, books: &BookHandles) -> Result<Admin, Error> {
    let entrance = Entrance::open(&config.admin, &shared.clock)?;
    if let Some(tls) = entrance.tls() {
        shared.transports.open_door(tls);
    }
    let hooks = hooks(config, shared, memory, books, &entrance);
    Admin::start(config.admin.address, entrance, hooks)
}

/// Asks the links of participants whether they work (business.md section 6).
fn start_prober(shared: &Arc<Shared>) -> Result<Prober, Error> {
    let keys = Arc::clone(shared);
    let voice = Voice {
        from: shared.id,
        serial: shared.serial,
        key: Arc::clone(&shared.signing_key),
        backends: shared.backends,
        ring: Box::new(move || keys.ring.load_full()),
    };
    Prober::start(Arc::clone(&shared.links), voice)
}

/// The unfinished payments, one share a worker.
fn unfinished(table: &Table, workers: usize) -> Vec<Vec<Payment>> {
    let mut shares = vec![Vec::new(); workers];
    let mut turn = 0;
    table.for_each(|payment| {
        if payment.is_unfinished()
            && let Some(share) = shares.get_mut(turn % workers.max(1))
        {
            share.push(*payment);
            turn += 1;
        }
    });
    shares
}
