//! Answers the switch as one bank: verifies its signature, moves money in the ledger, signs, and misbehaves as told.
//!
//! Invariant: the ledger changes before the answer is delayed or spoilt, so that a query tells the truth from the first
//! moment. A request whose signature does not verify changes nothing.

use super::answer::{Asked, Verdict, direction_of, draft_echo, draft_finding, draft_general, draft_receipt};
use super::behaviour::{Behaviour, Conduct, Fault, Step, draw_key};
use super::ledger::{BankLedger, Finding, Ledger, Leg};
use crate::ask::{Ask, LegAsk, understand};
use crate::config::{Identity, Node};
use crate::constants::{BODY_BYTES_MAX, SILENCE_MS};
use crate::error::Error;
use crate::random::Draws;
use crate::serve::{Reply, Serve};
use crate::wire::{Desk, Draft, Fault as WireFault, Overlong, Reader, read_body};
use bytes::Bytes;
use clearway_codec::{InstitutionId, ReturnCode, TrxId, TrxStatus};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use parking_lot::Mutex;
use serde::Serialize;
use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Code of a debit that the bank will not execute any more: it has denied it, or was told that it failed.
const DISOWNED: ReturnCode = ReturnCode::PB500099;

/// What a bank has seen, for reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BankCounts {
    /// Legs asked for.
    pub legs: u64,
    /// Queries.
    pub queries: u64,
    /// Terminal notices.
    pub notices: u64,
    /// Requests that were no message, not signed by the switch, or not for a bank.
    pub rejected: u64,
    /// Legs that named another bank.
    pub misrouted: u64,
    /// Answers spoilt on purpose.
    pub faults: u64,
}

#[derive(Debug, Default)]
struct Counts([AtomicU64; 6]);

#[derive(Debug, Clone, Copy)]
enum Count {
    Legs,
    Queries,
    Notices,
    Rejected,
    Misrouted,
    Faults,
}

impl Counts {
    fn add(&self, count: Count) {
        self.0[count as usize].fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self) -> BankCounts {
        let [legs, queries, notices, rejected, misrouted, faults] =
            std::array::from_fn(|place| self.0[place].load(Ordering::Relaxed));
        BankCounts { legs, queries, notices, rejected, misrouted, faults }
    }
}

/// One bank as the rest of the process sees it: its books can be read and its behaviour changed while it serves.
#[derive(Debug)]
pub(crate) struct BankState {
    pub(crate) id: InstitutionId,
    place: usize,
    seed: u64,
    ledger: Mutex<Ledger>,
    behaviour: Mutex<Behaviour>,
    counts: Counts,
}

impl BankState {
    pub(crate) fn new(id: InstitutionId, place: usize, seed: u64, behaviour: Behaviour) -> Self {
        Self { id, place, seed, ledger: Mutex::default(), behaviour: Mutex::new(behaviour), counts: Counts::default() }
    }

    pub(crate) fn set_behaviour(&self, behaviour: Behaviour) {
        *self.behaviour.lock() = behaviour;
    }

    pub(crate) fn ledger(&self) -> BankLedger {
        BankLedger { bank: self.id, ledger: self.ledger.lock().clone() }
    }

    pub(crate) fn counts(&self) -> BankCounts {
        self.counts.read()
    }

    fn draws(&self, id: TrxId, step: Step, attempt: u16) -> Draws {
        Draws::new(self.seed, draw_key(self.place, id, step, attempt))
    }

    /// Decides one leg and books it.
    fn decide_leg(&self, ask: &LegAsk) -> (Verdict, Conduct) {
        self.counts.add(Count::Legs);
        let mut ledger = self.ledger.lock();
        let attempt = ledger.note_request(ask.id, ask.leg, ask.amount.fen());
        let conduct = self.behaviour.lock().conduct(&mut self.draws(ask.id, Step::leg(ask.leg), attempt));
        let refusal = self.refusal(ask, &conduct);
        let verdict = match refusal {
            Some(code) => Verdict::Refused(code),
            None if !conduct.executes => Verdict::Done(0),
            None => ledger.execute(ask.id, ask.leg, ask.amount.fen()).map_or(Verdict::Refused(DISOWNED), Verdict::Done),
        };
        if let Verdict::Refused(code) = verdict {
            ledger.refuse(ask.id, ask.leg, code);
        }
        (verdict, conduct)
    }

    fn refusal(&self, ask: &LegAsk, conduct: &Conduct) -> Option<ReturnCode> {
        let (unknown, business) = match ask.leg {
            Leg::Debit => (ReturnCode::PB520097, ReturnCode::PB520011),
            Leg::Credit => (ReturnCode::RB620097, ReturnCode::RB620097),
        };
        if ask.addressee != self.id {
            self.counts.add(Count::Misrouted);
            return Some(unknown);
        }
        conduct.refuses.then_some(business)
    }

    /// Looks a leg up, after perhaps having lost it.
    fn decide_query(&self, id: TrxId, leg: Leg) -> (Finding, Duration, Option<Fault>) {
        self.counts.add(Count::Queries);
        let mut ledger = self.ledger.lock();
        let attempt = ledger.note_query(id, leg);
        let mut draws = self.draws(id, Step::query(leg), attempt);
        let behaviour = self.behaviour.lock();
        let (delay, fault) = behaviour.conduct_query(&mut draws);
        if draws.chance(behaviour.loses) {
            ledger.lose(id, leg);
        }
        (ledger.look_up(id, leg), delay, fault)
    }

    fn decide_notice(&self, id: TrxId, leg: Leg, status: TrxStatus) -> (Duration, Option<Fault>) {
        self.counts.add(Count::Notices);
        let mut ledger = self.ledger.lock();
        let attempt = ledger.note_notice(id, leg);
        ledger.settle_notice(id, leg, status);
        self.behaviour.lock().conduct_query(&mut self.draws(id, Step::Notice, attempt))
    }
}

/// The bank on its runtime thread.
pub(crate) struct BankServer {
    state: Arc<BankState>,
    identity: Identity,
    node: Node,
    desk: Rc<Desk>,
    reader: RefCell<Reader>,
}

/// An answer that is ready to be signed, and how it is to be spoilt.
struct Reaction {
    draft: Draft,
    delay: Duration,
    fault: Option<Fault>,
}

impl BankServer {
    pub(crate) fn new(state: Arc<BankState>, identity: Identity, node: Node, desk: Rc<Desk>) -> Self {
        Self { state, identity, node, desk, reader: RefCell::default() }
    }

    async fn understand(&self, body: &Bytes) -> Result<Ask, WireFault> {
        let sealed = self.reader.borrow_mut().open(body, understand)?;
        sealed.authenticate(&self.desk, self.node.id, self.node.serial, &self.node.key).await
    }

    fn react(&self, ask: &Ask) -> Result<Reaction, Error> {
        match ask {
            Ask::Leg(leg) => self.react_to_leg(leg),
            Ask::Query { id, leg, category, time } => {
                let (finding, delay, fault) = self.state.decide_query(*id, *leg);
                let id = confused(*id, fault);
                let asked = Asked { id, leg: *leg, category: *category, time: *time };
                Ok(Reaction { draft: draft_finding(&self.identity, self.state.place, &asked, finding)?, delay, fault })
            }
            Ask::Notice { id, leg: Some(leg), status } => {
                let (delay, fault) = self.state.decide_notice(*id, *leg, *status);
                Ok(Reaction {
                    draft: draft_general(&self.identity, direction_of(*leg), ReturnCode::SUCCESS)?,
                    delay,
                    fault,
                })
            }
            Ask::Probe { nonce } => {
                let draft = draft_echo(&self.identity, direction_of(Leg::Debit), nonce)?;
                Ok(Reaction { draft, delay: Duration::ZERO, fault: None })
            }
            Ask::Notice { leg: None, .. } | Ask::Unfit => self.reject(ReturnCode::PB040000),
        }
    }

    fn react_to_leg(&self, ask: &LegAsk) -> Result<Reaction, Error> {
        let (verdict, conduct) = self.state.decide_leg(ask);
        let id = confused(ask.id, conduct.fault);
        let draft = draft_receipt(&self.identity, self.state.place, ask, id, verdict)?;
        Ok(Reaction { draft, delay: conduct.delay, fault: conduct.fault })
    }

    fn reject(&self, code: ReturnCode) -> Result<Reaction, Error> {
        self.state.counts.add(Count::Rejected);
        let draft = draft_general(&self.identity, direction_of(Leg::Debit), code)?;
        Ok(Reaction { draft, delay: Duration::ZERO, fault: None })
    }

    async fn carry_out(&self, reaction: Reaction) -> Result<Response<Reply>, io::Error> {
        let Reaction { draft, delay, fault } = reaction;
        if fault.is_some() {
            self.state.counts.add(Count::Faults);
        }
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        match fault {
            None | Some(Fault::Late | Fault::WrongTransaction) => Ok(Reply::message(self.seal(draft).await?)),
            Some(Fault::NeverAnswers) => {
                tokio::time::sleep(Duration::from_millis(SILENCE_MS)).await;
                Err(io::ErrorKind::TimedOut.into())
            }
            Some(Fault::Garbage) => Ok(Reply::message(Bytes::from_static(b"<html><body>It works!</body>"))),
            Some(Fault::BadSignature) => Ok(Reply::message(self.seal_badly(draft)?)),
            Some(Fault::ClosesMidAnswer) => Ok(Reply::cut(&self.seal(draft).await?)),
            Some(Fault::NonOk) => Ok(Reply::status(StatusCode::SERVICE_UNAVAILABLE)),
        }
    }

    async fn seal(&self, draft: Draft) -> Result<Bytes, io::Error> {
        self.desk.seal(&self.identity.key, draft).await.map_err(io::Error::other)
    }

    /// A well-formed signature of the right key over other bytes.
    fn seal_badly(&self, draft: Draft) -> Result<Bytes, io::Error> {
        let other = draft.signed().get(1..).unwrap_or_default();
        let signature =
            self.desk.backends().sign(&clearway_crypto::SignJob { key: &self.identity.key, message: other });
        signature.map(|signature| draft.seal(signature.as_bytes())).map_err(io::Error::other)
    }
}

impl Serve for BankServer {
    async fn serve(self: Rc<Self>, request: Request<Incoming>) -> Result<Response<Reply>, io::Error> {
        if request.method() != Method::POST {
            return Ok(Reply::status(StatusCode::METHOD_NOT_ALLOWED));
        }
        let body = match read_body(request.into_body(), BODY_BYTES_MAX).await {
            Ok(body) => body,
            Err(Overlong::TooLarge) => return Ok(Reply::status(StatusCode::PAYLOAD_TOO_LARGE)),
            Err(Overlong::Broken) => return Err(io::ErrorKind::ConnectionAborted.into()),
        };
        let reaction = match self.understand(&body).await {
            Ok(ask) => self.react(&ask),
            Err(fault) => self.reject(code_of(fault)),
        };
        self.carry_out(reaction.map_err(io::Error::other)?).await
    }
}

/// Code that answers a message which cannot be believed.
pub(crate) const fn code_of(fault: WireFault) -> ReturnCode {
    match fault {
        WireFault::Unreadable(_) => ReturnCode::ES000012,
        WireFault::Unsigned => ReturnCode::PS500022,
        WireFault::BadSignature => ReturnCode::PS500025,
        WireFault::Impostor => ReturnCode::ES000021,
    }
}

/// The transaction that an answer names: another one when the bank is to confuse it.
fn confused(id: TrxId, fault: Option<Fault>) -> TrxId {
    const NEXT_SEQUENCE: u128 = 10_000_000;
    match fault {
        Some(Fault::WrongTransaction) => TrxId::from_u128(id.as_u128() + NEXT_SEQUENCE).unwrap_or(id),
        _ => id,
    }
}
