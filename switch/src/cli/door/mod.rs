//! Where the operator's commands knock: the admin server of the running node; for the registers also the files of a node
//! that is stopped.
//!
//! ```text
//! DoorArguments --open--> Door --show/change--> Line (HTTP, one call a connection) --> the node's admin server
//! RegisterDoor: a Door, or the files
//! ```
//!
//! A command of an area has a subcommand in `command.rs` with [`DoorArguments`] in it, and a file beside this folder
//! that says what it asks of the door and how the answer is listed.

mod arguments;
mod certificates;
mod line;
mod listing;
mod open;
mod registers;

pub(super) use arguments::{CertificateArguments, ChangeArguments, DoorArguments};
pub(super) use listing::{cell, changed_by, listed};
pub(super) use registers::RegisterDoor;
