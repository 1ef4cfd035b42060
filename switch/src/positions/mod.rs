//! Live positions: what every open batch comes to so far, and how many of its payments are unfinished.
//!
//! ```text
//!  worker 0 --change--> sheet 0 (Mutex)   batch -> unfinished, cells           nobody else locks it,
//!  worker 1 --change--> sheet 1 (Mutex)   batch -> unfinished, cells           but for moments: close, read
//!                            sum of all sheets = the batch
//! ```
//!
//! A change is entered under the lock of its payment's shard, before it is recorded, and booked when its record is in the journal's
//! open group. Whoever closes a batch locks all sheets at once: from then on nothing enters it, and its unfinished payments are
//! counted exactly. Invariants: a payment is unfinished in at most one batch, and booked in exactly one, once; debits and credits of
//! a batch are equal. Lock order: payment's shard, then a sheet, then registers. Called by commit, by the start of a node
//! (`restore`), by whoever closes batches, and by metrics.

mod delta;
mod entry;
mod live;
mod sheet;
mod view;

pub use entry::{Closed, Entry, Held};
pub use live::Live;
pub use view::BatchView;

#[cfg(test)]
mod tests;
