//! Carries requests to the switch: each lane is one task with one connection, and their number grows with what is in
//! flight.
//!
//! Invariant: a request that is due never waits for another's answer while a lane is free or may still be opened; past
//! the bound it waits in the backlog, visibly late; past the backlog's bound it is dropped, visibly. The most recently
//! used lane is taken first, so that no more connections are open than the load needs.
//!
//! With TLS a connection speaks for one institution, so each institution has lanes of its own, a **group**; a lane of
//! another group is taken, and connects anew, only when no more may be opened. Without TLS there is one group.

use super::clerk::{Answered, Inbox};
use super::dialogue::Dialogue;
use super::progress::Counters;
use super::slicer::Cut;
use super::tally::{Tally, Timing};
use super::valve::{Abort, Standing};
use crate::clock::{Origin, thread_cpu};
use crate::plan::Plan;
use crate::target::Target;
use crate::wire::Connection;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::task::{Poll, Waker};
use std::time::Duration;
use tokio::sync::Notify;

/// What all lanes of a run share, on one thread.
pub(super) struct Lanes<D: Dialogue> {
    pub(super) origin: Origin,
    /// CPU time that the thread had used by then.
    pub(super) opened_cpu: Duration,
    pub(super) dialogue: D,
    pub(super) tally: RefCell<Tally>,
    pub(super) counters: Arc<Counters>,
    plan: Plan,
    target: Target,
    /// By group.
    backlog: RefCell<Vec<VecDeque<D::Request>>>,
    slots: RefCell<Vec<Slot<D::Request>>>,
    /// By group.
    idle: RefCell<Vec<Vec<usize>>>,
    /// Answers that were not read yet.
    pub(super) inbox: Inbox<D::Request>,
    outstanding: Cell<usize>,
    /// Answers of any kind.
    answered: Cell<u64>,
    /// Why the run ended itself.
    abort: RefCell<Option<Abort>>,
    all_done: Notify,
}

/// Where an idle lane is given its next request.
struct Slot<R> {
    request: Option<R>,
    waker: Option<Waker>,
}

/// The parts that a run hands to its lanes.
pub(super) struct Parts<D> {
    pub(super) plan: Plan,
    pub(super) target: Target,
    pub(super) dialogue: D,
    pub(super) counters: Arc<Counters>,
    /// Where slices of time go.
    pub(super) cuts: Sender<Cut>,
}

impl<D: Dialogue> Lanes<D> {
    /// Starts the run's time scale.
    pub(super) fn open(parts: Parts<D>) -> Rc<Self> {
        let groups = parts.dialogue.groups();
        Rc::new(Self {
            origin: Origin::now(),
            opened_cpu: thread_cpu(),
            dialogue: parts.dialogue,
            tally: RefCell::new(
                Tally::new(parts.plan.warm_up, parts.plan.duration, parts.cuts).with_deadline(parts.plan.deadline),
            ),
            counters: parts.counters,
            plan: parts.plan,
            target: parts.target,
            backlog: RefCell::new((0..groups).map(|_| VecDeque::new()).collect()),
            slots: RefCell::default(),
            idle: RefCell::new(vec![Vec::new(); groups]),
            inbox: Inbox::default(),
            outstanding: Cell::new(0),
            answered: Cell::new(0),
            abort: RefCell::default(),
            all_done: Notify::new(),
        })
    }

    /// Takes a request whose instant has come.
    pub(super) fn dispatch(self: &Rc<Self>, request: D::Request) {
        let due_ns = D::due_ns(&request);
        self.tally.borrow_mut().note_scheduled(due_ns);
        let group = self.dialogue.group(&request);
        match self.free_lane(group) {
            Some(lane) => self.hand_over(lane, request),
            None if self.may_open() => self.open_lane(request),
            None if self.waiting() < self.plan.backlog_max => self.backlog.borrow_mut()[group].push_back(request),
            None => {
                self.tally.borrow_mut().note_dropped(due_ns);
                return;
            }
        }
        self.outstanding.set(self.outstanding.get() + 1);
    }

    fn may_open(&self) -> bool {
        self.slots.borrow().len() < self.plan.connections_max
    }

    /// An idle lane of this group; of another one when no more may be opened.
    fn free_lane(&self, group: usize) -> Option<usize> {
        let mut idle = self.idle.borrow_mut();
        let own = idle[group].pop();
        own.or_else(|| if self.may_open() { None } else { idle.iter_mut().find_map(Vec::pop) })
    }

    /// Requests in the backlog.
    fn waiting(&self) -> usize {
        self.backlog.borrow().iter().map(VecDeque::len).sum()
    }

    /// The next one from the backlog: of this group, or of another when it has none.
    fn next_waiting(&self, group: usize) -> Option<D::Request> {
        let mut backlog = self.backlog.borrow_mut();
        backlog[group].pop_front().or_else(|| backlog.iter_mut().find_map(VecDeque::pop_front))
    }

    /// Waits until every dispatched request has its end and was read. Bounded, because every exchange is.
    pub(super) async fn drain(&self) {
        while self.outstanding.get() > 0 {
            self.all_done.notified().await;
        }
    }

    /// What the valve goes by.
    pub(super) fn standing(&self) -> Standing {
        let sent = self.tally.borrow().seen.sent;
        Standing { in_flight: self.outstanding.get(), sent, answered: self.answered.get() }
    }

    /// The schedule ends here. What waits for a connection is dropped: nobody would wait for it.
    pub(super) fn abort(&self, abort: Abort) {
        *self.abort.borrow_mut() = Some(abort);
        for request in self.backlog.borrow_mut().iter_mut().flat_map(|waiting| waiting.drain(..)) {
            self.tally.borrow_mut().note_dropped(D::due_ns(&request));
            self.outstanding.set(self.outstanding.get() - 1);
        }
    }

    /// Why the run ended itself, if it did.
    pub(super) fn aborted(&self) -> Option<Abort> {
        self.abort.borrow().clone()
    }

    /// Connections opened so far.
    pub(super) fn lanes_open(&self) -> usize {
        self.slots.borrow().len()
    }

    /// Shows other threads how far the run is.
    pub(super) fn publish(&self) {
        let mut tally = self.tally.borrow_mut();
        tally.note_time(self.origin.nanos());
        self.counters.publish(&tally.seen);
    }

    fn hand_over(&self, lane: usize, request: D::Request) {
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[lane];
        slot.request = Some(request);
        if let Some(waker) = slot.waker.take() {
            waker.wake();
        }
    }

    fn open_lane(self: &Rc<Self>, request: D::Request) {
        let mut slots = self.slots.borrow_mut();
        slots.push(Slot { request: Some(request), waker: None });
        tokio::task::spawn_local(Rc::clone(self).run_lane(slots.len() - 1));
    }

    async fn run_lane(self: Rc<Self>, lane: usize) {
        let mut connection = Connection::new(self.target.clone(), self.plan.connect_timeout, self.plan.reply_timeout);
        loop {
            let request = self.next_request(lane).await;
            let group = self.dialogue.group(&request);
            let answered = self.carry(&mut connection, request).await;
            self.inbox.push(answered);
            match self.next_waiting(group) {
                Some(waiting) => self.slots.borrow_mut()[lane].request = Some(waiting),
                None => self.idle.borrow_mut()[group].push(lane),
            }
        }
    }

    async fn next_request(&self, lane: usize) -> D::Request {
        std::future::poll_fn(|context| {
            let mut slots = self.slots.borrow_mut();
            let slot = &mut slots[lane];
            match slot.request.take() {
                Some(request) => Poll::Ready(request),
                None => {
                    slot.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    async fn carry(&self, connection: &mut Connection, request: D::Request) -> Answered<D::Request> {
        let dialogue = &self.dialogue;
        let ready = connection.ready(dialogue.speaker(&request)).await;
        let (kind, due_ns, sent_ns) = (D::kind(&request), D::due_ns(&request), self.origin.nanos());
        self.tally.borrow_mut().note_sent(kind, due_ns, sent_ns);
        dialogue.note_sent(&request);
        let exchange = match ready {
            Ok(()) => connection.exchange(dialogue.outgoing(&request)).await,
            Err(fault) => Err(fault),
        };
        self.answered.set(self.answered.get() + u64::from(exchange.is_ok()));
        let timing = Timing {
            due_ns,
            sent_ns,
            done_ns: self.origin.nanos(),
            is_timed: dialogue.is_timed(&request),
            is_forbidden: dialogue.is_forbidden(&request),
        };
        Answered { request, timing, exchange }
    }

    /// Takes down what came of a request.
    pub(super) async fn read(&self, answered: Answered<D::Request>) {
        let Answered { request, timing, exchange } = answered;
        let internal_us = exchange.as_ref().ok().and_then(|exchange| exchange.internal_us);
        let outcome = self.dialogue.understand(&request, exchange).await;
        self.tally.borrow_mut().note_outcome(D::kind(&request), timing, &outcome, internal_us);
        self.dialogue.learn(&request, &outcome);
        self.outstanding.set(self.outstanding.get() - 1);
        if self.outstanding.get() == 0 {
            self.all_done.notify_one();
        }
    }
}
