//! The compact after-image of one transaction: all that the switch must know of it in memory.
//!
//! Invariants: `phase == Final` exactly when `status` is final; `refunded_fen <= amount_fen`; `step` rises by one with
//! every change. Only [`transition`](super::transition) makes the next one; positions alone are filled in by the table.

use clearway_codec::value::{ReturnCode, TrxStatus};

use super::effect::{CaseKind, Effect, Effects};
use super::party::{Leg, Parties, Party};
use crate::domain::business::{Business, Refundable, rules};
use crate::domain::limit::Layers;
use crate::domain::timing::Timing;

/// Refunds are no longer reserved on a payment that has changed this often, so that `step` cannot overflow.
pub const STEP_MAX: u32 = u32::MAX - 1_000_000;

/// Where the transaction is between acceptance and its final state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Phase {
    /// Leg 1 may be out; its answer is awaited.
    Leg1Sent = 1,
    /// Leg 1 is unknown; its bank is queried.
    Leg1Unknown = 2,
    /// Leg 1 succeeded, leg 2 may be out; its answer is awaited.
    Leg2Sent = 3,
    /// Leg 1 succeeded, leg 2 is unknown; its bank is queried.
    Leg2Unknown = 4,
    /// The status is final; notices may be owed.
    Final = 5,
    /// Leg 1 was taken, and its outcome is a person's to decide: a customer on a bank's page, or whoever has to agree.
    Waiting = 6,
}

impl Phase {
    /// All, in order.
    pub const ALL: [Self; 6] =
        [Self::Leg1Sent, Self::Leg1Unknown, Self::Leg2Sent, Self::Leg2Unknown, Self::Final, Self::Waiting];

    /// The leg whose outcome is awaited; `None` when final.
    pub const fn open_leg(self) -> Option<Leg> {
        match self {
            Self::Leg1Sent | Self::Leg1Unknown | Self::Waiting => Some(Leg::One),
            Self::Leg2Sent | Self::Leg2Unknown => Some(Leg::Two),
            Self::Final => None,
        }
    }
}

/// One transaction as it is after its latest change. Times are microseconds since 1970; money is fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The key: TrxId as a number, and what its business adds to it (`BusinessRules::key`).
    pub trx_id: u128,
    /// Key of the payment that this one refunds or is about; 0 when there is none.
    pub original: u128,
    /// Digest of the request's business content: tells a repetition from another payment under the same TrxId.
    pub digest: [u8; 16],
    /// Amount; 0 when the business moves no money.
    pub amount_fen: u64,
    /// What refunds of this payment have reserved or moved; never above `amount_fen`.
    pub refunded_fen: u64,
    /// When it was accepted.
    pub accepted_at_us: u64,
    /// When [`Event::Due`](super::Event::Due) is to be raised; 0 when never.
    pub due_at_us: u64,
    /// When its status became final; 0 before.
    pub finished_at_us: u64,
    /// Journal position of the record that holds the request; 0 when not known.
    pub request_position: u64,
    /// Journal position of the record that holds the final receipt; before the final state, of the one that holds the
    /// answer by which leg 1 succeeded; 0 when there is neither.
    pub receipt_position: u64,
    /// Keyed digest of the customer's account, or of the order's number; 0 when there is none.
    pub account: u64,
    /// BizStsCd of the answer or rule that decided; zeroes before the final state.
    pub code: [u8; 8],
    /// Number of changes, 1 after acceptance.
    pub step: u32,
    /// Clearing batch in the compact form of `BatchId`.
    pub batch: u32,
    /// Participant index of who asked for it: the institution, except where a bank begins the business.
    pub institution: u16,
    /// Participant indexes of those the legs go to: the banks, except where a leg goes to the institution.
    /// `NO_PARTICIPANT` for a leg that the business does not have.
    pub banks: [u16; 2],
    /// The channel of each leg, by its number within the bank; 0 is the bank itself.
    pub ways: [u8; 2],
    /// Which row of rules it follows.
    pub business: Business,
    /// Where it is.
    pub phase: Phase,
    /// What the wire calls it.
    pub status: TrxStatus,
    /// Queries sent for the leg that is unknown now.
    pub queries: u8,
    /// Resends of notices done.
    pub notices: u8,
    /// Which layers of limits counted it; those get it back when it fails.
    pub layers: Layers,
    /// Who has not yet seen the final state.
    pub owed: Parties,
    pub(crate) flags: Flags,
}

/// What a request that passed every check brings; see [`Payment`] for the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The key, see [`Payment::trx_id`].
    pub trx_id: u128,
    /// Key of the payment to refund, or that it is about; 0 when none.
    pub original: u128,
    /// Digest of the request's business content.
    pub digest: [u8; 16],
    /// Amount in fen; 0 when the business moves no money.
    pub amount_fen: u64,
    /// Keyed digest of the customer's account, or of the order's number; 0 when there is none.
    pub account: u64,
    /// Whether this very one can never be refunded, whatever its business allows.
    pub unrefundable: bool,
    /// Whether it refunds a payment that the switch does not know, so that nothing is reserved.
    pub reserves_nothing: bool,
    /// Clearing batch of the hour of acceptance.
    pub batch: u32,
    /// Participant index of who asks for it.
    pub institution: u16,
    /// Participant indexes of those the legs go to.
    pub banks: [u16; 2],
    /// The channel of each leg, by its number within the bank.
    pub ways: [u8; 2],
    /// Which row of rules it follows.
    pub business: Business,
}

impl Payment {
    /// Point 1 of its life: every check passed. The effects send leg 1 once the record is durable; without legs it is
    /// final at once, and the other side is to learn it.
    pub fn accept(acceptance: &Acceptance, now_us: u64, timing: &Timing) -> (Self, Effects) {
        if rules(acceptance.business).legs.is_empty() {
            return Self::declare(acceptance, now_us, timing);
        }
        let due_at_us = now_us.saturating_add(timing.leg_deadline_us[Leg::One.index()]);
        let payment = Self { due_at_us, ..Self::at_step_one(acceptance, now_us) };
        let mut effects = Effects::of(Effect::SendLeg(Leg::One));
        effects.push(Effect::ArmDue(due_at_us));
        effects.push(Effect::ArmReceiptDue(now_us.saturating_add(timing.receipt_deadline_us)));
        (payment, effects)
    }

    /// What is so because it was said: 00 at once.
    fn declare(acceptance: &Acceptance, now_us: u64, timing: &Timing) -> (Self, Effects) {
        let (declined, mut effects) = Self::decline(acceptance, *b"00000000", now_us, timing);
        let payment = Self {
            status: TrxStatus::Success,
            owed: declined.owed.with(Party::Bank1),
            flags: declined.flags.with(Flags::LEG_ONE_HAPPENED),
            ..declined
        };
        effects.push(Effect::Notify(Party::Bank1));
        (payment, effects)
    }

    /// A business "no" before anything was done: 01 at once. It is kept like any other, because what the institution was told once must
    /// be told again, whatever the same request would meet later.
    pub fn decline(acceptance: &Acceptance, code: [u8; 8], now_us: u64, timing: &Timing) -> (Self, Effects) {
        let due_at_us = timing.notice_schedule.wait_us(0).map_or(0, |wait_us| now_us.saturating_add(wait_us));
        let payment = Self {
            due_at_us,
            finished_at_us: now_us,
            code,
            phase: Phase::Final,
            status: TrxStatus::Failure,
            owed: Parties::NONE.with(Party::Institution),
            ..Self::at_step_one(acceptance, now_us)
        };
        let mut effects = Effects::of(Effect::ReplyFinal);
        if due_at_us != 0 {
            effects.push(Effect::ArmDue(due_at_us));
        }
        (payment, effects)
    }

    /// A refund that is kept for a person to transfer: declined, and listed.
    pub fn hold(acceptance: &Acceptance, code: [u8; 8], now_us: u64, timing: &Timing) -> (Self, Effects) {
        let (payment, mut effects) = Self::decline(acceptance, code, now_us, timing);
        effects.push(Effect::OpenCase(CaseKind::HeldRefund));
        (payment, effects)
    }

    const fn at_step_one(acceptance: &Acceptance, now_us: u64) -> Self {
        Self {
            trx_id: acceptance.trx_id,
            original: acceptance.original,
            digest: acceptance.digest,
            amount_fen: acceptance.amount_fen,
            account: acceptance.account,
            refunded_fen: 0,
            accepted_at_us: now_us,
            due_at_us: 0,
            finished_at_us: 0,
            request_position: 0,
            receipt_position: 0,
            code: [0; 8],
            step: 1,
            batch: acceptance.batch,
            institution: acceptance.institution,
            banks: acceptance.banks,
            ways: acceptance.ways,
            business: acceptance.business,
            phase: Phase::Leg1Sent,
            status: TrxStatus::InProcess,
            queries: 0,
            notices: 0,
            layers: Layers::NONE,
            owed: Parties::NONE,
            flags: Flags::NONE
                .set(Flags::UNREFUNDABLE, acceptance.unrefundable)
                .set(Flags::RESERVES_NOTHING, acceptance.reserves_nothing),
        }
    }

    /// Fills in the positions that are not known yet; 0 fills nothing. Not a step: where something lies is no change.
    pub const fn fill_positions(&mut self, request_position: u64, receipt_position: u64) {
        if self.request_position == 0 {
            self.request_position = request_position;
        }
        if self.receipt_position == 0 {
            self.receipt_position = receipt_position;
        }
    }

    /// Whether the switch still has something to do for it: to bring it to its final state, or to tell that to somebody.
    /// When the last notice has gone unacknowledged, the statement decides, and nothing is left to do.
    pub const fn is_unfinished(&self) -> bool {
        !self.is_final() || (!self.owed.is_empty() && self.due_at_us != 0)
    }

    /// Whether its amount is reserved on another payment.
    pub fn has_reservation(&self) -> bool {
        rules(self.business).reserves_original && !self.flags.contains(Flags::RESERVES_NOTHING)
    }

    /// Whether the status is final.
    pub const fn is_final(&self) -> bool {
        matches!(self.phase, Phase::Final)
    }

    /// Whether the change from `before` (none: it begins) to this one is the one that makes its status final.
    pub fn becomes_final(&self, before: Option<&Self>) -> bool {
        self.is_final() && before.is_none_or(|before| !before.is_final())
    }

    /// Whether a refund of it may be asked for at all.
    pub fn is_refundable(&self) -> bool {
        rules(self.business).refundable != Refundable::Never && !self.flags.contains(Flags::UNREFUNDABLE)
    }

    /// Whether one of its legs is booked on the institution's reserve account: not when an entrusted payment goes straight to a merchant's
    /// bank, which is the one that can never be refunded (business.md section 4).
    pub fn has_reserve(&self) -> bool {
        let rules = rules(self.business);
        rules.moves_money
            && !(matches!(rules.refundable, Refundable::IfNamed(_)) && self.flags.contains(Flags::UNREFUNDABLE))
    }

    /// The key of the payment that this one refunds or is about.
    pub const fn original(&self) -> Option<u128> {
        if self.original == 0 { None } else { Some(self.original) }
    }

    /// The code that decided, for the wire: ES000033 before the final state.
    pub fn outcome(&self) -> ReturnCode {
        if self.is_final() {
            ReturnCode::parse(&self.code).unwrap_or(ReturnCode::ES000099)
        } else {
            ReturnCode::ES000033
        }
    }

    /// Participant index of the leg's bank.
    pub const fn bank(&self, leg: Leg) -> u16 {
        self.banks[leg.index()]
    }

    /// The channel of the leg, by its number within the leg's bank.
    pub const fn way(&self, leg: Leg) -> u8 {
        self.ways[leg.index()]
    }

    /// Whether the leg's channel has counted it in its volume.
    pub const fn is_counted(&self, leg: Leg) -> bool {
        self.flags.contains(Flags::counted(leg))
    }

    /// The payment with its leg counted by its channel, or not. Filled in while it is recorded: no step of its own.
    #[must_use]
    pub const fn with_counted(self, leg: Leg, is_counted: bool) -> Self {
        Self { flags: self.flags.set(Flags::counted(leg), is_counted), ..self }
    }

    /// Participant index of a party.
    pub const fn participant(&self, party: Party) -> u16 {
        match party {
            Party::Institution => self.institution,
            Party::Bank1 => self.banks[0],
            Party::Bank2 => self.banks[1],
        }
    }

    /// Whether the leg took place as far as the switch knows, or presumes when the status is 03.
    pub const fn leg_happened(&self, leg: Leg) -> bool {
        match leg {
            Leg::One => self.flags.contains(Flags::LEG_ONE_HAPPENED),
            Leg::Two => moves_money(self.status),
        }
    }

    /// Whether leg 2 was ever to be sent.
    pub const fn leg_two_was_sent(&self) -> bool {
        self.flags.contains(Flags::LEG_ONE_HAPPENED)
    }

    /// Whether leg 2 was sent a second time.
    pub const fn leg_two_was_resent(&self) -> bool {
        self.flags.contains(Flags::LEG_TWO_RESENT)
    }

    /// Whether the institution was told 02, or its exchange is gone: it needs a notice.
    pub const fn exchange_is_over(&self) -> bool {
        self.flags.contains(Flags::EXCHANGE_OVER)
    }

    /// Whether leg 1 is to be undone by its bank: it took place, and the final state moves no money.
    pub const fn debit_is_undone(&self) -> bool {
        self.is_final() && self.leg_happened(Leg::One) && !moves_money(self.status)
    }

    /// Whether it ended without moving money: 01 and 04.
    pub const fn has_failed(&self) -> bool {
        self.is_final() && !moves_money(self.status)
    }

    /// Whether the transaction counts in the books: 00 and 03 do.
    pub const fn moves_money(&self) -> bool {
        moves_money(self.status)
    }
}

/// 00 and 03 move money, 01 and 04 do not (business.md section 7).
pub(super) const fn moves_money(status: TrxStatus) -> bool {
    matches!(status, TrxStatus::Success | TrxStatus::PresumedSuccess)
}

/// The system-level code that goes with a status: success, or why there is no clear outcome.
pub const fn system_code(status: TrxStatus) -> ReturnCode {
    match status {
        TrxStatus::Success | TrxStatus::Failure => ReturnCode::SUCCESS,
        TrxStatus::InProcess => ReturnCode::ES000033,
        TrxStatus::PresumedSuccess | TrxStatus::PresumedFailure => ReturnCode::ES000098,
    }
}

/// Facts of one bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flags(u8);

impl Flags {
    pub(super) const NONE: Self = Self(0);
    /// Leg 1 took place, by a clear answer.
    pub(super) const LEG_ONE_HAPPENED: Self = Self(1);
    /// Leg 2 was sent a second time, after "no such transaction".
    pub(super) const LEG_TWO_RESENT: Self = Self(2);
    /// The institution was told 02, or its exchange is gone.
    pub(super) const EXCHANGE_OVER: Self = Self(4);

    /// It can never be refunded, whatever its business allows.
    pub(super) const UNREFUNDABLE: Self = Self(8);

    /// It refunds a payment of the old direct channel, on which nothing is reserved.
    pub(super) const RESERVES_NOTHING: Self = Self(64);

    /// The channel of this leg counts it in its volume.
    const fn counted(leg: Leg) -> Self {
        match leg {
            Leg::One => Self(16),
            Leg::Two => Self(32),
        }
    }

    const fn set(self, other: Self, is_set: bool) -> Self {
        if is_set { self.with(other) } else { Self(self.0 & !other.0) }
    }

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) const fn bits(self) -> u8 {
        self.0
    }

    pub(super) const fn from_bits(bits: u8) -> Option<Self> {
        if bits < 128 { Some(Self(bits)) } else { None }
    }
}

const _: () = assert!(size_of::<Payment>() <= 144);
