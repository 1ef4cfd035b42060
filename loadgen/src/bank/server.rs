//! Answers the switch as one bank: verifies its signature, moves money in the ledger, signs, and misbehaves as told.
//!
//! Invariant: the ledger changes before the answer is delayed or spoilt, so that a query tells the truth from the first
//! moment. A request whose signature does not verify changes nothing.

use super::answer::{
    Asked, Verdict, direction_of, draft_consent, draft_echo, draft_finding, draft_general, draft_news, draft_receipt,
};
use super::behaviour::Fault;
use super::customer::NewsFault;
use super::ledger::Leg;
use super::outbox::Outbox;
use super::spontaneous::act;
use super::state::{BankState, Count};
use crate::ask::{Ask, DisputeAsk, LegAsk, understand};
use crate::compose::ACCOUNT_PREFIX;
use crate::config::{Identity, Node};
use crate::constants::{BODY_BYTES_MAX, SILENCE_MS};
use crate::error::Error;
use crate::serve::{Reply, Serve};
use crate::target::Target;
use crate::wire::{Desk, Draft, Fault as WireFault, OpenedValues, Overlong, Reader, read_body};
use bytes::Bytes;
use clearway_codec::{Field, MessageType, ReturnCode, TrxId};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Code of a request whose sensitive values cannot be read, or are not what was sealed (ours).
const UNREADABLE: ReturnCode = ReturnCode::ES000099;

/// How long a bank looks at a dispute.
const DELIBERATION: Duration = Duration::from_millis(200);

/// Elements that hold a customer's account number.
const ACCOUNTS: [Field; 2] = [Field::SgnAcctId, Field::PyeeBkNo];

/// The bank on its runtime thread.
pub(crate) struct BankServer {
    pub(super) state: Arc<BankState>,
    pub(super) identity: Identity,
    pub(super) outbox: Outbox,
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
    pub(crate) fn new(
        state: Arc<BankState>,
        identity: Identity,
        node: Node,
        target: Target,
        desk: Rc<Desk>,
    ) -> Rc<Self> {
        let outbox = Outbox::new(identity.clone(), node.clone(), target, Rc::clone(&desk));
        Rc::new(Self { state, identity, outbox, node, desk, reader: RefCell::default() })
    }

    /// Starts what the bank does without being asked.
    pub(crate) fn begin(self: &Rc<Self>) {
        tokio::task::spawn_local(act(Rc::clone(self)));
    }

    async fn understand(&self, body: &Bytes) -> Result<Ask, WireFault> {
        let sealed = self.reader.borrow_mut().open(body, |message| understand(message, body))?;
        sealed.authenticate(&self.desk, self.node.id, self.node.serial, &self.node.key).await
    }

    fn react(self: &Rc<Self>, ask: Ask) -> Result<Reaction, Error> {
        match ask {
            Ask::Leg(leg) => self.react_to_leg(*leg),
            Ask::Query { id, leg, category, time } => {
                let (finding, delay, fault) = self.state.decide_query(id, leg);
                let id = confused(id, fault);
                let asked = Asked { id, leg, category, time };
                Ok(Reaction {
                    draft: draft_finding(&self.identity, self.state.place(), &asked, finding)?,
                    delay,
                    fault,
                })
            }
            Ask::Notice { id, leg: Some(leg), status, .. } => {
                let (delay, fault) = self.state.decide_notice(id, leg, status);
                Ok(Reaction {
                    draft: draft_general(&self.identity, direction_of(leg), ReturnCode::SUCCESS)?,
                    delay,
                    fault,
                })
            }
            Ask::Probe { nonce } => {
                let draft = draft_echo(&self.identity, direction_of(Leg::Debit), &nonce)?;
                Ok(Reaction { draft, delay: Duration::ZERO, fault: None })
            }
            Ask::Dispute(dispute) => self.react_to_dispute(*dispute),
            Ask::Notice { leg: None, .. } | Ask::News | Ask::Unfit => self.reject(ReturnCode::PB040000),
        }
    }

    fn react_to_leg(self: &Rc<Self>, ask: LegAsk) -> Result<Reaction, Error> {
        if !ask.row.is_of_institution() {
            return self.reject(ReturnCode::PB040000);
        }
        let Some(opened) = self.open(&ask) else { return self.reject(UNREADABLE) };
        let (verdict, conduct) = self.state.decide_leg(&ask);
        let id = confused(ask.id, conduct.fault);
        let draft = draft_receipt(&self.identity, self.state.place(), &ask, &opened, id, verdict)?;
        if matches!(verdict, Verdict::Waiting) {
            let bank = Rc::clone(self);
            tokio::task::spawn_local(async move {
                if let Err(error) = bank.play_customer(ask).await {
                    tracing::warn!(%error, "a bank cannot tell what its customer did");
                }
            });
        }
        Ok(Reaction { draft, delay: conduct.delay, fault: conduct.fault })
    }

    /// The sensitive values of a request; `None` when they are not the ones that an institution of the generator
    /// sealed.
    fn open(&self, ask: &LegAsk) -> Option<OpenedValues> {
        let Some(keys) = &self.identity.envelope else { return Some(OpenedValues::default()) };
        let opened = keys.open(&ask.request()).ok()?;
        let is_foreign = |field| opened.get(field).is_some_and(|account| !account.starts_with(ACCOUNT_PREFIX));
        (!ACCOUNTS.into_iter().any(is_foreign)).then_some(opened)
    }

    /// The customer decides, and the switch is told of it, well or badly.
    async fn play_customer(&self, ask: LegAsk) -> Result<(), Error> {
        let visit = self.state.decide_visit(&ask);
        tokio::time::sleep(visit.delay).await;
        let Some(verdict) = self.state.book_decision(&ask, visit.decision) else { return Ok(()) };
        let news = if ask.leg == Leg::Debit { MessageType::Epcc245 } else { ask.row.receipt };
        tokio::time::sleep(visit.lateness).await;
        let draft = || draft_news(&self.identity, self.state.place(), &ask, verdict);
        match visit.fault {
            Some(NewsFault::Never) => return Ok(()),
            Some(NewsFault::GarbageFirst) => self.outbox.send_garbage(news).await,
            Some(NewsFault::Twice) => {
                self.outbox.deliver(news, draft()?).await?;
            }
            Some(NewsFault::Late) | None => {}
        }
        self.outbox.deliver(news, draft()?).await.map(drop)
    }

    /// A bank agrees to every dispute, in a message of its own.
    fn react_to_dispute(self: &Rc<Self>, dispute: DisputeAsk) -> Result<Reaction, Error> {
        self.state.count(Count::Disputes);
        if dispute.message_type == MessageType::Epcc321 {
            let bank = Rc::clone(self);
            tokio::task::spawn_local(async move {
                if let Err(error) = bank.consent(&dispute).await {
                    tracing::warn!(%error, "a bank cannot answer a dispute");
                }
            });
        }
        let draft = draft_general(&self.identity, direction_of(Leg::Debit), ReturnCode::SUCCESS)?;
        Ok(Reaction { draft, delay: Duration::ZERO, fault: None })
    }

    /// 322, when the switch knows that this bank has taken the dispute down.
    async fn consent(&self, dispute: &DisputeAsk) -> Result<(), Error> {
        tokio::time::sleep(DELIBERATION).await;
        let draft = draft_consent(&self.identity, dispute)?;
        let answer = self.outbox.deliver(MessageType::Epcc322, draft).await?;
        if answer.is_some_and(|answer| answer.code.is_success()) {
            self.state.count(Count::Consents);
        }
        Ok(())
    }

    fn reject(&self, code: ReturnCode) -> Result<Reaction, Error> {
        self.state.count(Count::Rejected);
        let draft = draft_general(&self.identity, direction_of(Leg::Debit), code)?;
        Ok(Reaction { draft, delay: Duration::ZERO, fault: None })
    }

    async fn carry_out(&self, reaction: Reaction) -> Result<Response<Reply>, io::Error> {
        let Reaction { draft, delay, fault } = reaction;
        if fault.is_some() {
            self.state.count(Count::Faults);
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
            Ok(ask) => self.react(ask),
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
