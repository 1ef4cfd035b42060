//! The listening side: `POST /preSvr` over HTTP/1.1 with keep-alive.
//!
//! ```text
//! accept -> hyper connection -> head rules -> early refusal? -> body (bounded, timed) -> Gate::requested -> reply
//! ```
//!
//! Everything a stranger sends is bounded here: connections, head bytes and count, body bytes, and the time a request
//! may take to arrive. One connection handles one request at a time. Called by the worker that owns the listener.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::TcpListener;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::header::{ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::spawn_local;

use super::meter::{Meter, MeteredStream, OnFlush};
use super::sweep::{Receiving, Sweep};
use super::transport::Transport;
use super::{Exchange, Gate, Reply};
use crate::metrics::{Count, Level, WorkerMetrics};

/// The one path of the switch (wire.md 2.5: `POST https://<ip>:443/preSvr`).
pub const PATH: &str = "/preSvr";

/// Response header: microseconds inside this node, waits for banks taken off.
pub const INTERNAL_US: HeaderName = HeaderName::from_static("clearway-internal-us");

/// Response and request header: the message's code, for routing without parsing.
pub const MSG_TP: HeaderName = HeaderName::from_static("msgtp");

/// Response and request header: the original initiator.
pub const ORI_ISSR_ID: HeaderName = HeaderName::from_static("oriissrid");

/// Content type of every message.
pub const XML: HeaderValue = HeaderValue::from_static("application/xml;charset=utf-8");

/// Bounds of the listening side.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open connections of the whole node; one more is closed at once.
    pub connections_max: usize,
    /// Bytes of a request body; more is answered 413.
    pub body_bytes_max: usize,
    /// Bytes of a request head.
    pub head_bytes_max: usize,
    /// Header lines of a request.
    pub headers_max: usize,
    /// Time from a request's first byte to its last.
    pub receive_timeout: Duration,
    /// How often unfinished requests are looked for.
    pub sweep_interval: Duration,
}

/// What a listener needs of its node.
#[derive(Debug)]
pub struct Entrance<G: Gate> {
    /// Takes the requests.
    pub gate: G,
    /// Bounds.
    pub limits: Limits,
    /// Open connections of the whole node.
    pub open: Arc<AtomicUsize>,
    /// The switch's own id, for the `OriIssrId` header.
    pub issuer: HeaderValue,
    /// Counts connections and HTTP refusals.
    pub metrics: WorkerMetrics,
}

/// What all connections of one listener share.
struct Listener<G: Gate> {
    gate: G,
    limits: Limits,
    open: Arc<AtomicUsize>,
    issuer: HeaderValue,
    metrics: WorkerMetrics,
    sweep: Sweep<Connection<G>>,
    closing: Cell<bool>,
}

/// One accepted connection.
struct Connection<G: Gate> {
    meter: Rc<Meter<Settled<G>>>,
    body_since: Cell<Option<Instant>>,
    ended: Notify,
}

impl<G: Gate> Receiving for Connection<G> {
    fn receiving_since(&self) -> Option<Instant> {
        self.body_since.get().or_else(|| self.meter.first_read())
    }

    fn end(&self) {
        self.ended.notify_one();
    }
}

/// Reports the delivery of one receipt.
struct Settled<G: Gate> {
    gate: G,
    receipt_of: u128,
    first_byte: Instant,
    bank_wait_us: u64,
}

impl<G: Gate> OnFlush for Settled<G> {
    fn settle(self, flushed: Option<Instant>) {
        let internal_us = flushed.map_or(0, |at| internal_us(self.first_byte, at, self.bank_wait_us));
        self.gate.settled(self.receipt_of, flushed.is_some(), internal_us);
    }
}

fn internal_us(first_byte: Instant, at: Instant, bank_wait_us: u64) -> u64 {
    let whole = at.saturating_duration_since(first_byte).as_micros();
    u64::try_from(whole).unwrap_or(u64::MAX).saturating_sub(bank_wait_us)
}

/// Accepts on `listener` until `stop` is notified. Open connections go on as long as their reactor does, and are told that
/// the node is stopping when they ask for something new.
///
/// # Errors
/// If the listener cannot be handed to the reactor.
pub async fn serve<G: Gate>(listener: TcpListener, entrance: Entrance<G>, stop: &Notify) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let Entrance { gate, limits, open, issuer, metrics } = entrance;
    let shared = Listener { gate, limits, open, issuer, metrics, sweep: Sweep::new(), closing: Cell::new(false) };
    let shared = Rc::new(shared);
    let mut stopped = pin!(stop.notified());
    let mut sweep = tokio::time::interval(shared.limits.sweep_interval);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => shared.admit(stream),
                // Out of file descriptors, or the peer went away: breathe, so that closing connections can free some.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            _ = sweep.tick() => { shared.sweep.sweep(Instant::now(), shared.limits.receive_timeout); }
            () = &mut stopped => break,
        }
    }
    shared.closing.set(true);
    Ok(())
}

impl<G: Gate> Listener<G> {
    fn admit(self: &Rc<Self>, stream: TcpStream) {
        if self.open.fetch_add(1, Ordering::Relaxed) >= self.limits.connections_max || stream.set_nodelay(true).is_err()
        {
            self.open.fetch_sub(1, Ordering::Relaxed);
            self.metrics.count(Count::ConnectionsRefused);
            return;
        }
        self.metrics.count(Count::ConnectionsAccepted);
        self.metrics.raise(Level::IngressConnections);
        let meter = Meter::new();
        let connection =
            Rc::new(Connection { meter: Rc::clone(&meter), body_since: Cell::new(None), ended: Notify::new() });
        self.sweep.watch(&connection);
        spawn_local(Rc::clone(self).run(MeteredStream::new(Transport::Plain(stream), meter), connection));
    }

    async fn run(self: Rc<Self>, stream: MeteredStream<Settled<G>>, connection: Rc<Connection<G>>) {
        let (listener, each) = (Rc::clone(&self), Rc::clone(&connection));
        let service = service_fn(move |request| {
            let (listener, each) = (Rc::clone(&listener), Rc::clone(&each));
            async move { Ok::<_, Infallible>(listener.handle(request, &each).await) }
        });
        let serving = http1::Builder::new()
            .keep_alive(true)
            .auto_date_header(false)
            .max_headers(self.limits.headers_max)
            .max_header_size(self.limits.head_bytes_max)
            .max_buf_size(self.limits.body_bytes_max.saturating_add(self.limits.head_bytes_max).max(8192))
            .serve_connection(stream, service);
        tokio::select! {
            // A broken connection concerns its sender alone; what it had in process goes on.
            _ = serving => {}
            () = connection.ended.notified() => {}
        }
        self.open.fetch_sub(1, Ordering::Relaxed);
        self.metrics.lower(Level::IngressConnections);
    }

    async fn handle(&self, request: Request<Incoming>, connection: &Connection<G>) -> Response<Full<Bytes>> {
        let first_byte = connection.meter.take_first_read().unwrap_or_else(Instant::now);
        let reply = match self.receive(request, connection, first_byte).await {
            Ok(waiting) => waiting
                .await
                .unwrap_or_else(|_| Reply::fault(StatusCode::SERVICE_UNAVAILABLE, "the node is stopping\n")),
            Err(refused) => {
                if refused.message_type.is_none() {
                    self.metrics.http_refused(refused.status.as_u16());
                }
                refused
            }
        };
        self.respond(reply, connection, first_byte)
    }

    /// Head rules, early refusal, body; then the request is with the gate.
    async fn receive(
        &self,
        request: Request<Incoming>,
        connection: &Connection<G>,
        first_byte: Instant,
    ) -> Result<tokio::sync::oneshot::Receiver<Reply>, Reply> {
        let length = check_head(request.method(), request.uri().path(), request.headers(), self.limits.body_bytes_max)?;
        if self.closing.get() {
            return Err(Reply::fault(StatusCode::SERVICE_UNAVAILABLE, "the node is stopping\n"));
        }
        if let Some(refused) = self.gate.refuse_early() {
            return Err(refused);
        }
        connection.body_since.set(Some(first_byte));
        let body = read_body(request.into_body(), length).await;
        connection.body_since.set(None);
        let body = body.ok_or_else(|| {
            Reply::fault(StatusCode::BAD_REQUEST, "the body does not have the length its head gives\n")
        })?;
        let (exchange, waiting) = Exchange::open(first_byte);
        self.gate.requested(body, exchange);
        Ok(waiting)
    }

    fn respond(&self, reply: Reply, connection: &Connection<G>, first_byte: Instant) -> Response<Full<Bytes>> {
        let internal = internal_us(first_byte, Instant::now(), reply.bank_wait_us);
        if reply.receipt_of != 0 {
            connection.meter.await_flush(Settled {
                gate: self.gate.clone(),
                receipt_of: reply.receipt_of,
                first_byte,
                bank_wait_us: reply.bank_wait_us,
            });
        }
        let mut response = Response::new(Full::new(reply.body));
        *response.status_mut() = reply.status;
        let headers = response.headers_mut();
        headers.reserve(5);
        if let Some(message_type) = reply.message_type {
            headers.insert(CONTENT_TYPE, XML);
            headers.insert(MSG_TP, HeaderValue::from_static(message_type.code()));
            headers.insert(ORI_ISSR_ID, self.issuer.clone());
        } else {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=utf-8"));
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if reply.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, HeaderValue::from_static("POST"));
        }
        headers.insert(INTERNAL_US, HeaderValue::from(internal));
        response
    }
}

/// The rules of a request's head. Returns the length of its body.
///
/// # Errors
/// The HTTP fault to answer with. `Transfer-Encoding` is refused outright: with it two readers could disagree on where
/// a request ends (request smuggling), and no participant of this message family sends it.
pub fn check_head(method: &Method, path: &str, headers: &HeaderMap, body_bytes_max: usize) -> Result<usize, Reply> {
    let fault = |status, text| Err(Reply::fault(status, text));
    if path != PATH {
        return fault(StatusCode::NOT_FOUND, "the only path is /preSvr\n");
    }
    if method != Method::POST {
        return fault(StatusCode::METHOD_NOT_ALLOWED, "messages are sent with POST\n");
    }
    if headers.contains_key(TRANSFER_ENCODING) {
        return fault(StatusCode::BAD_REQUEST, "Transfer-Encoding is not accepted; send Content-Length\n");
    }
    if headers.get(CONTENT_TYPE).is_some_and(|value| !is_xml(value.as_bytes())) {
        return fault(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/xml\n");
    }
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let Some(length) = lengths.next() else {
        return fault(StatusCode::LENGTH_REQUIRED, "Content-Length is missing\n");
    };
    let digits = length.as_bytes();
    if lengths.next().is_some() || digits.is_empty() || digits.len() > 19 || !digits.iter().all(u8::is_ascii_digit) {
        return fault(StatusCode::BAD_REQUEST, "Content-Length is not one number\n");
    }
    let length = digits.iter().fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    match usize::try_from(length) {
        Ok(length) if length <= body_bytes_max => Ok(length),
        _ => fault(StatusCode::PAYLOAD_TOO_LARGE, "the body is over the limit\n"),
    }
}

fn is_xml(content_type: &[u8]) -> bool {
    [b"application/xml".as_slice(), b"text/xml"].iter().any(|expected| {
        content_type.get(..expected.len()).is_some_and(|start| start.eq_ignore_ascii_case(expected))
            && matches!(content_type.get(expected.len()), None | Some(b';' | b' ' | b'\t'))
    })
}

/// The whole body of `length` bytes; none if it ends early. A body that came in one piece is not copied.
async fn read_body(mut body: Incoming, length: usize) -> Option<Bytes> {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while first.len().saturating_add(rest.len()) < length {
        let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await?;
        let Ok(data) = frame.ok()?.into_data() else { continue };
        if first.is_empty() && rest.is_empty() {
            first = data;
            continue;
        }
        if rest.is_empty() {
            rest.reserve(length);
            rest.extend_from_slice(&std::mem::take(&mut first));
        }
        rest.extend_from_slice(&data);
    }
    Some(if rest.is_empty() { first } else { rest.freeze() })
}
