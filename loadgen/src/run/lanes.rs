//! Carries requests to the switch: each lane is one task with one connection, and their number grows with what is in
//! flight.
//!
//! Invariant: a request that is due never waits for another's answer while a lane is free or may still be opened; past
//! the bound it waits in the backlog, visibly late; past the backlog's bound it is dropped, visibly. The most recently
//! used lane is taken first, so that no more connections are open than the load needs.
//!
//! With TLS a connection speaks for one institution, so each institution has lanes of its own, a **group**; a lane of
//! another group is taken, and connects anew, only when no more may be opened. Without TLS there is one group.

use super::learn::{learn, remember};
use super::progress::Counters;
use super::slicer::Cut;
use super::tally::{Outcome, Tally, Timing};
use crate::answer::{AnswerFault, AnswerReader};
use crate::clock::Origin;
use crate::compose::Prepared;
use crate::history::{History, Sent};
use crate::kind::Kind;
use crate::plan::Plan;
use crate::target::Target;
use crate::tracker::Tracker;
use crate::wire::{Connection, Outgoing, Speaker};
use http::HeaderValue;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::task::{Poll, Waker};
use tokio::sync::Notify;

/// What all lanes of a run share, on one thread.
pub(super) struct Lanes {
    pub(super) origin: Origin,
    pub(super) tracker: RefCell<Tracker>,
    pub(super) history: RefCell<History>,
    pub(super) tally: RefCell<Tally>,
    pub(super) counters: Arc<Counters>,
    plan: Plan,
    target: Target,
    answers: AnswerReader,
    callers: Vec<Caller>,
    /// By group.
    backlog: RefCell<Vec<VecDeque<Prepared>>>,
    slots: RefCell<Vec<Slot>>,
    /// By group.
    idle: RefCell<Vec<Vec<usize>>>,
    outstanding: Cell<usize>,
    all_done: Notify,
}

/// Where an idle lane is given its next request.
#[derive(Default)]
struct Slot {
    request: Option<Prepared>,
    waker: Option<Waker>,
}

/// An institution, as its requests need it.
pub(super) struct Caller {
    /// OriIssrId.
    pub(super) header: HeaderValue,
    pub(super) speaker: Speaker,
}

/// The parts that a run hands to its lanes.
pub(super) struct Parts {
    pub(super) plan: Plan,
    pub(super) target: Target,
    pub(super) tracker: Tracker,
    pub(super) history: History,
    pub(super) answers: AnswerReader,
    pub(super) callers: Vec<Caller>,
    pub(super) counters: Arc<Counters>,
    /// Where slices of time go.
    pub(super) cuts: Sender<Cut>,
}

impl Lanes {
    /// Starts the run's time scale.
    pub(super) fn open(parts: Parts) -> Rc<Self> {
        let is_tls = parts.callers.iter().any(|caller| caller.speaker.is_some());
        let groups = if is_tls { parts.callers.len() } else { 1 };
        Rc::new(Self {
            origin: Origin::now(),
            tracker: RefCell::new(parts.tracker),
            history: RefCell::new(parts.history),
            tally: RefCell::new(Tally::new(parts.plan.warm_up, parts.plan.duration, parts.cuts)),
            counters: parts.counters,
            plan: parts.plan,
            target: parts.target,
            answers: parts.answers,
            callers: parts.callers,
            backlog: RefCell::new((0..groups).map(|_| VecDeque::new()).collect()),
            slots: RefCell::default(),
            idle: RefCell::new(vec![Vec::new(); groups]),
            outstanding: Cell::new(0),
            all_done: Notify::new(),
        })
    }

    /// Takes a request whose instant has come.
    pub(super) fn dispatch(self: &Rc<Self>, request: Prepared) {
        self.tally.borrow_mut().note_scheduled(request.due_ns);
        let group = self.group_of(&request);
        match self.free_lane(group) {
            Some(lane) => self.hand_over(lane, request),
            None if self.may_open() => self.open_lane(request),
            None if self.waiting() < self.plan.backlog_max => self.backlog.borrow_mut()[group].push_back(request),
            None => {
                self.tally.borrow_mut().note_dropped(request.due_ns);
                return;
            }
        }
        self.outstanding.set(self.outstanding.get() + 1);
    }

    fn group_of(&self, request: &Prepared) -> usize {
        usize::from(request.order.institution) % self.idle.borrow().len()
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
    fn next_waiting(&self, group: usize) -> Option<Prepared> {
        let mut backlog = self.backlog.borrow_mut();
        backlog[group].pop_front().or_else(|| backlog.iter_mut().find_map(VecDeque::pop_front))
    }

    /// Waits until every dispatched request has its end. Bounded, because every exchange is.
    pub(super) async fn drain(&self) {
        while self.outstanding.get() > 0 {
            self.all_done.notified().await;
        }
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

    fn hand_over(&self, lane: usize, request: Prepared) {
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[lane];
        slot.request = Some(request);
        if let Some(waker) = slot.waker.take() {
            waker.wake();
        }
    }

    fn open_lane(self: &Rc<Self>, request: Prepared) {
        let mut slots = self.slots.borrow_mut();
        slots.push(Slot { request: Some(request), waker: None });
        tokio::task::spawn_local(Rc::clone(self).run_lane(slots.len() - 1));
    }

    async fn run_lane(self: Rc<Self>, lane: usize) {
        let mut connection = Connection::new(self.target.clone(), self.plan.connect_timeout, self.plan.reply_timeout);
        loop {
            let request = self.next_request(lane).await;
            let group = self.group_of(&request);
            self.carry(&mut connection, request).await;
            self.outstanding.set(self.outstanding.get() - 1);
            if self.outstanding.get() == 0 {
                self.all_done.notify_one();
            }
            match self.next_waiting(group) {
                Some(waiting) => self.slots.borrow_mut()[lane].request = Some(waiting),
                None => self.idle.borrow_mut()[group].push(lane),
            }
        }
    }

    async fn next_request(&self, lane: usize) -> Prepared {
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

    async fn carry(&self, connection: &mut Connection, request: Prepared) {
        let ready = connection.ready(&self.caller(&request).speaker).await;
        let sent_ns = self.origin.nanos();
        self.note_sent(&request, sent_ns);
        let exchange = match ready {
            Ok(()) => connection.exchange(&self.outgoing(&request)).await,
            Err(fault) => Err(fault),
        };
        let internal_us = exchange.as_ref().ok().and_then(|exchange| exchange.internal_us);
        let outcome = match exchange {
            Ok(exchange) => match self.answers.read(exchange).await {
                Ok(answer) if answer.is_for(request.id, request.kind, request.message_type) => {
                    Outcome::Answered(answer)
                }
                Ok(_) => Outcome::Unusable(AnswerFault::Unasked),
                Err(fault) => Outcome::Unusable(fault),
            },
            Err(fault) => Outcome::Failed(fault),
        };
        let order = &request.order;
        let is_apart = |bank: &u16| [order.debit_bank, order.credit_bank].contains(bank);
        let is_timed = !self.plan.apart.iter().any(is_apart);
        let timing = Timing {
            due_ns: request.due_ns,
            sent_ns,
            done_ns: self.origin.nanos(),
            is_timed,
            is_forbidden: order.is_forbidden,
        };
        self.tally.borrow_mut().note_outcome(request.kind, timing, &outcome, internal_us);
        self.learn(&request, &outcome);
    }

    fn caller(&self, request: &Prepared) -> &Caller {
        &self.callers[usize::from(request.order.institution)]
    }

    fn outgoing(&self, request: &Prepared) -> Outgoing {
        Outgoing {
            message_code: request.message_type.code(),
            institution: self.caller(request).header.clone(),
            body: request.body.clone(),
        }
    }

    fn note_sent(&self, request: &Prepared, sent_ns: u64) {
        self.tally.borrow_mut().note_sent(request.kind, request.due_ns, sent_ns);
        if request.kind.is_tracked() {
            self.tracker.borrow_mut().send(request.id, request.order);
        }
        if self.plan.mix.repeats() && request.kind != Kind::Duplicate && request.kind.is_tracked() {
            let Prepared { id, order, message_type, body, .. } = request.clone();
            self.history.borrow_mut().sent.push(Sent { id, order, message_type, body });
        }
    }

    /// Tells the tracker what the institution has learnt, and remembers what later requests can refer to.
    fn learn(&self, request: &Prepared, outcome: &Outcome) {
        let is_news = learn(&mut self.tracker.borrow_mut(), request.kind, request.id, outcome);
        if let Outcome::Answered(answer) = outcome {
            remember(&mut self.history.borrow_mut(), request, answer, is_news);
        }
    }
}
