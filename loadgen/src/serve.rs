//! The HTTP side of every simulated counterparty: keep-alive connections, whole answers, and answers that break on
//! purpose.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};

const XML: HeaderValue = HeaderValue::from_static("application/xml;charset=utf-8");

/// Answers requests on one thread.
pub(crate) trait Serve: 'static {
    /// The answer; an error closes the connection without one.
    fn serve(self: Rc<Self>, request: Request<Incoming>) -> impl Future<Output = Result<Response<Reply>, io::Error>>;
}

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Reply {
    /// All of it.
    Whole(Option<Bytes>),
    /// This much of a longer one, then the connection closes.
    Cut(Option<Bytes>),
}

impl Reply {
    /// 200 with a message.
    pub(crate) fn message(body: Bytes) -> Response<Self> {
        let mut response = Response::new(Self::Whole(Some(body)));
        response.headers_mut().insert(CONTENT_TYPE, XML);
        response
    }

    /// A bare status.
    pub(crate) fn status(status: StatusCode) -> Response<Self> {
        let mut response = Response::new(Self::Whole(None));
        *response.status_mut() = status;
        response
    }

    /// 200 that promises the whole body and closes after half of it.
    pub(crate) fn cut(body: &Bytes) -> Response<Self> {
        let mut response = Response::new(Self::Cut(Some(body.slice(..body.len() / 2))));
        response.headers_mut().insert(CONTENT_TYPE, XML);
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        response
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let next = match &mut *self {
            Self::Whole(body) => body.take().map(Ok),
            Self::Cut(half) => Some(half.take().ok_or_else(|| io::Error::from(io::ErrorKind::ConnectionAborted))),
        };
        Poll::Ready(next.map(|data| data.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => SizeHint::with_exact(body.as_ref().map_or(0, |body| body.len() as u64)),
            Self::Cut(_) => SizeHint::default(),
        }
    }
}

/// Takes connections until the runtime ends.
pub(crate) async fn serve_all<S: Serve>(listener: TcpListener, service: Rc<S>) -> Infallible {
    loop {
        let stream = accept(&listener).await;
        tokio::task::spawn_local(serve_stream(stream, Rc::clone(&service)));
    }
}

/// The next connection.
pub(crate) async fn accept(listener: &TcpListener) -> TcpStream {
    /// Out of descriptors, most likely: a short rest lets connections close.
    const REST: Duration = Duration::from_millis(10);
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            // An answer is one small write: waiting to join it with another only delays it.
            let _ = stream.set_nodelay(true);
            return stream;
        }
        tokio::time::sleep(REST).await;
    }
}

/// Answers the requests of one connection until its end. One that ends badly is the switch's affair, or was meant to.
pub(crate) async fn serve_stream<S: Serve>(stream: impl AsyncRead + AsyncWrite + Unpin + 'static, service: Rc<S>) {
    let answer = service_fn(move |request| Rc::clone(&service).serve(request));
    // Copying one message into the buffer of the head costs less than a vectored write.
    let connection = http1::Builder::new().writev(false).serve_connection(TokioIo::new(stream), answer);
    drop(connection.await);
}
