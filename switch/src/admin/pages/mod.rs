//! The parts of the node that answer pages and have no folder of their own for it.

mod admission;
mod book_cases;
mod books;
mod certificates;
mod days;
mod differences;
mod history;
mod keys;
#[cfg(test)]
mod ledger_tests;
mod links;
mod node;
mod operations;
mod orders;
mod reserve;
mod routes;

pub use admission::AdmissionPages;
pub use book_cases::BookCasePages;
pub use books::{BatchPages, BooksPages};
pub use certificates::load_certificates;
pub use days::DayPages;
pub use differences::{DifferencePages, RecordEntries};
pub use history::HistoryPages;
pub use keys::{KeyPages, Load, Loaded, Reload};
pub use links::LinkPages;
pub use node::{NodePages, Readiness, Ready};
pub use operations::OperationsPages;
pub use orders::OrderPages;
pub use reserve::ReservePages;
pub use routes::{Explain, RoutePages};
