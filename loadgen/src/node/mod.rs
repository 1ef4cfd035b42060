//! What a node says of itself at its operator's door, as far as a run wants to know: where payments' time and CPU go.
//!
//! ```text
//! Door --GET /status--> StageLook (sums since the node's start)
//!
//! run  |-- warm-up --|------------ window ------------|-- last answers --|
//!                    ^ look                           ^ look          two looks -> record::StageBudget
//! ```
//!
//! It is the one place where the generator knows more of a switch than the wire, and it is asked only for what it is told to
//! ask. Nothing is changed there: sums since the start are read twice, and nobody's window is reset.

mod door;
mod look;
mod observer;

pub use door::Door;
pub use look::StageLook;
pub use observer::Observer;
