//! Banks that answer badly or not at all: the final state, who is told, and what is in the books.

mod faults;
mod silence;
mod storm;

/// The node's binary.
const NODE: &str = env!("CARGO_BIN_EXE_clearway-node");
