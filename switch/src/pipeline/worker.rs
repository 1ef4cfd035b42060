//! One worker: a thread with its own reactor, sockets, timers and payments under way.
//!
//! It sleeps until something has come, a journal group is durable, or a timer is due; then it runs one burst through
//! the stages, in the order in which [`Worker::burst`] names them. The time of the payments is read once a burst; where the stages end, a clock for
//! measuring is read besides.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use clearway_codec::Decoder;
use clearway_codec::value::BeijingTime;
use http::HeaderValue;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::account::Marks;
use super::arrival::Arrival;
use super::change::{Change, Prepared};
use super::compose::Writer;
use super::deed::Waiting;
use super::drafts::Drafts;
use super::flight::{Flights, Parked};
use super::inbox::{Inbox, Incoming};
use super::known::Fetched;
use super::reply::{DraftedReply, PendingReply};
use super::shared::Shared;
use super::{decode, verify};
use crate::domain::overload::{CostAverage, Overload, OverloadLimits};
use crate::domain::wheel::{Timer, Wheel};
use crate::metrics::{Count, Spent, Stage, Stopwatch, WorkerMetrics, thread_cpu_ns};
use crate::net::egress::{LineConfig, Lines};
use crate::operations::WorkerStatistics;

/// One worker's state; every field is its own.
pub(crate) struct Worker {
    pub(super) shared: Arc<Shared>,
    pub(super) number: usize,
    /// When the present burst began: unix microseconds, and the same instant for timers.
    pub(super) began: (u64, std::time::Instant),
    /// When its stages ended.
    pub(super) marks: Marks,
    pub(super) watch: Stopwatch,
    /// CPU of this thread by stage, of the burst and of the polls before it.
    pub(super) spent: Spent,
    pub(super) metrics: WorkerMetrics,
    pub(super) statistics: WorkerStatistics,
    pub(super) inbox: Inbox,
    pub(super) lines: Lines<Inbox>,
    pub(super) flights: Flights,
    pub(super) parked: Parked,
    pub(super) wheel: Wheel,
    pub(super) waiting: Waiting,
    // What one burst works on; kept for its room.
    pub(super) changes: Vec<Change>,
    pub(super) replies: Vec<PendingReply>,
    pub(super) prepared: Vec<Prepared>,
    pub(super) drafted: Vec<DraftedReply>,
    pub(super) drafts: Drafts,
    pub(super) head: Vec<u8>,
    pub(super) images: Vec<u8>,
    pub(super) particulars: Vec<u8>,
    pub(super) due: Vec<Timer>,
    pub(super) waves: u64,
    pub(super) decoder: Decoder,
    pub(super) incoming: Vec<Incoming>,
    pub(super) arrivals: Vec<Arrival>,
    /// Messages that come in again, with what was fetched for them.
    pub(super) returned: Vec<(Arrival, Fetched)>,
    pub(super) valid: Vec<bool>,
    pub(super) originators: Vec<Option<HeaderValue>>,
    // Load shedding.
    pub(super) overload: Overload,
    pub(super) cost: CostAverage,
    pub(super) cpu_ns: u64,
    pub(super) admitted: u32,
    pub(super) finished: u64,
    pub(super) shed_refusal: Option<(u64, Bytes)>,
}

impl Worker {
    /// A worker with nothing to do yet.
    pub(crate) fn new(
        shared: Arc<Shared>,
        number: usize,
        (metrics, statistics): (WorkerMetrics, WorkerStatistics),
        spent: Spent,
        inbox: Inbox,
        lines_of: impl Fn(&crate::config::Participant) -> Vec<LineConfig>,
    ) -> Self {
        let mut lines = Lines::new(inbox.clone(), Arc::clone(&shared.links), number, spent.clone());
        let mut originators = Vec::new();
        for participant in shared.participants.iter() {
            lines.set(participant.index, lines_of(participant));
            let index = usize::from(participant.index);
            originators.resize(originators.len().max(index + 1), None);
            if let Some(slot) = originators.get_mut(index) {
                *slot = HeaderValue::from_str(participant.id.as_str()).ok();
            }
        }
        let (now_us, now) = (shared.clock.now_micros(), std::time::Instant::now());
        Self {
            number,
            metrics,
            statistics,
            inbox,
            lines,
            flights: Flights::default(),
            parked: Parked::default(),
            wheel: Wheel::new(now_us),
            waiting: Waiting::default(),
            changes: Vec::new(),
            replies: Vec::new(),
            prepared: Vec::new(),
            drafted: Vec::new(),
            drafts: Drafts::default(),
            head: Vec::new(),
            images: Vec::new(),
            particulars: Vec::new(),
            due: Vec::new(),
            waves: 0,
            decoder: Decoder::new(),
            incoming: Vec::new(),
            arrivals: Vec::new(),
            returned: Vec::new(),
            valid: Vec::new(),
            originators,
            overload: Overload::new(OverloadLimits::default()),
            began: (now_us, now),
            marks: Marks::new(now),
            watch: Stopwatch::new(spent.clone()),
            spent,
            cost: CostAverage::default(),
            cpu_ns: thread_cpu_ns(),
            admitted: 0,
            finished: 0,
            shed_refusal: None,
            shared,
        }
    }

    /// Works until `stop` is notified and everything under way has been answered or the caller gives up waiting.
    /// `wake` is notified when a journal group has become durable.
    pub(crate) async fn run(mut self, wake: Arc<Notify>, stop: Arc<Notify>) {
        tokio::task::spawn_local(self.lines.tidy());
        let mut stopping = false;
        loop {
            let due = self.next_wake();
            let mut idle = false;
            tokio::select! {
                biased;
                () = self.inbox.came() => {}
                () = wake.notified() => {}
                () = stop.notified() => stopping = true,
                () = sleep_until(due) => idle = true,
            }
            self.burst(idle);
            if stopping && (self.shared.ended.load(Ordering::Relaxed) || self.is_idle()) {
                return;
            }
        }
    }

    fn is_idle(&self) -> bool {
        self.waiting.len() == 0 && self.flights.values().all(|flight| flight.exchange.is_none())
    }

    fn next_wake(&self) -> Instant {
        let now_us = self.shared.clock.now_micros();
        let idle = Duration::from_millis(500);
        let wait = self.wheel.next_due().map_or(idle, |due_us| {
            Duration::from_micros(due_us.saturating_sub(now_us)).clamp(Duration::from_millis(1), idle)
        });
        Instant::now() + wait
    }

    /// One burst through the stages.
    fn burst(&mut self, idle: bool) {
        let (now_us, now) = (self.shared.clock.now_micros(), std::time::Instant::now());
        self.began = (now_us, now);
        self.watch.restart(now);
        self.release();
        self.receive();
        self.marks = Marks::new(self.watch.lap(Stage::Queue));
        if !self.arrivals.is_empty() {
            self.check(now_us);
        }
        self.sort(now_us);
        self.take_timers(now_us);
        self.commit(now_us);
        self.kick(idle);
        self.release();
        self.balance(now_us);
    }

    /// Makes checked messages of what has come, and verifies all of them.
    fn check(&mut self, now_us: u64) {
        decode::decode(&mut self.decoder, &mut self.arrivals);
        self.marks.decoded = self.watch.lap(Stage::Decode);
        let impostors = verify::expose_impostors(&self.shared.participants, &mut self.arrivals);
        self.metrics.add(Count::ImpostorsRefused, impostors);
        let ring = self.shared.ring.load();
        verify::verify(&self.shared.backends, &ring, now_us / 1_000_000, &mut self.arrivals, &mut self.valid);
        drop(ring);
        self.metrics.add(Count::MessagesVerified, count(self.valid.len()));
        self.marks.verified = self.watch.lap(Stage::Verify);
    }

    /// Has the open group written if somebody waits for it. What nobody waits for (a receipt was delivered) goes along with
    /// the next group that is wanted, or when nothing else happens.
    fn kick(&mut self, idle: bool) {
        if idle || self.waiting.len() > 0 {
            self.shared.journal.kick();
            self.watch.lap(Stage::CommitWait);
        }
    }

    pub(super) fn writer(&self, now_us: u64) -> Writer {
        Writer { issuer: self.shared.id, serial: self.shared.serial, now: BeijingTime::from_unix_micros(now_us) }
    }

    pub(super) fn originator(&self, institution: u16) -> HeaderValue {
        let known = self.originators.get(usize::from(institution)).and_then(Option::as_ref);
        known.unwrap_or(&self.shared.issuer).clone()
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
