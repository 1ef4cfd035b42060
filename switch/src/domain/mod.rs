//! The business, pure: no IO, no clock, no threads, no randomness, no async.
//!
//! ```text
//!  business      which messages, legs and presumption a business has, as data
//!  timing        deadlines and schedules of the life of a transaction
//!  transaction/  Payment (after-image) + Event -> Payment + Effects: the one transition table
//!  record/       what the journal keeps of one change; replay is applying after-images
//!  wheel         timers by the thousand, time passed in
//!  patience      how long a transaction rests with a person
//!  overload      how many new payments a burst may admit
//!  agreement/    a customer's consent to be debited; mandate/ the same for regular collections
//!  dispute/      cases and the adjustments that settle them
//!  register/     what a business does to those: check and follow; the bytes of their after-images
//!  calendar      working days
//!  control_number which last six digits of a TrxId an institution may use
//!  route/        over which channel a leg goes, and why; the cut-over from direct channels
//!  window        which day's transaction ids are accepted now
//!  limit/        three layers of limits, counted by day
//!  link/         which links of a participant work, and which takes the next message
//!  rate          requests a second, as a token bucket
//!  pacing        keeps legs for one account apart
//!  clearing/     batches, positions, sessions, settlement, interest, accounting days
//!  statement/    lines of statements, summaries, comparison
//!  statistics    legs counted by the minute, for joint operations
//! ```
//!
//! Invariant: the same inputs give the same outputs, everywhere and always. So recovery, the simulator, the auditor
//! and the running node share this code. Nothing here depends on another module of the switch.

pub mod agreement;
pub mod business;
pub mod calendar;
pub mod clearing;
pub mod control_number;
pub mod dispute;
pub(crate) mod field_reader;
pub mod limit;
pub mod link;
pub mod mandate;
pub mod overload;
pub mod pacing;
pub mod patience;
pub mod rate;
pub mod record;
pub mod register;
pub mod route;
pub mod statement;
pub mod statistics;
pub mod timing;
pub mod transaction;
pub mod wheel;
pub mod window;

pub use business::{Business, BusinessRules, rules};
pub use timing::{Schedule, Timing};
pub use transaction::{
    Acceptance, Effect, Effects, Event, Leg, Outcome, Parties, Party, Payment, Phase, Reason, UnknownCause, transition,
};
