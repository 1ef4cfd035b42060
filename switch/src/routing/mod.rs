//! Routing at run time: the table in force, what has gone over each channel, and how well they do.
//!
//! ```text
//!  routes.toml --> RoutesFile --resolve--> RouteTable (immutable) --swapped whole--> Live
//!  Setting (journal) --^                                                              | gauges: volume + health of a channel
//!  pipeline: is_plain  decide  via  reserve / release  note ---------------------------+  (they outlive tables)
//! ```
//!
//! Invariants: without a table a question costs one relaxed load. A change is checked whole, recorded durably, and only then in
//! force. **A channel's number means the same participant for ever**: payments carry the number, and whoever was asked is
//! whoever is queried, also when the channel has left the table. Called by the pipeline (questions), by recovery (settings and
//! volumes of an earlier life) and by the operator's door (changes).

mod around;
mod change;
mod cutover_file;
mod example;
mod file;
mod gauge;
mod known;
mod request;
mod resolve;
mod router;
mod setting;
#[cfg(test)]
mod tests;
mod view;

pub use around::Around;
pub use cutover_file::CutoverFile;
pub use example::Example;
pub use file::RoutesFile;
pub use gauge::Full;
pub use request::Request;
pub use router::{Place, Router};
pub use setting::{Change, KnownChannel, Setting};
