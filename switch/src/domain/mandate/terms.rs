//! What a mandate allows, and the check of one collection against it.

use clearway_codec::value::{BeijingTime, Date};

use super::period::{PeriodUnit, period_of};
use crate::domain::agreement::MerchantNo;

/// The terms of a mandate, as 111 names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Who may collect (PyeeMrchntNo).
    pub merchant: MerchantNo,
    /// Most that one payment may be, fen, above 0 (EntrstAmtLmt).
    pub limit_fen: u64,
    /// The term begins here, seconds since 1970 (EntrstStrDtTm).
    pub starts_at_s: u32,
    /// The term ends before this second since 1970 (EntrstEndDtTm).
    pub ends_at_s: u32,
    /// What a period is counted in (EntrstDtUnt).
    pub unit: PeriodUnit,
    /// Units of a period; 0 counts as 1 (EntrstDtStp).
    pub step: u16,
    /// Payments of a period; 0 counts as 1 (EntrstFrqcy).
    pub frequency: u16,
}

/// Terms that no mandate can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TermFault(&'static str);

/// Who pays whom by a mandate: what decides beside amount and time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collection {
    /// The money goes to the institution's reserve account.
    pub to_reserve: bool,
    /// The payer's account is a person's (account types 00 to 03).
    pub from_person: bool,
    /// The payee's account is a person's.
    pub to_person: bool,
}

impl Terms {
    /// Whether they can be at all.
    ///
    /// # Errors
    /// [`TermFault`] for a limit of nothing, or an end that is not after the start.
    pub const fn check(&self) -> Result<(), TermFault> {
        if self.limit_fen == 0 {
            Err(TermFault("the limit is zero"))
        } else if self.ends_at_s <= self.starts_at_s {
            Err(TermFault("the end is not after the start"))
        } else {
            Ok(())
        }
    }

    /// The period that `at_us` falls in; `None` before the term. Whether the term is over is not asked here.
    pub const fn period_at(&self, at_us: u64) -> Option<u32> {
        period_of(self.unit, self.step, first_day(self.starts_at_s), BeijingTime::from_unix_micros(at_us).date())
    }

    /// Payments that one period takes, at least 1.
    pub const fn payments_per_period(&self) -> u16 {
        if self.frequency == 0 { 1 } else { self.frequency }
    }
}

const fn first_day(starts_at_s: u32) -> Date {
    BeijingTime::from_unix_secs(starts_at_s as u64).date()
}

impl Collection {
    /// Whether a mandate may be used for it at all: from person to person only over a reserve account (business.md section 4).
    pub const fn is_allowed(self) -> bool {
        self.to_reserve || !(self.from_person && self.to_person)
    }
}
