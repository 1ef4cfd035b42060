//! Admission: who may send what, how much and when (business.md section 5), with rules that change while the node runs.
//!
//! ```text
//!  participants.toml --> State --> Rules (immutable) --swapped whole--> flags + snapshot
//!  Setting (journal) ------^                                               | one atomic byte a participant:
//!                                                                          v nothing set, nothing looked at
//!  pipeline: allows  rate  is_drained  reserve/release  pace --> rate cells, limit books, pacers
//! ```
//!
//! Invariant: a question about a participant for which nothing is configured costs one relaxed load: no lock, no hash.
//! A change is checked whole, recorded durably, and only then in force. Limits are exact under any number of threads:
//! all layers of a bank are decided under the lock of its book. Called by the pipeline (questions), by recovery
//! (settings and spends of an earlier life) and by the operator's door (changes).

mod change;
mod gate;
mod request;
mod rules;
#[cfg(test)]
pub(crate) mod samples;
mod setting;
mod state;
#[cfg(test)]
mod tests;
mod view;

pub use crate::domain::limit::{Breach, Layers, Spend};
pub use gate::{Admission, BusinessCode};
pub use request::Request;
pub use setting::{Change, Layer, Setting, WindowText};
pub use view::NumberedWindow;
