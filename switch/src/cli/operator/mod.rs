//! The operator's commands: each asks the admin server of a running node for one page, and lists the answer.
//!
//! ```text
//! clearway participants list | set ID      clearway limits list | set      clearway maintenance list | announce | cancel
//! clearway keys reload
//! ```

mod bound;
mod keys;
mod limits;
mod maintenance;
mod participants;

pub(super) use keys::KeysCommand;
pub(super) use limits::LimitsCommand;
pub(super) use maintenance::MaintenanceCommand;
pub(super) use participants::ParticipantsCommand;
