//! The page of one run.

mod page;
mod plots;
mod stages;
mod tables;

pub use page::run_page;
pub(in crate::html) use plots::curve;
