//! The operator's door of a node.

use super::look::StageLook;
use crate::error::Error;
use crate::page::fetch;

/// Longest `/status` that is read, in bytes.
const STATUS_BYTES_MAX: usize = 4 << 20;

/// Where a node is asked how it is.
#[derive(Debug, Clone)]
pub struct Door {
    status_url: String,
}

impl Door {
    /// The door at `url`, as `http://127.0.0.1:9209`: the node's `admin.address`. A path `/status` may stand behind it.
    ///
    /// # Errors
    /// It is no such address. A door under TLS takes operators' certificates, which a generator has none of.
    pub fn new(url: &str) -> Result<Self, Error> {
        let base = url.trim_end_matches('/').trim_end_matches("/status");
        if !base.starts_with("http://") {
            let why = "must be http://host:port; behind TLS only an operator is let in".to_owned();
            return Err(Error::Node(url.into(), why));
        }
        Ok(Self { status_url: format!("{base}/status") })
    }

    /// The stages as the node counts them now. Blocks, a minute at most; must not be called on a runtime's thread.
    ///
    /// # Errors
    /// Nobody answers in time, or not with such a page.
    pub fn look(&self) -> Result<StageLook, Error> {
        let fault = |why: String| Error::Node(self.status_url.clone(), why);
        StageLook::read(&fetch(&self.status_url, STATUS_BYTES_MAX).map_err(fault)?, &self.status_url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_is_named_by_its_address_or_its_page() {
        for url in ["http://127.0.0.1:9209", "http://127.0.0.1:9209/", "http://127.0.0.1:9209/status"] {
            assert_eq!(Door::new(url).unwrap().status_url, "http://127.0.0.1:9209/status");
        }
        for url in ["", "127.0.0.1:9209", "https://127.0.0.1:9209"] {
            assert!(matches!(Door::new(url), Err(Error::Node(..))), "{url}");
        }
    }

    #[test]
    fn nobody_there_is_an_error_with_the_address() {
        // Bound and dropped: nobody listens there.
        let address = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
        let error = Door::new(&format!("http://{address}")).unwrap().look().unwrap_err();
        assert!(error.to_string().contains(&address.to_string()), "{error}");
    }
}
