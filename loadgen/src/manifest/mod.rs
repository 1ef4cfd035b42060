//! The machine and the program behind a figure, and what it takes to get the figure again.
//!
//! ```text
//! Machine   processor, memory, kernel: who runs there shares the figure
//! Program   version, build, commit, command line: what was run
//! Manifest  both, with seed, configuration and time
//! ```
//!
//! Invariant: nothing secret stands in it. A command line holds no keys, and folders of the machine are left out.

mod machine;
mod moment;
mod program;
mod run_manifest;

pub use machine::Machine;
pub use moment::{now, rfc_3339, unix_millis};
pub use program::Program;
pub use run_manifest::Manifest;
