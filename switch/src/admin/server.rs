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
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};

use super::caller::Caller;
use super::hooks::{Answer, Hooks};
use super::intake;
use super::site::Site;
use super::table::{Area, Page};
use crate::config::AdminSection;
use crate::constants::{ADMIN_CONNECTION_MS_MAX, ADMIN_CONNECTIONS_MAX, ADMIN_HEADER_MS_MAX};
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
    /// An address that other machines can reach without `[admin.tls]`, an address in use, no thread to be had.
    pub fn start(section: &AdminSection, hooks: Hooks) -> Result<Self, Error> {
        section.check()?;
        let failed = |source: std::io::Error| {
            Error::new(Fault::Environment, format!("cannot listen: {source}"))
                .at(format!("admin address {}", section.address))
                .caused_by(source)
        };
        let listener = TcpListener::bind(section.address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (stop, stopped) = oneshot::channel();
        let serve = move || runtime.block_on(accept_until(stopped, listener, Arc::new(hooks)));
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

async fn accept_until(mut stopped: oneshot::Receiver<()>, listener: TcpListener, hooks: Arc<Hooks>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    let places = Arc::new(Semaphore::new(ADMIN_CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            _ = &mut stopped => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // No place left: the stream is dropped, which closes it.
        if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
            let hooks = Arc::clone(&hooks);
            tokio::spawn(async move {
                if peer.ip().to_canonical().is_loopback() {
                    serve_connection(stream, &hooks).await;
                }
                drop(place);
            });
        }
    }
}

/// One request per connection: no idle connection can hold a place.
async fn serve_connection(stream: TcpStream, hooks: &Hooks) {
    let (site, caller) = (&Site::plain(), &Caller::Local);
    let service = service_fn(|request| async move { Ok::<_, Infallible>(answer(hooks, site, caller, request).await) });
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .half_close(false)
        .max_buf_size(HEAD_BYTES_MAX)
        .header_read_timeout(Duration::from_millis(ADMIN_HEADER_MS_MAX))
        .serve_connection(TokioIo::new(stream), service);
    // A client that breaks off or is too slow loses its answer; nothing else happens.
    let _ = tokio::time::timeout(Duration::from_millis(ADMIN_CONNECTION_MS_MAX), serving).await;
}

/// Dispatches one request by the table of pages. What may wait has a thread of its own meanwhile; the pages of
/// [`Area::Node`] never wait.
async fn answer(hooks: &Hooks, site: &Site, caller: &Caller, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    if let Err(refusal) = site.check(&head) {
        return written(refusal);
    }
    let Some((page, pages)) = hooks.page(head.uri.path()) else {
        return written(no_such_page());
    };
    let call = match intake::read(caller, page, &head, body).await {
        Ok(call) => call,
        Err(refusal) if refusal.status == 405 => return not_allowed(page, refusal),
        Err(refusal) => return written(refusal),
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
