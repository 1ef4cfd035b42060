//! Ctrl-C: the first one ends the measurement in order, the second one the process.
//!
//! A node that this process has started dies with it in either case (see [`crate::rig`]).

use clearway_loadgen::interrupt;

use crate::error::Error;

pub use clearway_loadgen::interrupt::EXIT_CODE;

/// Starts to listen for SIGINT and SIGTERM.
///
/// # Errors
/// The thread or its runtime cannot be made.
pub fn listen() -> Result<(), Error> {
    Ok(interrupt::listen("stopping what was started")?)
}

/// To be asked in every loop that takes longer than a second.
///
/// # Errors
/// [`Error::Interrupted`] after a signal.
pub fn check() -> Result<(), Error> {
    if interrupt::came() { Err(Error::Interrupted) } else { Ok(()) }
}
