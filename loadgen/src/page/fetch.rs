//! One GET over plain HTTP.

use crate::target::Target;
use crate::thread::local_runtime;
use crate::wire::read_body;
use bytes::Bytes;
use http::Request;
use http::header::HOST;
use http_body_util::Empty;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::net::TcpStream;

/// Longest wait for one page.
const PATIENCE: Duration = Duration::from_secs(60);

/// Fetches the page at `url`, of `bytes_max` bytes at most. Blocks; must not be called on a runtime's thread.
///
/// # Errors
/// Why there is no such page, in words.
pub(crate) fn fetch(url: &str, bytes_max: usize) -> Result<Bytes, String> {
    let runtime = local_runtime().map_err(|error| error.to_string())?;
    let page = runtime.block_on(async { tokio::time::timeout(PATIENCE, get(url, bytes_max)).await });
    page.map_err(|_| "no answer in time".to_owned())?
}

async fn get(url: &str, bytes_max: usize) -> Result<Bytes, String> {
    let target: Target = url.parse().map_err(words)?;
    if target.is_https() {
        return Err("the page is plain HTTP on loopback".into());
    }
    let stream = TcpStream::connect(target.address()).await.map_err(words)?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(words)?;
    // Its end shows at the sender, with the reason.
    tokio::task::spawn_local(async move { drop(connection.await) });
    let request = Request::get(target.path()).header(HOST, target.address().to_string()).body(Empty::<Bytes>::new());
    let response = sender.send_request(request.map_err(words)?).await.map_err(words)?;
    if !response.status().is_success() {
        return Err(format!("HTTP {}", response.status()));
    }
    read_body(response.into_body(), bytes_max).await.map_err(|error| format!("{error:?}"))
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
