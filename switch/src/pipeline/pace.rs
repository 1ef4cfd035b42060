//! Account pacing: legs that touch the same customer's account at the same bank keep a set time apart (business.md section 5).
//!
//! The place in the row is taken when the leg is decided, so order is kept; the leg's deadline counts from when it may leave.

use super::worker::Worker;
use crate::domain::business::rules;
use crate::domain::transaction::{Acceptance, Event, Leg, Payment, Phase};

impl Worker {
    /// How long leg 1 of a payment that begins is held back, microseconds.
    pub(super) fn pace_acceptance(&self, acceptance: &Acceptance, now_us: u64) -> u64 {
        match rules(acceptance.business).customer_leg {
            Some(Leg::One) if acceptance.account != 0 => {
                self.shared.admission.pace(acceptance.banks[Leg::One.index()], acceptance.account, now_us)
            }
            _ => 0,
        }
    }

    /// How long leg 2 is held back that an event will send, microseconds; 0 when it sends none.
    pub(super) fn pace_event(&self, payment: &Payment, event: Event, now_us: u64) -> u64 {
        let is_next = matches!(event, Event::LegSucceeded(Leg::One) | Event::QuerySucceeded(Leg::One))
            && matches!(payment.phase, Phase::Leg1Sent | Phase::Leg1Unknown | Phase::Waiting);
        let is_customers = rules(payment.business).customer_leg == Some(Leg::Two);
        if is_next && is_customers && payment.account != 0 {
            self.shared.admission.pace(payment.bank(Leg::Two), payment.account, now_us)
        } else {
            0
        }
    }
}
