//! What the owner of a proxy and its thread share.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};

use super::count::{Counters, Passed};
use super::exchange::Chooser;
use super::plan::{Cut, Plan};

/// Everything but the sockets.
#[derive(Debug)]
pub(super) struct State {
    pub(super) upstream: SocketAddr,
    pub(super) script: Mutex<Script>,
    /// Blows against all connections that are open: how many there were, and the last one.
    pub(super) strikes: watch::Sender<(u64, Cut)>,
    /// Whether everything stands still.
    pub(super) frozen: watch::Sender<bool>,
    held: Mutex<Vec<(usize, oneshot::Sender<()>)>>,
    connections: Mutex<Vec<Arc<Counters>>>,
}

/// What the next connections get.
#[derive(Default)]
pub(super) struct Script {
    pub(super) queue: VecDeque<Plan>,
    pub(super) standing: Plan,
    pub(super) chooser: Option<Chooser>,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Script").field("queue", &self.queue).field("standing", &self.standing).finish_non_exhaustive()
    }
}

impl State {
    pub(super) fn new(upstream: SocketAddr) -> Self {
        Self {
            upstream,
            script: Mutex::default(),
            strikes: watch::Sender::new((0, Cut::Close)),
            frozen: watch::Sender::new(false),
            held: Mutex::default(),
            connections: Mutex::default(),
        }
    }

    /// A connection has been accepted: its number, its counters, its plan.
    pub(super) fn begin(&self) -> (usize, Arc<Counters>, Plan, Option<Chooser>) {
        let counters = Arc::new(Counters::default());
        let number = {
            let mut connections = lock(&self.connections);
            connections.push(Arc::clone(&counters));
            connections.len() - 1
        };
        let mut script = lock(&self.script);
        let plan = script.queue.pop_front().unwrap_or_else(|| script.standing.clone());
        (number, counters, plan, script.chooser.clone())
    }

    pub(super) fn passed(&self) -> Vec<Passed> {
        lock(&self.connections).iter().map(|counters| counters.snapshot()).collect()
    }

    /// Keeps a connection until it is released.
    pub(super) fn hold(&self, number: usize) -> oneshot::Receiver<()> {
        let (release, released) = oneshot::channel();
        lock(&self.held).push((number, release));
        released
    }

    pub(super) fn held(&self) -> Vec<usize> {
        lock(&self.held).iter().map(|(number, _)| *number).collect()
    }

    pub(super) fn release(&self, number: usize) -> bool {
        let mut held = lock(&self.held);
        let place = held.iter().position(|(held, _)| *held == number);
        place.is_some_and(|place| held.swap_remove(place).1.send(()).is_ok())
    }

    pub(super) fn strike(&self, cut: Cut) {
        self.strikes.send_modify(|strike| *strike = (strike.0 + 1, cut));
    }
}

/// The owner may have panicked, as a failing test does; the proxy goes on until it is dropped.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
