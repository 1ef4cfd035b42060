//! Turns due instants into signed requests: draws what each one is, writes it, signs a burst at once.
//!
//! Invariant: what the n-th request is (kind, institution, banks, amount, id) depends on the seed and on n alone. Only
//! what a request refers to depends on what was answered by then, which no seed fixes; where there is nothing to refer to
//! yet, something that needs nothing takes its place.

use super::form::{Form, Opinion};
use super::identifiers::transaction_id;
use super::orders::{Desk, signing};
use super::subject::{Parties, Subject};
use super::values::{opinion, opinion_of_earlier};
use crate::business::Business;
use crate::clock::unix_micros;
use crate::config::Config;
use crate::error::Error;
use crate::history::{History, Sent, Success};
use crate::kind::Kind;
use crate::mix::{Fill, Mix, Senders};
use crate::random::Draws;
use crate::schedule::Due;
use crate::tracker::Order;
use crate::wire::{Draft, answer_header, can_write, sign_all, write_sealed};
use bytes::Bytes;
use clearway_codec::{BeijingTime, Direction, Field, MessageType, TrxId};
use clearway_crypto::Backends;
use std::sync::Arc;

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
    senders: Senders,
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
    due: Due,
    index: u64,
    now: BeijingTime,
    draws: Draws,
    institution: u16,
    /// How much of the room for descriptive text it uses.
    fill: Option<f64>,
}

impl Composer {
    /// For one run.
    ///
    /// # Errors
    /// [`Error::Mix`], when the mix names who is not in the configuration.
    pub(crate) fn new(
        config: Arc<Config>,
        mix: Mix,
        seed: u64,
        run_number: u32,
        backends: Backends,
    ) -> Result<Self, Error> {
        let senders = Senders::new(&mix, &config)?;
        Ok(Self { config, mix, senders, seed, run_number, index: 0, backends })
    }

    /// Composes and signs the requests for these instants, at most a burst of them.
    pub(crate) fn prepare(&mut self, due: &[Due], history: &mut History) -> Result<Vec<Prepared>, Error> {
        let now = BeijingTime::from_unix_micros(unix_micros());
        let (mut requests, mut unsigned, mut drafts) = (Vec::with_capacity(due.len()), Vec::new(), Vec::new());
        for due in due {
            let draws = Draws::new(self.seed, self.index);
            let turn = Turn { due: *due, index: self.index, now, draws, institution: 0, fill: None };
            let (request, draft) = self.compose(turn, history)?;
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
            let request = &mut requests[place];
            request.body = if request.order.is_altered { altered(&body) } else { body };
        }
        Ok(requests)
    }

    fn compose(&self, mut turn: Turn, history: &mut History) -> Result<Composed, Error> {
        // Drawn for every request, needed or not, so that what follows never shifts.
        let drawn = self.mix.draw_kind(&mut turn.draws);
        turn.institution = self.senders.draw(&mut turn.draws);
        turn.fill = self.mix.text.draw(&mut turn.draws);
        // What a trace says counts in place of it.
        let kind = turn.due.kind.unwrap_or(drawn);
        if self.mix.draw_cancel(&mut turn.draws)
            && turn.due.kind.is_none()
            && let Some((id, order)) = History::take(&mut history.unpaid, turn.draws.unit())
        {
            return self.about(&turn, Kind::Close, id, order);
        }
        let composed = self.compose_kind(kind, &mut turn, history)?;
        composed.map_or_else(|| self.payment(&mut turn, history), Ok)
    }

    /// A request of this kind, or of one that must come before it; nothing when there is neither.
    fn compose_kind(&self, kind: Kind, turn: &mut Turn, history: &mut History) -> Result<Option<Composed>, Error> {
        let desk = self.desk(turn);
        Ok(match kind {
            // A bare request is none of an institution's: no mix draws one, no trace names one.
            Kind::Payment | Kind::Bare => None,
            Kind::BadSignature => Some(self.altered_payment(turn, history)?),
            Kind::Payout | Kind::Certified | Kind::Gateway | Kind::IdentityCheck | Kind::Mandate => {
                self.fresh(kind, turn)?
            }
            Kind::Refund => match desk.refund(&mut turn.draws, history) {
                Some((original, order)) => Some(self.start(turn, Kind::Refund, None, order, Some(&original))?),
                None => None,
            },
            Kind::Sign => match signing(&mut turn.draws, history, desk.started_s) {
                Some((id, order)) => Some(self.start(turn, kind, Some(id), order, None)?),
                None => self.fresh(Kind::IdentityCheck, turn)?,
            },
            Kind::End => match desk.end(Business::Unsigning, &mut turn.draws, history) {
                Some(order) => Some(self.start(turn, kind, None, order, None)?),
                None => self.compose_kind(Kind::Sign, turn, history)?,
            },
            Kind::MandateEnd => match desk.end(Business::MandateEnd, &mut turn.draws, history) {
                Some(order) => Some(self.start(turn, kind, None, order, None)?),
                None => self.before_mandate(turn, history)?,
            },
            Kind::Entrusted => match desk.entrusted(&mut turn.draws, history) {
                Some(order) => Some(self.start(turn, kind, None, order, None)?),
                None => self.before_mandate(turn, history)?,
            },
            Kind::Close | Kind::OrderQuery => {
                let known = history.orders.pick(turn.draws.unit()).copied();
                match known {
                    Some(known) => self.earlier(turn, kind, Some(known))?,
                    None => self.fresh(Kind::Gateway, turn)?,
                }
            }
            Kind::Query | Kind::Detail => {
                let known = history.acknowledged.pick(turn.draws.unit()).copied();
                self.earlier(turn, kind, known)?
            }
            Kind::Dispute | Kind::Adjustment => self.dispute(turn, history)?,
            Kind::ControlNumbers => Some(self.control_numbers(turn)?),
            Kind::Duplicate => duplicate(turn, history),
        })
    }

    /// 324 where a dispute was raised before, else 321 about what was presumed, else about any payment.
    fn dispute(&self, turn: &mut Turn, history: &mut History) -> Result<Option<Composed>, Error> {
        if let Some((id, order)) = History::take(&mut history.disputed, turn.draws.unit()) {
            return self.about(turn, Kind::Adjustment, id, order).map(Some);
        }
        let presumed = history.presumed.pick(turn.draws.unit()).copied();
        let known = presumed.or_else(|| history.acknowledged.pick(turn.draws.unit()).copied());
        self.earlier(turn, Kind::Dispute, known.filter(|(_, order)| order.fen > 0))
    }

    fn desk(&self, turn: &Turn) -> Desk<'_> {
        Desk { config: &self.config, mix: &self.mix, institution: turn.institution, started_s: turn.now.unix_secs() }
    }

    fn payment(&self, turn: &mut Turn, history: &mut History) -> Result<Composed, Error> {
        let order = self.desk(turn).payment(&mut turn.draws, history);
        self.start(turn, Kind::Payment, None, order, None)
    }

    /// A payment that will be changed after it is signed.
    fn altered_payment(&self, turn: &mut Turn, history: &mut History) -> Result<Composed, Error> {
        let order = self.desk(turn).payment(&mut turn.draws, history);
        let order = Order { is_altered: true, is_forbidden: true, ..order };
        self.start(turn, Kind::BadSignature, None, order, None)
    }

    /// A transaction that needs nothing earlier. Nothing where it would carry secrets and there are no keys for them.
    fn fresh(&self, kind: Kind, turn: &mut Turn) -> Result<Option<Composed>, Error> {
        let Some(business) = kind.business() else { return Ok(None) };
        let order = self.desk(turn).draw(business, &mut turn.draws);
        let identity = &self.config.institutions[usize::from(order.institution)].identity;
        if !can_write(identity, business.row().request) {
            return Ok(None);
        }
        self.start(turn, kind, None, order, None).map(Some)
    }

    /// What must come before a mandate can be used: its request once more, to see whether its customer has confirmed, or
    /// a new one.
    fn before_mandate(&self, turn: &mut Turn, history: &mut History) -> Result<Option<Composed>, Error> {
        match History::take(&mut history.unconfirmed, turn.draws.unit()) {
            Some(sent) => Ok(Some(repeat(turn, sent))),
            None => self.fresh(Kind::Mandate, turn),
        }
    }

    fn start(
        &self,
        turn: &mut Turn,
        kind: Kind,
        id: Option<TrxId>,
        order: Order,
        original: Option<&Success>,
    ) -> Result<Composed, Error> {
        let id = id.map_or_else(|| self.id(turn, &order), Ok)?;
        let parties = Parties::of(&order, &self.config);
        let subject = Subject { id, order: &order, parties, original, serial: turn.draws.bits() };
        let fill = turn.fill;
        let form = Form::fill(order.business.row().request, |field| match fill {
            Some(share) if Fill::is_descriptive(field) => Opinion::Fills(share),
            _ => opinion(&subject, field),
        });
        self.write(turn, kind, id, order, form)
    }

    fn earlier(&self, turn: &Turn, kind: Kind, known: Option<(TrxId, Order)>) -> Result<Option<Composed>, Error> {
        known.map(|(id, order)| self.about(turn, kind, id, order)).transpose()
    }

    /// A request about an earlier transaction.
    fn about(&self, turn: &Turn, kind: Kind, id: TrxId, order: Order) -> Result<Composed, Error> {
        let form = form_about(kind, id, &order, &self.config);
        self.write(turn, kind, id, order, form)
    }

    /// 401: about no transaction at all.
    fn control_numbers(&self, turn: &mut Turn) -> Result<Composed, Error> {
        let order = self.desk(turn).draw(Business::Payment, &mut turn.draws);
        let institution = Parties::of(&order, &self.config).institution;
        let form = Form::fill(MessageType::Epcc401, |field| match field {
            Field::InstgId => Opinion::is(institution.to_string()),
            _ => Opinion::Open,
        });
        let id = self.id(turn, &order)?;
        self.write(turn, Kind::ControlNumbers, id, order, form)
    }

    fn write(&self, turn: &Turn, kind: Kind, id: TrxId, order: Order, form: Form) -> Result<Composed, Error> {
        let message_type = form.message_type();
        let institution = &self.config.institutions[usize::from(order.institution)];
        let header = answer_header(message_type, &institution.identity, Direction::PI_TO_SWITCH, turn.now);
        let draft = write_sealed(&institution.identity, form, &header)?;
        let request = Prepared { due_ns: turn.due.at_ns, kind, id, order, message_type, body: Bytes::new() };
        Ok((request, Some(draft)))
    }

    fn id(&self, turn: &Turn, order: &Order) -> Result<TrxId, Error> {
        let id = transaction_id(turn.now.date(), self.run_number, turn.index, order.institution);
        id.ok_or_else(|| Error::Compose("a transaction id", "the ten digits of the sequence are used up".into()))
    }
}

/// The same document with another amount: one digit of it differs, and it stays above 0.
fn altered(body: &Bytes) -> Bytes {
    const END: &[u8] = b"</TrxAmt>";
    let mut bytes = body.to_vec();
    let last = bytes.windows(END.len()).position(|window| window == END).and_then(|end| end.checked_sub(1));
    if let Some(digit) = last.and_then(|last| bytes.get_mut(last)) {
        *digit = if *digit == b'9' { b'8' } else { *digit + 1 };
    }
    bytes.into()
}

/// The message that asks this about an earlier transaction.
pub(crate) const fn message_about(kind: Kind) -> MessageType {
    match kind {
        Kind::OrderQuery => MessageType::Epcc305,
        Kind::Detail => MessageType::Epcc313,
        Kind::Close => MessageType::Epcc317,
        Kind::Dispute => MessageType::Epcc321,
        Kind::Adjustment => MessageType::Epcc324,
        _ => MessageType::Epcc301,
    }
}

fn duplicate(turn: &mut Turn, history: &mut History) -> Option<Composed> {
    let sent = history.sent.pick(turn.draws.unit())?.clone();
    Some(repeat(turn, sent))
}

fn repeat(turn: &Turn, sent: Sent) -> Composed {
    let Sent { id, order, message_type, body } = sent;
    (Prepared { due_ns: turn.due.at_ns, kind: Kind::Duplicate, id, order, message_type, body }, None)
}

/// A request of this kind about an earlier transaction, by an institution of the configuration.
pub(crate) fn form_about(kind: Kind, id: TrxId, order: &Order, config: &Config) -> Form {
    let subject = Subject { id, order, parties: Parties::of(order, config), original: None, serial: 0 };
    Form::fill(message_about(kind), |field| opinion_of_earlier(&subject, field))
}

#[cfg(test)]
pub(crate) mod tests;
