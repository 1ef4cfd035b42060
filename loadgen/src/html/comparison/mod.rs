//! The page that lays runs over each other.

mod page;
mod plots;
mod rows;

pub use page::comparison_page;
