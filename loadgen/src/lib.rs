//! Open-loop load, simulated banks and payment institutions, and the oracle that judges a run.

pub mod bank;
pub mod config;
pub mod constants;
pub mod histogram;
pub mod institution;
pub mod mix;
pub mod oracle;
pub mod page;
pub mod plan;
pub mod report;
pub mod roster;
pub mod run;
pub mod schedule;
pub mod settle;
pub mod target;
pub mod tracker;
pub mod transactions;

mod answer;
mod ask;
mod clock;
mod compose;
mod counterparties;
mod error;
mod history;
mod random;
mod serve;
mod thread;
mod wire;

pub use bank::{Behaviour, Behaviours, Ledgers};
pub use clock::process_cpu;
pub use config::Config;
pub use counterparties::{BehaviourSwitch, Counterparties, Placement};
pub use error::Error;
pub use mix::Mix;
pub use oracle::{Oracle, Verdict};
pub use plan::Plan;
pub use report::Report;
pub use run::{Finished, Run};
pub use schedule::Arrival;
pub use settle::{Settled, Settlement, settle};
pub use target::Target;
pub use tracker::Tracker;
