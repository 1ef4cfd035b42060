//! Waiting for something that will be so, by looking until it is.
//!
//! Invariant: reaching the limit is a failure of the test and says what was waited for; no result depends on how long
//! anything took.

use std::time::{Duration, Instant};

/// How long anything may take that is expected to happen: far longer than on a loaded machine of two cores whose disk others
/// keep busy.
pub const LIMIT: Duration = Duration::from_secs(60);

const PAUSE: Duration = Duration::from_millis(5);

/// Looks until `look` gives something.
///
/// # Panics
/// After [`LIMIT`], naming `what`.
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    until_within(what, LIMIT, look)
}

/// [`until`] with a limit of its own.
///
/// # Panics
/// After `limit`, naming `what`.
pub fn until_within<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + limit;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < end, "waited {limit:?} in vain for: {what}");
        std::thread::sleep(PAUSE);
    }
}
