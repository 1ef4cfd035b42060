//! The switch under somebody else's HTTP gateway: the gateway owns the sockets, the paths and the access rules; the
//! messages go through [`clearway::Handle::submit`], and a signed answer comes back.
//!
//! ```text
//! clearway init demo --institutions 1 --banks 2
//! cargo run --release --example gateway -- demo/clearway.toml 127.0.0.1:8080
//! curl --data-binary @message.xml http://127.0.0.1:8080/payments
//! ```

use std::convert::Infallible;
use std::path::Path;

use bytes::Bytes;
use clearway::{Config, Handle, Node};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(config), Some(address)) = (arguments.next(), arguments.next()) else {
        return Err("usage: gateway CLEARWAY.TOML ADDRESS".into());
    };
    let node = Node::start(Config::load(Path::new(&config))?)?;
    let handle = node.handle();
    let gateway = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    gateway.block_on(async {
        tokio::select! {
            served = serve(&address, handle) => served,
            stopped = tokio::signal::ctrl_c() => stopped,
        }
    })?;
    node.drain();
    Ok(())
}

/// The gateway's own listener; the node has another one of its own, which a firewall may close.
async fn serve(address: &str, handle: Handle) -> std::io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    println!("gateway on {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let handle = handle.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(request, handle.clone()));
            if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
                eprintln!("a connection ended badly: {error}");
            }
        });
    }
}

/// Anything the gateway wants to do of its own (access rules, tracing, other paths) goes here.
async fn answer(request: Request<Incoming>, handle: Handle) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() != Method::POST || request.uri().path() != "/payments" {
        return Ok(plain(StatusCode::NOT_FOUND, "POST /payments\n".into()));
    }
    let message = match Limited::new(request.into_body(), 64 * 1024).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return Ok(plain(StatusCode::BAD_REQUEST, format!("{error}\n"))),
    };
    Ok(match handle.submit(message).await {
        Ok(receipt) => Response::new(Full::new(receipt)),
        Err(error) => plain(StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
    })
}

fn plain(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    response
}
