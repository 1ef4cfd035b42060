//! Ends connections whose request does not get finished.
//!
//! A timer per request would cost more than the request's own bookkeeping, so each worker looks once a second at all
//! its connections. Invariant: a connection with no request under way is never ended here (idle keep-alive is free).

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

/// A connection as the sweep sees it.
pub(super) trait Receiving {
    /// Since when a request has been arriving that is not whole yet.
    fn receiving_since(&self) -> Option<Instant>;

    /// Gives the connection up.
    fn end(&self);
}

/// All connections of one worker.
#[derive(Debug)]
pub(super) struct Sweep<C> {
    connections: RefCell<Vec<Weak<C>>>,
}

impl<C: Receiving> Sweep<C> {
    pub(super) const fn new() -> Self {
        Self { connections: RefCell::new(Vec::new()) }
    }

    pub(super) fn watch(&self, connection: &Rc<C>) {
        self.connections.borrow_mut().push(Rc::downgrade(connection));
    }

    /// Shows every connection to `look`.
    pub(super) fn each(&self, mut look: impl FnMut(&C)) {
        for connection in self.connections.borrow().iter().filter_map(Weak::upgrade) {
            look(&connection);
        }
    }

    /// Gives up every connection whose request has been arriving for longer than `limit`. Returns how many.
    pub(super) fn sweep(&self, now: Instant, limit: Duration) -> usize {
        let mut ended = 0;
        self.connections.borrow_mut().retain(|connection| {
            let Some(connection) = connection.upgrade() else { return false };
            if connection.receiving_since().is_some_and(|since| now.saturating_duration_since(since) > limit) {
                connection.end();
                ended += 1;
            }
            true
        });
        ended
    }
}
