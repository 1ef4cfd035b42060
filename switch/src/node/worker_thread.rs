//! A worker's thread: its core, its reactor, and the tasks on it.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::LocalSet;

use super::handover::{Handover, hand_over};
use crate::config::{Config, LinkConfig, Participant};
use crate::domain::transaction::Payment;
use crate::error::{Error, Fault};
use crate::metrics::Spent;
use crate::net::egress::LineConfig;
use crate::net::ingress::{self, Entrance, Limits};
use crate::pipeline::{Inbox, Shared, Worker};

/// How often a worker looks for requests that do not get finished.
const SWEEP_INTERVAL: Duration = Duration::from_millis(500);
/// Threads for reading stored receipts; more such reads wait.
const BLOCKING_THREADS_MAX: usize = 4;

/// What one worker thread is made of.
pub(super) struct Seat {
    pub(super) number: usize,
    pub(super) core: Option<usize>,
    pub(super) shared: Arc<Shared>,
    pub(super) config: Arc<Config>,
    pub(super) listener: TcpListener,
    pub(super) connections: Arc<AtomicUsize>,
    pub(super) unfinished: Vec<Payment>,
    pub(super) handover: mpsc::Receiver<Handover>,
    /// A journal group has become durable.
    pub(super) wake: Arc<Notify>,
    /// No new connections.
    pub(super) close: Arc<Notify>,
    /// End when everything is answered.
    pub(super) stop: Arc<Notify>,
}

/// A worker's thread that was started.
pub(super) struct Started {
    pub(super) thread: JoinHandle<()>,
    /// Tells when the worker listens, or why it does not.
    pub(super) listening: oneshot::Receiver<Result<(), Error>>,
}

/// Starts the thread.
pub(super) fn start(seat: Seat) -> Result<Started, Error> {
    let (ready, listening) = oneshot::channel();
    let failed =
        |error: std::io::Error| Error::new(Fault::Environment, "a worker thread cannot be started").caused_by(error);
    let thread = std::thread::Builder::new()
        .name(format!("worker-{}", seat.number))
        .spawn(move || seat.run(ready))
        .map_err(failed)?;
    Ok(Started { thread, listening })
}

impl Seat {
    fn run(self, ready: oneshot::Sender<Result<(), Error>>) {
        if let Some(core) = self.core
            && !core_affinity::set_for_current(core_affinity::CoreId { id: core })
        {
            tracing::warn!(core, "the worker could not be pinned");
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING_THREADS_MAX)
            .build();
        match runtime {
            Ok(runtime) => LocalSet::new().block_on(&runtime, self.work(ready)),
            Err(error) => {
                let _ = ready
                    .send(Err(Error::new(Fault::Environment, "a worker's reactor cannot be started").caused_by(error)));
            }
        }
    }

    async fn work(self, ready: oneshot::Sender<Result<(), Error>>) {
        let inbox = Inbox::default();
        let metrics = self.shared.metrics.worker(self.number);
        let Some(statistics) = self.shared.board.statistics().worker(self.number) else { return };
        let (counters, spent) = ((metrics, statistics), Spent::default());
        let lines_of = |participant: &Participant| lines(&self.config, participant);
        let mut worker =
            Worker::new(Arc::clone(&self.shared), self.number, counters, spent.clone(), inbox.clone(), lines_of);
        if let Err(error) = worker.resume(&self.unfinished) {
            let _ = ready.send(Err(error));
            return;
        }
        tokio::task::spawn_local(hand_over(self.handover, inbox.clone()));
        let entrance = Entrance {
            gate: inbox,
            limits: limits(&self.config),
            acceptor: self.shared.transports.acceptor.clone(),
            names: Arc::clone(&self.shared.transports.names),
            open: self.connections,
            issuer: self.shared.issuer.clone(),
            metrics: self.shared.metrics.worker(self.number),
            spent,
        };
        let (listener, close) = (self.listener, self.close);
        tokio::task::spawn_local(async move {
            if let Err(error) = ingress::serve(listener, entrance, &close).await {
                tracing::error!(%error, "the listener has failed");
            }
        });
        let _ = ready.send(Ok(()));
        worker.run(self.wake, self.stop).await;
        // What the last replies still have in the sockets' buffers is written before the reactor goes.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn limits(config: &Config) -> Limits {
    let limits = &config.limits;
    Limits {
        connections_max: limits.connections_max,
        body_bytes_max: limits.body_bytes_max,
        head_bytes_max: limits.head_bytes_max,
        headers_max: limits.headers_max,
        receive_timeout: Duration::from_millis(limits.receive_timeout_ms),
        sweep_interval: SWEEP_INTERVAL,
    }
}

/// The lines over each link of a participant.
fn lines(config: &Config, participant: &Participant) -> Vec<LineConfig> {
    let line = |link: &LinkConfig| LineConfig {
        authority: link.endpoint.authority().to_owned(),
        path: link.endpoint.path().to_owned(),
        connections_max: usize::from(link.connections_max.unwrap_or(participant.connections_max)),
        connect_timeout: Duration::from_millis(config.timing.connect_timeout_ms),
        answer_timeout: Duration::from_millis(config.timing.answer_timeout_ms),
        body_bytes_max: config.limits.body_bytes_max,
    };
    participant.links.iter().map(line).collect()
}
