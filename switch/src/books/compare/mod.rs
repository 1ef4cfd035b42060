//! Comparison of a participant's rows of a batch with ours, as large as they may be.
//!
//! ```text
//!  ours    files, or lines --.                  .-- part 0: sort, match --.
//!                             spread by TrxId --|        ...              |--> Outcome, file of differences
//!  theirs  files ------------'   (on disk)      '-- part n: sort, match --'
//! ```
//!
//! Both sides are read at the same time, each on its thread; a row is 24 bytes on disk. Then one part after the other is
//! in memory. Invariant: memory does not grow with the files: [`MEMORY_BYTES_MAX`] whatever comes, some 40 MB for 20 million rows.

mod detail_files;
mod difference_file;
mod findings;
mod job;
mod parts;
mod rows;

pub use detail_files::DetailFiles;
pub use findings::{Finding, Findings};
pub use job::{Compared, Comparison, DIFFERENCES_SHOWN};
pub use parts::{MEMORY_BYTES_MAX, ROWS_MAX};
pub use rows::{Rows, StatedLines};
