//! The head of a request: what the switch takes as one request is one request to every reader.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use bytes::Bytes;
use clearway::net::ingress::check_head;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const BODY_BYTES_MAX: usize = 65_536;
const HEAD_BYTES_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 64;

/// A request that was taken: what its head promised, and the body that was read for it.
struct Taken {
    length: usize,
    body: Option<Bytes>,
}

/// Sends `bytes` through the same HTTP library, with the same limits and the same rules of the head as the listening side, and
/// looks at the bytes with a reader of its own that knows nothing but lines.
///
/// The first request is taken only if its head names no transfer coding and no two different lengths, is not over the limits, and
/// its body is exactly the bytes behind the head.
///
/// # Panics
/// If one of these does not hold.
pub fn check_http_head(bytes: &[u8]) {
    let Some(taken) = first_taken(bytes) else { return };
    assert!(taken.length <= BODY_BYTES_MAX);
    let (head, rest) = split_head(bytes).expect("a request was read, so its head ends");
    assert!(head.len() <= HEAD_BYTES_MAX + 4, "{} bytes of head", head.len());
    let lines = || head.split(|byte| *byte == b'\n').skip(1).map(|line| line.trim_ascii().to_ascii_lowercase());
    assert!(!lines().any(|line| value_of(&line, b"transfer-encoding").is_some()), "a transfer coding was taken");
    let lengths: Vec<usize> = lines().filter_map(|line| value_of(&line, b"content-length").map(parse_length)).collect();
    assert!(
        lengths.iter().all(|length| *length == taken.length) && !lengths.is_empty(),
        "{lengths:?} against {}",
        taken.length
    );
    assert!(lines().filter(|line| !line.is_empty()).count() <= HEADERS_MAX);
    if let Some(body) = taken.body {
        assert_eq!(Some(body.as_ref()), rest.get(..taken.length), "the body is not what follows the head");
    }
}

/// The head with its blank line, and what follows it, as a reader of lines sees them.
fn split_head(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    // Blank lines in front of a request are passed over (RFC 9112, 2.2).
    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
    let mut at = start;
    loop {
        let end = at + bytes.get(at..)?.iter().position(|byte| *byte == b'\n')?;
        let line = &bytes[at..end];
        at = end + 1;
        if line.is_empty() || line == b"\r" {
            return Some((&bytes[start..at], &bytes[at..]));
        }
    }
}

/// The value of a header line, if its name is `name` to the most tolerant of readers: white space around the name counts for nothing.
fn value_of<'l>(line: &'l [u8], name: &[u8]) -> Option<&'l [u8]> {
    let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
    let (found, value) = line.split_at(colon);
    (found.trim_ascii() == name).then(|| value.strip_prefix(b":").unwrap_or_default().trim_ascii())
}

/// What cannot be read as a number differs from every number.
fn parse_length(value: &[u8]) -> usize {
    std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).unwrap_or(usize::MAX)
}

fn first_taken(bytes: &[u8]) -> Option<Taken> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let taken = Rc::new(RefCell::new(None));
    let count = Rc::new(RefCell::new(0_usize));
    let (seen, counted) = (Rc::clone(&taken), Rc::clone(&count));
    runtime.block_on(async move {
        let (mut client, server) = tokio::io::duplex(1 << 20);
        let service = service_fn(move |request: Request<Incoming>| {
            let (seen, counted) = (Rc::clone(&seen), Rc::clone(&counted));
            async move {
                let number = counted.replace_with(|count| *count + 1);
                let response = answer(request, number == 0, &seen).await;
                Ok::<_, Infallible>(response)
            }
        });
        let serving = http1::Builder::new()
            .auto_date_header(false)
            .half_close(true)
            .max_headers(HEADERS_MAX)
            .max_header_size(HEAD_BYTES_MAX)
            .max_buf_size(BODY_BYTES_MAX + HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(server), service);
        let talking = async move {
            // The server may have closed by then.
            let _ = client.write_all(bytes).await;
            let _ = client.shutdown().await;
            let _ = client.read_to_end(&mut Vec::new()).await;
        };
        let _ = tokio::join!(serving, talking);
    });
    taken.take()
}

async fn answer(request: Request<Incoming>, is_first: bool, seen: &RefCell<Option<Taken>>) -> Response<Full<Bytes>> {
    let verdict = check_head(request.method(), request.uri().path(), request.headers(), BODY_BYTES_MAX);
    let mut response = Response::new(Full::new(Bytes::new()));
    match verdict {
        Ok(length) => {
            let body = request.into_body().collect().await.ok().map(|body| body.to_bytes());
            if is_first {
                *seen.borrow_mut() = Some(Taken { length, body });
            }
        }
        Err(reply) => {
            *response.status_mut() = reply.status;
            response.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise the check would hold because nothing ever got as far.
    #[test]
    fn a_good_request_is_taken_and_a_coded_one_is_not() {
        let good = b"POST /preSvr HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
        let taken = first_taken(good).expect("it is good");
        assert_eq!((taken.length, taken.body.as_deref()), (3, Some(b"abc".as_slice())));
        let coded = b"POST /preSvr HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc";
        assert!(first_taken(coded).is_none());
        assert_eq!(value_of(b" transfer-encoding : x", b"transfer-encoding"), Some(b"x".as_slice()));
        assert_eq!(value_of(b"transfer-encodings: x", b"transfer-encoding"), None);
    }
}
