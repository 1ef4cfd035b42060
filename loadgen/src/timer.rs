//! Wakes the pacer within tens of microseconds of an instant; the runtime's own timer would round to whole
//! milliseconds.

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use std::io;
use std::os::fd::OwnedFd;
use tokio::net::unix::pipe::Receiver;

/// A kernel timer that a task can wait for.
pub(crate) struct Timer {
    timer: OwnedFd,
    /// The same timer as the runtime sees it. A timer is read like a pipe, eight bytes when it has gone off, and the
    /// runtime's pipe is its one type for a descriptor of our own that needs no unsafe code.
    expirations: Receiver,
}

impl Timer {
    /// On a runtime thread.
    pub(crate) fn new() -> io::Result<Self> {
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        let expirations = Receiver::from_owned_fd_unchecked(timer.try_clone()?)?;
        Ok(Self { timer, expirations })
    }

    /// Sleeps for this long; not at all for 0.
    pub(crate) async fn sleep(&self, nanos: u64) -> io::Result<()> {
        if nanos == 0 {
            return Ok(());
        }
        let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
        let value = Timespec { tv_sec: (nanos / 1_000_000_000) as i64, tv_nsec: (nanos % 1_000_000_000) as i64 };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &Itimerspec { it_interval: zero, it_value: value })?;
        let mut count = [0; 8];
        loop {
            self.expirations.readable().await?;
            match self.expirations.try_read(&mut count) {
                Ok(_) => return Ok(()),
                // Readiness left over from before the timer was set.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}
