//! Routing: over which channel a leg goes to the bank of its account (business.md section 6).
//!
//! ```text
//!  RouteTable (data) + Asked (a leg) + Seen (of each channel, now)  --decide-->  Why: every step, and the channel at its end
//!
//!   configuration   named card, the way of a refund's payment, cut-over; capabilities; shares, the bank's preference
//!   limits          volume of the day and of the month, amounts, switched off for its failures
//!   priority        reachable first, then the preferred, then by priority; the next one is the fallback
//! ```
//!
//! A **channel** is a named way to one bank: number 0 is the bank itself, which is always there. Invariants: pure; a decision
//! *is* its explanation, so what is told was what happened; a channel of the other kind (direct or switch) than the
//! cut-over wants is never a fallback. Called by `routing`, which keeps table, volumes and health.

mod ask;
mod channel;
pub mod cutover;
mod decide;
mod health;
mod table;
mod volume;
mod why;

pub use ask::{AccountType, Asked};
pub use channel::{CHANNELS_PER_BANK_MAX, Capabilities, Channel, ChannelKind, Unfit};
pub use cutover::{Cutover, CutoverRule, DirectRefund, SHARE_MAX};
pub use decide::{Seen, decide};
pub use health::{Health, LegEnd, SwitchOff, SwitchState};
pub use table::{BankRoutes, RouteTable, TableFault};
pub use volume::{Volume, VolumeBook, VolumeBreach, VolumeLimits};
pub use why::{Candidate, Ground, Preference, Verdict, Why};

#[cfg(test)]
mod decide_tests;
#[cfg(test)]
mod health_tests;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod schedule_tests;
#[cfg(test)]
mod volume_tests;
