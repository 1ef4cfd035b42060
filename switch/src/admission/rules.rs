//! The rules in force, ready for the hot path: an immutable snapshot.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::gate::BusinessCode;
use super::state::{LimitKey, State};
use crate::config::{AdmissionRules, LimitTable, Participant};
use crate::domain::limit::{Limit, Limits};
use crate::domain::rate::Rate;
use crate::settings::Refusal;

/// What has to be looked at for a participant.
pub(super) mod flag {
    /// Only some businesses are allowed.
    pub(in crate::admission) const BUSINESSES: u8 = 1;
    /// Its rate is bounded.
    pub(in crate::admission) const RATE: u8 = 2;
    /// Limits apply at this bank.
    pub(in crate::admission) const LIMITS: u8 = 4;
    /// Its accounts are paced.
    pub(in crate::admission) const PACING: u8 = 8;
    /// It is drained, or has maintenance windows.
    pub(in crate::admission) const CLOSED: u8 = 16;
}

/// Everything, by participant index.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) participants: Vec<Rule>,
    /// By (bank, institution).
    pairs: HashMap<(u16, u16), Limit, FixedState>,
}

/// What holds for one participant.
#[derive(Debug, Default, Clone)]
pub(super) struct Rule {
    pub(super) flags: u8,
    /// Bit n: the business with number n is allowed.
    pub(super) businesses: u64,
    pub(super) rate: Option<Rate>,
    pub(super) pacing_us: u64,
    drained: bool,
    /// Windows as [from, until), unix microseconds.
    windows: Vec<(u64, u64)>,
    bank: Limit,
    card: Limit,
}

impl Rules {
    /// The snapshot of `state`.
    pub(super) fn of(state: &State, business_code: BusinessCode) -> Result<Self, Refusal> {
        let size = state.participants().map(|participant| usize::from(participant.index) + 1).max().unwrap_or(0);
        let mut rules = Self { participants: vec![Rule::default(); size], pairs: HashMap::default() };
        for participant in state.participants() {
            let rule = Rule::of(state, participant, business_code)?;
            if let Some(place) = rules.participants.get_mut(usize::from(participant.index)) {
                *place = rule;
            }
        }
        for (bank, institution, limit) in state.pairs() {
            rules.pairs.insert((bank, institution), limit_of(limit));
            if let Some(rule) = rules.participants.get_mut(usize::from(bank)) {
                rule.flags |= flag::LIMITS;
            }
        }
        Ok(rules)
    }

    #[inline]
    pub(super) fn participant(&self, index: u16) -> Option<&Rule> {
        self.participants.get(usize::from(index))
    }

    /// The limits of a payment of `institution` at `bank`.
    pub(super) fn limits(&self, institution: u16, bank: u16) -> Limits {
        let Some(rule) = self.participant(bank) else { return Limits::default() };
        let pair = self.pairs.get(&(bank, institution)).copied().unwrap_or_default();
        Limits { bank: rule.bank, institution: pair, card: rule.card }
    }
}

impl Rule {
    fn of(state: &State, participant: &Participant, business_code: BusinessCode) -> Result<Self, Refusal> {
        let index = participant.index;
        let table = state.rules_of(participant);
        let mut rule = Self {
            flags: 0,
            businesses: mask(table, business_code)?,
            rate: rate_of(table),
            pacing_us: table.pacing_ms.saturating_mul(1000),
            drained: table.drained,
            windows: state.windows_of(participant),
            bank: limit_of(&state.limit_of(LimitKey::Bank(index))),
            card: limit_of(&state.limit_of(LimitKey::Card(index))),
        };
        for (bit, wanted) in [
            (flag::BUSINESSES, table.businesses.is_some()),
            (flag::RATE, rule.rate.is_some()),
            (flag::LIMITS, !(rule.bank.is_unlimited() && rule.card.is_unlimited())),
            (flag::PACING, rule.pacing_us > 0),
            (flag::CLOSED, rule.drained || !rule.windows.is_empty()),
        ] {
            rule.flags |= if wanted { bit } else { 0 };
        }
        Ok(rule)
    }

    pub(super) fn is_closed(&self, now_us: u64) -> bool {
        self.drained || self.windows.iter().any(|(from_us, until_us)| (*from_us..*until_us).contains(&now_us))
    }
}

/// The bits of the allowed businesses.
pub(super) fn mask(table: &AdmissionRules, business_code: BusinessCode) -> Result<u64, Refusal> {
    let Some(names) = &table.businesses else { return Ok(u64::MAX) };
    names.iter().try_fold(0, |mask, name| {
        let bit = business_code(name).and_then(|code| 1_u64.checked_shl(u32::from(code)));
        bit.map(|bit| mask | bit).ok_or_else(|| Refusal::value("businesses", format!("there is no business {name:?}")))
    })
}

fn rate_of(table: &AdmissionRules) -> Option<Rate> {
    let per_s = table.rate_per_s?;
    Rate::new(per_s, table.rate_burst.unwrap_or(per_s))
}

fn limit_of(table: &LimitTable) -> Limit {
    Limit { per_payment_fen: table.per_payment_fen, day_amount_fen: table.day_amount_fen, day_count: table.day_count }
}
