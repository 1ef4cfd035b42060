//! How the books are, for the console: batches and what they wait for.

mod batches;

pub use batches::{BatchLine, BatchLook};
