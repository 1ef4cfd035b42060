//! Does the tasks: each over the parts of a node, and each so that it can be done again.
//!
//! ```text
//!  Close      live sums --> positions/B....txt, entry closed
//!  Recompute  journal, other code --> agree: sums/B....txt, entry sealed        disagree: case, entry stopped
//!  Archive    journal --> archive/day=.../batch=.../part-0.parquet, entry archived
//!  State      archive --> statements/..., entry stated
//!  Retire     memory --> shelf/..., entry retired
//! ```

#[allow(clippy::module_inception)]
mod clerk;
mod close;
mod issue;
mod money;
mod parts;
mod retire;
mod seal;
mod stoppable;

pub use clerk::Clerk;
pub use parts::{Parts, RecordBooks};
