//! When each request is due: an open loop, fixed before the first one leaves.
//!
//! ```text
//! profile   how fast, over time        constant | steps | ramp | day | replay
//! piece     the sum of the rate over time, and its inverse
//! arrival   how the single ones fall   constant spacing | Poisson
//! instants  profile + arrival + seed -> the intended instants, one after the other
//! trace     instants that were recorded, with their kinds: read, written, replayed
//! text      profiles as they stand on the command line
//! ```
//!
//! There is one way for every profile that has a rate: the n-th arrival is due when the sum of the rate reaches n, and
//! with Poisson arrivals when it reaches the sum of n independent draws of the unit exponential distribution. So spacing
//! follows the rate without steps or drift, and the number of arrivals is the area under the curve.
//!
//! Invariant: instants never go back, all lie before the duration, and nothing that the switch does moves one of them.
//! A slow answer therefore shows as latency of the requests behind it, never as a lower rate (no coordinated omission).

mod day;
mod instants;
mod piece;
mod profile;
mod replay;
mod text;
mod trace;

pub use day::DAY_PEAK_OVER_MEAN;
pub use instants::{Arrival, Due, Schedule};
pub use profile::{Profile, Step};
pub use replay::Replay;
pub use trace::Trace;
