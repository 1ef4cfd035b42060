//! Who looks on while a run goes on: a progress bar, a live view, a search that has seen enough.

use super::progress::Progress;
use crate::record::Slice;

/// Whether a run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conduct {
    /// It does.
    Continue,
    /// The schedule ends now; what was sent is still waited for.
    Stop,
}

/// Looks at a run from the thread that drives it.
pub trait Watcher {
    /// How far the run is, some times a second and once at its end.
    fn look(&mut self, seen: &Progress) -> Conduct;

    /// A slice of time is over: each one once, in order.
    fn slice(&mut self, _slice: &Slice) {}
}

/// Looks away.
impl Watcher for () {
    fn look(&mut self, _seen: &Progress) -> Conduct {
        Conduct::Continue
    }
}
