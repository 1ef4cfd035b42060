//! The links of a participant: which of them work, and which takes the next message. Pure: time is passed in, no IO.
//!
//! ```text
//!          trouble                2 failures in a row
//!   Up -------------> Suspect ----------------------> Down <-----------------------.
//!   ^ <-------------     |                             | hold-down over,           | any failure
//!   |  an answer,        `-- a row of errors --------> | and a good probe          |
//!   |  a good probe                                    v                           |
//!   |                                             Recovering ----------------------+
//!   |                                                  | 3 good probes in a row    |
//!   |    all of a few real messages did well           v                           |
//!   `----------------------------------------------- Trial ------------------------'
//! ```
//!
//! * [`Detector`] is the machine of one link, drawn above: down fast, up slowly. Each time it goes down its hold-down is
//!   longer ([`Penalty`]), unless no other link of the participant works.
//! * [`Group`] is all links of one participant: its detectors, what the operator said (drained, switched), and who
//!   takes new messages ([`Takers`]): all shared links, or exactly one. Never two where one is wanted.
//!
//! Invariants: what is drained or down takes nothing; when a link is usable, somebody takes; a trial has at most
//! [`LinkRules::trial_messages`] messages; the same inputs give the same outputs. Called by `net::link`, which locks a
//! group for moments and keeps what the hot path reads in atomics. Every rule here is ours, after business.md section 6.

mod detector;
mod group;
mod number;
mod observation;
mod penalty;
mod rules;
mod state;
mod takers;
mod terms;
#[cfg(test)]
mod tests;
mod trial;

pub use detector::Detector;
pub use group::Group;
pub use number::{LINKS_MAX, LinkNumber};
pub use observation::{Observation, Sign};
pub use penalty::Penalty;
pub use rules::{LinkRules, ProbeKind, Role, SwitchBack};
pub use state::{Change, State, Why};
pub use takers::{Candidate, Pick, Takers};
pub use terms::{Choice, Facts, LinkSpec, Order};
pub use trial::TrialNumber;
