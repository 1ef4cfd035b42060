//! A connection as exchanges of HTTP/1.1: each request is read whole, then it is said what becomes of it.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt};

use super::plan::Course;

/// Says what becomes of an exchange whose request has come.
pub type Chooser = Arc<dyn Fn(&Exchange) -> Course + Send + Sync>;

/// A whole request or answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    bytes: Vec<u8>,
    head: usize,
}

/// Bounds what a broken sender can make the proxy keep.
const BYTES_MAX: usize = 1 << 20;

impl Exchange {
    /// All bytes, head and body.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of the head, with the empty line.
    #[must_use]
    pub const fn head_bytes(&self) -> usize {
        self.head
    }

    /// Value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.bytes[..self.head], name)
    }

    /// Text of the first element of that name in the body.
    #[must_use]
    pub fn element(&self, name: &str) -> Option<&str> {
        let body = std::str::from_utf8(&self.bytes[self.head..]).ok()?;
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let start = body.find(&open)? + open.len();
        body[start..].find(&close).map(|len| &body[start..start + len])
    }

    /// Reads one; `None` where the sender ends before its first byte.
    pub(super) async fn read(from: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> io::Result<Option<Self>> {
        loop {
            if let Some((head, total)) = extent(buffer)?
                && buffer.len() >= total
            {
                let bytes = buffer.drain(..total).collect();
                return Ok(Some(Self { bytes, head }));
            }
            if buffer.len() > BYTES_MAX {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if from.read_buf(buffer).await? == 0 {
                return if buffer.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        }
    }
}

/// Bytes of the head, and of head and body together, when the head is whole.
fn extent(buffer: &[u8]) -> io::Result<Option<(usize, usize)>> {
    let Some(end) = memchr::memmem::find(buffer, b"\r\n\r\n") else { return Ok(None) };
    let head = end + 4;
    let body = header(&buffer[..head], "content-length").and_then(|text| text.parse::<usize>().ok());
    let body = body.ok_or(io::ErrorKind::InvalidData)?;
    Ok(Some((head, head.saturating_add(body))))
}

fn header<'h>(head: &'h [u8], name: &str) -> Option<&'h str> {
    let lines = std::str::from_utf8(head).ok()?.split("\r\n").skip(1);
    let mut pairs = lines.filter_map(|line| line.split_once(':'));
    pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}
