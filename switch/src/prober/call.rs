//! One probe: a connection of its own, from which nothing is left when it ends.

use std::time::Duration;

use bytes::Bytes;
use clearway_codec::catalogue::MessageType;
use http::header::{CONNECTION, CONTENT_TYPE, HOST};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use crate::config::Endpoint;
use crate::domain::link::Observation;
use crate::net::ingress::{MSG_TP, ORI_ISSR_ID, XML};
use crate::net::transport::{ConnectFault, Connector, Transport};

/// Largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// Where, how, and how patiently.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) endpoint: Endpoint,
    pub(super) connector: Connector,
    /// For the `OriIssrId` header.
    pub(super) from: HeaderValue,
    /// From the beginning of the connection to the last byte of the answer.
    pub(super) limit: Duration,
}

/// What came back: the body of an HTTP 200, or what is known without it.
pub(super) type Heard = Result<Bytes, Observation>;

impl Call {
    /// Opens a connection and closes it.
    pub(super) async fn knock(&self) -> Observation {
        match timeout(self.limit, self.connector.connect(self.endpoint.authority())).await {
            Ok(Ok(_)) => Observation::ProbeGood,
            Ok(Err(fault)) => observation_of(fault),
            Err(_) => Observation::ProbeTimedOut,
        }
    }

    /// Sends `body` and waits for what comes back.
    pub(super) async fn ask(&self, body: Bytes) -> Heard {
        let exchange = async {
            let stream = self.connector.connect(self.endpoint.authority()).await.map_err(observation_of)?;
            self.exchange(stream, body).await
        };
        timeout(self.limit, exchange).await.unwrap_or(Err(Observation::ProbeTimedOut))
    }

    async fn exchange(&self, stream: Transport, body: Bytes) -> Heard {
        let broken = |_| Observation::ProbeBroken;
        let request = self.request(body).ok_or(Observation::ProbeRefused)?;
        let handshake = http1::Builder::new().max_headers(64).handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(broken)?;
        let exchange = async {
            let response = sender.send_request(request).await.map_err(broken)?;
            match response.status() {
                StatusCode::OK => {
                    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
                    body.map(http_body_util::Collected::to_bytes).map_err(|_| Observation::ProbeBroken)
                }
                status if status.is_server_error() => Err(Observation::ProbeErring),
                // Whoever answers so lives, and does not know 991.
                _ => Err(Observation::ProbeGood),
            }
        };
        tokio::pin!(exchange);
        tokio::select! {
            biased;
            done = &mut exchange => done,
            _ = connection => exchange.await,
        }
    }

    fn request(&self, body: Bytes) -> Option<Request<Full<Bytes>>> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.endpoint.path().parse().ok()?;
        let headers = request.headers_mut();
        headers.insert(HOST, HeaderValue::from_str(self.endpoint.authority()).ok()?);
        headers.insert(CONTENT_TYPE, XML);
        headers.insert(MSG_TP, HeaderValue::from_static(MessageType::Epcc991.code()));
        headers.insert(ORI_ISSR_ID, self.from.clone());
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        Some(request)
    }
}

const fn observation_of(fault: ConnectFault) -> Observation {
    match fault {
        ConnectFault::Refused => Observation::ProbeRefused,
        ConnectFault::Handshake | ConnectFault::Certificate(_) => Observation::ProbeHandshake,
    }
}
