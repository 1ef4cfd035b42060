//! From what was measured to what it means: fits, queues, knees, nodes, months, money.
//!
//! ```text
//! Measurements --+-- usl, queueing, knee ------ rating --+-- topology -- growth --+
//!                +-- axes, batches                       +-- resources            +-- headline, caveats -> Answer
//!      Request --+---------------------------------------+-- storage -- cost -----+
//! ```
//!
//! Pure: reads no clock, no file and no random number but those of its seed. The same [`Measurements`] and [`Request`]
//! give the same [`Answer`], byte for byte.

pub mod answer;
mod axes;
mod batches;
mod caveats;
mod cost;
mod derivation;
mod growth;
mod headline;
mod knee;
pub mod measurements;
pub mod queueing;
mod rating;
pub mod request;
mod resources;
mod storage;
mod topology;
pub mod usl;

#[cfg(test)]
pub(super) mod tests;

pub use answer::Answer;
pub use derivation::derive;
pub use knee::held;
pub use measurements::Measurements;
pub use request::Request;
