//! What an institution understands of the switch's answers.
//!
//! Invariant: an answer is believed only when the switch's signature over it holds. A refusal (303) names no
//! transaction, so under overload the same bytes come again and again; bytes that were verified once are believed again
//! without a second verification.

use crate::config::Node;
use crate::constants::REFUSALS_CACHED_MAX;
use crate::history::SerialText;
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
    /// 206: the state of a payment or refund.
    Receipt {
        id: TrxId,
        status: TrxStatus,
        serial: Option<SerialText>,
        /// Digest of the whole body.
        digest: u64,
    },
    /// 302: what a query found. Without a status the code decides, see [`denies`].
    Reply { id: TrxId, status: Option<TrxStatus>, code: ReturnCode },
    /// 303: not taken.
    Refusal(ReturnCode),
}

impl Answer {
    /// Whether it answers a request about this transaction. A refusal names none and answers anything.
    pub(crate) fn is_for(&self, asked: TrxId, is_query: bool) -> bool {
        match self {
            Self::Receipt { id, .. } => !is_query && *id == asked,
            Self::Reply { id, .. } => is_query && *id == asked,
            Self::Refusal(_) => true,
        }
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
        MessageType::Epcc206 => Some(Answer::Receipt {
            id: message.trx_id(Field::TrxId)?,
            // BizInf is optional: without it the system's code alone speaks, and nothing is decided.
            status: status(message)?.unwrap_or(TrxStatus::InProcess),
            serial: message.field(Field::DbtrBankId).and_then(SerialText::new),
            digest: FixedState::default().hash_one(body),
        }),
        MessageType::Epcc302 => {
            // A client takes the business code when there is one.
            let code = message.field(Field::OriBizStsCd).map_or(Field::SysRtnCd, |_| Field::OriBizStsCd);
            Some(Answer::Reply {
                id: message.trx_id(Field::OriTrxId)?,
                status: status(message)?,
                code: message.return_code(code)?,
            })
        }
        MessageType::Epcc303 => Some(Answer::Refusal(message.return_code(Field::SysRtnCd)?)),
        _ => None,
    })
}

fn status(message: &Checked<'_>) -> Result<Option<TrxStatus>, Error> {
    message.field(Field::TrxStatus).map(|_| message.status(Field::TrxStatus)).transpose()
}

/// Whether the code of an answer to a query says that the switch does not know the transaction.
pub(crate) fn denies(code: ReturnCode) -> bool {
    code == ReturnCode::PB531001 || code == ReturnCode::PB631001
}
