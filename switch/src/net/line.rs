//! The line of one link: a pool of keep-alive connections of one worker.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use tokio::time::timeout;

use super::egress::Outbound;
use super::ingress::{MSG_TP, ORI_ISSR_ID, XML};
use super::link::{Bundle, ErrorKind, Slot};
use super::pool::{Obstacle, Pooled};
use super::transport::{Connector, own_certificate_refused};
use super::{Answer, Sent, Trouble};
use crate::domain::link::{LinkNumber, TrialNumber};
use crate::metrics::Spent;

/// Where a link ends, and how much it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineConfig {
    /// `host:port`, resolved anew for each connection.
    pub authority: String,
    /// The path of its URL, with a leading `/`.
    pub path: String,
    /// Connections of this worker over this link, busy and idle.
    pub connections_max: usize,
    /// Time to open a connection (business.md section 1: 1 s).
    pub connect_timeout: Duration,
    /// How long a connection is kept waiting for an answer. Longer than any leg's deadline, so that late answers are still seen.
    pub answer_timeout: Duration,
    /// Bytes of an answer's body.
    pub body_bytes_max: usize,
}

/// The pool of one link.
pub(super) struct Line {
    pub(super) config: LineConfig,
    uri: Uri,
    host: HeaderValue,
    pub(super) bundle: Arc<Bundle>,
    pub(super) worker: usize,
    pub(super) connector: Connector,
    pub(super) link: LinkNumber,
    pub(super) idle: RefCell<Vec<Pooled>>,
    pub(super) open: Cell<usize>,
    /// What its connections cost.
    pub(super) spent: Spent,
}

/// What came of one message on one link.
#[derive(Debug)]
pub(super) enum Attempt {
    /// It may have left: the answer, and when.
    Sent(Answer, Sent),
    /// Not one byte of it has left.
    NotSent(Trouble),
}

/// A message in flight on a link; it ends when this is dropped.
struct InFlight<'a>(&'a Slot);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Line {
    /// None if the configuration's parts are no valid URL.
    pub(super) fn new(
        config: LineConfig,
        bundle: Arc<Bundle>,
        worker: usize,
        link: LinkNumber,
        spent: Spent,
    ) -> Option<Self> {
        let uri = config.path.parse().ok()?;
        let host = HeaderValue::from_str(&config.authority).ok()?;
        let connector = bundle.connector(link)?.clone();
        Some(Self {
            config,
            uri,
            host,
            connector,
            bundle,
            worker,
            link,
            idle: RefCell::new(Vec::new()),
            open: Cell::new(0),
            spent,
        })
    }

    /// Sends one message over this link. What goes wrong is told to the link's machine here, and nowhere else.
    pub(super) async fn attempt(&self, message: &Outbound, trial: TrialNumber) -> Attempt {
        let Some(slot) = self.bundle.slot(self.worker, self.link) else { return Attempt::NotSent(Trouble::NoLine) };
        let began = Instant::now();
        if began >= message.send_before {
            return self.not_sent(ErrorKind::Late, trial);
        }
        if !self.bundle.has_room(self.link) {
            return self.not_sent(ErrorKind::Full, trial);
        }
        slot.begin(|| self.bundle.at_us(began));
        let _in_flight = InFlight(slot);
        let mut request = self.request(message);
        loop {
            let (mut pooled, fresh) = match self.connection(slot, message.send_before).await {
                Ok(connection) => connection,
                Err(Obstacle::Fault(kind)) => return self.not_sent(kind, trial),
                Err(Obstacle::Moved) => {
                    self.bundle.give_back(self.link, trial);
                    return Attempt::NotSent(Trouble::NoLink);
                }
            };
            pooled.meter.take_first_read();
            let sent = pooled.sender.try_send_request(request);
            let response = match timeout(self.config.answer_timeout, sent).await {
                Err(_) => return self.lost(ErrorKind::TimedOut, Trouble::TimedOut, trial, &pooled),
                Ok(Ok(response)) => response,
                Ok(Err(mut failed)) => match failed.take_message() {
                    // Nothing was written: the connection had been closed while it lay in the pool.
                    Some(unsent) if !fresh => {
                        self.forget(slot);
                        request = unsent;
                        continue;
                    }
                    Some(_) => {
                        self.forget(slot);
                        return self.not_sent(ErrorKind::Refused, trial);
                    }
                    // It was told so after the handshake, before it can have read anything.
                    None if fresh && own_certificate_refused(failed.error()) => {
                        self.forget(slot);
                        return self.not_sent(ErrorKind::Handshake, trial);
                    }
                    None => return self.lost(ErrorKind::Broken, Trouble::Broken, trial, &pooled),
                },
            };
            let sent = pooled.sent();
            slot.answer.record(sent.wait_us());
            return Attempt::Sent(self.finish(response, pooled, slot, trial).await, sent);
        }
    }

    fn request(&self, message: &Outbound) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(message.body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        let headers = request.headers_mut();
        headers.reserve(5);
        headers.insert(HOST, self.host.clone());
        headers.insert(CONTENT_TYPE, XML);
        headers.insert(MSG_TP, HeaderValue::from_static(message.message_type.code()));
        headers.insert(ORI_ISSR_ID, message.originator.clone());
        request
    }

    /// Reads the answer's body; a connection whose answer was read whole goes back to the pool.
    async fn finish(
        &self,
        response: http::Response<hyper::body::Incoming>,
        pooled: Pooled,
        slot: &Slot,
        trial: TrialNumber,
    ) -> Answer {
        let status = response.status();
        let body = Limited::new(response.into_body(), self.config.body_bytes_max);
        let (kind, trouble) = match timeout(self.config.answer_timeout, body.collect()).await {
            Ok(Ok(whole)) => {
                // The meter has read the clock already.
                let came = pooled.meter.first_read().unwrap_or_else(Instant::now);
                slot.hear(self.bundle.at_us(came));
                self.idle.borrow_mut().push(pooled);
                if status == StatusCode::OK {
                    self.bundle.answered(self.link, trial);
                    return Answer::Message(whole.to_bytes());
                }
                slot.count_error(ErrorKind::HttpError);
                self.bundle.failed(self.link, ErrorKind::HttpError, trial);
                return Answer::Unknown(Trouble::Status(status.as_u16()));
            }
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
                (ErrorKind::HttpError, Trouble::TooLarge)
            }
            Ok(Err(_)) => (ErrorKind::Broken, Trouble::Broken),
            Err(_) => (ErrorKind::TimedOut, Trouble::TimedOut),
        };
        self.lose(slot, kind, trial);
        Answer::Unknown(trouble)
    }

    fn not_sent(&self, kind: ErrorKind, trial: TrialNumber) -> Attempt {
        if let Some(slot) = self.bundle.slot(self.worker, self.link) {
            slot.count_error(kind);
        }
        self.bundle.failed(self.link, kind, trial);
        Attempt::NotSent(match kind {
            ErrorKind::Full => Trouble::Full,
            ErrorKind::Late => Trouble::Late,
            ErrorKind::Handshake => Trouble::Handshake,
            _ => Trouble::Connect,
        })
    }

    /// A connection is gone and its request with it.
    fn lost(&self, kind: ErrorKind, trouble: Trouble, trial: TrialNumber, pooled: &Pooled) -> Attempt {
        if let Some(slot) = self.bundle.slot(self.worker, self.link) {
            self.lose(slot, kind, trial);
        }
        let sent = Sent { written: pooled.meter.last_write(), answered: None };
        Attempt::Sent(Answer::Unknown(trouble), sent)
    }

    fn lose(&self, slot: &Slot, kind: ErrorKind, trial: TrialNumber) {
        self.forget(slot);
        slot.count_error(kind);
        self.bundle.failed(self.link, kind, trial);
    }
}
