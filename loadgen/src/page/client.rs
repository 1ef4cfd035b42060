//! Fetches the ledgers of counterparties in another process.

use crate::bank::Ledgers;
use crate::constants::LEDGER_PAGE_BYTES_MAX;
use crate::error::Error;
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

/// Fetches every page and joins them. Blocks; must not be called on a runtime's thread.
///
/// # Errors
/// A page does not answer with ledgers that can be read.
pub fn fetch_ledgers(urls: &[String]) -> Result<Ledgers, Error> {
    let runtime = local_runtime()?;
    let mut ledgers = Ledgers::default();
    for url in urls {
        let fault = |why: String| Error::Ledgers(url.clone(), why);
        let page = runtime.block_on(async { tokio::time::timeout(PATIENCE, get(url)).await });
        let page = page.map_err(|_| fault("no answer in time".into()))??;
        ledgers.merge(serde_json::from_slice(&page).map_err(|error| fault(error.to_string()))?);
    }
    Ok(ledgers)
}

async fn get(url: &str) -> Result<Bytes, Error> {
    let fault = |why: String| Error::Ledgers(url.into(), why);
    let target: Target = url.parse()?;
    if target.is_https() {
        return Err(fault("a ledger page is plain HTTP on loopback".into()));
    }
    let stream = TcpStream::connect(target.address()).await.map_err(|error| fault(error.to_string()))?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| fault(error.to_string()))?;
    // Its end shows at the sender, with the reason.
    tokio::task::spawn_local(async move { drop(connection.await) });
    let request = Request::get(target.path()).header(HOST, target.address().to_string()).body(Empty::<Bytes>::new());
    let request = request.map_err(|error| fault(error.to_string()))?;
    let response = sender.send_request(request).await.map_err(|error| fault(error.to_string()))?;
    if !response.status().is_success() {
        return Err(fault(format!("HTTP {}", response.status())));
    }
    read_body(response.into_body(), LEDGER_PAGE_BYTES_MAX).await.map_err(|error| fault(format!("{error:?}")))
}
