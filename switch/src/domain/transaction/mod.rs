//! One transaction: its after-image, what can happen to it, what follows.
//!
//! ```text
//!   Payment (before) + Event + now + Timing --transition--> Payment (after) + Effects
//! ```
//!
//! Invariant: [`transition`] is total and pure, and a final status never changes. Effects are done only when the
//! record with the after-image is durable. Called by the pipeline's commit, by recovery and by the simulator.

mod effect;
mod event;
mod layout;
mod party;
mod payment;
pub mod refund;
mod step;
mod transition;

pub use effect::{CaseKind, EFFECTS_MAX, Effect, Effects};
pub use event::{Event, UnknownCause};
pub(in crate::domain) use layout::status_code;
pub use layout::{Corrupt, PAYMENT_BYTES};
pub use party::{Leg, Parties, Party};
pub use payment::{Acceptance, Payment, Phase, STEP_MAX, system_code};
pub use refund::{RefundRefusal, RefundRequest};
pub use transition::{Outcome, Reason, transition};

#[cfg(test)]
mod business_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod state_event_tests;
