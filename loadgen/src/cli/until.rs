//! How long a command that serves goes on.

use clearway_loadgen::Error;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// Until a signal, or for some seconds.
pub(super) fn wait(seconds: Option<f64>) -> Result<(), Error> {
    let fault = |error| Error::Start("the signal watch", error);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(fault)?;
    runtime.block_on(async {
        let mut terminated = signal(SignalKind::terminate()).map_err(fault)?;
        let limit = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let time_up = async {
            match limit {
                Some(limit) => tokio::time::sleep(limit).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
            () = time_up => {}
        }
        Ok(())
    })
}
