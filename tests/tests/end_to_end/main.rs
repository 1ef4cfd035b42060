//! What a participant and an operator get when nothing is wrong.

mod admission;
mod agreements;
mod audit;
mod drain;
mod duplicates;
mod embedding;
mod endpoints;
mod keys;
mod mixes;
mod notices;
mod operations;
mod operator;
mod overload;
mod payments;
mod queries;
mod refunds;

/// The node's binary.
const NODE: &str = env!("CARGO_BIN_EXE_clearway-node");
