//! One message of joint operations to one participant: a connection of its own, every step with a deadline.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HOST};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use super::form::is_acknowledged;
use crate::net::transport::{Connector, Transport};

/// Largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// Where and how patiently.
#[derive(Debug, Clone)]
pub struct Post {
    /// Opens the connection.
    pub connector: Connector,
    /// `host:port`.
    pub authority: String,
    /// The path, from its leading `/`.
    pub path: String,
    /// Time to open the connection.
    pub connect_timeout: Duration,
    /// Time from then to the last byte of the answer.
    pub answer_timeout: Duration,
}

/// Why a message did not arrive, or is not known to have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No connection, or a path that is none.
    #[error("no connection")]
    Connect,
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// The connection broke.
    #[error("the connection broke")]
    Broken,
    /// An HTTP status other than 200.
    #[error("answered with HTTP {0}")]
    Status(u16),
    /// An answer that is no acknowledgement.
    #[error("an answer that cannot be read")]
    Unreadable,
    /// An answer with another return code than 00000000.
    #[error("refused with {0}")]
    Refused(String),
    /// It could not be signed.
    #[error("it could not be signed")]
    NotSigned,
}

impl Post {
    /// Sends `body` and waits for its acknowledgement.
    ///
    /// # Errors
    /// Everything else than HTTP 200 with an acknowledgement in time.
    pub async fn send(&self, body: Vec<u8>) -> Result<(), Failure> {
        let connected = timeout(self.connect_timeout, self.connector.connect(&self.authority)).await;
        let Ok(Ok(stream)) = connected else { return Err(Failure::Connect) };
        timeout(self.answer_timeout, self.exchange(stream, body)).await.unwrap_or(Err(Failure::TimedOut))
    }

    async fn exchange(&self, stream: Transport, body: Vec<u8>) -> Result<(), Failure> {
        let request = self.request(body).ok_or(Failure::Connect)?;
        let handshake = http1::Builder::new().max_headers(64).handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(|_| Failure::Broken)?;
        let exchange = async {
            let response = sender.send_request(request).await.map_err(|_| Failure::Broken)?;
            if response.status() != StatusCode::OK {
                return Err(Failure::Status(response.status().as_u16()));
            }
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
            let answer = body.map_err(|_| Failure::Unreadable)?.to_bytes();
            is_acknowledged(&answer).map_err(|code| code.map_or(Failure::Unreadable, Failure::Refused))
        };
        tokio::pin!(exchange);
        // The connection is driven here and dropped with the exchange: nothing of it outlives the deadline.
        tokio::select! {
            biased;
            done = &mut exchange => done,
            _ = connection => exchange.await,
        }
    }

    fn request(&self, body: Vec<u8>) -> Option<Request<Full<Bytes>>> {
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.path.parse().ok()?;
        let headers = request.headers_mut();
        headers.insert(HOST, HeaderValue::from_str(&self.authority).ok()?);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf-8"));
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        Some(request)
    }
}
