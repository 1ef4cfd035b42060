//! Over which channels legs go: fallback, limits, switching off, the cut-over and refunds of the old time.

mod changes;
mod cutover;
mod fallback;
mod limits;
mod refunds;
mod rig;

/// The node's binary.
const NODE: &str = env!("CARGO_BIN_EXE_clearway-node");
