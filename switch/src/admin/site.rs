//! Which site a request was meant for, and which site sent it: what keeps web pages out that the operator's browser
//! shows beside the door.
//!
//! Invariant: a browser names the host that it thinks it talks to, and the site whose page makes the call. A page of
//! another site is refused by its `Origin`; one that has its own name resolve to this address (DNS rebinding), by its
//! `Host`. A program names no origin.

use std::net::IpAddr;

use http::request::Parts;
use http::{HeaderMap, header};

use super::hooks::Answer;

/// What the door is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site {
    /// `http` or `https`.
    scheme: &'static str,
    /// Names by which it may be called, beside addresses; in lower case.
    names: Vec<String>,
}

impl Site {
    /// A door without TLS: `localhost` and loopback addresses alone.
    pub(super) fn plain() -> Self {
        Self { scheme: "http", names: vec!["localhost".to_owned()] }
    }

    /// A door behind certificates: by any address, because a browser shows no page of a name under an address, and by the
    /// names of its certificate.
    pub(super) const fn secure(names: Vec<String>) -> Self {
        Self { scheme: "https", names }
    }

    /// Checks Host and Origin.
    ///
    /// # Errors
    /// What is answered instead.
    pub(super) fn check(&self, head: &Parts) -> Result<(), Answer> {
        let host = match head.uri.authority() {
            Some(authority) => Some(authority.as_str()),
            None => only(&head.headers, header::HOST)?,
        };
        if host.is_some_and(|host| !self.is_called(host)) {
            return Err(Answer::error(421, "this is not the host that the request names"));
        }
        let Some(origin) = only(&head.headers, header::ORIGIN)? else { return Ok(()) };
        let own = host.is_some_and(|host| origin.strip_prefix(self.scheme) == Some(&format!("://{host}")));
        if own { Ok(()) } else { Err(Answer::error(403, "a page of another site makes no calls")) }
    }

    fn is_called(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => name,
            _ => host,
        };
        let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        match address.parse::<IpAddr>() {
            Ok(address) => self.scheme == "https" || address.to_canonical().is_loopback(),
            Err(_) => self.names.iter().any(|own| own.eq_ignore_ascii_case(name)),
        }
    }
}

/// The one value of a header; none when it is not there.
fn only(headers: &HeaderMap, name: header::HeaderName) -> Result<Option<&str>, Answer> {
    let mut values = headers.get_all(&name).iter();
    let bad = || Answer::error(400, &format!("{name} is there twice, or is no text"));
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(bad());
    }
    value.to_str().map(Some).map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(site: &Site, headers: &[(&str, &str)]) -> u16 {
        let request = headers
            .iter()
            .fold(http::Request::builder().uri("/limits"), |request, (name, value)| request.header(*name, *value));
        let head = request.body(()).unwrap().into_parts().0;
        site.check(&head).map_or_else(|answer| answer.status, |()| 200)
    }

    #[test]
    fn only_the_door_itself_is_called_and_by_no_page_of_another_site() {
        for (headers, expected) in [
            (&[][..], 200),
            (&[("host", "127.0.0.1:9209")], 200),
            (&[("host", "127.1.2.3")], 200),
            (&[("host", "[::1]:9209")], 200),
            (&[("host", "[::1]")], 200),
            (&[("host", "LocalHost:1")], 200),
            (&[("host", "localhost.evil.example")], 421),
            (&[("host", "evil.example:9209")], 421),
            (&[("host", "10.1.2.3:9209")], 421),
            (&[("host", "127.0.0.1.evil.example")], 421),
            (&[("host", "")], 421),
            (&[("host", "localhost"), ("host", "evil.example")], 400),
            (&[("host", "localhost:1"), ("origin", "http://localhost:1")], 200),
            (&[("host", "localhost:1"), ("origin", "http://localhost:2")], 403),
            (&[("host", "localhost:1"), ("origin", "https://localhost:1")], 403),
            (&[("host", "localhost:1"), ("origin", "null")], 403),
            (&[("host", "localhost:1"), ("origin", "http://evil.example")], 403),
            (&[("origin", "http://localhost:1")], 403),
        ] {
            assert_eq!(status(&Site::plain(), headers), expected, "{headers:?}");
        }
        let secure = Site::secure(vec!["door.internal".to_owned()]);
        for (headers, expected) in [
            (&[("host", "10.1.2.3:9209")][..], 200),
            (&[("host", "Door.internal:9209")], 200),
            (&[("host", "localhost:9209")], 421),
            (&[("host", "evil.example")], 421),
            (&[("host", "door.internal:1"), ("origin", "https://door.internal:1")], 200),
            (&[("host", "door.internal:1"), ("origin", "http://door.internal:1")], 403),
            (&[("host", "10.1.2.3"), ("origin", "https://10.1.2.4")], 403),
        ] {
            assert_eq!(status(&secure, headers), expected, "{headers:?}");
        }
    }
}
