//! Where a participant is reached: `https://host:port/path`, or plain `http`.

use std::fmt;
use std::str::FromStr;

use http::Uri;

/// The parts of a participant's URL.
///
/// With `https` the peer must prove the participant's own name, whatever host stands here. Whether plain `http` is
/// allowed is for the configuration to say.
///
/// ```
/// use clearway::config::Endpoint;
/// let endpoint: Endpoint = "https://10.1.2.3:443/icbc/epcc".parse()?;
/// assert_eq!((endpoint.authority(), endpoint.path()), ("10.1.2.3:443", "/icbc/epcc"));
/// # Ok::<(), clearway::config::EndpointError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    is_tls: bool,
    authority: String,
    path: String,
}

/// Why a text is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not a URL at all.
    #[error("not a URL: {0}")]
    Malformed(String),
    /// A scheme other than `https` and `http`.
    #[error("scheme must be https or plain http, not {0:?}")]
    Scheme(String),
    /// No host, a user name, or no port.
    #[error("the address must be host:port")]
    Authority,
    /// A query or fragment.
    #[error("the URL must end with its path")]
    Query,
}

impl Endpoint {
    /// Whether it is reached over TLS.
    #[must_use]
    pub const fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// `host:port`, also the value of the `Host` header.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The path, with its leading `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        if text.contains('#') {
            return Err(EndpointError::Query);
        }
        let uri: Uri =
            text.parse().map_err(|error: http::uri::InvalidUri| EndpointError::Malformed(error.to_string()))?;
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            scheme => return Err(EndpointError::Scheme(scheme.unwrap_or("").to_owned())),
        };
        let authority = uri.authority().ok_or(EndpointError::Authority)?;
        let has_port = authority.port_u16().is_some_and(|port| port != 0);
        if !has_port || authority.host().is_empty() || authority.as_str().contains('@') {
            return Err(EndpointError::Authority);
        }
        if uri.query().is_some() {
            return Err(EndpointError::Query);
        }
        Ok(Self { is_tls, authority: authority.as_str().to_owned(), path: uri.path().to_owned() })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls { "https" } else { "http" };
        write!(formatter, "{scheme}://{}{}", self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_with_host_port_and_path_is_taken() {
        for (text, parts) in [
            ("http://127.0.0.1:20001/epcc", Some(("127.0.0.1:20001", "/epcc"))),
            ("http://bank.example:80", Some(("bank.example:80", "/"))),
            ("http://[::1]:9000/a/b", Some(("[::1]:9000", "/a/b"))),
            ("https://bank.example:443/epcc", Some(("bank.example:443", "/epcc"))),
            ("https://bank.example/epcc", None),
            ("ftp://bank.example:443/epcc", None),
            ("http://bank.example/epcc", None),
            ("http://bank.example:0/epcc", None),
            ("http://bank.example:99999/epcc", None),
            ("http://user@bank.example:80/epcc", None),
            ("http://:80/epcc", None),
            ("http://bank.example:80/epcc?x=1", None),
            ("http://bank.example:80/epcc#x", None),
            ("bank.example:80", None),
            ("/epcc", None),
            ("http://bank example:80/", None),
            ("", None),
        ] {
            let parsed = text.parse::<Endpoint>();
            let found = parsed.as_ref().ok().map(|endpoint| (endpoint.authority(), endpoint.path()));
            assert_eq!(found, parts, "{text}: {parsed:?}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for (text, is_tls) in [("http://127.0.0.1:20001/epcc", false), ("https://127.0.0.1:443/", true)] {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!((endpoint.to_string().as_str(), endpoint.is_tls()), (text, is_tls));
        }
    }
}
