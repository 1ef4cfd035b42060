//! One thread, one runtime: every part of the generator that has a socket runs like this. And what a thread has cost, for
//! others to read.

use crate::clock::thread_cpu;
use crate::error::Error;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::time::Duration;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};

/// Niceness of threads that must not keep the sending thread from its core. Where nobody else wants the core it costs
/// them nothing.
const NICE_OF_BACKGROUND: i32 = 10;

/// Tasks that are polled before the runtime looks whether a timer has gone off or a socket is ready: at some
/// microseconds each, no instant is missed by more than a fraction of a millisecond.
const EVENT_INTERVAL: u32 = 16;

/// A runtime whose tasks never leave their thread, so that they share without locks.
pub(crate) fn local_runtime() -> Result<LocalRuntime, Error> {
    Builder::new_current_thread()
        .enable_all()
        .event_interval(EVENT_INTERVAL)
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

/// Lets the sending thread go first where the calling thread shares a core with it: a request that leaves late is the
/// generator's fault, a bank that answers late is a bank.
pub(crate) fn stand_back() {
    // Linux keeps the niceness by thread, and 0 is the calling one.
    if let Err(error) = rustix::process::setpriority_process(None, NICE_OF_BACKGROUND) {
        tracing::warn!(%error, "cannot lower the priority of a thread");
    }
}

/// CPU time of one thread, readable by others while it runs and after its end.
#[derive(Debug, Clone, Default)]
pub(crate) struct ThreadMeter(Arc<Meter>);

#[derive(Debug, Default)]
struct Meter {
    /// Linux' number of the thread while it runs; 0 before and after.
    thread: AtomicI32,
    /// The last time that was read, in nanoseconds.
    nanos: AtomicU64,
}

/// Ends the metering of a thread with the thread.
#[derive(Debug)]
pub(crate) struct Metered(ThreadMeter);

impl ThreadMeter {
    /// Meters the calling thread until the guard is dropped.
    pub(crate) fn meter(&self) -> Metered {
        self.0.thread.store(rustix::thread::gettid().as_raw_nonzero().get(), Ordering::Release);
        Metered(self.clone())
    }

    /// User and system time that the thread has used so far.
    pub(crate) fn read(&self) -> Duration {
        let thread = self.0.thread.load(Ordering::Acquire);
        if let Some(nanos) = (thread != 0).then(|| scheduled_nanos(thread)).flatten() {
            self.0.nanos.fetch_max(nanos, Ordering::AcqRel);
        }
        Duration::from_nanos(self.0.nanos.load(Ordering::Acquire))
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        let meter = &self.0.0;
        meter.nanos.fetch_max(u64::try_from(thread_cpu().as_nanos()).unwrap_or(u64::MAX), Ordering::AcqRel);
        meter.thread.store(0, Ordering::Release);
    }
}

/// What the scheduler has counted for a thread of this process; `None` when it does not say, or the thread has ended.
fn scheduled_nanos(thread: i32) -> Option<u64> {
    let counted = fs::read_to_string(format!("/proc/self/task/{thread}/schedstat")).ok()?;
    counted.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn a_thread_is_metered_while_it_runs_and_after() {
        let meter = ThreadMeter::default();
        assert_eq!(meter.read(), Duration::ZERO);
        let ((started, has_started), (end, may_end)) = (channel(), channel());
        let of_thread = meter.clone();
        let thread = std::thread::spawn(move || {
            let _metered = of_thread.meter();
            stand_back();
            while thread_cpu() < Duration::from_millis(20) {}
            started.send(()).unwrap();
            may_end.recv().unwrap();
            while thread_cpu() < Duration::from_millis(40) {}
        });
        has_started.recv().unwrap();
        let running = meter.read();
        end.send(()).unwrap();
        thread.join().unwrap();
        let ended = meter.read();
        assert!(ended >= Duration::from_millis(40) && ended >= running, "{running:?} {ended:?}");
    }
}
