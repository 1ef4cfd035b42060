//! The archive: a batch as one Parquet file, for DuckDB, Spark and DataFusion, and for the books themselves.
//!
//! ```text
//!  LineSource --> rows of a group (131,072) --> columns, each encoded and compressed on its own --> part-0.parquet
//!  archive/day=2026-11-20/batch=B202611200011/part-0.parquet      the folders are columns to whoever reads them as a hive
//! ```
//!
//! The columns and their types are in [`layout`]. Invariant: the lines that come out are the lines that went in, in their order, and
//! the same lines make the same bytes.
//!
//! Memory: four groups of rows while writing, some 40 MB each with long particulars; a page of each column while reading.

mod digested;
pub mod layout;
mod reader;
mod rows;
#[cfg(test)]
mod tests;
mod writer;

pub use reader::Archive;
pub use writer::{Archived, Writing, path_of, write};
