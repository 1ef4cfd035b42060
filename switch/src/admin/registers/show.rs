//! Register entries as JSON for people. Digests are shown as sixteen hexadecimal digits, as an import takes them.

use clearway_codec::value::{Amount, BeijingTime};
use serde_json::{Value, json};

use super::RegisterPages;
use crate::domain::agreement::{Agreement, EndedBy};
use crate::domain::dispute::{Adjustment, Case};
use crate::domain::mandate::Mandate;
use crate::domain::transaction::{Parties, Party};

impl RegisterPages {
    pub(super) fn show_agreement(&self, agreement: &Agreement, at_us: u64) -> Value {
        let sharing = self.registrar.registers().sharing(&agreement.number);
        let merchants = sharing.iter().flat_map(|sharing| &sharing.merchants).map(|merchant| merchant.as_str());
        json!({
            "number": agreement.number.as_str(),
            "institution": self.id(agreement.institution),
            "bank": self.id(agreement.bank),
            "standing": agreement.standing(at_us).word(),
            "ended_by": ended_by(agreement.ended_by),
            "unacknowledged": parties(agreement.unacknowledged),
            "account": digest(agreement.account),
            "customer": digest(agreement.customer),
            "merchants": merchants.collect::<Vec<_>>(),
            "starts": second(agreement.starts_at_s),
            "ends": second(agreement.ends_at_s),
            "changed_by": trx_key(agreement.changed_by),
            "changed": second(agreement.changed_at_s),
            "version": agreement.version,
        })
    }

    pub(super) fn show_mandate(&self, mandate: &Mandate, at_us: u64) -> Value {
        let terms = &mandate.terms;
        json!({
            "number": mandate.number.as_str(),
            "institution": self.id(mandate.institution),
            "bank": self.id(mandate.bank),
            "standing": mandate.standing(at_us).word(),
            "ended_by": ended_by(mandate.ended_by),
            "unacknowledged": parties(mandate.unacknowledged),
            "bank_asks_for_its_end": mandate.bank_asks,
            "merchant": terms.merchant.as_str(),
            "limit": amount(terms.limit_fen),
            "starts": second(terms.starts_at_s),
            "ends": second(terms.ends_at_s),
            "unit": format!("{:?}", terms.unit).to_lowercase(),
            "step": terms.step,
            "payments_per_period": terms.payments_per_period(),
            "used": terms.period_at(at_us).map(|period| mandate.used_in(period)),
            "changed_by": trx_key(mandate.changed_by),
            "changed": second(mandate.changed_at_s),
            "version": mandate.version,
        })
    }

    pub(super) fn show_case(&self, case: &Case) -> Value {
        let asked = case.asked.map(|request| {
            json!({
                "by": self.id(request.by),
                "of": self.id(request.of),
                "direction": request.direction.code(),
                "amount": amount(request.amount_fen),
            })
        });
        json!({
            "trx_key": trx_key(case.trx_key),
            "reasons": case.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>(),
            "state": case.state.word(),
            "status": case.status.code(),
            "code": String::from_utf8_lossy(&case.code),
            "amount": amount(case.amount_fen),
            "moved": amount(case.moved_fen()),
            "institution": self.id(case.institution),
            "banks": case.banks.map(|bank| self.id(bank)),
            "asked": asked,
            "opened": time(case.opened_at_us),
            "changed": time(case.changed_at_us),
            "version": case.version,
            "adjustments": case.adjustments.iter().map(show_adjustment).collect::<Vec<_>>(),
        })
    }
}

/// One adjustment.
pub(super) fn show_adjustment(adjustment: &Adjustment) -> Value {
    json!({
        "batch": adjustment.batch.to_string(),
        "direction": adjustment.direction.code(),
        "amount": amount(adjustment.amount_fen),
        "state": format!("{:?}", adjustment.state).to_lowercase(),
    })
}

pub(super) fn parties(parties: Parties) -> Vec<&'static str> {
    let word = |party| match party {
        Party::Institution => "institution",
        Party::Bank1 | Party::Bank2 => "bank",
    };
    parties.iter().map(word).collect()
}

const fn ended_by(by: EndedBy) -> Option<&'static str> {
    match by {
        EndedBy::Nobody => None,
        EndedBy::Institution => Some("institution"),
        EndedBy::Bank => Some("bank"),
    }
}

fn digest(digest: u64) -> Option<String> {
    (digest != 0).then(|| format!("#{digest:016x}"))
}

/// A key as digits: TrxId, before it what its business adds to it; none for what no transaction changed.
pub(super) fn trx_key(key: u128) -> Option<String> {
    (key != 0).then(|| format!("{key:031}"))
}

fn amount(fen: u64) -> String {
    Amount::from_fen(fen).map_or_else(|_| "CNY0.00".to_owned(), |amount| amount.to_string())
}

fn second(at_s: u32) -> Option<String> {
    (at_s != 0).then(|| BeijingTime::from_unix_secs(at_s.into()).to_string())
}

fn time(at_us: u64) -> String {
    BeijingTime::from_unix_micros(at_us).to_string()
}
