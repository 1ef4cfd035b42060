//! A site whose operator's door is behind certificates.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clearway_tests::http::Connection;
use clearway_tests::pki::{Authority, Paper, Term};
use clearway_tests::site::Site;
use clearway_tests::tls::{Believes, Version, client};
use rustls::ClientConfig;
use toml::{Table, Value};

use crate::NODE;

/// The DNS name in the door's certificate: the default.
pub(crate) const NAME: &str = "g4000311000018.switch.internal";

/// Certificates for the door of a site.
pub(crate) struct Door {
    pub(crate) site: Site,
    pub(crate) authority: Authority,
}

impl Door {
    /// `li.wei` may change, `wang` may read; nobody is revoked.
    pub(crate) fn new() -> Self {
        let door = Self { site: Site::new(NODE), authority: Authority::new("operators of the test") };
        let own = door.authority.issue(&[NAME], Term::Now);
        let text = |path: PathBuf| Value::String(path.display().to_string());
        let operator = |name: &str, right: &str| {
            Value::Table(Table::from_iter([("name", name), ("right", right)].map(|(k, v)| (k.to_owned(), v.into()))))
        };
        door.revoke(&[]);
        let tls = [
            ("certificate", text(door.write("door.pem", &own.certificate_pem))),
            ("private_key", text(door.write("door.key", &own.key_pem))),
            ("ca", text(door.write("operators.pem", door.authority.pem()))),
            ("revocation_lists", Value::Array(vec![text(door.site.dir().join("operators.crl"))])),
            ("operators", Value::Array(vec![operator("li.wei", "change"), operator("wang", "read")])),
        ];
        let tls = Table::from_iter(tls.map(|(key, value)| (key.to_owned(), value)));
        door.site.configure("admin", [("tls", Value::Table(tls))]);
        door
    }

    /// Puts a file into the site's folder; where it is.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.site.dir().join(name);
        fs::write(&path, text).expect("the file can be written");
        path
    }

    /// Puts a list that revokes these in the place of the one in the file.
    pub(crate) fn revoke(&self, papers: &[&Paper]) {
        self.write("operators.crl", &self.authority.revoke(papers));
    }

    pub(crate) fn operator(&self, name: &str) -> Paper {
        self.authority.issue(&[&format!("{name}.operator.internal")], Term::Now)
    }
}

/// Somebody who shows `paper`, or nothing, and believes any door.
pub(crate) fn credulous(version: Version, paper: Option<&Paper>) -> Arc<ClientConfig> {
    client(version, paper, Believes::Anything)
}

/// Sends a request; status and body of the answer, none when there is none.
pub(crate) fn ask(address: SocketAddr, config: &Arc<ClientConfig>, request: &str) -> Option<(u16, String)> {
    let mut connection = Connection::open_tls(address, config, NAME).ok()?;
    connection.send(request.as_bytes()).ok()?;
    let response = connection.receive().ok()?;
    Some((response.status, String::from_utf8_lossy(&response.body).into_owned()))
}

/// A request to the door with this body.
pub(crate) fn request(method: &str, path: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
