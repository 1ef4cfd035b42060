//! The operator's door: metrics, health, status, key reload, over HTTP on an address of its own.
//!
//! ```text
//! GET  /metrics                  OpenMetrics text
//! GET  /healthz                  200 as long as the process answers
//! GET  /readyz                   200 when the node takes payments, 503 and the reason otherwise
//! GET  /status                   JSON: journal driver, latencies over the window, payments by status, CPU, memory
//! POST /status/reset-histogram   starts a new window for the latencies of /status
//! POST /keys/reload              reads the key manifest and the decryption keys again and swaps them
//! GET  /participants             JSON: what every participant may do, and who changed it
//! POST /participants/ID          changes businesses, rate, pacing, drained of one
//! GET  /limits                   JSON: every limit in force
//! POST /limits                   changes the limits of a layer
//! GET  /maintenance              JSON: windows announced and running
//! POST /maintenance              announces a window, or takes one back
//! *    /cases... /agreements...  the registers' pages
//! GET  /operations               the last minute of joint operations: JSON, or HTML for a browser
//! anything else                  404; another method: 405
//! ```
//!
//! Invariant: the server runs on a thread of its own and answers however busy the workers are; a stranger can hold
//! at most a few short connections, and from other machines none at all unless the configuration says
//! `allow_non_loopback = true`; even then changes are made from the node's own machine alone. A change is JSON with the
//! name of who makes it (`"by"`), journaled before it is in force (see [`crate::admission`]). Called by: the node.

mod hooks;
mod intake;
mod operator;
#[cfg(test)]
mod operator_tests;
mod registers;
mod route;
mod server;
#[cfg(test)]
mod tests;

pub use hooks::{Answer, Call, Hooks, Operator, Pages, Readiness};
pub use registers::{Digest, FindPayment, RegisterPages};
pub use server::Admin;
