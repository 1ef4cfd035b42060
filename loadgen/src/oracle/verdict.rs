//! What the oracle found, as figures, with examples to look up.

use crate::business::Business;
use crate::constants::EXAMPLES_PER_KIND_MAX;
use crate::tracker::Knowledge;
use clearway_codec::{TrxId, TrxStatus};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A rule that was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Violation {
    /// The switch acknowledged a transaction and later did not know it.
    Lost,
    /// One transaction took money more than once, even if some of it was given back later.
    DebitedTwice,
    /// One transaction gave money more than once.
    CreditedTwice,
    /// Final 00 or 03, and the payer's side was not debited.
    DebitMissing,
    /// Final 00 or 03, and the payee's side was not credited.
    CreditMissing,
    /// Final 01 or 04, or never taken, and the payer's side is still debited.
    DebitKept,
    /// Final 01 or 04, or never taken, and the payee's side is credited.
    CreditGiven,
    /// Another amount was moved than was ordered.
    AmountDiffers,
    /// A bank that has no such role in the transaction moved money.
    StrayMovement,
    /// Two different final states were told, to whomever.
    Contradiction,
    /// The stored receipt came again with other bytes.
    ReceiptChanged,
    /// The switch refused or did not know a transaction, but had let a bank move money for it.
    MovedThoughRefused,
    /// Successful refunds are more than the original, or the original did not succeed.
    RefundExceedsOriginal,
    /// A terminal notice went to another institution than the one that ordered.
    MisdirectedNotice,
    /// A bank was asked to move money for a transaction of this run that nobody ordered.
    Invented,
    /// One transaction was entered in a bank's register more than once.
    EnteredTwice,
    /// Final 00, and the bank has not signed, or not ended.
    EntryMissing,
    /// Final 01 or 04, or never taken, and the bank has signed; final 01, and the bank has ended.
    EntryKept,
    /// The institution was told another number than the bank gave.
    NumberDiffers,
    /// An agreement or mandate is live at one end only.
    EndsDisagree,
    /// The switch acknowledged a bank's end of an agreement, and its institution never heard of it.
    EndUntold,
    /// A payment went well on something whose end had been acknowledged before it was sent.
    PaidAfterEnd,
    /// A payment was refused for want of an agreement that is live at both ends.
    LiveRefused,
    /// Entrusted payments went well that the mandate does not allow.
    MandateExceeded,
    /// The switch said that an order was closed, and it ended otherwise.
    ClosedThoughPaid,
    /// A request whose signature does not verify was taken, sent on to a bank or notified.
    AlteredTaken,
}

impl Violation {
    /// All kinds, in the order of declaration.
    pub const ALL: [Self; 26] = [
        Self::Lost,
        Self::DebitedTwice,
        Self::CreditedTwice,
        Self::DebitMissing,
        Self::CreditMissing,
        Self::DebitKept,
        Self::CreditGiven,
        Self::AmountDiffers,
        Self::StrayMovement,
        Self::Contradiction,
        Self::ReceiptChanged,
        Self::MovedThoughRefused,
        Self::RefundExceedsOriginal,
        Self::MisdirectedNotice,
        Self::Invented,
        Self::EnteredTwice,
        Self::EntryMissing,
        Self::EntryKept,
        Self::NumberDiffers,
        Self::EndsDisagree,
        Self::EndUntold,
        Self::PaidAfterEnd,
        Self::LiveRefused,
        Self::MandateExceeded,
        Self::ClosedThoughPaid,
        Self::AlteredTaken,
    ];

    /// Whether money was created or destroyed by it.
    pub const fn breaks_conservation(self) -> bool {
        matches!(
            self,
            Self::DebitedTwice
                | Self::CreditedTwice
                | Self::DebitMissing
                | Self::CreditMissing
                | Self::DebitKept
                | Self::CreditGiven
                | Self::AmountDiffers
                | Self::StrayMovement
        )
    }

    /// Whether a state was told, or reached, that the rules do not allow.
    pub const fn is_illegal_state(self) -> bool {
        !self.breaks_conservation() && !matches!(self, Self::Lost)
    }
}

/// One case of a violation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// Which rule.
    pub violation: Violation,
    /// Which transaction, 31 digits.
    pub trx_id: String,
    /// What was found.
    pub found: String,
}

/// How the transactions of one business ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OfBusiness {
    /// Transactions sent.
    pub sent: u64,
    /// Ended 00.
    pub success: u64,
    /// Ended 01.
    pub failure: u64,
    /// Ended 03.
    pub presumed_success: u64,
    /// Ended 04.
    pub presumed_failure: u64,
    /// Refused with a signed 303.
    pub refused: u64,
    /// Without a known end, or never taken.
    pub other: u64,
}

impl OfBusiness {
    pub(super) fn add(&mut self, knowledge: Knowledge) {
        self.sent += 1;
        *match knowledge {
            Knowledge::Final(TrxStatus::Success) => &mut self.success,
            Knowledge::Final(TrxStatus::Failure) => &mut self.failure,
            Knowledge::Final(TrxStatus::PresumedSuccess) => &mut self.presumed_success,
            Knowledge::Final(TrxStatus::PresumedFailure) => &mut self.presumed_failure,
            Knowledge::Refused => &mut self.refused,
            _ => &mut self.other,
        } += 1;
    }
}

/// The judgement of one run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Verdict {
    /// Transactions that the switch said it had taken.
    pub accepted: u64,
    /// Transactions whose final state their institution knows.
    #[serde(rename = "final")]
    pub finals: u64,
    /// Transactions whose end their institution still does not know.
    pub unknown: u64,
    /// Transactions that the switch refused with a signed 303.
    pub refused: u64,
    /// Transactions that never left, no connection having been made.
    pub unsent: u64,
    /// Transactions that were sent without an answer and that the switch, queried, does not know.
    pub denied: u64,
    /// Transactions acknowledged and lost.
    pub lost: u64,
    /// Transactions that took money more than once.
    pub debited_twice: u64,
    /// Transactions that gave money more than once.
    pub credited_twice: u64,
    /// Net debits of all transactions whose end is known, in fen.
    pub debited_fen: u128,
    /// Net credits of the same, in fen.
    pub credited_fen: u128,
    /// Net debits equal net credits, in total and for every single transaction.
    pub money_conserved: bool,
    /// Cases of states that the rules do not allow.
    pub illegal_states: u64,
    /// How the transactions of each business ended.
    pub businesses: BTreeMap<Business, OfBusiness>,
    /// Cases of each violation.
    pub violations: BTreeMap<Violation, u64>,
    /// Some of them.
    pub examples: Vec<Example>,
    /// No violation, and nothing unknown.
    pub ok: bool,
}

impl Verdict {
    /// No violation so far: like [`Verdict::ok`], but transactions may still be open.
    pub fn is_safe(&self) -> bool {
        self.violations.is_empty() && self.money_conserved
    }

    pub(super) fn find(&mut self, violation: Violation, id: TrxId, found: impl FnOnce() -> String) {
        let cases = self.violations.entry(violation).or_insert(0);
        *cases += 1;
        if *cases <= EXAMPLES_PER_KIND_MAX as u64 {
            self.examples.push(Example { violation, trx_id: id.to_string(), found: found() });
        }
    }

    /// Draws the summary figures once everything was looked at.
    pub(super) fn conclude(mut self) -> Self {
        let cases = |of: fn(Violation) -> bool| {
            self.violations.iter().filter(|(kind, _)| of(**kind)).map(|(_, cases)| *cases).sum::<u64>()
        };
        self.lost = cases(|kind| kind == Violation::Lost);
        self.debited_twice = cases(|kind| kind == Violation::DebitedTwice);
        self.credited_twice = cases(|kind| kind == Violation::CreditedTwice);
        self.illegal_states = cases(Violation::is_illegal_state);
        self.money_conserved = cases(Violation::breaks_conservation) == 0 && self.debited_fen == self.credited_fen;
        self.ok = self.is_safe() && self.unknown == 0;
        self
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match (self.ok, self.is_safe()) {
            (true, _) => "good",
            (false, true) => "open",
            (false, false) => "BAD",
        };
        write!(
            f,
            "{word}: accepted {}, final {}, unknown {}, refused {}, lost {}, debited twice {}, money conserved {}, illegal states {}",
            self.accepted,
            self.finals,
            self.unknown,
            self.refused,
            self.lost,
            self.debited_twice,
            self.money_conserved,
            self.illegal_states
        )?;
        self.examples.iter().try_for_each(|case| write!(f, "\n  {:?} {}: {}", case.violation, case.trx_id, case.found))
    }
}
