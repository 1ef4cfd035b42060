//! One keep-alive HTTP/1.1 connection to the switch, made anew when it is gone.
//!
//! Invariant: a request whose first byte may have left is never sent again here. Only what hyper hands back untouched,
//! because the connection had died before, goes on a fresh connection. Used by the sender's lanes and by the
//! settlement.

use super::body::{Overlong, read_body};
use crate::constants::BODY_BYTES_MAX;
use crate::target::Target;
use crate::tls::TlsIdentity;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

static MSG_TP: HeaderName = HeaderName::from_static("msgtp");
static ORI_ISSR_ID: HeaderName = HeaderName::from_static("oriissrid");
static INTERNAL_US: HeaderName = HeaderName::from_static("clearway-internal-us");
/// Room for those of a message, the host and the length, so that the map never grows.
const HEADERS: usize = 6;
const XML: HeaderValue = HeaderValue::from_static("application/xml;charset=utf-8");

/// One request, ready to go. The connection adds the host, hyper the length.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Outgoing {
    /// A signed document of this message code (MsgTp) by an institution (OriIssrId).
    pub(crate) fn message(code: &'static str, institution: HeaderValue, body: Bytes) -> Self {
        let mut headers = HeaderMap::with_capacity(HEADERS);
        headers.insert(CONTENT_TYPE, XML);
        headers.insert(&MSG_TP, HeaderValue::from_static(code));
        headers.insert(&ORI_ISSR_ID, institution);
        Self { method: Method::POST, headers, body }
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// HTTP status.
    pub(crate) status: u16,
    /// The node's own time on it, from its response header.
    pub(crate) internal_us: Option<u64>,
    /// The whole body.
    pub(crate) body: Bytes,
}

/// Why nothing came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExchangeFault {
    /// No connection could be made; nothing has left.
    Unconnected,
    /// The connection broke after the request may have left.
    Broken,
    /// No answer in time.
    TimedOut,
    /// The answer is larger than any message.
    TooLarge,
}

impl ExchangeFault {
    /// Name in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unconnected => "unconnected",
            Self::Broken => "broken",
            Self::TimedOut => "timed_out",
            Self::TooLarge => "too_large",
        }
    }
}

/// A connection to the target, present or to be made.
pub(crate) struct Connection {
    target: Target,
    uri: Uri,
    connect_timeout: Duration,
    reply_timeout: Duration,
    live: Option<Live>,
}

/// Whom a connection speaks TLS for; plain without.
pub(crate) type Speaker = Option<Arc<TlsIdentity>>;

struct Live {
    speaker: Speaker,
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
    changes: u64,
}

impl Connection {
    pub(crate) fn new(target: Target, connect_timeout: Duration, reply_timeout: Duration) -> Self {
        let uri = target.path().parse().unwrap_or_default();
        Self { target, uri, connect_timeout, reply_timeout, live: None }
    }

    /// Makes sure of a connection of `speaker` that can take a request now.
    pub(crate) async fn ready(&mut self, speaker: &Speaker) -> Result<(), ExchangeFault> {
        let changes = self.target.changes();
        if let Some(live) = self.live.as_mut().filter(|live| live.changes == changes && is_same(&live.speaker, speaker))
            && live.sender.ready().await.is_ok()
        {
            return Ok(());
        }
        self.live = None;
        self.live = Some(self.connect(changes, speaker).await?);
        Ok(())
    }

    /// Sends one request and waits for its answer. [`Connection::ready`] comes first.
    pub(crate) async fn exchange(&mut self, outgoing: Outgoing) -> Result<Exchange, ExchangeFault> {
        let reply_timeout = self.reply_timeout;
        let answer = timeout(reply_timeout, self.exchange_untimed(outgoing)).await;
        let answer = answer.unwrap_or(Err(ExchangeFault::TimedOut));
        if answer.is_err() {
            self.live = None;
        }
        answer
    }

    async fn exchange_untimed(&mut self, outgoing: Outgoing) -> Result<Exchange, ExchangeFault> {
        let speaker = self.live.as_ref().and_then(|live| live.speaker.clone());
        let response = match self.try_send(request(&self.uri, outgoing)).await {
            Ok(response) => response,
            Err(Some(untouched)) => {
                // The idle connection had been closed by the other side before this request touched it.
                self.live = None;
                self.ready(&speaker).await?;
                self.try_send(untouched).await.map_err(|_| ExchangeFault::Broken)?
            }
            Err(None) => return Err(ExchangeFault::Broken),
        };
        read_exchange(response).await
    }

    /// The request comes back when it certainly has not left.
    async fn try_send(
        &mut self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Option<Request<Full<Bytes>>>> {
        let Some(live) = self.live.as_mut() else { return Err(Some(request)) };
        request.headers_mut().insert(HOST, live.host.clone());
        live.sender.try_send_request(request).await.map_err(|mut error| error.take_message())
    }

    async fn connect(&self, changes: u64, speaker: &Speaker) -> Result<Live, ExchangeFault> {
        let address = self.target.address();
        let sender = timeout(self.connect_timeout, open(address, speaker)).await;
        let sender = sender.ok().flatten().ok_or(ExchangeFault::Unconnected)?;
        let host = HeaderValue::from_str(&address.to_string()).map_err(|_| ExchangeFault::Unconnected)?;
        Ok(Live { speaker: speaker.clone(), sender, host, changes })
    }
}

fn is_same(one: &Speaker, other: &Speaker) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        _ => false,
    }
}

/// A new connection, with its handshakes done.
async fn open(address: SocketAddr, speaker: &Speaker) -> Option<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await.ok()?;
    // A request is one small write: waiting to join it with another only delays it.
    let _ = stream.set_nodelay(true);
    match speaker {
        None => speak_http(stream).await,
        Some(tls) => speak_http(tls.connect(stream).await.ok()?).await,
    }
}

async fn speak_http(stream: impl AsyncRead + AsyncWrite + Unpin + 'static) -> Option<SendRequest<Full<Bytes>>> {
    // Copying one message into the buffer of the head costs less than a vectored write.
    let handshake = http1::Builder::new().writev(false).handshake(TokioIo::new(stream)).await;
    let (sender, connection) = handshake.ok()?;
    // Its end shows at the sender, with the reason; here it has nobody to report to.
    tokio::task::spawn_local(async move { drop(connection.await) });
    Some(sender)
}

fn request(uri: &Uri, outgoing: Outgoing) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(outgoing.body));
    *request.method_mut() = outgoing.method;
    *request.uri_mut() = uri.clone();
    *request.headers_mut() = outgoing.headers;
    request
}

async fn read_exchange(response: Response<Incoming>) -> Result<Exchange, ExchangeFault> {
    let status = response.status().as_u16();
    let internal = response.headers().get(&INTERNAL_US);
    let internal_us = internal.and_then(|value| value.to_str().ok()?.parse().ok());
    match read_body(response.into_body(), BODY_BYTES_MAX).await {
        Ok(body) => Ok(Exchange { status, internal_us, body }),
        Err(Overlong::TooLarge) => Err(ExchangeFault::TooLarge),
        Err(Overlong::Broken) => Err(ExchangeFault::Broken),
    }
}
