//! Peers: what a team would use instead, measured beside us on the same machine and disk.

mod installation;
pub mod postgres;
mod server;
