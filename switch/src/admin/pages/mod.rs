//! The parts of the node that answer pages and have no folder of their own for it.

mod admission;
mod keys;
mod node;
mod operations;

pub use admission::AdmissionPages;
pub use keys::{KeyPages, Reload};
pub use node::{NodePages, Readiness, Ready};
pub use operations::OperationsPages;
