//! Accepts, shakes hands, hands requests to the gate and answers to their senders.

use std::cell::Cell;
use std::convert::Infallible;
use std::net::TcpListener;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::spawn_local;

use super::connection::{Connection, Settled};
use super::head::{check_head, read_body};
use super::{INTERNAL_US, MSG_TP, ORI_ISSR_ID, XML};
use crate::metrics::{Count, Level, Spent, Stage, WorkerMetrics};
use crate::net::meter::{Meter, MeteredStream};
use crate::net::sweep::Sweep;
use crate::net::timed::timed_connection;
use crate::net::transport::{Accepted, Acceptor, Identity, Names, Refusal, Transport};
use crate::net::{Delivery, Exchange, Gate, Reply};

/// Connections of one worker that are judged again in one sweep after a reload; each costs some 0.1 ms.
const JUDGED_PER_SWEEP: usize = 32;

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
    /// Lets connections in.
    pub acceptor: Acceptor,
    /// Whose certificates have which names.
    pub names: Arc<Names>,
    /// Open connections of the whole node.
    pub open: Arc<AtomicUsize>,
    /// The switch's own id, for the `OriIssrId` header.
    pub issuer: HeaderValue,
    /// Counts connections and refusals.
    pub metrics: WorkerMetrics,
    /// What reading requests and writing answers costs.
    pub spent: Spent,
}

/// What all connections of one listener share.
struct Listener<G: Gate> {
    gate: G,
    limits: Limits,
    acceptor: Acceptor,
    names: Arc<Names>,
    open: Arc<AtomicUsize>,
    issuer: HeaderValue,
    metrics: WorkerMetrics,
    spent: Spent,
    sweep: Sweep<Connection<G>>,
    closing: Cell<bool>,
}

/// Accepts on `listener` until `stop` is notified. Open connections go on as long as their reactor does, and are told that
/// the node is stopping when they ask for something new.
///
/// # Errors
/// If the listener cannot be handed to the reactor.
pub async fn serve<G: Gate>(listener: TcpListener, entrance: Entrance<G>, stop: &Notify) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let Entrance { gate, limits, acceptor, names, open, issuer, metrics, spent } = entrance;
    let (sweep, closing) = (Sweep::new(), Cell::new(false));
    let shared = Rc::new(Listener { gate, limits, acceptor, names, open, issuer, metrics, spent, sweep, closing });
    let mut stopped = pin!(stop.notified());
    let mut sweep = tokio::time::interval(shared.limits.sweep_interval);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => shared.admit(stream),
                // Out of file descriptors, or the peer went away: breathe, so that closing connections can free some.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            _ = sweep.tick() => {
                shared.sweep.sweep(Instant::now(), shared.limits.receive_timeout);
                shared.retire();
            }
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
        let listener = Rc::clone(self);
        spawn_local(async move {
            if let Some((transport, connection)) = listener.let_in(stream).await {
                let meter = Rc::clone(&connection.meter);
                let run = Rc::clone(&listener).run(transport, connection);
                timed_connection(run, listener.spent.clone(), meter, Stage::Write).await;
            }
            listener.open.fetch_sub(1, Ordering::Relaxed);
            listener.metrics.lower(Level::IngressConnections);
        });
    }

    /// The handshake, and whom it has shown; none if whoever connected is not let in.
    async fn let_in(&self, stream: TcpStream) -> Option<(Transport, Rc<Connection<G>>)> {
        let generation = self.acceptor.generation();
        let admitted = self.acceptor.accept(stream).await.and_then(|Accepted { transport, peer }| {
            let identity = peer.as_ref().map_or(Some(Identity::Anyone), |peer| self.names.identify(peer.names()));
            Ok((transport, peer, identity.ok_or(Refusal::WrongName)?))
        });
        let (transport, peer, identity) = admitted.inspect_err(|refusal| self.metrics.tls_refused(*refusal)).ok()?;
        let connection = Rc::new(Connection {
            meter: Meter::new(),
            body_since: Cell::new(None),
            ended: Notify::new(),
            identity,
            peer,
            generation: Cell::new(generation),
            is_condemned: Cell::new(false),
            retired: Notify::new(),
        });
        self.sweep.watch(&connection);
        Some((transport, connection))
    }

    /// Whether the certificate of a connection still stands; what an earlier generation has judged is judged again.
    fn stands(&self, connection: &Connection<G>) -> bool {
        let generation = self.acceptor.generation();
        if connection.is_condemned.get() || connection.generation.get() == generation {
            return !connection.is_condemned.get();
        }
        match connection.peer.as_ref().map_or(Ok(()), |peer| self.acceptor.check(peer)) {
            Ok(()) => connection.generation.set(generation),
            Err(refusal) => self.condemn(connection, refusal),
        }
        !connection.is_condemned.get()
    }

    fn condemn(&self, connection: &Connection<G>, refusal: Refusal) {
        self.metrics.tls_refused(refusal);
        connection.is_condemned.set(true);
        connection.retired.notify_one();
    }

    /// Condemns the connections whose certificate no longer stands; after a reload so many in one turn that the worker does
    /// not notice. Who sends meanwhile is judged then and there.
    fn retire(&self) {
        if !self.acceptor.is_tls() {
            return;
        }
        let (generation, mut left) = (self.acceptor.generation(), JUDGED_PER_SWEEP);
        self.sweep.each(|connection| {
            let Some(peer) = connection.peer.as_ref().filter(|_| !connection.is_condemned.get()) else { return };
            if self.acceptor.has_ended(peer.until_s()) {
                self.condemn(connection, Refusal::Expired);
            } else if left > 0 && connection.generation.get() != generation {
                left -= 1;
                self.stands(connection);
            }
        });
    }

    async fn run(self: Rc<Self>, transport: Transport, connection: Rc<Connection<G>>) {
        let stream = MeteredStream::new(transport, Rc::clone(&connection.meter));
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
        let mut serving = pin!(serving);
        loop {
            tokio::select! {
                // A broken connection concerns its sender alone; what it had in process goes on.
                _ = serving.as_mut() => return,
                () = connection.ended.notified() => return,
                () = connection.retired.notified() => serving.as_mut().graceful_shutdown(),
            }
        }
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
        if !self.stands(connection) {
            return Err(Reply::fault(StatusCode::FORBIDDEN, "the certificate of this connection no longer stands\n"));
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
        let (exchange, waiting) = Exchange::open(first_byte, connection.identity.clone());
        self.gate.requested(body, exchange);
        Ok(waiting)
    }

    fn respond(&self, reply: Reply, connection: &Connection<G>, first_byte: Instant) -> Response<Full<Bytes>> {
        let internal_us = Delivery::new(first_byte, Instant::now(), reply.bank_wait_us).internal_us;
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
        headers.insert(INTERNAL_US, HeaderValue::from(internal_us));
        response
    }
}
