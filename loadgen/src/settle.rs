//! After the load: queries every transaction whose end its institution does not know, until it knows or the time is up.
//!
//! Invariant: a settlement only asks. Transport errors and refusals are retried in the next round; they say nothing
//! about a transaction.

use crate::answer::{AnswerFault, AnswerReader};
use crate::business::Business;
use crate::clock::unix_micros;
use crate::compose::{form_about, message_about};
use crate::config::Config;
use crate::error::Error;
use crate::kind::Kind;
use crate::run::{Outcome, learn};
use crate::target::Target;
use crate::thread::local_runtime;
use crate::tracker::{Fate, Tracker};
use crate::wire::{Connection, Desk, Outgoing, VerifyShare, answer_header};
use clearway_codec::{BeijingTime, Direction, TrxId};
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How patiently to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// When to give up. Presumption takes the switch as long as its query schedule says.
    pub limit: Duration,
    /// Pause between two rounds over what is still open.
    pub pause: Duration,
    /// Connections that ask at the same time.
    pub lanes: usize,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for one answer.
    pub reply_timeout: Duration,
    /// Gateway orders that are still open after this are closed (317), as institutions do with a customer who has
    /// walked away.
    pub closes_after: Duration,
}

impl Default for Settlement {
    fn default() -> Self {
        Self {
            limit: Duration::from_secs(60),
            pause: Duration::from_millis(250),
            lanes: 16,
            connect_timeout: Duration::from_secs(1),
            reply_timeout: Duration::from_secs(5),
            closes_after: Duration::from_secs(2),
        }
    }
}

/// What a settlement did.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Settled {
    /// Transactions open at the start.
    pub open: u64,
    /// Queries sent.
    pub queries: u64,
    /// Orders closed, or tried to.
    pub closes: u64,
    /// Of those, without a usable answer.
    pub failures: u64,
    /// Rounds over what was still open.
    pub rounds: u32,
    /// Transactions still open at the end.
    pub remaining: u64,
    /// Time it took, in seconds.
    pub seconds: f64,
}

/// Queries every open transaction of `tracker` until all have an end or the limit is over. Blocks; its sockets live on
/// a thread of their own, so that it may be called from anywhere.
///
/// # Errors
/// A thread cannot be started, or a query cannot be composed or signed. That the switch does not answer is no error,
/// see [`Settled::remaining`].
pub fn settle(
    settlement: &Settlement,
    config: &Config,
    target: &Target,
    tracker: &mut Tracker,
) -> Result<Settled, Error> {
    let work = || local_runtime()?.block_on(settle_here(settlement, config, target, tracker));
    std::thread::scope(|scope| scope.spawn(work).join().map_err(|_| Error::Panicked("the settlement"))?)
}

async fn settle_here(
    settlement: &Settlement,
    config: &Config,
    target: &Target,
    tracker: &mut Tracker,
) -> Result<Settled, Error> {
    let started = Instant::now();
    let desk = Desk::open(config.suite, VerifyShare::ALL);
    let round = Rc::new(Round {
        config: config.clone(),
        settlement: settlement.clone(),
        target: target.clone(),
        answers: AnswerReader::new(config.node.clone(), Rc::clone(&desk)),
        desk,
        tracker: RefCell::new(std::mem::replace(tracker, Tracker::new(0, Arc::default(), 0))),
        open: RefCell::default(),
        started,
        closed: RefCell::default(),
        queries: Cell::new(0),
        failures: Cell::new(0),
    });
    let result = round.repeat(started).await;
    *tracker = round.tracker.replace(Tracker::new(0, Arc::default(), 0));
    let (open, rounds) = result?;
    Ok(Settled {
        open,
        queries: round.queries.get(),
        closes: round.closed.borrow().len() as u64,
        failures: round.failures.get(),
        rounds,
        remaining: tracker.unresolved().len() as u64,
        seconds: started.elapsed().as_secs_f64(),
    })
}

struct Round {
    config: Config,
    settlement: Settlement,
    target: Target,
    answers: AnswerReader,
    desk: Rc<Desk>,
    tracker: RefCell<Tracker>,
    /// What this round has still to ask for.
    open: RefCell<Vec<TrxId>>,
    started: Instant,
    /// Orders that a close was sent for.
    closed: RefCell<HashSet<TrxId>>,
    queries: Cell<u64>,
    failures: Cell<u64>,
}

impl Round {
    /// Rounds until nothing is open or the time is up; how much was open at first, and how many rounds.
    async fn repeat(self: &Rc<Self>, started: Instant) -> Result<(u64, u32), Error> {
        let at_first = self.tracker.borrow().unresolved();
        let (mut open, mut rounds) = (at_first.clone(), 0);
        while !open.is_empty() && started.elapsed() < self.settlement.limit {
            if rounds > 0 {
                tokio::time::sleep(self.settlement.pause).await;
            }
            self.ask_all(open, started + self.settlement.limit).await?;
            open = self.tracker.borrow().unresolved();
            rounds += 1;
        }
        Ok((at_first.len() as u64, rounds))
    }

    async fn ask_all(self: &Rc<Self>, open: Vec<TrxId>, until: Instant) -> Result<(), Error> {
        let lanes = self.settlement.lanes.clamp(1, open.len());
        self.open.replace(open);
        let lanes: Vec<_> = (0..lanes).map(|_| tokio::task::spawn_local(Rc::clone(self).ask_some(until))).collect();
        for lane in lanes {
            lane.await.map_err(|_| Error::Panicked("a lane of the settlement"))??;
        }
        Ok(())
    }

    async fn ask_some(self: Rc<Self>, until: Instant) -> Result<(), Error> {
        let Settlement { connect_timeout, reply_timeout, .. } = self.settlement;
        let connection = |_| Connection::new(self.target.clone(), connect_timeout, reply_timeout);
        // With TLS, each institution speaks on a connection of its own.
        let institutions = if self.config.is_tls() { self.config.institutions.len() } else { 1 };
        let mut connections: Vec<_> = (0..institutions).map(connection).collect();
        while Instant::now() < until {
            let Some(id) = self.open.borrow_mut().pop() else { break };
            let fate = self.tracker.borrow().get(id).copied();
            let connection = |fate: &Fate| usize::from(fate.order.institution) % institutions;
            if let Some((fate, connection)) =
                fate.and_then(|fate| Some((fate, connections.get_mut(connection(&fate))?)))
            {
                self.ask(connection, id, &fate).await?;
            }
        }
        Ok(())
    }

    async fn ask(&self, connection: &mut Connection, id: TrxId, fate: &Fate) -> Result<(), Error> {
        if self.is_to_close(id, fate) {
            self.ask_by(connection, Kind::Close, id, fate).await?;
        }
        self.queries.set(self.queries.get() + 1);
        self.ask_by(connection, Kind::Query, id, fate).await
    }

    /// Whether an order has waited long enough for its customer; true once for each.
    fn is_to_close(&self, id: TrxId, fate: &Fate) -> bool {
        let has_waited = self.started.elapsed() >= self.settlement.closes_after;
        fate.order.business == Business::Gateway && has_waited && self.closed.borrow_mut().insert(id)
    }

    async fn ask_by(&self, connection: &mut Connection, kind: Kind, id: TrxId, fate: &Fate) -> Result<(), Error> {
        let message_type = message_about(kind);
        let outgoing = self.write(kind, id, fate).await?;
        let speaker = &self.config.institutions[usize::from(fate.order.institution)].identity.tls;
        let exchange = match connection.ready(speaker).await {
            Ok(()) => connection.exchange(outgoing).await,
            Err(fault) => Err(fault),
        };
        let outcome = match exchange {
            Ok(exchange) => match self.answers.read(exchange).await {
                Ok(answer) if answer.is_for(id, kind, message_type) => Outcome::Answered(answer),
                Ok(_) => Outcome::Unusable(AnswerFault::Unasked),
                Err(fault) => Outcome::Unusable(fault),
            },
            Err(fault) => Outcome::Failed(fault),
        };
        self.failures.set(self.failures.get() + u64::from(!matches!(outcome, Outcome::Answered(_))));
        learn(&mut self.tracker.borrow_mut(), kind, id, &outcome);
        Ok(())
    }

    async fn write(&self, kind: Kind, id: TrxId, fate: &Fate) -> Result<Outgoing, Error> {
        let message_type = message_about(kind);
        let identity = &self.config.institutions[usize::from(fate.order.institution)].identity;
        let now = BeijingTime::from_unix_micros(unix_micros());
        let header = answer_header(message_type, identity, Direction::PI_TO_SWITCH, now);
        let draft = form_about(kind, id, &fate.order, &self.config).write(&header, None)?;
        let body = self.desk.seal(&identity.key, draft).await?;
        let institution = HeaderValue::from_bytes(identity.id.as_bytes()).unwrap_or(HeaderValue::from_static(""));
        Ok(Outgoing::message(message_type.code(), institution, body))
    }
}
