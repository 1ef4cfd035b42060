//! Which register a business touches, and at which points of its life.

use clearway_codec::value::TrxStatus;

use super::facts::Facts;
use crate::domain::agreement::SgnNo;
use crate::domain::transaction::Party;

/// What a business does to the registers; one for each row of the businesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RegisterRule {
    /// Nothing.
    None,
    /// 201: pays by an agreement, which must be live.
    UseAgreement,
    /// 221: pays by a mandate, within its terms.
    UseMandate,
    /// 101/0202: brings an agreement.
    Sign,
    /// 103: the institution ends an agreement.
    EndAgreement,
    /// 105: the bank has ended an agreement.
    AgreementEndedByBank,
    /// 111: brings a mandate.
    CreateMandate,
    /// 115: the institution ends a mandate, at once.
    EndMandate,
    /// 117: the bank asks to end a mandate; the institution may refuse.
    EndMandateByBank,
    /// 321: asks for an adjustment.
    SubmitDispute,
    /// 322: agrees or refuses.
    AnswerDispute,
    /// 324: adjusts.
    Adjust,
}

impl RegisterRule {
    /// All.
    pub const ALL: [Self; 12] = [
        Self::None,
        Self::UseAgreement,
        Self::UseMandate,
        Self::Sign,
        Self::EndAgreement,
        Self::AgreementEndedByBank,
        Self::CreateMandate,
        Self::EndMandate,
        Self::EndMandateByBank,
        Self::SubmitDispute,
        Self::AnswerDispute,
        Self::Adjust,
    ];

    /// The image that a transaction of this rule reads and may change; `None` when there is none, or not yet (a signing before
    /// the bank has given the number).
    pub fn key(self, facts: &Facts) -> Option<Key> {
        match self {
            Self::None => None,
            Self::UseAgreement | Self::Sign | Self::EndAgreement | Self::AgreementEndedByBank => {
                facts.sgn_no.map(Key::Agreement)
            }
            Self::UseMandate | Self::CreateMandate | Self::EndMandate | Self::EndMandateByBank => {
                facts.sgn_no.map(Key::Mandate)
            }
            Self::SubmitDispute | Self::AnswerDispute | Self::Adjust => {
                facts.dispute.map(|dispute| Key::Case(dispute.original_key))
            }
        }
    }

    /// Whether a success must bring the number of what it opens: without one, nobody could ever name it.
    pub const fn brings_number(self) -> bool {
        matches!(self, Self::Sign | Self::CreateMandate)
    }

    /// Whether the image can change at `stage`: when not, nothing need be locked then.
    pub const fn changes_at(self, stage: Stage) -> bool {
        match self {
            Self::None | Self::UseAgreement => false,
            Self::AnswerDispute => matches!(stage, Stage::Accepted),
            Self::Sign | Self::CreateMandate | Self::SubmitDispute => matches!(stage, Stage::Final(_)),
            Self::UseMandate | Self::Adjust => matches!(stage, Stage::Accepted | Stage::Final(_)),
            Self::EndAgreement | Self::AgreementEndedByBank | Self::EndMandate | Self::EndMandateByBank => {
                !matches!(stage, Stage::Waiting)
            }
        }
    }
}

/// A point in the life of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is accepted, in the record before anything is sent.
    Accepted,
    /// Its answer is deferred (a page, seven working days).
    Waiting,
    /// Its status has become final.
    Final(TrxStatus),
    /// After the final state, a party that owed its acknowledgement has given it.
    Acknowledged(Party),
}

/// Which image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// The agreement of this number.
    Agreement(SgnNo),
    /// The mandate of this number.
    Mandate(SgnNo),
    /// The case of the transaction with this key.
    Case(u128),
}
