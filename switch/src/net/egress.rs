//! The lines to participants: pooled keep-alive connections, one pool per participant and worker.
//!
//! ```text
//! Lines::send(ticket, message) -> idle connection | new one | Full -> request -> answer -> Gate::answered
//! ```
//!
//! **A message is written at most once.** If a pooled connection turns out to be closed before a byte of the request
//! was written, the next connection is tried; once a byte may have left, the outcome is unknown and is reported as
//! such, never repeated. One crawling participant uses up its own pool and nobody else's.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use clearway_codec::catalogue::MessageType;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use tokio::net::TcpStream;
use tokio::task::spawn_local;
use tokio::time::timeout;

use super::ingress::{MSG_TP, ORI_ISSR_ID, XML};
use super::meter::{Meter, MeteredStream, Nobody};
use super::transport::Transport;
use super::{Answer, Gate, Trouble};

/// Where a participant listens, and how much it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineConfig {
    /// `host:port`, resolved anew for each connection.
    pub authority: String,
    /// The path of its URL, with a leading `/`.
    pub path: String,
    /// Connections of this worker to this participant, busy and idle.
    pub connections_max: usize,
    /// Time to open a connection (business.md section 1: 1 s).
    pub connect_timeout: Duration,
    /// How long a connection is kept waiting for an answer. Longer than any leg's deadline, so that late answers are still seen.
    pub answer_timeout: Duration,
    /// Bytes of an answer's body.
    pub body_bytes_max: usize,
}

/// One message on its way out.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// Its type, for the `MsgTp` header.
    pub message_type: MessageType,
    /// The original initiator, for the `OriIssrId` header.
    pub originator: HeaderValue,
    /// The signed document.
    pub body: Bytes,
}

/// The lines of one worker, by participant index.
pub struct Lines<G: Gate> {
    gate: G,
    lines: Vec<Option<Rc<Line>>>,
}

impl<G: Gate> std::fmt::Debug for Lines<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("lines", &self.lines.len()).finish_non_exhaustive()
    }
}

/// The pool of one participant.
struct Line {
    config: LineConfig,
    uri: Uri,
    host: HeaderValue,
    idle: RefCell<Vec<Pooled>>,
    open: Cell<usize>,
}

/// One keep-alive connection and its clock.
struct Pooled {
    sender: SendRequest<Full<Bytes>>,
    meter: Rc<Meter<Nobody>>,
}

impl<G: Gate> Lines<G> {
    /// No lines yet; answers will go to `gate`.
    #[must_use]
    pub const fn new(gate: G) -> Self {
        Self { gate, lines: Vec::new() }
    }

    /// Sets the line of participant `index`. Requests that are out on an earlier one end there.
    /// A configuration whose parts are no valid URL gives no line.
    pub fn set(&mut self, index: u16, config: LineConfig) {
        let index = usize::from(index);
        if self.lines.len() <= index {
            self.lines.resize_with(index + 1, || None);
        }
        if let Some(slot) = self.lines.get_mut(index)
            && slot.as_ref().is_none_or(|line| line.config != config)
        {
            *slot = Line::new(config).map(Rc::new);
        }
    }

    /// Sends `message` to participant `index`; what comes of it goes to [`Gate::answered`] with `ticket`.
    pub fn send(&self, index: u16, ticket: G::Ticket, message: Outbound) {
        let gate = self.gate.clone();
        let Some(line) = self.lines.get(usize::from(index)).and_then(Option::as_ref) else {
            gate.answered(ticket, Answer::NotSent(Trouble::NoLine), 0);
            return;
        };
        let line = Rc::clone(line);
        spawn_local(async move {
            let (answer, wait_us) = line.exchange(message).await;
            gate.answered(ticket, answer, wait_us);
        });
    }
}

impl Line {
    fn new(config: LineConfig) -> Option<Self> {
        let uri = config.path.parse().ok()?;
        let host = HeaderValue::from_str(&config.authority).ok()?;
        Some(Self { config, uri, host, idle: RefCell::new(Vec::new()), open: Cell::new(0) })
    }

    /// One message out, one answer in; the answer and the microseconds the participant took.
    async fn exchange(self: &Rc<Self>, message: Outbound) -> (Answer, u64) {
        let mut request = self.request(message);
        loop {
            let (mut pooled, fresh) = match self.connection().await {
                Ok(connection) => connection,
                Err(trouble) => return (Answer::NotSent(trouble), 0),
            };
            pooled.meter.take_first_read();
            let sent = pooled.sender.try_send_request(request);
            let response = match timeout(self.config.answer_timeout, sent).await {
                Err(_) => return (self.lost(Trouble::TimedOut), 0),
                Ok(Ok(response)) => response,
                Ok(Err(mut failed)) => match failed.take_message() {
                    // Nothing was written: the connection had been closed while it lay in the pool.
                    Some(unsent) if !fresh => {
                        self.forget();
                        request = unsent;
                        continue;
                    }
                    Some(_) => {
                        self.forget();
                        return (Answer::NotSent(Trouble::Connect), 0);
                    }
                    None => return (self.lost(Trouble::Broken), 0),
                },
            };
            let wait_us = pooled.wait_us();
            return (self.finish(response, pooled).await, wait_us);
        }
    }

    fn request(&self, message: Outbound) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(message.body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        let headers = request.headers_mut();
        headers.reserve(5);
        headers.insert(HOST, self.host.clone());
        headers.insert(CONTENT_TYPE, XML);
        headers.insert(MSG_TP, HeaderValue::from_static(message.message_type.code()));
        headers.insert(ORI_ISSR_ID, message.originator);
        request
    }

    /// A connection that is ready to send, and whether it is a fresh one.
    async fn connection(self: &Rc<Self>) -> Result<(Pooled, bool), Trouble> {
        loop {
            let pooled = self.idle.borrow_mut().pop();
            let Some(mut pooled) = pooled else { break };
            if pooled.sender.ready().await.is_ok() {
                return Ok((pooled, false));
            }
            self.forget();
        }
        if self.open.get() >= self.config.connections_max {
            return Err(Trouble::Full);
        }
        self.open.set(self.open.get() + 1);
        match timeout(self.config.connect_timeout, self.connect()).await {
            Ok(Some(pooled)) => Ok((pooled, true)),
            _ => {
                self.forget();
                Err(Trouble::Connect)
            }
        }
    }

    async fn connect(&self) -> Option<Pooled> {
        let stream = TcpStream::connect(&self.config.authority).await.ok()?;
        stream.set_nodelay(true).ok()?;
        let meter = Meter::new();
        let stream = MeteredStream::new(Transport::Plain(stream), Rc::clone(&meter));
        let (sender, connection) = http1::Builder::new().max_headers(64).handshake(stream).await.ok()?;
        spawn_local(async move {
            // How the connection ends is seen by the exchange that is on it.
            let _ = connection.await;
        });
        Some(Pooled { sender, meter })
    }

    /// Reads the answer's body; a connection whose answer was read whole goes back to the pool.
    async fn finish(&self, response: http::Response<hyper::body::Incoming>, pooled: Pooled) -> Answer {
        let status = response.status();
        let body = Limited::new(response.into_body(), self.config.body_bytes_max);
        match timeout(self.config.answer_timeout, body.collect()).await {
            Ok(Ok(whole)) if status == StatusCode::OK => {
                self.idle.borrow_mut().push(pooled);
                Answer::Message(whole.to_bytes())
            }
            Ok(Ok(_)) => {
                self.idle.borrow_mut().push(pooled);
                Answer::Unknown(Trouble::Status(status.as_u16()))
            }
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => self.lost(Trouble::TooLarge),
            Ok(Err(_)) => self.lost(Trouble::Broken),
            Err(_) => self.lost(Trouble::TimedOut),
        }
    }

    /// A connection is gone and its request with it.
    fn lost(&self, trouble: Trouble) -> Answer {
        self.forget();
        Answer::Unknown(trouble)
    }

    fn forget(&self) {
        self.open.set(self.open.get().saturating_sub(1));
    }
}

impl Pooled {
    /// From the last byte of the request written to the first byte of the answer read.
    fn wait_us(&self) -> u64 {
        let (Some(sent), Some(read)) = (self.meter.last_write(), self.meter.first_read()) else { return 0 };
        u64::try_from(read.saturating_duration_since(sent).as_micros()).unwrap_or(u64::MAX)
    }
}
