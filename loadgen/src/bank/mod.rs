//! A simulated bank: its behaviour, its ledger, its server.

pub(crate) mod answer;
mod behaviour;
mod contract;
mod customer;
mod ledger;
mod outbox;
mod page;
pub(crate) mod server;
mod spontaneous;
pub(crate) mod state;

pub use behaviour::{Behaviour, Behaviours, Conduct, Delay, Fault};
pub use contract::Contract;
pub use customer::{Customer, NewsFault};
pub use ledger::{BankLedger, Book, Finding, Ledger, Leg};
pub use page::Ledgers;
pub use state::BankCounts;
