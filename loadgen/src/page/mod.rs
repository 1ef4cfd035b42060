//! The ledgers over HTTP, for a run in another process: served by the banks' process, fetched by the run's.
//!
//! ```text
//! GET /ledger              all books and notices, JSON
//! GET /counts              what each bank has seen, JSON
//! GET /cpu                 CPU time that banks and institutions have used, JSON, as {"cpu_us":1250000}
//! GET /links               every link of every participant: address, behaviour, counts, JSON
//! PUT /behaviour/{bank}    a behaviour, JSON, for the bank with this id; all banks when it is left out
//! PUT /link/{id}/{name}    what happens to one link, JSON, as {"kind":"silent","hears":true}
//! ```
//!
//! There is no authentication, so the page listens on loopback only.

mod client;
mod fetch;
mod server;

pub use client::{fetch_cpu, fetch_ledgers};
pub(crate) use fetch::fetch;
pub use server::LedgerPage;
