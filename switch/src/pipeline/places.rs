//! Places of legs on their channels: taken when a payment begins or a leg moves, given back when it failed or moved away.
//!
//! Invariant: a place is taken and given back exactly once. What a channel's volume counted is marked in the payment, in the
//! record too, so that a restart counts the same.

use super::change::{Cause, Prepared};
use super::route::place_of;
use super::shared::Shared;
use crate::constants::NO_PARTICIPANT;
use crate::domain::business::rules;
use crate::domain::route::{LegEnd, SwitchState};
use crate::domain::transaction::{Event, Leg, Payment, Phase, UnknownCause};

/// The places that a change takes; given back unless it is recorded.
pub(super) struct Places<'s> {
    shared: &'s Shared,
    payment: &'s Payment,
    /// By leg: whether the channel's volume counts it; none where no place was taken.
    taken: [Option<bool>; 2],
}

impl<'s> Places<'s> {
    /// Takes the places that a prepared change needs; none: one of the channels has no place any more.
    pub(super) fn take(shared: &'s Shared, ready: &'s Prepared, now_us: u64) -> Option<Self> {
        let mut places = Self { shared, payment: &ready.next, taken: [None; 2] };
        if shared.router.is_plain() {
            return Some(places);
        }
        for leg in Leg::ALL.into_iter().filter(|leg| needs_place(ready, *leg)) {
            let counted = shared.router.reserve(&place_of(&ready.next, leg), now_us).ok()?;
            places.taken[leg.index()] = Some(counted);
        }
        Some(places)
    }

    /// The payment with the mark of what counts it.
    pub(super) fn mark(&self, payment: Payment) -> Payment {
        Leg::ALL.into_iter().fold(payment, |payment, leg| match self.taken[leg.index()] {
            Some(counted) => payment.with_counted(leg, counted),
            None => payment,
        })
    }

    /// The change is recorded: its places stay, and what they replace or leave behind is given back.
    pub(super) fn keep(mut self, ready: &Prepared, next: &Payment) {
        let taken = std::mem::take(&mut self.taken);
        let (Some(before), Cause::Event(event)) = (&ready.before, ready.change.cause) else { return };
        for leg in Leg::ALL.into_iter().filter(|leg| taken[leg.index()].is_some()) {
            // It moved: nothing of it went over the channel before.
            self.shared.router.release(&place_of(before, leg), before.is_counted(leg), false);
        }
        if next.has_failed() && !before.is_final() {
            for leg in Leg::ALL {
                let was_sent = event != Event::LegNotSent(leg) && (leg == Leg::One || before.leg_two_was_sent());
                self.shared.router.release(&place_of(next, leg), next.is_counted(leg), was_sent);
            }
        }
    }
}

impl Drop for Places<'_> {
    fn drop(&mut self) {
        for leg in Leg::ALL {
            if let Some(counted) = self.taken[leg.index()] {
                self.shared.router.release(&place_of(self.payment, leg), counted, false);
            }
        }
    }
}

/// Whether a change brings a leg onto a channel.
fn needs_place(ready: &Prepared, leg: Leg) -> bool {
    let next = &ready.next;
    let has_leg = rules(next.business).leg(leg).is_some() && next.bank(leg) != NO_PARTICIPANT;
    match ready.change.cause {
        Cause::Accept(_) => has_leg && !next.is_final(),
        Cause::Event(Event::LegMoved(moved, _)) => moved == leg,
        Cause::Event(_) => false,
    }
}

impl Shared {
    /// Counts what channels had counted of a payment in an earlier life of the node.
    pub(crate) fn restore_places(&self, payment: &Payment) {
        if !payment.has_failed() {
            let counted = Leg::ALL.into_iter().filter(|leg| payment.is_counted(*leg));
            counted.for_each(|leg| self.router.restore(&place_of(payment, leg)));
        }
    }

    /// Has the channel of the leg that was out take note of how it ended; a leg that was not sent says nothing.
    pub(super) fn note_channels(&self, ready: &Prepared, placed: &Payment, now_us: u64) {
        let (Some(before), Cause::Event(event)) = (&ready.before, ready.change.cause) else { return };
        if self.router.is_plain() || ready.change.is_resumed {
            return;
        }
        let Some((leg, end)) = end_of(before, placed, event) else { return };
        let (bank, number) = (before.bank(leg), before.way(leg));
        if let Some(state) = self.router.note(bank, number, end, now_us) {
            let bank = self.router.id(bank);
            match state {
                SwitchState::Off { until_us } => {
                    tracing::warn!(%bank, number, until_us, "channel switched off: too many of its legs have failed");
                }
                SwitchState::On | SwitchState::Trial { .. } => {
                    tracing::info!(%bank, number, "channel switched on again: its trial legs did well");
                }
            }
        }
    }
}

/// The leg that was out, and how it ended.
fn end_of(before: &Payment, placed: &Payment, event: Event) -> Option<(Leg, LegEnd)> {
    let out = match before.phase {
        Phase::Leg1Sent => Leg::One,
        Phase::Leg2Sent => Leg::Two,
        Phase::Leg1Unknown | Phase::Leg2Unknown | Phase::Waiting | Phase::Final => return None,
    };
    let end = match event {
        Event::Due if placed.phase != before.phase => LegEnd::TimedOut,
        event if event.leg() != Some(out) => return None,
        Event::LegSucceeded(_) | Event::LegRefused(..) | Event::LegDeferred(_) => LegEnd::Answered,
        Event::LegUnknown(_, UnknownCause::TimedOut) => LegEnd::TimedOut,
        // The bank itself says that it does not know yet.
        Event::LegUnknown(_, UnknownCause::InProcess) => LegEnd::Answered,
        Event::LegUnknown(..) => LegEnd::Failed,
        _ => return None,
    };
    Some((out, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Business;
    use crate::domain::timing::Timing;
    use crate::domain::transaction::{Acceptance, Outcome, transition};

    const NOW_US: u64 = 1_795_140_000_000_000;

    fn accepted() -> Payment {
        let acceptance = Acceptance {
            trx_id: 20_261_120 * 10_u128.pow(23) + 770_101,
            original: 0,
            digest: [0; 16],
            amount_fen: 100,
            account: 0,
            unrefundable: false,
            reserves_nothing: false,
            batch: 1,
            institution: 0,
            banks: [1, 2],
            ways: [3, 0],
            business: Business::AgreementPayment,
        };
        Payment::accept(&acceptance, NOW_US, &Timing::default()).0
    }

    fn after(payment: &Payment, event: Event) -> Payment {
        match transition(payment, event, payment.due_at_us, &Timing::default()) {
            Outcome::Changed { next, .. } => next,
            Outcome::Unchanged { .. } => *payment,
        }
    }

    /// A channel learns of its legs once each, by their own end.
    #[test]
    fn only_the_end_of_the_leg_that_was_out_says_something() {
        use LegEnd::{Answered, Failed, TimedOut};
        let one = accepted();
        let unknown = |leg, cause| Event::LegUnknown(leg, cause);
        let second = after(&one, Event::LegSucceeded(Leg::One));
        let asked = after(&one, unknown(Leg::One, UnknownCause::Broken));
        let rows = [
            (one, Event::LegSucceeded(Leg::One), Some((Leg::One, Answered))),
            (one, Event::LegRefused(Leg::One, *b"PB520011"), Some((Leg::One, Answered))),
            (one, unknown(Leg::One, UnknownCause::InProcess), Some((Leg::One, Answered))),
            (one, unknown(Leg::One, UnknownCause::Broken), Some((Leg::One, Failed))),
            (one, unknown(Leg::One, UnknownCause::TimedOut), Some((Leg::One, TimedOut))),
            (one, Event::Due, Some((Leg::One, TimedOut))),
            (one, Event::LegNotSent(Leg::One), None),
            (one, Event::LegMoved(Leg::One, 1), None),
            (one, Event::ReceiptLost, None),
            (second, Event::LegSucceeded(Leg::One), None),
            (second, Event::LegSucceeded(Leg::Two), Some((Leg::Two, Answered))),
            (second, Event::Due, Some((Leg::Two, TimedOut))),
            (asked, Event::LegSucceeded(Leg::One), None),
            (asked, Event::QuerySucceeded(Leg::One), None),
            (asked, Event::Due, None),
        ];
        for (before, event, end) in rows {
            assert_eq!(end_of(&before, &after(&before, event), event), end, "{event:?} in {:?}", before.phase);
        }
    }
}
