//! The parts of the node that answer pages and have no folder of their own for it.

mod admission;
mod certificates;
mod history;
mod keys;
mod node;
mod operations;

pub use admission::AdmissionPages;
pub use certificates::load_certificates;
pub use history::HistoryPages;
pub use keys::{KeyPages, Load, Loaded, Reload};
pub use node::{NodePages, Readiness, Ready};
pub use operations::OperationsPages;
