//! Lines that break: what moves to another line, what does not, how soon, and what the banks' ledgers say of it.

mod bytes;
mod bytes_tls;
mod cuts;
mod kill;
mod operator;
mod report;
mod rig;
mod scenario;
mod table;
mod watch;

/// The node's binary.
const NODE: &str = env!("CARGO_BIN_EXE_clearway-node");
