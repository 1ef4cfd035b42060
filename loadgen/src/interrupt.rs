//! Ctrl-C: the first one ends the run in order, the second one the process.

use crate::error::Error;
use crate::live::restore_terminal;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::signal::unix::{SignalKind, signal};

/// A signal is a fact about the whole process.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Exit code of a process that was interrupted.
pub const EXIT_CODE: u8 = 130;

/// Starts to listen for SIGINT and SIGTERM; `first` is said when the first one comes.
///
/// # Errors
/// The thread or its runtime cannot be made.
pub fn listen(first: &'static str) -> Result<(), Error> {
    let fault = |error| Error::Start("the signal watch", error);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(fault)?;
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
                    restore_terminal();
                    std::process::exit(EXIT_CODE.into());
                }
                eprintln!("interrupted: {first}; once more to end at once");
            }
        });
    };
    std::thread::Builder::new().name("interrupt".into()).spawn(wait).map_err(fault)?;
    Ok(())
}

/// Whether a signal came.
pub fn came() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}
