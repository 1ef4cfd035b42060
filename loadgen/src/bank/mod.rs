//! A simulated bank: its behaviour, its ledger, its server.

pub(crate) mod answer;
mod behaviour;
mod ledger;
mod page;
pub(crate) mod server;

pub use behaviour::{Behaviour, Behaviours, Conduct, Delay, Fault};
pub use ledger::{BankLedger, Book, Finding, Ledger, Leg};
pub use page::Ledgers;
pub use server::BankCounts;
