//! The operator's door: metrics, health, status, key reload, over HTTP on an address of its own.
//!
//! ```text
//! GET  /metrics                  OpenMetrics text
//! GET  /healthz                  200 as long as the process answers
//! GET  /readyz                   200 when the node takes payments, 503 and the reason otherwise
//! GET  /status                   JSON: journal driver, latencies over the window, payments by status, CPU, memory
//! POST /status/reset-histogram   starts a new window for the latencies of /status
//! POST /keys/reload              reads the key manifest and the decryption keys again and swaps them
//! anything else                  404; another method: 405
//! ```
//!
//! Invariant: the server runs on a thread of its own and answers however busy the workers are; a stranger can hold
//! at most a few short connections, and from other machines none at all unless the configuration says
//! `allow_non_loopback = true`. Called by: the node.

mod hooks;
mod route;
mod server;
#[cfg(test)]
mod tests;

pub use hooks::{Hooks, Readiness};
pub use server::Admin;
