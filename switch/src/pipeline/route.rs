//! Over which channel a leg goes: what routing must know of a request, and a leg that moves on because nothing of it could leave.
//!
//! Invariant: whoever is asked over a channel is whoever is queried and notified, whoever must sign, and for whom values are
//! sealed ([`Shared::receiver`]). Without a table all of this is one relaxed load and the bank itself.

use bytes::Bytes;
use clearway_codec::Checked;
use clearway_codec::catalogue::Field;

use super::admit::Admission;
use super::disclose::{Digests, digests};
use super::flight::Flight;
use super::shared::Shared;
use super::worker::Worker;
use crate::constants::NO_PARTICIPANT;
use crate::domain::business::{BusinessRules, Chase, Target, rules};
use crate::domain::route::{AccountType, Asked, Why};
use crate::domain::transaction::{Event, Leg, Party, Payment, Phase};
use crate::routing::{Around, Place};

impl Shared {
    /// Participant index of who is asked for a leg.
    pub(crate) fn asked(&self, payment: &Payment, leg: Leg) -> u16 {
        self.router.via(payment.bank(leg), payment.way(leg))
    }

    /// Participant index of whom a message to a party goes to, and whose answer is believed.
    pub(crate) fn receiver(&self, payment: &Payment, party: Party) -> u16 {
        party.leg().map_or(payment.institution, |leg| self.asked(payment, leg))
    }

    /// Participant indexes of who is asked for both legs.
    pub(crate) fn vias(&self, banks: [u16; 2], ways: [u8; 2]) -> [u16; 2] {
        [self.router.via(banks[0], ways[0]), self.router.via(banks[1], ways[1])]
    }

    /// Whether a participant has part in a payment: asked for it, is one of the banks, or is asked over a channel.
    pub(crate) fn takes_part(&self, payment: &Payment, index: u16) -> bool {
        payment.institution == index
            || payment.banks.contains(&index)
            || Leg::ALL.into_iter().any(|leg| self.asked(payment, leg) == index)
    }

    /// Decides over which channel a leg goes, by what is in force and known now. Changes nothing.
    /// Who could not read its sensitive values, if it has any, takes no part.
    pub(crate) fn decide(&self, asked: &Asked, tried: &[u8], has_clear: bool, now_us: u64) -> Why {
        let is_blind =
            |index| self.participants.get(index).is_none_or(|participant| !self.sealer.has_key_of(&participant.id));
        let around = Around {
            is_reachable: &|index| self.links.is_reachable(index),
            is_closed: &|index| self.admission.is_drained(index, now_us) || (has_clear && is_blind(index)),
        };
        self.router.decide(asked, tried, &around, now_us)
    }
}

/// What a request says of the legs that it asks for.
pub(super) struct Request<'a> {
    pub(super) shared: &'a Shared,
    pub(super) row: &'static BusinessRules,
    pub(super) message: Checked<'a>,
    pub(super) digests: Digests,
    pub(super) institution: u16,
    pub(super) banks: [u16; 2],
    pub(super) amount_fen: u64,
    /// Key of the payment that it refunds; 0 when none.
    pub(super) original: u128,
    /// It refunds a payment of the old direct channel.
    pub(super) is_direct_refund: bool,
    /// It has sensitive values, which whoever is asked must be able to read.
    pub(super) has_clear: bool,
}

/// Where the legs of a request go.
#[derive(Debug, Default)]
pub(super) struct Routed {
    pub(super) ways: [u8; 2],
    /// The code that declines it, when a leg has nowhere to go.
    pub(super) declined: Option<[u8; 8]>,
    /// The decisions, for the record; none when there was nothing to decide.
    pub(super) record: Option<Box<Bytes>>,
}

impl Request<'_> {
    /// Decides on every leg that goes to a bank.
    pub(super) fn route(&self, now_us: u64) -> Routed {
        let mut routed = Routed::default();
        if self.shared.router.is_plain() {
            return routed;
        }
        let mut decisions = Vec::new();
        for leg in Leg::ALL {
            let Some(rules) = self.row.leg(leg).filter(|rules| matches!(rules.target, Target::Bank(_))) else {
                continue;
            };
            let bank = self.banks[leg.index()];
            let is_direct = self.is_direct_refund && leg == Leg::Two;
            if bank == NO_PARTICIPANT || (self.shared.router.is_plain_at(bank) && !is_direct) {
                continue;
            }
            let why = self.shared.decide(&self.asked(leg), &[], self.has_clear, now_us);
            match why.chosen {
                Some(number) => routed.ways[leg.index()] = number,
                None => routed.declined = routed.declined.or_else(|| Some(why.refusal(rules.unreachable))),
            }
            decisions.push(why);
        }
        routed.record = record_of(&decisions);
        routed
    }

    /// The leg as routing sees it.
    fn asked(&self, leg: Leg) -> Asked {
        let types: &[Field] = match leg {
            Leg::One => &[Field::PyerAcctTp, Field::SgnAcctTp],
            Leg::Two => &[Field::PyeeAcctTp],
        };
        let named_type = types.iter().find_map(|field| self.message.field(*field));
        let customer = self.customer();
        let is_customers = self.row.customer_leg.unwrap_or(Leg::One) == leg;
        Asked {
            institution: self.institution,
            bank: self.banks[leg.index()],
            leg,
            business: self.row.business,
            amount_fen: self.amount_fen,
            account_type: named_type.and_then(AccountType::parse),
            card: if is_customers { customer.account } else { 0 },
            customer: customer.customer,
            is_new: customer.is_new,
            back: self.back(leg),
            is_direct_refund: self.is_direct_refund && leg == Leg::Two,
        }
    }

    /// Who the customer is, by the agreement that the request names, else by its own sensitive values.
    fn customer(&self) -> Customer {
        let number = self.message.text(Field::SgnNo);
        let agreement = number.as_ref().and_then(|number| self.shared.registers.find_agreement(number.as_bytes()));
        let account = agreement.map_or(self.digests.account, |known| known.account);
        let known = [agreement.map_or(0, |known| known.customer), self.digests.customer, account];
        let customer = known.into_iter().find(|digest| *digest != 0);
        let of_number = || number.as_ref().map_or(0, |number| self.shared.sealer.digest(number));
        Customer {
            account,
            customer: customer.unwrap_or_else(of_number),
            // What was imported, and not changed since, is of the direct-link time.
            is_new: agreement.is_some_and(|known| known.changed_by != 0),
        }
    }

    /// The channel over which the payment went that this refunds: its credit undoes that one's debit at the same bank.
    fn back(&self, leg: Leg) -> Option<u8> {
        if !self.row.reserves_original {
            return None;
        }
        let original = self.shared.table.get(self.original)?;
        let other = if leg == Leg::One { Leg::Two } else { Leg::One };
        (original.bank(other) == self.banks[leg.index()]).then(|| original.way(other))
    }
}

/// Digests of a customer; 0 when not known.
struct Customer {
    account: u64,
    customer: u64,
    is_new: bool,
}

fn record_of(decisions: &[Why]) -> Option<Box<Bytes>> {
    if decisions.is_empty() {
        return None;
    }
    serde_json::to_vec(decisions).map(|text| Box::new(Bytes::from(text))).ok()
}

/// The leg's place on its channel.
pub(super) const fn place_of(payment: &Payment, leg: Leg) -> Place {
    Place {
        bank: payment.bank(leg),
        number: payment.way(leg),
        amount_fen: payment.amount_fen,
        accepted_at_us: payment.accepted_at_us,
    }
}

impl Worker {
    /// What a leg that could not be sent comes to: it takes the next channel, if there is one, or stays where it is. The
    /// decision goes with it.
    pub(super) fn move_on(&mut self, key: u128, event: Event, now_us: u64) -> (Event, Option<Box<Bytes>>) {
        let Event::LegNotSent(leg) = event else { return (event, None) };
        if self.shared.router.is_plain() {
            return (event, None);
        }
        self.next_way(key, leg, now_us).unwrap_or((event, None))
    }

    fn next_way(&mut self, key: u128, leg: Leg, now_us: u64) -> Option<(Event, Option<Box<Bytes>>)> {
        let payment = self.shared.table.get(key)?;
        let is_out = matches!((payment.phase, leg), (Phase::Leg1Sent, Leg::One) | (Phase::Leg2Sent, Leg::Two));
        let row = rules(payment.business);
        let goes_to_bank =
            row.leg(leg).is_some_and(|leg| matches!(leg.target, Target::Bank(_)) && leg.chase == Chase::Query);
        if !is_out || !goes_to_bank || self.shared.router.is_plain_at(payment.bank(leg)) {
            return None;
        }
        let flight = self.flights.get_mut(&key)?;
        flight.note_tried(leg, payment.way(leg));
        let tried = flight.tried(leg);
        let request = request_of(&self.shared, flight, &payment);
        let why = self.shared.decide(&request.asked(leg), &tried, request.has_clear, now_us);
        let number = why.chosen?;
        Some((Event::LegMoved(leg, number), record_of(&[why])))
    }

    /// A payment that begins, decided on anew: a channel had no place any more.
    pub(super) fn route_again(
        &self,
        admission: &Admission,
        flight: &Flight,
        now_us: u64,
    ) -> (Admission, Option<Box<Bytes>>) {
        let acceptance = admission.acceptance;
        let (begun, _) = Payment::accept(&acceptance, now_us, &self.shared.timing);
        let routed = request_of(&self.shared, flight, &begun).route(now_us);
        let mut again = *admission;
        again.acceptance.ways = routed.ways;
        again.declined = admission.declined.or(routed.declined);
        (again, routed.record)
    }
}

/// The request of a payment that is under way.
fn request_of<'a>(shared: &'a Shared, flight: &'a Flight, payment: &Payment) -> Request<'a> {
    let row = rules(payment.business);
    Request {
        shared,
        row,
        message: flight.message(),
        digests: digests(shared, row, flight.clear.as_deref()),
        institution: payment.institution,
        banks: payment.banks,
        amount_fen: payment.amount_fen,
        original: payment.original,
        is_direct_refund: row.reserves_original && !payment.has_reservation(),
        has_clear: flight.clear.is_some(),
    }
}
