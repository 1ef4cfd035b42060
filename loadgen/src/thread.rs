//! One thread, one runtime: every part of the generator that has a socket runs like this.

use crate::error::Error;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};

/// A runtime whose tasks never leave their thread, so that they share without locks.
pub(crate) fn local_runtime() -> Result<LocalRuntime, Error> {
    Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())
        .map_err(|error| Error::Start("a runtime", error))
}

/// Pins the calling thread, when asked to. A core that does not exist is told in the log, not fatal: figures say where
/// they ran.
pub(crate) fn pin(core: Option<usize>) {
    let Some(id) = core else { return };
    if !core_affinity::set_for_current(core_affinity::CoreId { id }) {
        tracing::warn!(core = id, "cannot pin a thread to this core");
    }
}
