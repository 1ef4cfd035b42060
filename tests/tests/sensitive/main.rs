//! Sensitive values end to end: what an institution seals arrives at the bank and comes back, and nothing of it is in
//! anything that the node writes.

mod crash;
mod customer;
mod nowhere;
mod refusals;

/// The node's binary.
const NODE: &str = env!("CARGO_BIN_EXE_clearway-node");
