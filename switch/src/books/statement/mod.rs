//! Statements (对账文件): for every participant a summary of each batch, and detail files when something happened.
//!
//! ```text
//!  LineSource --> Dealer: row made once, copied --> sheets of up to three parties --> Crew: digest, compress, digest, write
//!                                 `--> sums -----------------------------------------------> summaries, last
//! ```
//!
//! Layouts are in `domain/statement`, for participants in `switch/statements.md`. Invariant: the same lines give the same bytes,
//! whatever the source and the number of threads; see [`Statements::write`].

mod crew;
mod day_key;
mod detail;
mod form;
mod maker;
mod manifest;
mod opening;
mod packer;
mod place;
#[cfg(test)]
mod samples;
mod sheets;
#[cfg(test)]
mod tests;

pub use day_key::open_key_file;
pub use form::SEALED_ENDING;
pub use maker::{KeysHandedOut, Statements};
pub use manifest::{Manifest, WrittenFile};
pub use opening::decrypt;
pub use place::{day_folder, key_name, summary_name};
