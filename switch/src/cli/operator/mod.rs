//! The operator's commands: each asks the admin server of a running node for one page, and lists the answer.
//!
//! ```text
//! clearway participants list | set ID      clearway limits list | set      clearway maintenance list | announce | cancel
//! clearway links list | drain ID LINK | undrain ID LINK | switch ID LINK | switch-back ID
//! clearway keys reload            clearway history
//! clearway routes show | load | history | digest               clearway route why
//! ```

mod bound;
mod history;
mod keys;
mod limits;
mod links;
mod maintenance;
mod participants;
mod routes;

pub(super) use history::HistoryArguments;
pub(super) use keys::KeysCommand;
pub(super) use limits::LimitsCommand;
pub(super) use links::LinksCommand;
pub(super) use maintenance::MaintenanceCommand;
pub(super) use participants::ParticipantsCommand;
pub(super) use routes::{RouteCommand, RoutesCommand};
