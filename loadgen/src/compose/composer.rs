//! Turns due instants into signed requests: draws what each one is, writes it, signs a burst at once.
//!
//! Invariant: what the n-th request is (kind, institution, banks, amount, id) depends on the seed and on n alone. Only
//! what a refund, query or duplicate refers to depends on what was answered by then, which no seed fixes; where there is
//! nothing to refer to yet, a payment takes its place.

use super::identifiers::transaction_id;
use super::payment::{Parties, draft_payment};
use super::query::draft_query;
use super::refund::draft_refund;
use crate::clock::unix_micros;
use crate::config::Config;
use crate::error::Error;
use crate::history::{History, Sent, Success};
use crate::mix::{Kind, Mix, below};
use crate::random::Draws;
use crate::tracker::Order;
use crate::wire::{Draft, answer_header, sign_all};
use bytes::Bytes;
use clearway_codec::{BeijingTime, Direction, Header, MessageType, TrxId};
use clearway_crypto::Backends;
use std::sync::Arc;

/// Largest amount of a composed payment: 5,000 yuan.
const PAYMENT_FEN_MAX: u64 = 500_000;

/// A request that waits for its instant.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    /// Intended instant, in nanoseconds from the start of the run.
    pub(crate) due_ns: u64,
    pub(crate) kind: Kind,
    /// The transaction that it orders, repeats or asks for.
    pub(crate) id: TrxId,
    pub(crate) order: Order,
    pub(crate) message_type: MessageType,
    pub(crate) body: Bytes,
}

/// Writes the requests of one run.
pub(crate) struct Composer {
    config: Arc<Config>,
    mix: Mix,
    seed: u64,
    run_number: u32,
    /// Requests composed so far.
    index: u64,
    backends: Backends,
}

/// A request and, unless its bytes are signed already, the document to sign.
type Composed = (Prepared, Option<Draft>);

/// What the composition of one request goes by.
struct Turn {
    due_ns: u64,
    index: u64,
    now: BeijingTime,
    draws: Draws,
}

impl Composer {
    pub(crate) fn new(config: Arc<Config>, mix: Mix, seed: u64, run_number: u32, backends: Backends) -> Self {
        Self { config, mix, seed, run_number, index: 0, backends }
    }

    /// Composes and signs the requests for these instants, at most a burst of them.
    pub(crate) fn prepare(&mut self, due: &[u64], history: &mut History) -> Result<Vec<Prepared>, Error> {
        let now = BeijingTime::from_unix_micros(unix_micros());
        let (mut requests, mut unsigned, mut drafts) = (Vec::with_capacity(due.len()), Vec::new(), Vec::new());
        for due_ns in due {
            let draws = Draws::new(self.seed, self.index);
            let (request, draft) = self.compose(Turn { due_ns: *due_ns, index: self.index, now, draws }, history)?;
            if let Some(draft) = draft {
                let sender = &self.config.institutions[usize::from(request.order.institution)];
                unsigned.push(requests.len());
                drafts.push((&*sender.identity.key, draft));
            }
            requests.push(request);
            self.index += 1;
        }
        let bodies = sign_all(&self.backends, drafts)?;
        for (place, body) in unsigned.into_iter().zip(bodies) {
            requests[place].body = body;
        }
        Ok(requests)
    }

    fn compose(&self, mut turn: Turn, history: &mut History) -> Result<Composed, Error> {
        // Drawn for every request, needed or not, so that what follows never shifts.
        let kind = self.mix.draw_kind(&mut turn.draws);
        let institution = self.mix.draw_institution(self.config.institutions.len(), &mut turn.draws);
        let composed = match kind {
            Kind::Payment => None,
            Kind::Refund => self.refund(&mut turn, history)?,
            Kind::Query => self.query(&mut turn, history)?,
            Kind::Duplicate => duplicate(&mut turn, history),
        };
        composed.map_or_else(|| self.payment(&mut turn, institution), Ok)
    }

    fn payment(&self, turn: &mut Turn, institution: usize) -> Result<Composed, Error> {
        let order = Order {
            institution: institution as u16,
            debit_bank: below(turn.draws.unit(), self.config.banks.len()) as u16,
            credit_bank: self.config.institutions[institution].reserve_bank as u16,
            fen: 1 + turn.draws.bits() % PAYMENT_FEN_MAX,
            started_s: turn.now.unix_secs(),
            original: None,
        };
        let id = self.id(turn, &order)?;
        let header = self.header(MessageType::Epcc201, &order, turn.now);
        let draft = draft_payment(id, &order, self.parties(&order), &header, turn.draws.bits())?;
        Ok(unsigned(turn, Kind::Payment, id, order, MessageType::Epcc201, draft))
    }

    fn refund(&self, turn: &mut Turn, history: &mut History) -> Result<Option<Composed>, Error> {
        let excess = self.mix.draw_excess(&mut turn.draws);
        let Some((original, fen)) = pick_refund(turn, history, excess) else { return Ok(None) };
        let order = Order {
            institution: original.order.institution,
            debit_bank: original.order.credit_bank,
            credit_bank: original.order.debit_bank,
            fen,
            started_s: turn.now.unix_secs(),
            original: Some(original.id),
        };
        let id = self.id(turn, &order)?;
        let header = self.header(MessageType::Epcc205, &order, turn.now);
        let draft = draft_refund(id, &order, self.parties(&order), &original, &header, turn.draws.bits())?;
        Ok(Some(unsigned(turn, Kind::Refund, id, order, MessageType::Epcc205, draft)))
    }

    fn query(&self, turn: &mut Turn, history: &mut History) -> Result<Option<Composed>, Error> {
        let Some(&mut (id, order)) = history.acknowledged.pick(turn.draws.unit()) else { return Ok(None) };
        let header = self.header(MessageType::Epcc301, &order, turn.now);
        let draft = draft_query(id, &order, &header)?;
        Ok(Some(unsigned(turn, Kind::Query, id, order, MessageType::Epcc301, draft)))
    }

    fn id(&self, turn: &Turn, order: &Order) -> Result<TrxId, Error> {
        let id = transaction_id(turn.now.date(), self.run_number, turn.index, order.institution);
        id.ok_or_else(|| Error::Compose("a transaction id", "the ten digits of the sequence are used up".into()))
    }

    /// Header of an institution's request.
    fn header(&self, message_type: MessageType, order: &Order, now: BeijingTime) -> Header {
        let institution = &self.config.institutions[usize::from(order.institution)];
        answer_header(message_type, &institution.identity, Direction::PI_TO_SWITCH, now)
    }

    fn parties(&self, order: &Order) -> Parties {
        let bank = |place: u16| self.config.banks[usize::from(place)].identity.id;
        Parties {
            institution: self.config.institutions[usize::from(order.institution)].identity.id,
            debit_bank: bank(order.debit_bank),
            credit_bank: bank(order.credit_bank),
        }
    }
}

/// A payment to refund and how much of it; what is asked for is taken off what can be refunded still.
fn pick_refund(turn: &mut Turn, history: &mut History, excess: bool) -> Option<(Success, u64)> {
    let original = history.successes.pick(turn.draws.unit())?;
    let part = turn.draws.unit();
    if excess {
        return Some((*original, original.order.fen + 1));
    }
    let left = original.refundable_fen;
    let fen = (1 + (part * left as f64) as u64).min(left);
    original.refundable_fen = left - fen;
    (fen > 0).then_some((*original, fen))
}

fn duplicate(turn: &mut Turn, history: &mut History) -> Option<Composed> {
    let Sent { id, order, message_type, body } = history.sent.pick(turn.draws.unit())?.clone();
    Some((Prepared { due_ns: turn.due_ns, kind: Kind::Duplicate, id, order, message_type, body }, None))
}

fn unsigned(turn: &Turn, kind: Kind, id: TrxId, order: Order, message_type: MessageType, draft: Draft) -> Composed {
    (Prepared { due_ns: turn.due_ns, kind, id, order, message_type, body: Bytes::new() }, Some(draft))
}

#[cfg(test)]
mod tests;
