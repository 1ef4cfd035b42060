//! The page of a sweep into overload.

mod page;
mod plots;

pub use page::overload_page;
