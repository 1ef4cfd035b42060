//! An HTTP server whose every answer is due at an instant that can be worked out beforehand: what generators are judged
//! by.
//!
//! ```text
//! request read --> Course: when is its answer due? --> Gate: holds it until then --> answer
//!                  (pure: service time, queue, stalls)  (one kernel timer)            every N-th: connection closed
//! ```
//!
//! Invariant: the instant of an answer depends on the instants of the requests alone; the server adds to it what the
//! machine takes to read, to wake and to write. One thread serves everything.

mod behaviour;
mod course;
mod gate;
mod law;
mod server;

pub use behaviour::{ANSWER_BYTES_MAX, Closing, KnownBehaviour, SERVERS_MAX, Stall};
pub use course::Course;
pub use law::Law;
pub use server::{KnownCounts, KnownServer};
