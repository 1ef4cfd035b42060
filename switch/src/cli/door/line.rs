//! One call over a connection of its own: the admin server keeps none.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::admin::{Answer, Call, Content};
use crate::error::{Error, Fault};
use crate::net::transport::{ConnectFault, Connector, Refusal, own_certificate_refused};

/// An admin server that does not answer for so long is not waited for.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// No page is longer.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// The way to one admin server.
pub(super) struct Line {
    /// `host:port`.
    address: String,
    connector: Connector,
}

/// Why a call came to nothing.
type Cause = Box<dyn std::error::Error + Send + Sync>;

impl Line {
    /// To `host:port`.
    pub(super) const fn new(address: String, connector: Connector) -> Self {
        Self { address, connector }
    }

    /// Whether the server knows by itself who calls: by his certificate.
    pub(super) const fn names_caller(&self) -> bool {
        self.connector.is_tls()
    }

    /// Where it leads, for errors.
    pub(super) fn place(&self) -> String {
        format!("{}://{}", if self.connector.is_tls() { "https" } else { "http" }, self.address)
    }

    /// Makes one call.
    pub(super) fn exchange(&self, call: &Call) -> Result<Answer, Error> {
        run(async { timeout(ANSWER_TIMEOUT, self.ask(call)).await? }).map_err(|error| self.unreachable(error))
    }

    async fn ask(&self, call: &Call) -> Result<Answer, Cause> {
        let stream = timeout(CONNECT_TIMEOUT, self.connector.connect(&self.address)).await??;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let separator = if call.query.is_empty() { "" } else { "?" };
        let request = Request::builder()
            .method(&call.method)
            .uri(format!("{}{separator}{}", call.path, call.query))
            .header(header::HOST, &self.address)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(call.body.clone())))?;
        let answer = sender.send_request(request).await?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await?.to_bytes();
        connection.abort();
        Ok(Answer { status, content: Content::Json, text: String::from_utf8(body.to_vec())? })
    }

    fn unreachable(&self, cause: Cause) -> Error {
        let (fault, what, advice) = match cause.downcast_ref::<ConnectFault>() {
            Some(ConnectFault::Refused) => (Fault::Environment, NO_ANSWER, "start the node, or look at admin.address"),
            Some(ConnectFault::Handshake) => {
                (Fault::Configuration, "this is no door behind certificates", "leave --certificate, --key and --ca out")
            }
            Some(ConnectFault::Certificate(Refusal::OwnRefused)) => NOT_LET_IN,
            Some(ConnectFault::Certificate(_)) => (
                Fault::Configuration,
                "the door does not prove that it is the node's",
                "look at --ca and --name, and whether the node's certificate still holds",
            ),
            None if own_certificate_refused(&*cause) => NOT_LET_IN,
            None => (
                Fault::Environment,
                NO_ANSWER,
                "look whether the node runs, and whether its door is behind certificates",
            ),
        };
        Error::new(fault, format!("{what}: {cause}")).at(self.place()).remedy(advice).caused_by(cause)
    }
}

/// Whether somebody listens at `host:port`.
///
/// # Errors
/// When that cannot be found out.
pub(super) fn is_open(address: &str) -> Result<bool, Error> {
    match run(async { Ok(timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await??) }) {
        Ok(_) => Ok(true),
        Err(error) if is_refused(&*error) => Ok(false),
        Err(error) => Err(Error::new(Fault::Environment, format!("{NO_ANSWER}: {error}")).at(address).caused_by(error)),
    }
}

const NO_ANSWER: &str = "the node's admin server does not answer";
const NOT_LET_IN: (Fault, &str, &str) = (
    Fault::Configuration,
    "the node does not let this certificate in",
    "look whether it still holds, was revoked, and comes from an authority in admin.tls.ca",
);

fn run<T>(call: impl Future<Output = Result<T, Cause>>) -> Result<T, Cause> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(call)
}

fn is_refused(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    /// A server that answers `answer` to whoever comes.
    fn answered(answer: &'static str) -> Result<Answer, Error> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Line::new(listener.local_addr().unwrap().to_string(), Connector::plain());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        let answer = line.exchange(&Call::get("/agreements?x=1"));
        let request = server.join().unwrap();
        assert!(request.starts_with("GET /agreements?x=1 HTTP/1.1\r\n"), "{request}");
        assert!(request.contains(&format!("host: {}\r\n", line.address)), "{request}");
        answer
    }

    #[test]
    fn an_answer_is_read_and_what_is_none_is_refused() {
        let answer = answered("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nX: y\r\n\r\n{}rest").expect("an answer");
        assert_eq!((answer.status, answer.text.as_str()), (404, "{}"));
        for text in [
            "",
            "SSH-2.0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n",
        ] {
            assert!(answered(text).is_err(), "{text}");
        }
    }

    #[test]
    fn nobody_there_is_told_from_somebody_there() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Line::new(listener.local_addr().unwrap().to_string(), Connector::plain());
        assert!(is_open(&line.address).unwrap());
        drop(listener);
        assert!(!is_open(&line.address).unwrap());
        let error = line.exchange(&Call::get("/limits")).unwrap_err();
        assert!(error.fault() == Fault::Environment && error.to_string().contains("start the node"), "{error}");
    }
}
