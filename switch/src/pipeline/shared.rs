//! What all workers of a node share. Everything in it is either immutable, swapped whole, or locked for moments.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use arc_swap::ArcSwap;
use clearway_codec::Checked;
use clearway_codec::catalogue::Field;
use clearway_codec::value::{BeijingTime, Direction, InstitutionId, SerialNumber};
use clearway_crypto::{Backends, KeyRing, SigningKey};
use http::HeaderValue;

use super::compose::Parties;
use crate::admission::{Admission, Spend};
use crate::books::keeper::Board as KeeperBoard;
use crate::clock::Clock;
use crate::config::{BusinessSection, ParticipantKind, Participants, UnknownAgreements};
use crate::constants::NO_PARTICIPANT;
use crate::domain::agreement::SgnNo;
use crate::domain::business::{AccountOf, rules};
use crate::domain::calendar::Calendar;
use crate::domain::control_number::ControlPool;
use crate::domain::timing::Timing;
use crate::domain::transaction::{Leg, Party, Payment, Phase};
use crate::journal::Journal;
use crate::metrics::Metrics;
use crate::net::link::Board as LinkBoard;
use crate::net::transport::Transports;
use crate::operations::Board;
use crate::positions::Live;
use crate::registers::Registers;
use crate::routing::Router;
use crate::sensitive::Sealer;
use crate::shelf::Shelves;
use crate::table::{Orders, Table};

/// The parts of one node that its workers use together.
pub(crate) struct Shared {
    pub(crate) id: InstitutionId,
    pub(crate) serial: SerialNumber,
    /// Our own id as a header value.
    pub(crate) issuer: HeaderValue,
    pub(crate) signing_key: Arc<SigningKey>,
    pub(crate) backends: Backends,
    pub(crate) ring: ArcSwap<KeyRing>,
    pub(crate) sealer: Sealer,
    pub(crate) admission: Arc<Admission>,
    pub(crate) router: Arc<Router>,
    pub(crate) board: Arc<Board>,
    /// The links of all participants.
    pub(crate) links: Arc<LinkBoard>,
    pub(crate) participants: Participants,
    /// How connections are made and taken.
    pub(crate) transports: Transports,
    pub(crate) table: Arc<Table>,
    pub(crate) orders: Arc<Orders>,
    /// Payments that have left the memory.
    pub(crate) shelves: Arc<Shelves>,
    /// The books of the batches that are not settled.
    pub(crate) positions: Arc<Live>,
    /// What the keeper of the books shows of itself.
    pub(crate) keeper: Arc<KeeperBoard>,
    pub(crate) registers: Arc<Registers>,
    pub(crate) calendar: Calendar,
    pub(crate) controls: ControlPool,
    pub(crate) business: BusinessSection,
    pub(crate) journal: Arc<Journal>,
    pub(crate) timing: Timing,
    pub(crate) clock: Clock,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) active: Active,
    /// The last journal group that any worker has put a record into.
    pub(crate) recorded: AtomicU64,
    /// No new payments are taken; the running ones are finished.
    pub(crate) draining: AtomicBool,
    /// The node is gone: workers end at once, as in a crash.
    pub(crate) ended: AtomicBool,
}

impl Shared {
    /// The times of one payment, with the own deadlines of those who are asked.
    pub(crate) fn timing_of(&self, asked: [u16; 2]) -> Timing {
        let [one, two] = asked.map(|index| self.participants.get(index));
        let ms =
            |deadline_ms: Option<u64>, default_us: u64| deadline_ms.map_or(default_us, |ms| ms.saturating_mul(1000));
        let [default_one, default_two] = self.timing.leg_deadline_us;
        let leg_one = ms(one.map(|bank| bank.leg1_deadline_ms), default_one);
        let leg_two = ms(two.map(|bank| bank.leg2_deadline_ms), default_two);
        self.timing.with_leg_deadlines_us([leg_one, leg_two])
    }
}

impl Shared {
    /// What limits know the account behind an agreement or mandate by: its own digest where it is known, else that of the number.
    pub(crate) fn account_of(&self, number: &str) -> u64 {
        let number_of = number.as_bytes();
        let agreement = self.registers.find_agreement(number_of).map(|known| known.account);
        let known = agreement.or_else(|| self.registers.find_mandate(number_of).map(|known| known.account));
        known.filter(|account| *account != 0).unwrap_or_else(|| self.sealer.digest(number))
    }

    /// The number that a request's old number stands for; none when it names its own, or none.
    pub(crate) fn number_of_old(&self, request: &Checked<'_>) -> Option<SgnNo> {
        let named = request.text(Field::SgnNo)?;
        self.registers.find_alias(named.as_bytes())
    }

    /// What a payment uses up of its bank's limits.
    pub(crate) fn spend_of(payment: &Payment) -> Spend {
        Spend {
            institution: payment.institution,
            bank: payment.bank(Leg::One),
            account: match rules(payment.business).account {
                // An order's account is not known before it is paid.
                AccountOf::Order(_) => 0,
                AccountOf::Nobody | AccountOf::Agreement | AccountOf::Clear(_) => payment.account,
            },
            amount_fen: payment.amount_fen,
            day: BeijingTime::from_unix_micros(payment.accepted_at_us).date(),
        }
    }

    /// Whether payments by agreements that the register does not know go through to their bank.
    pub(crate) fn passes_unknown_agreements(&self) -> bool {
        self.business.unknown_agreements == UnknownAgreements::Pass
    }

    /// The participants of a payment, by their ids.
    pub(crate) fn parties(&self, payment: &Payment) -> Parties {
        let id = |index| self.participants.get(index).map(|participant| participant.id);
        Parties { institution: id(payment.institution), banks: payment.banks.map(id) }
    }

    /// The direction of a message to a party of a payment (wire.md 2.2).
    pub(crate) fn direction_to(&self, payment: &Payment, party: Party) -> Direction {
        let kind = self.participants.get(self.receiver(payment, party)).map(|participant| participant.kind);
        match (kind, party) {
            (Some(ParticipantKind::Bank), Party::Bank2) => Direction::SWITCH_TO_PAYEE_BANK,
            (Some(ParticipantKind::Bank), Party::Institution | Party::Bank1) => Direction::SWITCH_TO_PAYER_BANK,
            (Some(ParticipantKind::Institution) | None, _) => Direction::SWITCH_TO_PI,
        }
    }
}

/// How many legs are out, in all and by participant: the bulkheads. A leg whose outcome is unknown is out no more: it
/// holds no connection, and its bank's silence must not use up anybody's quota.
#[derive(Debug)]
pub(crate) struct Active {
    all: AtomicU32,
    all_max: u32,
    by_participant: Vec<AtomicU32>,
}

impl Active {
    pub(crate) fn new(all_max: u32, participants: usize) -> Self {
        Self { all: AtomicU32::new(0), all_max, by_participant: (0..participants).map(|_| AtomicU32::new(0)).collect() }
    }

    /// Whether one more payment of `institution` fits, of which these are asked.
    pub(crate) fn admits(&self, institution: u16, asked: [u16; 2], participants: &Participants) -> bool {
        let [one, two] = asked;
        let taking_part = [institution, one, two].into_iter().filter(|index| *index != NO_PARTICIPANT);
        self.all.load(Ordering::Relaxed) < self.all_max
            && taking_part.into_iter().all(|index| {
                let quota = participants.get(index).map_or(0, |participant| participant.in_flight_max);
                self.by_participant.get(usize::from(index)).is_some_and(|out| out.load(Ordering::Relaxed) < quota)
            })
    }

    /// Follows a payment from one after-image to the next; `asked` says who is asked for a leg.
    pub(crate) fn moved(&self, before: Option<&Payment>, after: &Payment, asked: impl Fn(&Payment, Leg) -> u16) {
        if let Some((before, leg)) = before.and_then(|before| Some((before, out(before)?))) {
            self.change(before.institution, asked(before, leg), false);
        }
        if let Some(leg) = out(after) {
            self.change(after.institution, asked(after, leg), true);
        }
    }

    fn change(&self, institution: u16, bank: u16, more: bool) {
        let counters = [
            Some(&self.all),
            self.by_participant.get(usize::from(institution)),
            self.by_participant.get(usize::from(bank)),
        ];
        for counter in counters.into_iter().flatten() {
            if more {
                counter.fetch_add(1, Ordering::Relaxed);
            } else {
                counter.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    /// Legs out in all.
    pub(crate) fn all(&self) -> u32 {
        self.all.load(Ordering::Relaxed)
    }
}

/// The leg that is out.
fn out(payment: &Payment) -> Option<Leg> {
    match payment.phase {
        Phase::Leg1Sent => Some(Leg::One),
        Phase::Leg2Sent => Some(Leg::Two),
        Phase::Leg1Unknown | Phase::Leg2Unknown | Phase::Waiting | Phase::Final => None,
    }
}
