//! Open files: a node under load and its counterparties hold thousands of connections, and most systems give a process 1,024 at first.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More than any run opens.
const WANTED: u64 = 65_536;

/// Raises this process's limit of open files as far as the system lets it; children inherit it. Gives the limit that holds now.
pub fn raise_limit() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let (now, most) = (limit.current.unwrap_or(u64::MAX), limit.maximum.unwrap_or(u64::MAX));
    let wanted = WANTED.min(most);
    if now >= wanted {
        return now;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum }) {
        Ok(()) => wanted,
        // What is there must do; a run that needs more says so by failing.
        Err(_) => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_never_sinks() {
        let before = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        assert!(raise_limit() >= before.min(WANTED));
        assert_eq!(raise_limit(), raise_limit());
    }
}
