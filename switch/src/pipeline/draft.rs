//! What a change makes us say: every message that follows from it, composed and not signed yet.
//!
//! Invariant: all of them are in the record of the change before any of them leaves. Called by commit, after the outcome is known.

use super::change::{Outgoing, Prepared};
use super::compose::{Forwarded, Receipt, Verdict};
use super::disclose::seal;
use super::drafts::DraftId;
use super::worker::Worker;
use crate::domain::business::rules;
use crate::domain::record::Role;
use crate::domain::transaction::{Effect, Leg, Party};
use clearway_codec::value::{BatchId, BeijingTime};

impl Worker {
    /// Composes every message that the change makes us send, unsigned yet.
    pub(super) fn draft(&mut self, ready: &mut Prepared, now_us: u64) {
        let Some(flight) = self.flights.get(&ready.change.key) else { return };
        let request = flight.message();
        let writer = self.writer(now_us);
        let serials = [flight.serial(Leg::One), flight.serial(Leg::Two)];
        let batch = BatchId::from_u32(ready.next.batch)
            .unwrap_or_else(|| BatchId::at(BeijingTime::from_unix_micros(ready.next.accepted_at_us)));
        let row = rules(ready.next.business);
        let becomes_final = ready.next.becomes_final(ready.before.as_ref());
        let (next, effects) = (ready.next, ready.effects);
        let direction = |party| self.shared.direction_to(&next, party);
        let clear = flight.clear.as_deref();
        let sealed = |party, message_type, only| seal(&self.shared, &next, party, message_type, only, clear);
        // Sealing costs more than signing: only for a receipt that is written.
        let answers = becomes_final || effects.contains(Effect::ReplyInProcess);
        let told = if answers { sealed(Party::Institution, row.receipt, Some(row.echoed)) } else { None };
        let receipt = Receipt {
            row,
            request: &request,
            answer: flight.answer(),
            verdict: Verdict::of(&next),
            batch: Some(batch),
            serials,
            direction: direction(Party::Institution),
            sealed: told.as_ref(),
        };
        let mut add = |role, party, draft: Result<DraftId, clearway_codec::Error>| match draft {
            Ok(draft) => ready.add(Outgoing { role, party, draft }),
            Err(error) => tracing::error!(%error, ?role, "a message of ours could not be composed"),
        };
        if becomes_final {
            add(Role::Receipt, Party::Institution, self.drafts.add(|out| writer.receipt(out, &receipt)));
        }
        for effect in effects.iter() {
            match *effect {
                Effect::SendLeg(leg) => {
                    let forwarded = Forwarded {
                        request: &request,
                        batch,
                        leg,
                        direction: direction(leg.bank()),
                        number: self.shared.number_of_old(&request),
                        sealed: sealed(leg.bank(), row.request, None),
                    };
                    add(Role::LegRequest, leg.bank(), self.drafts.add(|out| writer.leg(out, &forwarded)));
                }
                Effect::SendQuery(leg) => {
                    let to = direction(leg.bank());
                    add(Role::Query, leg.bank(), self.drafts.add(|out| writer.query(out, &request, leg, to)));
                }
                Effect::Notify(party) => {
                    let sealed = sealed(party, row.notice_to(party), None);
                    let receipt = Receipt { direction: direction(party), sealed: sealed.as_ref(), ..receipt };
                    let drafted = self.drafts.add(|out| writer.notice(out, &receipt, &next, party));
                    add(Role::Notice, party, drafted);
                }
                Effect::ReplyInProcess => {
                    add(Role::Receipt, Party::Institution, self.drafts.add(|out| writer.receipt(out, &receipt)));
                }
                Effect::ReplyFinal
                | Effect::ArmDue(_)
                | Effect::ArmReceiptDue(_)
                | Effect::ReleaseRefund
                | Effect::OpenCase(_) => {}
            }
        }
    }
}
