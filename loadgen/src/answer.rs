//! What an institution understands of the switch's answers.
//!
//! Invariant: an answer is believed only when the switch's signature over it holds, or is not among the share that the
//! desk checks. A refusal (303) names no
//! transaction, so under overload the same bytes come again and again; bytes that were verified once are believed again
//! without a second verification.

use crate::business::BUSINESSES;
use crate::config::Node;
use crate::constants::REFUSALS_CACHED_MAX;
use crate::history::SerialText;
use crate::kind::Kind;
use crate::sgn_no::SgnNo;
use crate::tracker::Closed;
use crate::wire::{Desk, Exchange, Fault, Reader, Sealed};
use bytes::Bytes;
use clearway_codec::{Checked, Error, Field, MessageType, ReturnCode, TrxId, TrxStatus};
use foldhash::fast::FixedState;
use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::BuildHasher;
use std::rc::Rc;

/// A believed answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    /// The receipt of a request: the state of the transaction that it asked for.
    Receipt {
        message_type: MessageType,
        id: TrxId,
        status: TrxStatus,
        code: Option<ReturnCode>,
        serial: Option<SerialText>,
        /// Number of what was opened.
        contract: Option<SgnNo>,
        /// Digest of the whole body.
        digest: u64,
    },
    /// 302, 306, 314: what a query found. Without a status the code decides, see [`denies`].
    Reply {
        message_type: MessageType,
        /// `None` when the answer names no transaction.
        id: Option<TrxId>,
        status: Option<TrxStatus>,
        code: ReturnCode,
        serial: Option<SerialText>,
        contract: Option<SgnNo>,
    },
    /// 318: what became of the close of an order.
    Close { id: TrxId, closed: Closed, status: Option<TrxStatus> },
    /// 402: control numbers.
    Numbers,
    /// 303: a request without a receipt of its own was taken.
    Taken,
    /// 303: not taken.
    Refusal(ReturnCode),
}

impl Answer {
    /// Whether it answers a request of this kind and type about this transaction. A refusal names none and answers
    /// anything.
    pub(crate) fn is_for(&self, asked: TrxId, kind: Kind, request: MessageType) -> bool {
        match self {
            Self::Receipt { id, message_type, .. } => *id == asked && answers(request, *message_type),
            Self::Reply { id, message_type, .. } => id.is_none_or(|id| id == asked) && answers(request, *message_type),
            Self::Close { id, .. } => kind == Kind::Close && *id == asked,
            Self::Numbers => kind == Kind::ControlNumbers,
            Self::Taken => matches!(kind, Kind::Dispute | Kind::Adjustment),
            Self::Refusal(_) => true,
        }
    }
}

/// Whether the wire answers the one type with the other.
fn answers(request: MessageType, answer: MessageType) -> bool {
    match request {
        MessageType::Epcc301 => answer == MessageType::Epcc302,
        MessageType::Epcc305 => answer == MessageType::Epcc306,
        MessageType::Epcc313 => answer == MessageType::Epcc314,
        _ => BUSINESSES.iter().any(|row| row.request == request && row.receipt == answer),
    }
}

/// Why an answer cannot be used: its outcome is unknown to the institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerFault {
    /// An HTTP status other than 200.
    Status(u16),
    /// Not a message to believe.
    Invalid(Fault),
    /// A message that answers nothing, or another transaction.
    Unasked,
}

/// Reads answers on one thread.
pub(crate) struct AnswerReader {
    node: Node,
    desk: Rc<Desk>,
    reader: RefCell<Reader>,
    refusals: RefCell<HashSet<Bytes, FixedState>>,
}

impl AnswerReader {
    pub(crate) fn new(node: Node, desk: Rc<Desk>) -> Self {
        Self { node, desk, reader: RefCell::default(), refusals: RefCell::default() }
    }

    pub(crate) async fn read(&self, exchange: Exchange) -> Result<Answer, AnswerFault> {
        if exchange.status != 200 {
            return Err(AnswerFault::Status(exchange.status));
        }
        let sealed = self.reader.borrow_mut().open(&exchange.body, |message| understand(message, &exchange.body));
        let sealed = sealed.map_err(AnswerFault::Invalid)?;
        let is_refusal = sealed.message_type == MessageType::Epcc303;
        if is_refusal && self.refusals.borrow().contains(&exchange.body) {
            return sealed.trust().ok_or(AnswerFault::Unasked);
        }
        let answer = self.authenticate(sealed).await?;
        if is_refusal {
            self.remember(exchange.body);
        }
        answer.ok_or(AnswerFault::Unasked)
    }

    async fn authenticate(&self, sealed: Sealed<Option<Answer>>) -> Result<Option<Answer>, AnswerFault> {
        let believed = sealed.authenticate(&self.desk, self.node.id, self.node.serial, &self.node.key).await;
        believed.map_err(AnswerFault::Invalid)
    }

    fn remember(&self, refusal: Bytes) {
        let mut refusals = self.refusals.borrow_mut();
        // They carry the second they were made in: old ones never come again.
        if refusals.len() >= REFUSALS_CACHED_MAX {
            refusals.clear();
        }
        refusals.insert(refusal);
    }
}

fn understand(message: &Checked<'_>, body: &Bytes) -> Result<Option<Answer>, Error> {
    Ok(match message.message_type() {
        MessageType::Epcc302 | MessageType::Epcc306 | MessageType::Epcc314 => Some(reply(message)?),
        MessageType::Epcc318 => close(message)?,
        MessageType::Epcc402 => Some(Answer::Numbers),
        MessageType::Epcc303 => Some(match message.return_code(Field::SysRtnCd)? {
            code if code.is_success() => Answer::Taken,
            code => Answer::Refusal(code),
        }),
        other if BUSINESSES.iter().any(|row| row.receipt == other) => Some(receipt(message, body)?),
        _ => None,
    })
}

fn receipt(message: &Checked<'_>, body: &Bytes) -> Result<Answer, Error> {
    Ok(Answer::Receipt {
        message_type: message.message_type(),
        id: message.trx_id(Field::TrxId)?,
        // BizInf is optional: without it the system's code alone speaks, and nothing is decided.
        status: status(message)?.unwrap_or(TrxStatus::InProcess),
        code: message.return_code(Field::BizStsCd).ok(),
        serial: message.field(Field::DbtrBankId).and_then(SerialText::new),
        contract: message.field(Field::SgnNo).and_then(SgnNo::parse),
        digest: FixedState::default().hash_one(body),
    })
}

fn reply(message: &Checked<'_>) -> Result<Answer, Error> {
    // A client takes the business code when there is one.
    let code = message.field(Field::OriBizStsCd).map_or(Field::SysRtnCd, |_| Field::OriBizStsCd);
    Ok(Answer::Reply {
        message_type: message.message_type(),
        id: message.trx_id(Field::OriTrxId).ok(),
        status: status(message)?,
        code: message.return_code(code)?,
        serial: message.field(Field::DbtrBankId).and_then(SerialText::new),
        contract: message.field(Field::SgnNo).and_then(SgnNo::parse),
    })
}

/// The outcomes of wire.md 3.11: closed, too late, unknown. Any other code is the one that the order has failed with before,
/// or says that it cannot be closed now.
fn close(message: &Checked<'_>) -> Result<Option<Answer>, Error> {
    let closed = match message.return_code(Field::OriBizStsCd)? {
        code if code.is_success() => Closed::Paid,
        code if code.as_bytes() == b"PB500034" => Closed::Done,
        code if code.as_bytes() == b"PB530001" => Closed::Unknown,
        _ if status(message)?.is_some_and(TrxStatus::is_final) => Closed::Failed,
        code => return Ok(Some(Answer::Refusal(code))),
    };
    Ok(Some(Answer::Close { id: message.trx_id(Field::OriTrxId)?, closed, status: status(message)? }))
}

fn status(message: &Checked<'_>) -> Result<Option<TrxStatus>, Error> {
    message.field(Field::TrxStatus).map(|_| message.status(Field::TrxStatus)).transpose()
}

/// Whether the code of an answer to a query says that the switch does not know the transaction.
pub(crate) fn denies(code: ReturnCode) -> bool {
    code == ReturnCode::PB531001 || code == ReturnCode::PB631001 || code.as_bytes() == b"PB530001"
}
