//! When each request is due: an open loop, fixed before the first one leaves.
//!
//! ```text
//! profile   how fast, over time        constant | steps | ramp | day | replay
//! arrival   how the single ones fall   constant spacing | Poisson
//! instants  profile + arrival + seed -> the intended instants, one after the other
//! ```
//!
//! Invariant: instants never go back, all lie before the duration, and nothing that the switch does moves one of them.
//! A slow answer therefore shows as latency of the requests behind it, never as a lower rate (no coordinated omission).

mod instants;
mod profile;

pub use instants::{Arrival, Schedule};
pub use profile::Profile;
