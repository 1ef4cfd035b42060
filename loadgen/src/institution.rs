//! Takes what the switch sends to payment institutions: terminal notices (207), ends that banks have started (105, 117),
//! news (113, 245), disputes.
//!
//! ```text
//! 207, 113, 245, 321 ...  --> 303
//! 105                     --> 303, or first no answer at all, as often as the behaviour says
//! 117                     --> 118 with 00 (agrees), 01 (the mandate stays) or 02 (silence: nothing decided)
//! ```

use crate::ask::{Ask, LegAsk, understand};
use crate::bank::answer::{draft_consent_of_institution, draft_echo, draft_general};
use crate::bank::server::code_of;
use crate::business::Business;
use crate::clock::unix_micros;
use crate::config::{Identity, Node};
use crate::constants::BODY_BYTES_MAX;
use crate::error::Error;
use crate::random::Draws;
use crate::serve::{Reply, Serve};
use crate::sgn_no::SgnNo;
use crate::transactions::TransactionMap;
use crate::wire::{Desk, Draft, Fault, Overlong, Reader, read_body};
use bytes::Bytes;
use clearway_codec::{Direction, InstitutionId, ReturnCode, TrxId, TrxStatus};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

/// What the terminal notices about one transaction said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// The institution that was told.
    pub institution: InstitutionId,
    /// State in the first notice.
    pub status: TrxStatus,
    /// Notices received.
    pub times: u16,
    /// A later notice named another state or went to another institution.
    pub contradicted: bool,
}

/// All notices received, by transaction.
pub type Notices = TransactionMap<Notice>;

/// Takes down one more notice.
pub(crate) fn note(notices: &mut Notices, id: TrxId, institution: InstitutionId, status: TrxStatus) {
    let fresh = Notice { institution, status, times: 0, contradicted: false };
    let notice = notices.get_or_insert_with(id, || fresh);
    notice.times = notice.times.saturating_add(1);
    notice.contradicted |= notice.status != status || notice.institution != institution;
}

/// An end that a bank has started, as its institution heard of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// What is to end.
    pub number: SgnNo,
    /// Whether it is a mandate.
    pub is_mandate: bool,
    /// Times the institution was told or asked.
    pub times: u16,
    /// What it answered to 117; `None` for 105, and while it is silent.
    pub consent: Option<bool>,
    /// When it first acknowledged, in microseconds since 1970-01-01 UTC; 0 = not yet.
    pub acknowledged_us: u64,
}

/// All of them, by transaction id.
pub type Ends = BTreeMap<String, End>;

/// How institutions treat what they are told. The default acknowledges and agrees at once.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstitutionBehaviour {
    /// How often the end of an agreement (105) is left without an answer before it is acknowledged.
    pub deaf_times: u16,
    /// Probability that an institution refuses the end of a mandate (117).
    pub refuses: f64,
    /// Probability that it decides nothing. Who neither refuses nor is silent agrees.
    pub silent: f64,
}

impl InstitutionBehaviour {
    pub(crate) fn check(&self) -> Result<(), Error> {
        let shares = [self.refuses, self.silent, self.refuses + self.silent];
        match shares.iter().find(|share| !(0.0..=1.0 + 1e-9).contains(*share)) {
            Some(share) => Err(Error::Behaviour(format!("institutions: {share} is no probability"))),
            None => Ok(()),
        }
    }

    /// What it says to the end of a mandate.
    fn consent(&self, seed: u64, id: TrxId) -> Option<bool> {
        let unit = Draws::new(seed, (id.as_u128() % 10_u128.pow(19)) as u64).unit();
        match unit {
            unit if unit < self.refuses => Some(false),
            unit if unit < self.refuses + self.silent => None,
            _ => Some(true),
        }
    }
}

/// What all institutions were told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    pub(crate) notices: Notices,
    pub(crate) ends: Ends,
}

/// One institution's notice desk on its runtime thread.
pub(crate) struct NoticeServer {
    identity: Identity,
    node: Node,
    behaviour: InstitutionBehaviour,
    seed: u64,
    heard: Arc<Mutex<Heard>>,
    desk: Rc<Desk>,
    reader: RefCell<Reader>,
}

impl NoticeServer {
    pub(crate) fn new(
        identity: Identity,
        node: Node,
        (behaviour, seed): (InstitutionBehaviour, u64),
        heard: Arc<Mutex<Heard>>,
        desk: Rc<Desk>,
    ) -> Self {
        Self { identity, node, behaviour, seed, heard, desk, reader: RefCell::default() }
    }

    async fn understand(&self, body: &Bytes) -> Result<Ask, Fault> {
        let sealed = self.reader.borrow_mut().open(body, |message| understand(message, body))?;
        sealed.authenticate(&self.desk, self.node.id, self.node.serial, &self.node.key).await
    }

    /// The answer; `None` when there is to be none.
    fn react(&self, ask: Result<Ask, Fault>) -> Result<Option<Draft>, Error> {
        let general = |code| draft_general(&self.identity, Direction::PI_TO_SWITCH, code).map(Some);
        match ask {
            Ok(Ask::Notice { leg: None, is_of_check: true, .. }) => general(ReturnCode::SUCCESS),
            Ok(Ask::Notice { id, leg: None, status, .. }) => {
                note(&mut self.heard.lock().notices, id, self.identity.id, status);
                general(ReturnCode::SUCCESS)
            }
            Ok(Ask::Leg(ask)) => match ask.row.business {
                Business::BankUnsigning if self.hear_end(&ask) => general(ReturnCode::SUCCESS),
                Business::BankMandateEnd => self.answer_end(&ask).map(Some),
                Business::BankUnsigning => Ok(None),
                _ => general(ReturnCode::PB040000),
            },
            Ok(Ask::News | Ask::Dispute(_)) => general(ReturnCode::SUCCESS),
            Ok(Ask::Probe { nonce }) => draft_echo(&self.identity, Direction::PI_TO_SWITCH, &nonce).map(Some),
            Ok(_) => general(ReturnCode::PB040000),
            Err(fault) => general(code_of(fault)),
        }
    }

    /// Takes down the end of an agreement; whether it is acknowledged this time.
    fn hear_end(&self, ask: &LegAsk) -> bool {
        let mut heard = self.heard.lock();
        let Some(end) = entry(&mut heard.ends, ask) else { return true };
        let acknowledges = end.times > self.behaviour.deaf_times;
        if acknowledges && end.acknowledged_us == 0 {
            end.acknowledged_us = unix_micros();
        }
        acknowledges
    }

    /// Agrees to the end of a mandate, refuses it, or only takes note.
    fn answer_end(&self, ask: &LegAsk) -> Result<Draft, Error> {
        let consent = self.behaviour.consent(self.seed, ask.id);
        if let Some(end) = entry(&mut self.heard.lock().ends, ask) {
            end.consent = consent;
            end.acknowledged_us = unix_micros();
        }
        draft_consent_of_institution(&self.identity, ask, consent)
    }
}

fn entry<'a>(ends: &'a mut Ends, ask: &LegAsk) -> Option<&'a mut End> {
    let is_mandate = ask.row.effect.is_of_mandate();
    let fresh = End { number: ask.contract?, is_mandate, times: 0, consent: None, acknowledged_us: 0 };
    let end = ends.entry(ask.id.to_string()).or_insert(fresh);
    end.times = end.times.saturating_add(1);
    Some(end)
}

impl Serve for NoticeServer {
    async fn serve(self: Rc<Self>, request: Request<Incoming>) -> Result<Response<Reply>, io::Error> {
        if request.method() != Method::POST {
            return Ok(Reply::status(StatusCode::METHOD_NOT_ALLOWED));
        }
        let body = match read_body(request.into_body(), BODY_BYTES_MAX).await {
            Ok(body) => body,
            Err(Overlong::TooLarge) => return Ok(Reply::status(StatusCode::PAYLOAD_TOO_LARGE)),
            Err(Overlong::Broken) => return Err(io::ErrorKind::ConnectionAborted.into()),
        };
        let draft = self.react(self.understand(&body).await).map_err(io::Error::other)?;
        // Silence: what a receiver that has hung gives the switch after a while.
        let Some(draft) = draft else { return Ok(Reply::status(StatusCode::SERVICE_UNAVAILABLE)) };
        let sealed = self.desk.seal(&self.identity.key, draft).await.map_err(io::Error::other)?;
        Ok(Reply::message(sealed))
    }
}
