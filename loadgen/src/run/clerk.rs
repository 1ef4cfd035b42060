//! Reads the answers when nothing is to be sent.
//!
//! Checking a signature takes longer than all else that an answer costs, and answers come in groups, as their journal
//! makes them durable. Read as they come they would keep what is due waiting; so the lanes lay them down with their
//! instants, and one task reads them, one or one burst at a time.
//!
//! Invariant: between two of them every other task of the thread has its turn (the runtime polls a task that yields only
//! when nothing else is ready). No latency contains any of it.

use super::dialogue::Dialogue;
use super::lanes::Lanes;
use super::tally::Timing;
use crate::wire::{Exchange, ExchangeFault};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use tokio::sync::Notify;

/// What came of a request, unread.
pub(super) struct Answered<R> {
    pub(super) request: R,
    pub(super) timing: Timing,
    pub(super) exchange: Result<Exchange, ExchangeFault>,
}

/// Where answers wait for the clerk.
pub(super) struct Inbox<R> {
    waiting: RefCell<VecDeque<Answered<R>>>,
    arrived: Notify,
}

impl<R> Default for Inbox<R> {
    fn default() -> Self {
        Self { waiting: RefCell::default(), arrived: Notify::new() }
    }
}

impl<R> Inbox<R> {
    /// Lays one down.
    pub(super) fn push(&self, answered: Answered<R>) {
        self.waiting.borrow_mut().push_back(answered);
        self.arrived.notify_one();
    }

    fn pop(&self) -> Option<Answered<R>> {
        self.waiting.borrow_mut().pop_front()
    }
}

/// Reads answers, for ever.
pub(super) async fn read_answers<D: Dialogue>(lanes: Rc<Lanes<D>>) {
    let burst = lanes.dialogue.burst();
    loop {
        for _ in 1..burst {
            // Those of a burst wait for each other at the signature desk.
            let Some(answered) = lanes.inbox.pop() else { break };
            let lanes = Rc::clone(&lanes);
            tokio::task::spawn_local(async move { lanes.read(answered).await });
        }
        match lanes.inbox.pop() {
            Some(answered) => {
                lanes.read(answered).await;
                tokio::task::yield_now().await;
            }
            None => lanes.inbox.arrived.notified().await,
        }
    }
}
