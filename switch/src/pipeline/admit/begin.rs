//! A request that begins a transaction, by the row of its business.

use bytes::Bytes;
use clearway_codec::catalogue::Field;
use clearway_codec::value::{BeijingTime, InstitutionId, ReturnCode, TrxId};
use clearway_codec::{Checked, schema};
use clearway_crypto::sha256;

use super::super::disclose::{Digests, digests};
use super::super::facts::Source;
use super::super::known::Known;
use super::super::route::Routed;
use super::super::shared::Shared;
use super::earlier::repetition;
use super::ways::HELD;
use super::{Decision, Sender};
use crate::config::ParticipantKind;
use crate::constants::NO_PARTICIPANT;
use crate::domain::business::{AccountOf, Business, BusinessRules, Initiator, LegRules, Refundable, Target, rules};
use crate::domain::register::{RegisterRule, check};
use crate::domain::route::DirectRefund;
use crate::domain::transaction::{Acceptance, Leg, Payment, RefundRequest};
use crate::domain::window;
use crate::sensitive::Clear;
use crate::table::Orders;

/// A transaction that may begin, or a business "no" before anything was done: a receipt with status 01.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Admission {
    pub(crate) acceptance: Acceptance,
    /// Why it is declined, if it is.
    pub(crate) declined: Option<[u8; 8]>,
    /// What a refund asks of its original.
    pub(crate) refund: Option<RefundRequest>,
    /// It is kept for a transfer by a person.
    pub(crate) is_held: bool,
    /// How many shelves there were when no payment had its key.
    pub(crate) placed: u64,
    /// The shelves were asked for the payment that it is about, and have none.
    pub(crate) original_is_nowhere: bool,
}

/// Why a request is not a plain new transaction.
pub(super) enum No {
    Refuse(ReturnCode),
    Repeat(Box<Payment>),
    /// What it depends on must be fetched first.
    Fetch,
}

/// A request whose form and identity are in order.
pub(super) struct Asked<'m, 'b> {
    pub(super) shared: &'m Shared,
    pub(super) known: &'m Known<'m>,
    pub(super) message: &'m Checked<'b>,
    pub(super) row: &'static BusinessRules,
    pub(super) sender: Sender,
    /// Its sensitive values, if it has any.
    pub(super) clear: Option<&'m Clear>,
    pub(super) digests: Digests,
    /// The transaction that it is about, for a business that begins none of its own.
    pub(super) original: Option<Payment>,
}

/// Decides on a request of a business.
pub(super) fn begin(
    known: &Known<'_>,
    shared: &Shared,
    message: &Checked<'_>,
    clear: Option<&Clear>,
    sender: Sender,
    now_us: u64,
) -> Decision {
    let category = message.field(Field::TrxCtgy).unwrap_or_default();
    let Some(business) = Business::from_request(message.message_type(), category) else {
        return Decision::Refuse(ReturnCode::ES000012);
    };
    let row = rules(business);
    let digests = digests(shared, row, clear);
    let asked = Asked { shared, known, message, row, sender, clear, digests, original: None };
    match asked.transaction(now_us) {
        Ok((admission, route)) => Decision::Accept(admission, route),
        Err(No::Refuse(code)) => Decision::Refuse(code),
        Err(No::Repeat(known)) => Decision::Repeat(*known),
        Err(No::Fetch) => known.wanted().map_or(Decision::Refuse(ReturnCode::ES000098), Decision::Fetch),
    }
}

pub(super) fn form(_: clearway_codec::Error) -> No {
    No::Refuse(ReturnCode::ES000012)
}

impl Asked<'_, '_> {
    fn transaction(mut self, now_us: u64) -> Result<(Admission, Option<Box<Bytes>>), No> {
        let now = BeijingTime::from_unix_micros(now_us);
        let (row, shared) = (self.row, self.shared);
        let is_about = row.initiator == Initiator::Party;
        let id = self.message.trx_id(if is_about { Field::OriTrxId } else { Field::TrxId }).map_err(form)?;
        let digest = self.content_digest();
        repetition(self.known, row.key(id), &digest, self.sender.index)?;
        if is_about {
            self.original = self.known.get_to_change(id.as_u128());
        } else if !window::accepts(id.date(), now) {
            return Err(No::Refuse(ReturnCode::ES000032));
        } else if shared.business.enforce_control_numbers && !shared.controls.covers(id) {
            return Err(No::Refuse(ReturnCode::ES000034));
        }
        self.check_original()?;
        self.check_own_side()?;
        if !shared.admission.allows(self.sender.index, row.business.code()) {
            return Err(No::Refuse(ReturnCode::PB040000));
        }
        // Who is drained begins nothing new.
        if shared.admission.is_drained(self.sender.index, now_us) {
            return Err(No::Refuse(ReturnCode::ES000098));
        }
        self.admit(id, digest, now_us)
    }

    /// Tells a repetition from another transaction under the same TrxId: half of the SHA-256 of the body as received. A sensitive
    /// value is sealed anew each time it is sent, so a keyed digest of what it says stands in its place.
    fn content_digest(&self) -> [u8; 16] {
        let body = self.message.body();
        let Some(clear) = self.clear else { return half(sha256(body)) };
        let mut content = Vec::with_capacity(body.len());
        let mut rest = body;
        for (value, said) in sealed_values(self.message, clear) {
            let Some((before, after)) = cut(rest, value) else { continue };
            content.extend_from_slice(before);
            content.extend_from_slice(&self.shared.sealer.digest(said).to_le_bytes());
            rest = after;
        }
        content.extend_from_slice(rest);
        half(sha256(&content))
    }

    /// The initiator's own side must name the participant that signed it, and be one that may begin this.
    fn check_own_side(&self) -> Result<(), No> {
        let (kind, field) = match self.row.initiator {
            Initiator::Institution(field) => (ParticipantKind::Institution, field),
            Initiator::Bank(field) => (ParticipantKind::Bank, field),
            Initiator::Party => return self.check_is_party(),
        };
        let names_it = self.message.field(field) == Some(self.message.header().issuer.as_bytes().as_slice());
        if names_it && self.sender.kind == kind { Ok(()) } else { Err(No::Refuse(ReturnCode::ES000024)) }
    }

    /// A transaction is nobody's business but its parties'; others are told what they would be told of none.
    fn check_is_party(&self) -> Result<(), No> {
        let is_party = self.original.is_some_and(|original| {
            original.institution == self.sender.index || original.banks.contains(&self.sender.index)
        });
        if is_party { Ok(()) } else { Err(No::Refuse(ReturnCode::PB531001)) }
    }

    fn admit(&self, id: TrxId, digest: [u8; 16], now_us: u64) -> Result<(Admission, Option<Box<Bytes>>), No> {
        let targets = Leg::ALL.map(|leg| self.row.leg(leg).map(|rules| self.target(rules, now_us)));
        let counterparts = match self.row.legs {
            [] => [Some(self.told()), None],
            _ => targets,
        };
        let declined = counterparts.iter().flatten().find_map(|target| target.err());
        let banks = counterparts.map(|target| target.and_then(Result::ok).unwrap_or(NO_PARTICIPANT));
        let amount_fen = if self.row.moves_money { self.message.amount(Field::TrxAmt).map_err(form)?.fen() } else { 0 };
        let (original, refund) = self.original(amount_fen)?;
        let direct = self.direct_refund(original, banks);
        let is_forwarded = direct == Some(DirectRefund::Forward);
        let routed = match declined {
            None => self.request(banks, amount_fen, original, is_forwarded).route(now_us),
            Some(_) => Routed::default(),
        };
        let asked = self.shared.vias(banks, routed.ways);
        let declined = declined.or(routed.declined).or_else(|| self.cannot_tell(asked));
        if declined.is_none() && !self.shared.active.admits(self.sender.index, asked, &self.shared.participants) {
            return Err(No::Refuse(ReturnCode::PS500001));
        }
        let acceptance = Acceptance {
            trx_id: self.row.key(id),
            original,
            digest,
            amount_fen,
            account: self.account(banks),
            unrefundable: self.is_unrefundable(),
            reserves_nothing: is_forwarded,
            batch: self.shared.positions.batch_at(now_us),
            institution: self.sender.index,
            banks,
            ways: routed.ways,
            business: self.row.business,
        };
        let declined = declined.or_else(|| self.check_register(&acceptance, now_us).err());
        let is_held = declined.is_none() && direct == Some(DirectRefund::Hold);
        let declined = declined.or_else(|| is_held.then_some(HELD));
        let refund = refund.filter(|_| !is_forwarded && !is_held);
        let (placed, original_is_nowhere) = (self.known.placed(), self.known.is_nowhere(original));
        let admission = Admission { acceptance, declined, refund, is_held, placed, original_is_nowhere };
        Ok((admission, routed.record))
    }

    /// Whether this very payment can never be refunded, although others of its business can.
    fn is_unrefundable(&self) -> bool {
        matches!(self.row.refundable, Refundable::IfNamed(field) if self.message.field(field).is_none())
    }

    /// What the customer's account is known by: for limits, for pacing, or to be found again.
    fn account(&self, banks: [u16; 2]) -> u64 {
        let bank = self.row.customer_leg.map_or(NO_PARTICIPANT, |leg| banks[leg.index()]);
        match self.row.account {
            AccountOf::Nobody => 0,
            // Where nothing tells accounts apart, a digest would be for nothing.
            AccountOf::Agreement if !self.shared.admission.knows_accounts(bank) => 0,
            AccountOf::Clear(_) => self.digests.account,
            AccountOf::Agreement => match (self.message.text(Field::SgnNo), self.message.text(Field::PyeeAcctId)) {
                (Some(number), _) => self.shared.account_of(&number),
                // A refund may name the customer's account instead.
                (None, Some(account)) if self.row.reserves_original => self.shared.sealer.digest(&account),
                (None, _) => 0,
            },
            AccountOf::Order(field) => self.message.text(field).map_or(0, |number| Orders::digest(&number)),
        }
    }

    /// Whether the register lets it begin. What may change before it is recorded is looked at again then, under the lock.
    fn check_register(&self, acceptance: &Acceptance, now_us: u64) -> Result<(), [u8; 8]> {
        let rule = self.row.register;
        if rule == RegisterRule::None {
            return Ok(());
        }
        let registers = &self.shared.registers;
        let (begun, _) = Payment::accept(acceptance, now_us, &self.shared.timing);
        let source = Source {
            row: self.row,
            request: self.message,
            answer: None,
            original: self.original.as_ref(),
            digests: self.digests,
            unknown_passes: self.shared.passes_unknown_agreements(),
        };
        let facts = source.facts(&begun, registers, now_us);
        if facts.sgn_no.is_none() && self.message.field(Field::SgnNo).is_some() {
            // Too long for a number, and nobody's old one: no bank can know it.
            return Err(*ReturnCode::PB521014.as_bytes());
        }
        let found = rule.key(&facts).and_then(|key| registers.lock(&key).image());
        check(rule, &facts, found.as_ref())
    }

    /// The counterpart of a leg, or the code that declines the transaction.
    fn target(&self, leg: &LegRules, now_us: u64) -> Result<u16, [u8; 8]> {
        let found = match leg.target {
            Target::Bank(fields) => fields
                .iter()
                .find_map(|field| self.message.field(*field))
                .and_then(|id| self.participant(id, ParticipantKind::Bank)),
            Target::Institution(field) => {
                self.message.field(field).and_then(|id| self.participant(id, ParticipantKind::Institution))
            }
            Target::Counterpart => self.counterpart(),
        };
        let target = found.ok_or(leg.unknown_target)?;
        if self.shared.admission.is_drained(target, now_us) {
            return Err(leg.unreachable);
        }
        Ok(target)
    }

    /// Whom a declaration without legs is for: the institution that it names.
    fn told(&self) -> Result<u16, [u8; 8]> {
        let named = self.message.field(Field::InstgId);
        named.and_then(|id| self.participant(id, ParticipantKind::Institution)).ok_or(*b"PB520097")
    }

    fn participant(&self, id: &[u8], kind: ParticipantKind) -> Option<u16> {
        let index = self.shared.participants.index_of(&InstitutionId::parse(id).ok()?)?;
        self.shared.participants.get(index).filter(|participant| participant.kind == kind).map(|_| index)
    }

    /// The other side: of what is asked for already, whoever asked or was asked; else of the original: between banks, the other
    /// bank; for the institution, the bank that got the money.
    fn counterpart(&self) -> Option<u16> {
        let original = self.original?;
        let asked = self.shared.registers.case(original.trx_id).and_then(|case| case.asked);
        let sender = self.sender.index;
        match asked {
            Some(request) if request.by == sender => return Some(request.of),
            Some(request) if request.of == sender => return Some(request.by),
            _ => {}
        }
        let others = [original.banks[1], original.banks[0], original.institution];
        others.into_iter().find(|other| *other != sender && *other != NO_PARTICIPANT)
    }
}

/// The encrypted values of a message as they stand in it, in its order, with what they say.
fn sealed_values<'m>(message: &Checked<'m>, clear: &'m Clear) -> Vec<(&'m [u8], &'m str)> {
    let fields = schema(message.message_type()).encrypted_fields().iter();
    let mut values: Vec<_> = fields.filter_map(|field| Some((message.field(*field)?, clear.get(*field)?))).collect();
    values.sort_by_key(|(value, _)| value.as_ptr() as usize);
    values
}

/// What stands before and behind `value`, which is a part of `whole`.
fn cut<'w>(whole: &'w [u8], value: &[u8]) -> Option<(&'w [u8], &'w [u8])> {
    let start = (value.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    Some((whole.get(..start)?, whole.get(start + value.len()..)?))
}

fn half(whole: [u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(whole.first_chunk::<16>().unwrap_or(&[0; 16]));
    half
}
