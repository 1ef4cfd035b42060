//! Stage 5: replies that change no payment: refusals, repetitions, answers to queries and probes.
//!
//! One place maps every fault to what the sender is told ([`refusal_of`]). A reply that tells the state of a payment
//! waits until everything recorded so far is durable, so that a state which a crash could take back is never told.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use clearway_codec::catalogue::MessageType;
use clearway_codec::value::{BatchId, Direction, ReturnCode};
use clearway_codec::{Checked, ErrorKind, Fields};
use clearway_crypto::KeyError;
use http::StatusCode;

use super::arrival::Fault;
use super::compose::{OrderAnswer, Receipt, Verdict};
use super::deed::Deed;
use super::drafts::{DraftId, Signed};
use super::worker::Worker;
use crate::domain::business::rules;
use crate::domain::transaction::Payment;
use crate::metrics::Count;
use crate::net::{Exchange, Reply};

/// What is said to who sends the messages of another participant.
const IMPOSTOR: &str = "the certificate of the connection belongs to another participant than IssrId";

/// A reply that is owed on an exchange.
#[derive(Debug)]
pub(crate) struct PendingReply {
    pub(crate) exchange: Exchange,
    /// The message that is answered, when it could be read.
    pub(crate) request: Option<(Bytes, Fields)>,
    pub(crate) answering: Answering,
}

/// What the reply says.
#[derive(Debug)]
pub(crate) enum Answering {
    /// 303 with this code.
    Refuse(ReturnCode),
    /// 303 with this code, for a fault of form: says where.
    RefuseForm(ReturnCode, clearway_codec::Error),
    /// 303 with this code: it came under another participant's certificate.
    RefuseImpostor(ReturnCode),
    /// A receipt with the state of a payment that came again: 02 while it is in process.
    Repeat(Payment),
    /// 303: taken note of.
    Acknowledge,
    /// 302, with the banks' serials as far as they are at hand.
    State { found: Option<Payment>, serials: [Option<Bytes>; 2] },
    /// 306.
    Order(Option<Payment>),
    /// 314.
    Details(Option<Payment>),
    /// 318, for the order with this key; none when the sender has no such order.
    Closing(Option<u128>),
    /// 402.
    ControlNumbers,
    /// 992.
    Probe,
}

impl Answering {
    /// Whether it tells what a crash could take back, and so waits for the journal.
    const fn tells_state(&self) -> bool {
        !matches!(
            self,
            Self::Refuse(_) | Self::RefuseForm(..) | Self::RefuseImpostor(_) | Self::ControlNumbers | Self::Probe
        )
    }
}

/// A reply that waits for its signature.
#[derive(Debug)]
pub(crate) struct DraftedReply {
    exchange: Exchange,
    message_type: MessageType,
    draft: DraftId,
    tells_state: bool,
}

/// What a message that cannot go on is answered with.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Bytes that are no XML at all.
    Http(StatusCode, &'static str),
    /// A signed 303.
    Code(ReturnCode),
}

/// The one map from faults to answers (wire.md 2.3, 3.14; codes without a mark there are ours).
pub(crate) fn refusal_of(fault: &Fault) -> Refusal {
    Refusal::Code(match fault {
        Fault::Form(error) => match form_code(error.kind) {
            Some(code) => code,
            None => return Refusal::Http(StatusCode::BAD_REQUEST, "the body is not a readable message\n"),
        },
        Fault::Unsigned => ReturnCode::ES000022,
        Fault::Signature => ReturnCode::ES000025,
        Fault::Impostor | Fault::Key(KeyError::UnknownInstitution | KeyError::UnknownSerial) => ReturnCode::ES000021,
        Fault::Key(KeyError::NotYetValid | KeyError::Expired) => ReturnCode::ES000023,
        Fault::Key(KeyError::WrongOwner) => ReturnCode::ES000024,
    })
}

/// The code for a message that can be read and is refused; none if it cannot be read.
fn form_code(kind: ErrorKind) -> Option<ReturnCode> {
    match kind {
        kind if kind.is_malformed() => None,
        ErrorKind::MissingElement => Some(ReturnCode::ES000010),
        ErrorKind::TooLong => Some(ReturnCode::ES000011),
        ErrorKind::OutOfOrder
        | ErrorKind::Repeated
        | ErrorKind::MarkupInValue
        | ErrorKind::StrayText
        | ErrorKind::UnknownRoot => Some(ReturnCode::ES000013),
        ErrorKind::UnknownMessageType => Some(ReturnCode::ES000014),
        ErrorKind::SignatureMissing => Some(ReturnCode::ES000022),
        ErrorKind::SignatureNotBase64 => Some(ReturnCode::ES000025),
        _ => Some(ReturnCode::ES000012),
    }
}

impl Worker {
    /// A message of the burst that cannot go on.
    pub(super) fn refuse(&mut self, fault: &Fault, request: Option<(Bytes, Fields)>, exchange: Exchange) {
        let answering = match (refusal_of(fault), fault) {
            (Refusal::Http(status, text), _) => {
                self.metrics.http_refused(status.as_u16());
                // The sender may be gone; then there is nobody to tell.
                let _ = exchange.answer(Reply::fault(status, text));
                return;
            }
            (Refusal::Code(code), Fault::Form(error)) => Answering::RefuseForm(code, *error),
            (Refusal::Code(code), Fault::Impostor) => Answering::RefuseImpostor(code),
            (Refusal::Code(code), _) => Answering::Refuse(code),
        };
        self.replies.push(PendingReply { exchange, request, answering });
    }

    /// Composes every reply that is owed.
    pub(super) fn draft_replies(&mut self, now_us: u64) {
        let mut replies = std::mem::take(&mut self.replies);
        for reply in replies.drain(..) {
            let drafted = self.draft_reply(&reply, now_us).or_else(|error| {
                tracing::error!(%error, "a reply of ours could not be composed");
                self.draft_apology(&reply, now_us)
            });
            match drafted {
                Ok((message_type, draft)) => {
                    let tells_state = reply.answering.tells_state();
                    self.drafted.push(DraftedReply { exchange: reply.exchange, message_type, draft, tells_state });
                }
                Err(error) => tracing::error!(%error, "a refusal of ours could not be composed"),
            }
        }
        self.replies = replies;
    }

    /// 303 in place of a reply that cannot be made: of a receipt that is gone, and repeats what only the bank's answer said. The
    /// state can be asked for by 301.
    fn draft_apology(
        &mut self,
        reply: &PendingReply,
        now_us: u64,
    ) -> Result<(MessageType, DraftId), clearway_codec::Error> {
        let request = reply.request.as_ref().map(|(bytes, fields)| Checked::from_parts(bytes, fields));
        let direction = request.map_or(Direction::SWITCH_TO_PI, |request| direction_back(request.header().direction));
        let writer = self.writer(now_us);
        let draft = self.drafts.add(|out| writer.refusal(out, ReturnCode::ES000098, None, direction))?;
        Ok((MessageType::Epcc303, draft))
    }

    fn draft_reply(
        &mut self,
        reply: &PendingReply,
        now_us: u64,
    ) -> Result<(MessageType, DraftId), clearway_codec::Error> {
        let writer = self.writer(now_us);
        let request = reply.request.as_ref().map(|(bytes, fields)| Checked::from_parts(bytes, fields));
        let direction =
            request.as_ref().map_or(Direction::SWITCH_TO_PI, |request| direction_back(request.header().direction));
        let drafts = &mut self.drafts;
        Ok(match (&reply.answering, &request) {
            (Answering::Repeat(payment), Some(request)) => {
                self.metrics.count(Count::DuplicatesAnswered);
                let row = rules(payment.business);
                let receipt = Receipt {
                    row,
                    request,
                    answer: None,
                    verdict: Verdict::of(payment),
                    batch: BatchId::from_u32(payment.batch),
                    serials: [None, None],
                    direction,
                    sealed: None,
                };
                (row.receipt, drafts.add(|out| writer.receipt(out, &receipt))?)
            }
            (Answering::State { found, serials }, Some(request)) => {
                let serials = serials.each_ref().map(Option::as_deref);
                self.metrics.count(Count::QueriesAnswered);
                (
                    MessageType::Epcc302,
                    drafts.add(|out| writer.query_answer(out, request, found.as_ref(), serials, direction))?,
                )
            }
            (Answering::Order(found), Some(request)) => {
                self.metrics.count(Count::QueriesAnswered);
                let found = found.as_ref().map(order_answer);
                (MessageType::Epcc306, drafts.add(|out| writer.order_answer(out, request, found, direction))?)
            }
            (Answering::Details(found), Some(request)) => {
                self.metrics.count(Count::QueriesAnswered);
                let found = found.as_ref().map(|payment| (payment, self.shared.parties(payment)));
                (MessageType::Epcc314, drafts.add(|out| writer.details(out, request, found, direction))?)
            }
            (Answering::Closing(key), Some(request)) => {
                let found = key.and_then(|key| self.shared.table.get(key));
                (
                    MessageType::Epcc318,
                    drafts.add(|out| writer.closing_answer(out, request, found.as_ref(), direction))?,
                )
            }
            (Answering::ControlNumbers, Some(request)) => {
                let numbers: Vec<[u8; 6]> = self.shared.controls.texts().collect();
                let numbers: Vec<&[u8]> = numbers.iter().map(<[u8; 6]>::as_slice).collect();
                (MessageType::Epcc402, drafts.add(|out| writer.control_numbers(out, request, &numbers, direction))?)
            }
            (Answering::Probe, Some(request)) => {
                self.metrics.count(Count::ProbesAnswered);
                (MessageType::Epcc992, drafts.add(|out| writer.probe_answer(out, request, direction))?)
            }
            (Answering::Acknowledge, _) => {
                let code = ReturnCode::SUCCESS;
                (MessageType::Epcc303, drafts.add(|out| writer.refusal(out, code, None, direction))?)
            }
            (Answering::RefuseForm(code, error), _) => {
                self.metrics.refused(code.as_bytes());
                let detail = error.to_string();
                (MessageType::Epcc303, drafts.add(|out| writer.refusal(out, *code, Some(&detail), direction))?)
            }
            (Answering::RefuseImpostor(code), _) => {
                self.metrics.refused(code.as_bytes());
                (MessageType::Epcc303, drafts.add(|out| writer.refusal(out, *code, Some(IMPOSTOR), direction))?)
            }
            (Answering::Refuse(code), _) => {
                self.metrics.refused(code.as_bytes());
                (MessageType::Epcc303, drafts.add(|out| writer.refusal(out, *code, None, direction))?)
            }
            // An answer to a message that could not be read is not asked for anywhere.
            (_, None) => {
                (MessageType::Epcc303, drafts.add(|out| writer.refusal(out, ReturnCode::ES000098, None, direction))?)
            }
        })
    }

    /// Sends what is signed now; what tells a state waits for the journal.
    pub(super) fn send_replies(&mut self, signed: &Signed) {
        let last_group = self.shared.recorded.load(Ordering::Acquire);
        for DraftedReply { exchange, message_type, draft, tells_state } in self.drafted.drain(..) {
            let reply = Reply::message(message_type, signed.get(draft));
            if tells_state {
                self.waiting.push(last_group, Deed::Answer { exchange, reply });
            } else {
                // The sender may be gone; then there is nobody to tell.
                let _ = exchange.answer(reply);
            }
        }
    }
}

/// An order as a query is told of it.
fn order_answer(payment: &Payment) -> OrderAnswer<'_> {
    OrderAnswer { payment, category: rules(payment.business).categories.first().copied().unwrap_or_default() }
}

/// The direction of an answer: the second digit stays, the first turns round (wire.md 2.2).
fn direction_back(direction: Direction) -> Direction {
    match direction {
        Direction::PAYER_BANK_TO_SWITCH => Direction::SWITCH_TO_PAYER_BANK,
        Direction::PAYEE_BANK_TO_SWITCH => Direction::SWITCH_TO_PAYEE_BANK,
        _ => Direction::SWITCH_TO_PI,
    }
}
