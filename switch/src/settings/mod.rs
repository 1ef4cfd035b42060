//! What operators change while the node runs, in one form for all areas: who, when, and the whole new value.
//!
//! ```text
//! POST (operator) -> Request -> Setting<Change> --checked whole--> record (journal, durable) --> in force
//! restart: registers.settings() -> by Space -> each area applies the last setting of each key, in any order
//! ```
//!
//! Invariant: a setting holds the whole new value of what it changes, never a difference, and its key stands for that
//! one thing; so the last setting of each key, in any order, is all that has to be kept. A value changed at run time
//! stands, over restarts too, until it is changed again or set back to what the file says. Called by every area with
//! run-time changes (admission, links, routes, keys); each brings its own `Change`.

mod changed;
mod refusal;
mod request;
mod setting;
mod space;

pub use changed::Changed;
pub use refusal::Refusal;
pub use request::{checked_name, given, one_of, parse};
pub use setting::{CorruptSetting, Setting, Slot};
pub use space::Space;

use crate::domain::register;
use crate::error::Error;

/// Makes a setting durable before it returns; the last one of each key comes back after a restart. May block.
pub type Record = dyn Fn(register::Setting) -> Result<(), Error> + Send + Sync;
