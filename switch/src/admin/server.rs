//! The admin thread: one current-thread runtime, one listener, few and short connections.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{Semaphore, oneshot};

use super::caller::Caller;
use super::entrance::{Entered, Entrance};
use super::hooks::{Answer, Hooks};
use super::intake;
use super::refusals::RefusalLog;
use super::site::Site;
use super::table::{Area, Page};
use crate::constants::{ADMIN_CONNECTION_MS_MAX, ADMIN_CONNECTIONS_MAX, ADMIN_HANDSHAKES_MAX, ADMIN_HEADER_MS_MAX};
use crate::error::{Error, Fault};

/// A request head fits into this many bytes or is refused; 8 KiB is the least that hyper takes.
const HEAD_BYTES_MAX: usize = 8 * 1024;

/// Pause after a failed accept (no file descriptor left), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The running admin server. Stops when dropped.
#[derive(Debug)]
pub struct Admin {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Admin {
    /// Binds and starts the server on its own thread.
    ///
    /// # Errors
    /// An address in use, no thread to be had.
    pub fn start(address: SocketAddr, entrance: Entrance, hooks: Hooks) -> Result<Self, Error> {
        let failed = |source: std::io::Error| {
            Error::new(Fault::Environment, format!("cannot listen: {source}"))
                .at(format!("admin address {address}"))
                .caused_by(source)
        };
        let listener = TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (stop, stopped) = oneshot::channel();
        let server = Arc::new(Server { entrance, hooks, log: RefusalLog::default() });
        let serve = move || runtime.block_on(accept_until(stopped, listener, server));
        let thread = std::thread::Builder::new().name("clearway-admin".to_owned()).spawn(serve).map_err(failed)?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// The bound address, with the port that the system chose when the configuration named 0.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Admin {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What a connection needs.
struct Server {
    entrance: Entrance,
    hooks: Hooks,
    log: RefusalLog,
}

async fn accept_until(mut stopped: oneshot::Receiver<()>, listener: TcpListener, server: Arc<Server>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    // Who shows certificates has places of its own before it is known who he is, so that strangers take none of
    // the operators'.
    let places = Arc::new(Semaphore::new(ADMIN_CONNECTIONS_MAX));
    let handshakes = Arc::new(Semaphore::new(ADMIN_HANDSHAKES_MAX));
    loop {
        let accepted = tokio::select! {
            _ = &mut stopped => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let before = if server.entrance.is_secure() { &handshakes } else { &places };
        // No place left: the stream is dropped, which closes it.
        if let Ok(place) = Arc::clone(before).try_acquire_owned() {
            let (server, places) = (Arc::clone(&server), Arc::clone(&places));
            tokio::spawn(async move {
                let entered = match server.entrance.enter(stream, peer.ip()).await {
                    Ok(entered) => entered,
                    Err(refusal) => return server.log.note(peer.ip(), refusal),
                };
                let place = match entered.caller {
                    Caller::Operator { .. } => places.try_acquire_owned().ok(),
                    Caller::Local | Caller::Stranger => Some(place),
                };
                if place.is_some() {
                    serve_connection(entered, &server).await;
                }
            });
        }
    }
}

/// One request per connection: no idle connection can hold a place.
async fn serve_connection(entered: Entered, server: &Server) {
    let Entered { transport, caller, site } = entered;
    let (caller, site) = (&caller, &site);
    let service =
        service_fn(|request| async move { Ok::<_, Infallible>(answer(&server.hooks, site, caller, request).await) });
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .half_close(false)
        .max_buf_size(HEAD_BYTES_MAX)
        .header_read_timeout(Duration::from_millis(ADMIN_HEADER_MS_MAX))
        .serve_connection(TokioIo::new(transport), service);
    // A client that breaks off or is too slow loses its answer; nothing else happens.
    let _ = tokio::time::timeout(Duration::from_millis(ADMIN_CONNECTION_MS_MAX), serving).await;
}

/// Dispatches one request by the table of pages. What may wait has a thread of its own meanwhile; the pages of
/// [`Area::Node`] never wait.
async fn answer(hooks: &Hooks, site: &Site, caller: &Caller, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    if caller.right().is_none() {
        return written(intake::no_operator());
    }
    if let Err(refusal) = site.check(&head) {
        return written(refusal);
    }
    let Some((page, pages)) = hooks.page(head.uri.path()) else {
        return written(no_such_page());
    };
    let call = match intake::read(caller, page, &head, body).await {
        Ok(call) => call,
        Err(refusal) if refusal.status == 405 => return not_allowed(page, refusal),
        Err(refusal) => {
            tracing::warn!(?caller, page = page.path, status = refusal.status, "a call was refused");
            return written(refusal);
        }
    };
    if page.area == Area::Node {
        return written(pages.answer(&call).unwrap_or_else(no_such_page));
    }
    let pages = Arc::clone(pages);
    let answered = tokio::task::spawn_blocking(move || pages.answer(&call).unwrap_or_else(no_such_page)).await;
    written(answered.unwrap_or_else(|_| Answer::error(500, "the call has failed")))
}

fn no_such_page() -> Answer {
    Answer::text(404, "no such page\n")
}

/// 405, and the methods that the page has.
fn not_allowed(page: &Page, refusal: Answer) -> Response<Full<Bytes>> {
    let mut response = written(refusal);
    let names: Vec<_> = page.methods().map(|method| method.to_string()).collect();
    if let Ok(allow) = HeaderValue::from_str(&names.join(", ")) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// An answer as a response.
fn written(answer: Answer) -> Response<Full<Bytes>> {
    let content_type = HeaderValue::from_static(answer.content.content_type());
    let mut response = Response::new(Full::new(Bytes::from(answer.text)));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
