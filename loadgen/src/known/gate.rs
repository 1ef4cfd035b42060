//! Holds each answer until its instant.
//!
//! Invariant: instants come in order, so the first one that waits is always the next one to leave, and the timer is
//! never set back.

use crate::clock::Origin;
use crate::timer::Timer;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use tokio::sync::{Notify, oneshot};

/// Where the tasks of one thread wait for instants.
pub(super) struct Gate {
    origin: Origin,
    waiting: RefCell<VecDeque<(u64, oneshot::Sender<()>)>>,
    arrived: Notify,
}

impl Gate {
    /// On a runtime thread: a task of its own opens it.
    pub(super) fn open(origin: Origin) -> io::Result<Rc<Self>> {
        let gate = Rc::new(Self { origin, waiting: RefCell::default(), arrived: Notify::new() });
        let timer = Timer::new()?;
        tokio::task::spawn_local(Rc::clone(&gate).release_all(timer));
        Ok(gate)
    }

    /// Waits until an instant that is not before the one of the last call.
    pub(super) async fn wait_until(&self, due_ns: u64) {
        if due_ns <= self.origin.nanos() {
            return;
        }
        let (sender, released) = oneshot::channel();
        let is_first = {
            let mut waiting = self.waiting.borrow_mut();
            waiting.push_back((due_ns, sender));
            waiting.len() == 1
        };
        if is_first {
            self.arrived.notify_one();
        }
        // The sender is dropped only with the whole thread.
        let _ = released.await;
    }

    async fn release_all(self: Rc<Self>, timer: Timer) {
        loop {
            let next = self.waiting.borrow().front().map(|(due_ns, _)| *due_ns);
            let Some(due_ns) = next else {
                self.arrived.notified().await;
                continue;
            };
            let pause = due_ns.saturating_sub(self.origin.nanos());
            if let Err(error) = timer.sleep(pause).await {
                tracing::error!(%error, "the known server's timer");
                return;
            }
            self.release();
        }
    }

    fn release(&self) {
        let now = self.origin.nanos();
        while let Some((_, sender)) = self.waiting.borrow_mut().pop_front_if(|(due_ns, _)| *due_ns <= now) {
            // Fails when the connection has gone away; nobody is left to tell.
            let _ = sender.send(());
        }
    }
}
