//! The whole life of a transaction as one table: [`transition`].
//!
//! ```text
//!             leg 1 yes            leg 2 yes
//!  Leg1Sent ------------> Leg2Sent ------------> Final 00
//!   |  |  no / not sent      |  |  no
//!   |  +--------> Final 01 <-|--+   (undo leg 1)
//!   | unknown             ^  | unknown      ^ no such transaction: once more
//!   v                     |  v              |
//!  Leg1Unknown -----------+ Leg2Unknown ----+
//!   |   ^ | query           |   ^ | query
//!   |   +-+                 |   +-+
//!   +--> Final 04           +--> Final 03      when the last query brought nothing
//! ```
//!
//! A leg of which nothing has left may be sent again, over another channel: it stays where it is. A business with one leg ends where leg 2 would begin. A leg may also rest with a person:
//!
//! ```text
//!  Leg1Sent, Leg1Unknown --taken, not decided--> Waiting --yes--> as leg 1 yes
//!                                                 |  +--no, or closed by who asked--> Final 01
//!                                                 +--nobody decided in time--> as its row says
//! ```
//!
//! No batch waits for a person: whatever leaves Waiting gets the clearing batch of that moment.
//!
//! Invariants: total (every phase x event has a row), pure, and nothing leaves `Final`. The points (1 to 7) are those of
//! business.md section 1. Called by the pipeline's commit and nobody else.

use super::effect::{CaseKind, Effect, Effects};
use super::event::Event;
use super::party::{Leg, Parties, Party};
use super::payment::{Payment, Phase};
use super::step::{Step, late, unchanged};
use crate::domain::timing::Timing;

/// What an event makes of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is a next after-image: record it, and do the effects when the record is durable.
    Changed {
        /// The payment after the event.
        next: Payment,
        /// What to do, in order.
        effects: Effects,
    },
    /// The payment stays as it is.
    Unchanged {
        /// Why.
        reason: Reason,
        /// At most a case to open.
        effects: Effects,
    },
}

/// Why an event changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A bank's answer about a leg that is settled already; there is a case to open.
    Late,
    /// Says what is known already.
    Duplicate,
    /// A timer that rang too early, or was replaced.
    NotDue,
    /// Means nothing in this phase.
    Irrelevant,
    /// The reservation of a refund that does not fit.
    Refused,
}

/// What `event` makes of `payment` at `now_us`. Total and pure; a final status never changes.
pub fn transition(payment: &Payment, event: Event, now_us: u64, timing: &Timing) -> Outcome {
    let step = Step { payment, now_us, timing };
    let mut outcome = decide(step, event);
    if let Outcome::Changed { next, .. } = &mut outcome
        && payment.phase == Phase::Waiting
        && next.phase != Phase::Waiting
    {
        // While it rests it is in nobody's books; now it comes into those of this hour.
        next.batch = step.batch();
    }
    outcome
}

/// The table.
fn decide(step: Step<'_>, event: Event) -> Outcome {
    use Event::*;
    use Leg::{One, Two};
    use Phase::*;
    let payment = step.payment;
    if event.leg().is_some_and(|leg| step.row().leg(leg).is_none()) {
        return unchanged(Reason::Irrelevant);
    }
    match (payment.phase, event) {
        // (2) Leg 1 is out, and (4) its late or queried answer, as long as it is unknown.
        (Leg1Sent | Leg1Unknown | Waiting, LegSucceeded(One)) | (Leg1Unknown | Waiting, QuerySucceeded(One)) => {
            step.leg_one_happened()
        }
        (Leg1Sent | Leg1Unknown | Waiting, LegRefused(One, code))
        | (Leg1Unknown | Waiting, QueryRefused(One, code)) => step.leg_one_refused(code),
        (Leg1Sent | Leg1Unknown, LegNotSent(One)) => step.leg_one_not_sent(),
        // Only what is out just now, and has not left, can take another channel.
        (Leg1Sent, LegMoved(One, way)) => step.move_leg(One, way),
        (Leg2Sent, LegMoved(Two, way)) => step.move_leg(Two, way),
        (_, LegMoved(..)) => unchanged(Reason::Irrelevant),
        (Leg1Sent, LegUnknown(One, _)) => step.await_query(Leg1Unknown),
        (Leg1Unknown | Waiting, LegUnknown(One, _)) => unchanged(Reason::Duplicate),
        (Leg1Unknown | Waiting, QueryNoSuchTransaction(One)) => {
            step.fail(step.code(One, |leg| leg.no_such_transaction), Parties::BANK1)
        }

        // Leg 1 was taken, and rests with a person.
        (Leg1Sent | Leg1Unknown, LegDeferred(One)) => step.rest(),
        (Waiting, LegDeferred(One) | LegNotSent(One)) => unchanged(Reason::Duplicate),
        (Leg1Sent | Leg1Unknown | Waiting, Closed) => step.close(),
        (Leg2Sent | Leg2Unknown | Final, LegDeferred(One)) => unchanged(Reason::Duplicate),
        (_, LegDeferred(Two)) | (Leg2Sent | Leg2Unknown | Final, Closed) => unchanged(Reason::Irrelevant),

        // (3) Leg 2 is out, and (4) likewise.
        (Leg2Sent | Leg2Unknown, LegSucceeded(Two)) | (Leg2Unknown, QuerySucceeded(Two)) => step.succeed(),
        (Leg2Sent | Leg2Unknown, LegRefused(Two, code)) | (Leg2Unknown, QueryRefused(Two, code)) => {
            step.fail(code, Parties::BANK1)
        }
        (Leg2Sent, LegUnknown(Two, _) | LegNotSent(Two)) => step.await_query(Leg2Unknown),
        (Leg2Unknown, LegUnknown(Two, _) | LegNotSent(Two)) => unchanged(Reason::Duplicate),
        (Leg2Unknown, QueryNoSuchTransaction(Two)) if payment.leg_two_was_resent() => unchanged(Reason::Duplicate),
        (Leg2Unknown, QueryNoSuchTransaction(Two)) => step.resend_leg_two(),

        // (4) Time: a leg's deadline, the next query, presumption; (6) the next notice.
        (_, Due) if !step.is_due() => unchanged(Reason::NotDue),
        (Leg1Sent, Due) => step.await_query(Leg1Unknown),
        (Leg2Sent, Due) => step.await_query(Leg2Unknown),
        (Waiting, Due) => step.end_rest(),
        (Leg1Unknown, Due) => step.query_or_presume(One),
        (Leg2Unknown, Due) => step.query_or_presume(Two),
        (Final, Due) => step.notify_again(),

        // (5) The institution's exchange.
        (Leg1Sent | Leg1Unknown | Leg2Sent | Leg2Unknown | Waiting, ReceiptDue) => {
            step.end_exchange(Effects::of(Effect::ReplyInProcess))
        }
        (Leg1Sent | Leg1Unknown | Leg2Sent | Leg2Unknown | Waiting, ReceiptLost) => step.end_exchange(Effects::NONE),
        (Final, ReceiptLost) => step.lose_receipt(),
        (Final, ReceiptDelivered) => step.seen_by(Party::Institution),
        (Final, ReceiptDue) => unchanged(Reason::Irrelevant),
        (Leg1Sent | Leg1Unknown | Leg2Sent | Leg2Unknown | Waiting, ReceiptDelivered) => unchanged(Reason::Irrelevant),

        // (6) Terminal notices.
        (Final, NoticeAcknowledged(party)) => step.seen_by(party),
        (Leg1Sent | Leg1Unknown | Leg2Sent | Leg2Unknown | Waiting, NoticeAcknowledged(_)) => {
            unchanged(Reason::Irrelevant)
        }

        // (7) Answers about a leg that is settled: never a change.
        (Leg2Sent | Leg2Unknown, LegSucceeded(One) | QuerySucceeded(One)) => unchanged(Reason::Duplicate),
        (Leg2Sent | Leg2Unknown, LegRefused(One, _) | QueryRefused(One, _) | QueryNoSuchTransaction(One)) => {
            late(CaseKind::LateAnswerContradicts)
        }
        (Final, LegSucceeded(leg)) => step.hear_late(leg, true, true),
        (Final, LegRefused(leg, _)) => step.hear_late(leg, false, true),
        (Final, QuerySucceeded(leg)) => step.hear_late(leg, true, false),
        (Final, QueryRefused(leg, _) | QueryNoSuchTransaction(leg)) => step.hear_late(leg, false, false),

        // A query that brings nothing changes nothing: its leg's next step is a matter of time.
        (_, QueryUnanswered(_)) => unchanged(Reason::Irrelevant),
        // A leg that is settled cannot become unknown.
        (Leg2Sent | Leg2Unknown, LegUnknown(One, _) | LegNotSent(One)) => unchanged(Reason::Irrelevant),
        (Final, LegUnknown(..) | LegNotSent(_)) => unchanged(Reason::Irrelevant),
        // No query of this sending is out: whatever this answers was asked before, and the sending's own answer decides.
        (Leg1Sent, QuerySucceeded(One) | QueryRefused(One, _) | QueryNoSuchTransaction(One)) => {
            unchanged(Reason::Irrelevant)
        }
        (Leg2Sent, QuerySucceeded(Two) | QueryRefused(Two, _) | QueryNoSuchTransaction(Two)) => {
            unchanged(Reason::Irrelevant)
        }
        // Leg 2 is not out yet.
        (
            Leg1Sent | Leg1Unknown | Waiting,
            LegSucceeded(Two) | LegRefused(Two, _) | LegUnknown(Two, _) | LegNotSent(Two),
        ) => unchanged(Reason::Irrelevant),
        (
            Leg1Sent | Leg1Unknown | Waiting,
            QuerySucceeded(Two) | QueryRefused(Two, _) | QueryNoSuchTransaction(Two),
        ) => unchanged(Reason::Irrelevant),

        // Refunds of this payment.
        (_, RefundReserved(fen)) => step.reserve(fen),
        (_, RefundReleased(fen)) => step.release(fen),
    }
}
