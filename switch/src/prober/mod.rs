//! Asks links whether they work, on a thread and on connections of its own: what is wrong with a worker or with a pool
//! cannot pass for what is wrong with a link.
//!
//! ```text
//! every 25 ms:  Bundle::tick -> links that are due -> 991 (or a connection) -> 992 | error | time-out -> Bundle::probe_ended
//! ```
//!
//! What an answer says: a 992 of the participant with the nonce that was sent is good, and so is anything else that it
//! signed, and any HTTP status below 500: some programs do not know 991, but they live. A status from 500 on, or a
//! signature that does not verify, is an answer of no use. Called by the node; the machines that decide are in
//! [`domain::link`](crate::domain::link).

mod call;
mod letter;
mod thread;

#[cfg(test)]
mod tests;

pub use letter::Voice;
pub use thread::Prober;
