//! The next image of a mandate.

use clearway_codec::value::TrxStatus;

use super::facts::Facts;
use super::follow::{is_over, number_taken, seconds};
use super::image::Image;
use super::rule::Stage;
use crate::domain::agreement::{EndedBy, State};
use crate::domain::mandate::Mandate;
use crate::domain::transaction::{Parties, Party};

fn changed(before: &Mandate, facts: &Facts) -> Mandate {
    Mandate {
        version: before.version.saturating_add(1),
        changed_by: facts.trx_key,
        changed_at_s: seconds(facts.at_us),
        ..*before
    }
}

/// A payment takes one use of its period when it is accepted, and gives it back when it moved no money. Both count the period
/// of acceptance, so that a failure after the period has turned gives nothing to the next one.
pub(super) fn follow_collection(stage: Stage, facts: &Facts, before: &Mandate) -> Option<Mandate> {
    match stage {
        Stage::Accepted => {
            let period = before.period_of_use(facts.accepted_at_us)?;
            let used = before.used_in(period);
            let fits = used < before.terms.payments_per_period();
            fits.then(|| Mandate { period, used: used + 1, ..counted(before, facts) })
        }
        Stage::Final(TrxStatus::Failure | TrxStatus::PresumedFailure) => {
            let is_current = before.terms.period_at(facts.accepted_at_us) == Some(before.period);
            (is_current && before.used > 0).then(|| Mandate { used: before.used - 1, ..counted(before, facts) })
        }
        _ => None,
    }
}

/// A use is no change of the mandate's own life: who changed that last stays.
fn counted(before: &Mandate, facts: &Facts) -> Mandate {
    Mandate { changed_by: before.changed_by, changed_at_s: before.changed_at_s, ..changed(before, facts) }
}

pub(super) fn follow_creation(stage: Stage, facts: &Facts, before: Option<&Mandate>) -> Option<Image> {
    let (number, terms) = (facts.sgn_no?, facts.terms?);
    if stage != Stage::Final(TrxStatus::Success) || terms.check().is_err() {
        return None;
    }
    if let Some(known) = before.filter(|known| known.state != State::Ended) {
        let same = known.institution == facts.institution && known.bank == facts.bank && known.terms == terms;
        return if same { None } else { number_taken(facts) };
    }
    Some(Image::Mandate(Mandate {
        number,
        terms,
        account: facts.account,
        customer: facts.customer,
        institution: facts.institution,
        bank: facts.bank,
        state: State::Live,
        ended_by: EndedBy::Nobody,
        unacknowledged: Parties::NONE,
        bank_asks: false,
        period: 0,
        used: 0,
        changed_by: facts.trx_key,
        version: before.map_or(1, |known| known.version.saturating_add(1)),
        changed_at_s: seconds(facts.at_us),
    }))
}

fn ended(before: &Mandate, facts: &Facts, by: EndedBy, unacknowledged: Parties) -> Mandate {
    Mandate { state: State::Ended, ended_by: by, unacknowledged, bank_asks: false, ..changed(before, facts) }
}

/// The institution ends it at once: nothing that the bank says later makes it live again, it can only confirm.
pub(super) fn follow_end_of_mandate(stage: Stage, facts: &Facts, before: &Mandate) -> Option<Mandate> {
    let confirmed = || {
        let owed = before.unacknowledged;
        owed.contains(Party::Bank1)
            .then(|| Mandate { unacknowledged: owed.without(Party::Bank1), ..changed(before, facts) })
    };
    match (stage, before.state) {
        (Stage::Accepted, State::Live | State::Ending) => {
            Some(ended(before, facts, EndedBy::Institution, Parties::BANK1))
        }
        (Stage::Final(TrxStatus::Success), State::Ended) => confirmed(),
        (Stage::Final(TrxStatus::Failure), State::Ended) if is_over(facts) => confirmed(),
        (Stage::Acknowledged(Party::Bank1), State::Ended) if before.changed_by == facts.trx_key => confirmed(),
        _ => None,
    }
}

/// The bank only asks: 00 is the institution's consent, 03 its silence, everything else leaves the mandate as it is.
pub(super) fn follow_end_by_bank(stage: Stage, facts: &Facts, before: &Mandate) -> Option<Mandate> {
    match (stage, before.state) {
        (Stage::Accepted, State::Live) if !before.bank_asks => {
            Some(Mandate { bank_asks: true, ..changed(before, facts) })
        }
        (Stage::Final(TrxStatus::Success), State::Live) => Some(ended(before, facts, EndedBy::Bank, Parties::NONE)),
        (Stage::Final(TrxStatus::PresumedSuccess), State::Live) => {
            Some(ended(before, facts, EndedBy::Bank, Parties::INSTITUTION))
        }
        (Stage::Final(_), State::Live) if before.bank_asks => {
            Some(Mandate { bank_asks: false, ..changed(before, facts) })
        }
        (Stage::Acknowledged(Party::Institution), State::Ended)
            if before.unacknowledged.contains(Party::Institution) =>
        {
            let unacknowledged = before.unacknowledged.without(Party::Institution);
            Some(Mandate { unacknowledged, ..changed(before, facts) })
        }
        _ => None,
    }
}
