//! The parts of the node that answer pages and have no folder of their own for it.

mod admission;
mod books;
mod certificates;
mod differences;
mod history;
mod keys;
mod links;
mod node;
mod operations;
mod routes;

pub use admission::AdmissionPages;
pub use books::{BatchPages, BooksPages};
pub use certificates::load_certificates;
pub use differences::{DifferencePages, RecordEntries};
pub use history::HistoryPages;
pub use keys::{KeyPages, Load, Loaded, Reload};
pub use links::LinkPages;
pub use node::{NodePages, Readiness, Ready};
pub use operations::OperationsPages;
pub use routes::{Explain, RoutePages};
