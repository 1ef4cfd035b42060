//! Reads a whole HTTP body up to the wire's limit.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

/// Why a body could not be had.
#[derive(Debug)]
pub(crate) enum Overlong {
    /// More bytes than allowed.
    TooLarge,
    /// The connection broke.
    Broken,
}

/// The whole body. One that arrives in one piece, as nearly all do, is handed on without a copy.
pub(crate) async fn read_body(mut body: Incoming, bytes_max: usize) -> Result<Bytes, Overlong> {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Overlong::Broken)?.into_data() else { continue };
        if first.len() + rest.len() + data.len() > bytes_max {
            return Err(Overlong::TooLarge);
        }
        if first.is_empty() {
            first = data;
        } else {
            rest.extend_from_slice(&data);
        }
        if body.is_end_stream() {
            break;
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(first.len() + rest.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&rest);
    Ok(whole.freeze())
}
