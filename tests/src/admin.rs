//! The admin pages as an operator sees them.

use std::net::SocketAddr;

use crate::http::{Connection, Response, ask};

/// Gets a page.
///
/// # Panics
/// If the admin server does not answer.
#[must_use]
pub fn get(address: SocketAddr, path: &str) -> Response {
    ask(address, "GET", path, b"").expect("the admin server answers")
}

/// Gets a page, if the server answers with HTTP at all.
#[must_use]
pub fn try_get(address: SocketAddr, path: &str) -> Option<Response> {
    ask(address, "GET", path, b"").ok()
}

/// Posts to a page.
///
/// # Panics
/// If the admin server does not answer.
#[must_use]
pub fn post(address: SocketAddr, path: &str) -> Response {
    ask(address, "POST", path, b"").expect("the admin server answers")
}

/// Has the node read its keys again.
///
/// # Panics
/// If the admin server does not answer.
#[must_use]
pub fn reload_keys(address: SocketAddr) -> Response {
    post_json(address, "/keys/reload", r#"{"by":"tester"}"#)
}

/// Posts JSON, as an operator's tool does; the page's status, and what it says as JSON, or as text when it is none.
///
/// # Panics
/// If the admin server does not answer.
#[must_use]
pub fn change(address: SocketAddr, path: &str, body: &serde_json::Value) -> (u16, serde_json::Value) {
    read(&post_json(address, path, &body.to_string()))
}

/// Posts what may be JSON.
///
/// # Panics
/// As [`change`].
#[must_use]
pub fn post_json(address: SocketAddr, path: &str, body: &str) -> Response {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    let mut connection = Connection::open(address).expect("the admin server listens");
    connection.send(&[head.as_bytes(), body.as_bytes()].concat()).expect("the admin server reads");
    connection.receive().expect("the admin server answers")
}

/// Gets a page of JSON: its status, and what it says.
///
/// # Panics
/// As [`change`].
#[must_use]
pub fn show(address: SocketAddr, path: &str) -> (u16, serde_json::Value) {
    read(&get(address, path))
}

/// What a page of JSON says.
///
/// # Panics
/// As [`change`].
#[must_use]
pub fn json(address: SocketAddr, path: &str) -> serde_json::Value {
    show(address, path).1
}

fn read(response: &Response) -> (u16, serde_json::Value) {
    let text = String::from_utf8_lossy(&response.body);
    let value = serde_json::from_str(&text).unwrap_or_else(|_| serde_json::Value::String(text.into_owned()));
    (response.status, value)
}

/// The sum of all samples of a metric whose labels contain `label` (empty = all of them); 0 if there is none.
///
/// # Panics
/// If the admin server does not answer, or not with text.
#[must_use]
pub fn metric(address: SocketAddr, name: &str, label: &str) -> f64 {
    let page = String::from_utf8(get(address, "/metrics").body).expect("metrics are text");
    let samples = page.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit_once(' '));
    let of_name = samples.filter(|(series, _)| series.split('{').next() == Some(name) && series.contains(label));
    of_name.filter_map(|(_, value)| value.parse::<f64>().ok()).sum()
}
