//! Ctrl-C: the first one ends the measurement in order, the second one the process.
//!
//! A node that this process has started dies with it in either case (see [`crate::rig`]).

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};

use crate::error::Error;

/// A signal is a fact about the whole process.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Exit code of a process that was interrupted.
pub const EXIT_CODE: u8 = 130;

/// Starts to listen for SIGINT and SIGTERM.
///
/// # Errors
/// The thread or its runtime cannot be made.
pub fn listen() -> Result<(), Error> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::machine("signal runtime"))?;
    let wait = move || {
        runtime.block_on(async {
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                if INTERRUPTED.swap(true, Ordering::Relaxed) {
                    std::process::exit(i32::from(EXIT_CODE));
                }
                eprintln!("interrupted: stopping what was started; once more to end at once");
            }
        });
    };
    std::thread::Builder::new().name("interrupt".into()).spawn(wait).map_err(Error::machine("signal thread"))?;
    Ok(())
}

/// To be asked in every loop that takes longer than a second.
///
/// # Errors
/// [`Error::Interrupted`] after a signal.
pub fn check() -> Result<(), Error> {
    if INTERRUPTED.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(()) }
}
