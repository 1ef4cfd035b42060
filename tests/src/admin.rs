//! The admin pages as an operator sees them.

use std::net::SocketAddr;

use crate::http::{Response, ask};

/// Gets a page.
///
/// # Panics
/// If the admin server does not answer.
#[must_use]
pub fn get(address: SocketAddr, path: &str) -> Response {
    ask(address, "GET", path, b"").expect("the admin server answers")
}

/// Posts to a page.
///
/// # Panics
/// If the admin server does not answer.
#[must_use]
pub fn post(address: SocketAddr, path: &str) -> Response {
    ask(address, "POST", path, b"").expect("the admin server answers")
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
