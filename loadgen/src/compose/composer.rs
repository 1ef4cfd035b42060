//! Turns due instants into signed requests: draws what each one is, writes it, signs a burst at once.
//!
//! Invariant: the draws happen in the order of the schedule, so the same seed gives the same kinds, institutions and amounts. Which earlier
//! transaction a refund or query refers to depends on what was answered by then, which no seed fixes.

use super::identifiers::TransactionIds;
use super::payment::{Parties, draft_payment};
use super::query::draft_query;
use super::refund::draft_refund;
use crate::clock::unix_micros;
use crate::config::Config;
use crate::error::Error;
use crate::history::{History, Sent};
use crate::mix::{Kind, Mix, below};
use crate::random::{Purpose, stream, unit_of};
use crate::tracker::Order;
use crate::wire::{Draft, answer_header, sign_all};
use bytes::Bytes;
use clearway_codec::{BeijingTime, Direction, Header, MessageType, TrxId};
use clearway_crypto::Backends;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
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
    draws: ChaCha8Rng,
    contents: ChaCha8Rng,
    ids: TransactionIds,
    backends: Backends,
}

/// A request that still lacks its signature; `Err` holds bytes that are signed already.
struct Pending {
    request: Prepared,
    draft: Option<Draft>,
}

impl Composer {
    pub(crate) fn new(config: Arc<Config>, mix: Mix, seed: u64, run_number: u32, backends: Backends) -> Self {
        Self {
            config,
            mix,
            draws: stream(seed, Purpose::Mix),
            contents: stream(seed, Purpose::Compose),
            ids: TransactionIds::new(run_number),
            backends,
        }
    }

    /// Composes and signs the requests for these instants, at most a burst of them.
    pub(crate) fn prepare(&mut self, due: &[u64], history: &mut History) -> Result<Vec<Prepared>, Error> {
        let now = BeijingTime::from_unix_micros(unix_micros());
        let mut pending =
            due.iter().map(|due_ns| self.compose(*due_ns, history, now)).collect::<Result<Vec<_>, _>>()?;
        let drafts =
            pending.iter_mut().filter_map(|pending| Some((pending.request.order.institution, pending.draft.take()?)));
        let drafts: Vec<_> = drafts.collect();
        let config = Arc::clone(&self.config);
        let keyed = drafts
            .into_iter()
            .filter_map(|(place, draft)| Some((&*config.institutions.get(usize::from(place))?.identity.key, draft)));
        let mut signed = sign_all(&self.backends, keyed.collect())?.into_iter();
        let requests = pending.into_iter().map(|pending| pending.request);
        Ok(requests
            .map(|request| {
                if request.body.is_empty() {
                    Prepared { body: signed.next().unwrap_or_default(), ..request }
                } else {
                    request
                }
            })
            .collect())
    }

    fn compose(&mut self, due_ns: u64, history: &mut History, now: BeijingTime) -> Result<Pending, Error> {
        let composed = match self.mix.draw_kind(&mut self.draws) {
            Kind::Payment => None,
            Kind::Refund => self.refund(due_ns, history, now)?,
            Kind::Query => self.query(due_ns, history, now)?,
            Kind::Duplicate => self.duplicate(due_ns, history),
        };
        // Nothing to refer to yet: the request is due all the same.
        composed.map_or_else(|| self.payment(due_ns, now), Ok)
    }

    fn payment(&mut self, due_ns: u64, now: BeijingTime) -> Result<Pending, Error> {
        let institution = self.mix.draw_institution(self.config.institutions.len(), &mut self.draws);
        let payer = below(self.unit(), self.config.banks.len());
        let order = Order {
            institution: institution as u16,
            debit_bank: payer as u16,
            credit_bank: self.config.institutions[institution].reserve_bank as u16,
            fen: 1 + self.contents.next_u64() % PAYMENT_FEN_MAX,
            started_s: now.unix_secs(),
            original: None,
        };
        let id = self.next_id(institution, now)?;
        let header = self.header(MessageType::Epcc201, &order, now);
        let draft = draft_payment(id, &order, self.parties(&order), &header, self.contents.next_u64())?;
        Ok(pending(due_ns, Kind::Payment, id, order, MessageType::Epcc201, draft))
    }

    fn refund(&mut self, due_ns: u64, history: &mut History, now: BeijingTime) -> Result<Option<Pending>, Error> {
        let excess = self.mix.draw_excess(&mut self.draws);
        let (place, part) = (self.unit(), self.unit());
        let Some(original) = history.successes.pick(place).filter(|success| excess || success.refundable_fen > 0)
        else {
            return Ok(None);
        };
        let fen = if excess { original.order.fen + 1 } else { 1 + (part * original.refundable_fen as f64) as u64 };
        let fen = if excess { fen } else { fen.min(original.refundable_fen) };
        original.refundable_fen = original.refundable_fen.saturating_sub(if excess { 0 } else { fen });
        let original = *original;
        let order = Order {
            institution: original.order.institution,
            debit_bank: original.order.credit_bank,
            credit_bank: original.order.debit_bank,
            fen,
            started_s: now.unix_secs(),
            original: Some(original.id),
        };
        let id = self.next_id(usize::from(order.institution), now)?;
        let header = self.header(MessageType::Epcc205, &order, now);
        let draft = draft_refund(id, &order, self.parties(&order), &original, &header, self.contents.next_u64())?;
        Ok(Some(pending(due_ns, Kind::Refund, id, order, MessageType::Epcc205, draft)))
    }

    fn query(&mut self, due_ns: u64, history: &mut History, now: BeijingTime) -> Result<Option<Pending>, Error> {
        let place = self.unit();
        let Some(&mut (id, order)) = history.acknowledged.pick(place) else { return Ok(None) };
        let header = self.header(MessageType::Epcc301, &order, now);
        Ok(Some(pending(due_ns, Kind::Query, id, order, MessageType::Epcc301, draft_query(id, &order, &header)?)))
    }

    fn duplicate(&mut self, due_ns: u64, history: &mut History) -> Option<Pending> {
        let place = self.unit();
        let Sent { id, order, message_type, body } = history.sent.pick(place)?.clone();
        let request = Prepared { due_ns, kind: Kind::Duplicate, id, order, message_type, body };
        Some(Pending { request, draft: None })
    }

    fn next_id(&mut self, institution: usize, now: BeijingTime) -> Result<TrxId, Error> {
        let id = self.ids.next(institution, now);
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

    fn unit(&mut self) -> f64 {
        unit_of(self.contents.next_u64())
    }
}

fn pending(due_ns: u64, kind: Kind, id: TrxId, order: Order, message_type: MessageType, draft: Draft) -> Pending {
    Pending { request: Prepared { due_ns, kind, id, order, message_type, body: Bytes::new() }, draft: Some(draft) }
}
