//! The fixed bytes of a payment, in records and in snapshots.
//!
//! ```text
//!  little-endian
//!   0 trx_id u128            16 original u128          32 digest [16]
//!  48 amount_fen u64         56 refunded_fen u64
//!  64 accepted_at_us u64     72 due_at_us u64          80 finished_at_us u64
//!  88 request_position u64   96 receipt_position u64  104 code [8]
//! 112 step u32  116 batch u32  120 institution u16  122 bank1 u16  124 bank2 u16
//! 126 business  127 phase  128 status  129 queries  130 notices  131 owed  132 flags  133 layers  134 way1  135 way2
//! 136 account u64
//! ```
//!
//! Invariant: whatever bytes come in, what comes out holds the invariants of [`Payment`], or [`Corrupt`] is returned.

use clearway_codec::value::TrxStatus;

use super::party::{Leg, Parties};
use super::payment::{Flags, Payment, Phase};
use crate::domain::business::{Business, KEY_TAG, rules};
use crate::domain::limit::Layers;

/// Size of one payment on disk.
pub const PAYMENT_BYTES: usize = 144;

/// Bytes that are no payment, or no record; names the part that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("corrupt record: {0}")]
pub struct Corrupt(pub &'static str);

/// One past the largest key: the tags of [`BUSINESSES`](crate::domain::business::BUSINESSES) are below 8.
const KEY_END: u128 = 8 * KEY_TAG;

impl Payment {
    /// Its bytes.
    pub fn to_bytes(&self) -> [u8; PAYMENT_BYTES] {
        let mut bytes = [0; PAYMENT_BYTES];
        let mut at = 0;
        let mut put = |part: &[u8]| {
            bytes[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        };
        put(&self.trx_id.to_le_bytes());
        put(&self.original.to_le_bytes());
        put(&self.digest);
        put(&self.amount_fen.to_le_bytes());
        put(&self.refunded_fen.to_le_bytes());
        put(&self.accepted_at_us.to_le_bytes());
        put(&self.due_at_us.to_le_bytes());
        put(&self.finished_at_us.to_le_bytes());
        put(&self.request_position.to_le_bytes());
        put(&self.receipt_position.to_le_bytes());
        put(&self.code);
        put(&self.step.to_le_bytes());
        put(&self.batch.to_le_bytes());
        put(&self.institution.to_le_bytes());
        put(&self.banks[0].to_le_bytes());
        put(&self.banks[1].to_le_bytes());
        put(&[self.business.code(), self.phase as u8, status_code(self.status), self.queries, self.notices]);
        put(&[self.owed.bits(), self.flags.bits(), self.layers.bits(), self.ways[0], self.ways[1]]);
        put(&self.account.to_le_bytes());
        bytes
    }

    /// The payment of these bytes.
    ///
    /// # Errors
    /// [`Corrupt`] when a field cannot be, or fields contradict each other.
    pub fn from_bytes(bytes: &[u8; PAYMENT_BYTES]) -> Result<Self, Corrupt> {
        let mut rest = Fields(bytes);
        let payment = Self {
            trx_id: u128::from_le_bytes(rest.take()),
            original: u128::from_le_bytes(rest.take()),
            digest: rest.take(),
            amount_fen: u64::from_le_bytes(rest.take()),
            refunded_fen: u64::from_le_bytes(rest.take()),
            accepted_at_us: u64::from_le_bytes(rest.take()),
            due_at_us: u64::from_le_bytes(rest.take()),
            finished_at_us: u64::from_le_bytes(rest.take()),
            request_position: u64::from_le_bytes(rest.take()),
            receipt_position: u64::from_le_bytes(rest.take()),
            code: rest.take(),
            step: u32::from_le_bytes(rest.take()),
            batch: u32::from_le_bytes(rest.take()),
            institution: u16::from_le_bytes(rest.take()),
            banks: [u16::from_le_bytes(rest.take()), u16::from_le_bytes(rest.take())],
            business: Business::from_code(rest.byte()).ok_or(Corrupt("business"))?,
            phase: phase_from_code(rest.byte()).ok_or(Corrupt("phase"))?,
            status: status_from_code(rest.byte()).ok_or(Corrupt("status"))?,
            queries: rest.byte(),
            notices: rest.byte(),
            owed: Parties::from_bits(rest.byte()).ok_or(Corrupt("owed"))?,
            flags: Flags::from_bits(rest.byte()).ok_or(Corrupt("flags"))?,
            layers: layers_from_bits(rest.byte()).ok_or(Corrupt("layers"))?,
            ways: rest.take(),
            account: u64::from_le_bytes(rest.take()),
        };
        payment.check()?;
        Ok(payment)
    }

    /// Whether the fields can be true together.
    fn check(&self) -> Result<(), Corrupt> {
        let rules = [
            (self.trx_id != 0 && self.trx_id < KEY_END, "trx_id"),
            (self.original < KEY_END && self.original != self.trx_id, "original"),
            ((self.original != 0) == rules(self.business).has_original(), "original of this business"),
            ((self.amount_fen > 0) == rules(self.business).moves_money, "amount_fen"),
            (self.refunded_fen <= self.amount_fen, "refunded_fen"),
            (self.step > 0, "step"),
            (self.is_final() == self.status.is_final(), "status of this phase"),
            (self.is_final() || self.owed.is_empty(), "owed before the final state"),
            (self.leg_one_flag_fits(), "flags of this phase"),
            (self.ways_fit(), "ways of this business"),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, what)) => Err(Corrupt(what)),
            None => Ok(()),
        }
    }

    /// A leg that is not there has no channel.
    fn ways_fit(&self) -> bool {
        let has_leg = |leg| rules(self.business).leg(leg).is_some();
        Leg::ALL.into_iter().all(|leg| has_leg(leg) || (self.way(leg) == 0 && !self.is_counted(leg)))
    }

    fn leg_one_flag_fits(&self) -> bool {
        if self.is_final() && rules(self.business).legs.len() < 2 {
            // One leg may be presumed either way.
            return !self.flags.contains(Flags::LEG_TWO_RESENT);
        }
        let happened = self.flags.contains(Flags::LEG_ONE_HAPPENED);
        let resent_fits = happened || !self.flags.contains(Flags::LEG_TWO_RESENT);
        resent_fits
            && match self.phase {
                Phase::Leg1Sent | Phase::Leg1Unknown | Phase::Waiting => !happened,
                Phase::Leg2Sent | Phase::Leg2Unknown => happened,
                Phase::Final => match self.status {
                    TrxStatus::Success | TrxStatus::PresumedSuccess => happened,
                    TrxStatus::PresumedFailure => !happened,
                    TrxStatus::Failure | TrxStatus::InProcess => true,
                },
            }
    }
}

/// Takes fields of fixed size off the front. The sizes add up to [`PAYMENT_BYTES`] (const-asserted by the test of
/// the round trip), so running out is a bug, not an input.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (field, rest) = self.0.split_first_chunk().expect("fields add up to PAYMENT_BYTES");
        self.0 = rest;
        *field
    }

    fn byte(&mut self) -> u8 {
        let [byte] = self.take();
        byte
    }
}

const fn layers_from_bits(bits: u8) -> Option<Layers> {
    if bits < 8 { Some(Layers::from_bits(bits)) } else { None }
}

const fn phase_from_code(code: u8) -> Option<Phase> {
    match code {
        1 => Some(Phase::Leg1Sent),
        2 => Some(Phase::Leg1Unknown),
        3 => Some(Phase::Leg2Sent),
        4 => Some(Phase::Leg2Unknown),
        5 => Some(Phase::Final),
        6 => Some(Phase::Waiting),
        _ => None,
    }
}

/// The number of the wire code: 0 is "00".
pub(in crate::domain) const fn status_code(status: TrxStatus) -> u8 {
    match status {
        TrxStatus::Success => 0,
        TrxStatus::Failure => 1,
        TrxStatus::InProcess => 2,
        TrxStatus::PresumedSuccess => 3,
        TrxStatus::PresumedFailure => 4,
    }
}

const fn status_from_code(code: u8) -> Option<TrxStatus> {
    match code {
        0 => Some(TrxStatus::Success),
        1 => Some(TrxStatus::Failure),
        2 => Some(TrxStatus::InProcess),
        3 => Some(TrxStatus::PresumedSuccess),
        4 => Some(TrxStatus::PresumedFailure),
        _ => None,
    }
}
