//! Where the switch is, changeable while a run goes on.

use crate::error::Error;
use parking_lot::Mutex;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A shared handle on the switch's address. Clones see each other's changes; connections move over with their next
/// request.
///
/// ```
/// use clearway_loadgen::target::Target;
///
/// let target: Target = "http://127.0.0.1:9201/preSvr".parse()?;
/// let held_by_a_run = target.clone();
/// target.set("127.0.0.1:9301".parse().unwrap());
/// assert_eq!(held_by_a_run.address().port(), 9301);
/// assert_eq!(held_by_a_run.path(), "/preSvr");
/// # Ok::<(), clearway_loadgen::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Target(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    is_https: bool,
    address: Mutex<SocketAddr>,
    path: String,
    changes: AtomicU64,
}

impl Target {
    /// An address and a path that starts with `/`. Whether TLS is spoken there is the configuration's affair.
    pub fn new(address: SocketAddr, path: &str) -> Self {
        Self::with(false, address, path)
    }

    fn with(is_https: bool, address: SocketAddr, path: &str) -> Self {
        Self(Arc::new(Shared { is_https, address: Mutex::new(address), path: path.into(), changes: AtomicU64::new(0) }))
    }

    /// Whether it was written as `https://`.
    pub fn is_https(&self) -> bool {
        self.0.is_https
    }

    /// Where it is now.
    pub fn address(&self) -> SocketAddr {
        *self.0.address.lock()
    }

    /// The path that requests are posted to.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// It as an address for people: `http://127.0.0.1:9201/preSvr`.
    pub fn url(&self) -> String {
        format!("{}://{}{}", if self.is_https() { "https" } else { "http" }, self.address(), self.path())
    }

    /// Moves it.
    pub fn set(&self, address: SocketAddr) {
        *self.0.address.lock() = address;
        self.0.changes.fetch_add(1, Ordering::Release);
    }

    /// How often it was moved: a connection made under another count is stale.
    pub(crate) fn changes(&self) -> u64 {
        self.0.changes.load(Ordering::Acquire)
    }
}

impl std::str::FromStr for Target {
    type Err = Error;

    /// Reads `http://host:port/path` or `https://host:port/path`; a name is resolved once, now.
    fn from_str(text: &str) -> Result<Self, Error> {
        let fault = |why: &str| Error::Target(text.into(), why.into());
        let (plain, secure) = (text.strip_prefix("http://"), text.strip_prefix("https://"));
        let rest = plain.or(secure).ok_or_else(|| fault("must start with http:// or https://"))?;
        let (authority, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
        let resolved = authority.to_socket_addrs().map_err(|error| fault(&error.to_string()))?.next();
        Ok(Self::with(secure.is_some(), resolved.ok_or_else(|| fault("no address"))?, path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses_and_refuses_the_rest() {
        let target: Target = "http://127.0.0.1:80".parse().unwrap();
        assert_eq!((target.address().port(), target.path(), target.is_https()), (80, "/", false));
        let target: Target = "https://127.0.0.1:443/preSvr".parse().unwrap();
        assert_eq!((target.address().port(), target.path(), target.is_https()), (443, "/preSvr", true));
        assert_eq!(target.url(), "https://127.0.0.1:443/preSvr");
        for text in ["", "127.0.0.1:80/x", "ftp://127.0.0.1:80/x", "http:///x", "http://127.0.0.1/x"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
