//! The page of a search for the highest rate that holds.

mod page;
mod plots;

pub use page::search_page;
