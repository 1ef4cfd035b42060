//! The operator's door of a node behind certificates, from outside: who is kept out, what he changes, and what the
//! operator's commands say.

mod commands;
mod door;
mod pages;

/// The node's binary.
const NODE: &str = env!("CARGO_BIN_EXE_clearway-node");
