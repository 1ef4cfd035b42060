//! What nobody should send: each gets its documented answer, harms no other payment and leaves the node up.
//!
//! Every row of every table is followed by an innocent payment of another institution. The answers are those of the wire's rules:
//! 4xx for bytes that are no message at all and for HTTP faults, a signed 303 for a message that is refused, a receipt with status
//! 01 for a business "no".

mod bounds;
mod http;
mod messages;

/// The node's binary.
const NODE: &str = env!("CARGO_BIN_EXE_clearway-node");
