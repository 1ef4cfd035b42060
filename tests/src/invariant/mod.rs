//! What must hold for any bytes whatever: one function for each door that a stranger, or a broken disk, can come through.
//!
//! Each takes bytes, does what the product does with them, and panics if something does not hold. Called by the fuzz targets
//! in `tests/fuzz`, which look for such bytes, and by the tests in `tests/corpus`, which repeat all that were ever found.

mod disk;
mod http_head;
mod journal;
mod message;

pub use http_head::check_http_head;
pub use journal::check_journal_recovery;
pub use message::{check_decode, check_envelope};
