//! Payments that have left the memory: their last after-images, in files that are never changed.
//!
//! ```text
//!  B202611200013-000042.shelf     the 42nd run of retirement, made when this batch was; may hold stragglers of older batches
//!
//!  pages of 16 KiB       count u32 | crc u32 (CRC32C over records, count, number of the page, run) | records | zeros
//!    images              payments of 144 bytes, by key                                      113 a page
//!    keys                the first key of each page of images, u128                       1,023 a page
//!    keys                those of payments that an older shelf has too, behind the orders
//!    orders              institution u64, number u64, accepted_at_us u64, key u128, sorted  409 a page
//!  contents              what is in it: days, batches, sums; the first record of each page of keys and orders
//!  trailer (32 bytes)    magic "CWSHELF1" | version u32 | contents: bytes u32, crc u32 | zero u32 | contents at u64
//! ```
//!
//! In memory a shelf costs some hundred bytes (its contents); and for days whose transaction ids are still accepted there is a filter of two
//! bytes a payment, so that a new payment is known to be on no shelf without a look at the disk.
//!
//! Invariants: a file has its name only when it is whole and durable, and a payment leaves the memory only then; the newest shelf
//! that has a payment has its newest step that ever left the memory; what is in memory is as new or newer. Called by retirement,
//! by recovery, and by whoever asks for a payment that is not in memory: never on a worker's thread, but for
//! [`Shelves::may_hold`].

mod catalogue;
mod contents;
mod file;
mod filter;
mod lookup;
mod page;
mod shed;
mod shelves;
mod writer;

pub use contents::{Contents, Volume};
pub use file::Shelf;
pub use shelves::Shelves;
pub use writer::Writer;

#[cfg(test)]
mod tests;
