//! The books: what `domain/clearing` and `domain/statement` compute, brought to the disk.
//!
//! ```text
//!  books/                     [books] dir
//!    statements/{IssrId}/{yyyyMMdd}/trans/...     what participants fetch; one folder each, exported by a file server
//!    archive/day=yyyy-MM-dd/batch=B.../*.parquet  sealed batches, for DuckDB, Spark, DataFusion
//!    shelf/B...                                   after-images of payments that have left the memory
//!    settlement/                                  orders to the large-value system, their answers
//!    statements/{IssrId}/{yyyyMMdd}/clearing/...  what clearing banks fetch besides: clearing information, interest
//!    reserve/ interest/ reports/                  files for banks and for people
//! ```
//!
//! What is decided (a batch is sealed, an order has been made) stands in the journal, as [`Kept`] entries; files are made from
//! what is decided and can be made again. Invariant: a file has its name only when it is whole and durable, and made twice it is
//! the same bytes. Nothing here reads a clock.

pub mod agreement;
pub mod archive;
mod batch;
pub mod case;
pub mod compare;
pub mod day_end;
mod desk;
mod draft;
mod entry;
pub mod extract;
pub mod keeper;
mod lines;
mod positions_file;
pub mod recompute;
pub mod reserve;
mod retirement;
#[cfg(test)]
mod sample;
mod sealed_text;
mod segments;
pub mod settlement;
pub mod statement;
pub mod status;
mod steps;
mod sums;

pub use agreement::Agreement;
pub use batch::BatchEntry;
pub use case::{BookCase, CaseKind};
pub use desk::Desk;
pub use draft::Draft;
pub use entry::{CorruptEntry, Kept, Space};
pub use lines::{LineSource, Progress, Silent};
pub use positions_file::{load_positions, store_positions};
pub use retirement::{Retired, Retirement};
pub use segments::retire_segments;
pub use steps::{NoSteps, Steps};
pub use sums::{BatchSums, ParticipantSums};
