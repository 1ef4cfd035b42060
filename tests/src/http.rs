//! HTTP/1.1 by hand over a socket: what a careful client sends, and what a careless or hostile one does.
//!
//! Not a client for anybody else: no redirects, no chunked answers (the node never sends any), everything blocking with a
//! time limit. Invariant: bytes leave exactly as given.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::wait::LIMIT;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The head of a request as participants send it.
#[must_use]
pub fn head(method: &str, path: &str, length: usize) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml;charset=utf-8\r\nContent-Length: {length}\r\n\
         Connection: keep-alive\r\n\r\n"
    )
}

/// One connection.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    buffer: Vec<u8>,
}

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Connection {
    /// Opens one.
    ///
    /// # Errors
    /// As the system says.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        Ok(Self { stream: Stream::Plain(connect(address)?), buffer: Vec::new() })
    }

    /// Opens one with TLS to whoever proves `name`. Of TLS 1.3 the server's verdict on the client's certificate comes only with the first
    /// bytes that are read.
    ///
    /// # Errors
    /// As the system says, or as the handshake ended.
    ///
    /// # Panics
    /// If `name` is no DNS name.
    pub fn open_tls(address: SocketAddr, config: &Arc<ClientConfig>, name: &str) -> io::Result<Self> {
        let name = ServerName::try_from(name.to_owned()).expect("a DNS name");
        let mut session = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
        let mut stream = connect(address)?;
        while session.is_handshaking() {
            session.complete_io(&mut stream)?;
        }
        Ok(Self { stream: Stream::Tls(Box::new(StreamOwned::new(session, stream))), buffer: Vec::new() })
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// As the system says.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.write_all(bytes),
            Stream::Tls(stream) => stream.write_all(bytes),
        }
    }

    /// Says that nothing more will come.
    ///
    /// # Errors
    /// As the system says.
    pub fn finish(&mut self) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.shutdown(Shutdown::Write),
            Stream::Tls(stream) => {
                stream.conn.send_close_notify();
                stream.flush()
            }
        }
    }

    /// Posts a body and waits for the answer. The connection can be used again.
    ///
    /// # Errors
    /// As [`receive`](Self::receive).
    pub fn post(&mut self, path: &str, body: &[u8]) -> io::Result<Response> {
        // A node that refuses by the head alone answers and closes: what it said is read even if the rest could not be sent.
        let sent = self.send(&[head("POST", path, body.len()).as_bytes(), body].concat());
        self.receive().map_err(|error| sent.err().unwrap_or(error))
    }

    /// Reads one answer.
    ///
    /// # Errors
    /// `UnexpectedEof` if the connection was closed before the answer was whole, `InvalidData` if it is no HTTP/1.1.
    pub fn receive(&mut self) -> io::Result<Response> {
        let head_end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            self.fill()?;
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_end]).into_owned();
        let (status, headers) = parse_head(&head).ok_or_else(|| invalid(&head))?;
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length: usize = length.and_then(|(_, value)| value.parse().ok()).ok_or_else(|| invalid(&head))?;
        while self.buffer.len() < head_end + length {
            self.fill()?;
        }
        let body = self.buffer[head_end..head_end + length].to_vec();
        self.buffer.drain(..head_end + length);
        Ok(Response { status, headers, body })
    }

    /// Whether the other side closes without sending another byte.
    #[must_use]
    pub fn is_closed_by_peer(&mut self) -> bool {
        self.buffer.is_empty() && matches!(self.fill(), Err(error) if error.kind() != io::ErrorKind::WouldBlock)
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut piece = [0; 16 * 1024];
        loop {
            let read = match &mut self.stream {
                Stream::Plain(stream) => stream.read(&mut piece),
                Stream::Tls(stream) => stream.read(&mut piece),
            };
            match read {
                // A socket with a time limit is interrupted when its machine is stopped and goes on.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    self.buffer.extend_from_slice(&piece[..read]);
                    return Ok(());
                }
            }
        }
    }
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A request on a connection of its own.
///
/// # Errors
/// As [`Connection::open`] and [`Connection::receive`].
pub fn ask(address: SocketAddr, method: &str, path: &str, body: &[u8]) -> io::Result<Response> {
    let mut connection = Connection::open(address)?;
    connection.send(&[head(method, path, body.len()).as_bytes(), body].concat())?;
    connection.receive()
}

fn parse_head(head: &str) -> Option<(u16, Vec<(String, String)>)> {
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let headers = lines.filter(|line| !line.is_empty()).map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    Some((status, headers.collect::<Option<_>>()?))
}

fn invalid(head: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not an answer with a length: {head:?}"))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read() {
        let (status, headers) =
            parse_head("HTTP/1.1 413 Payload Too Large\r\nContent-Length:  3\r\nX: a:b\r\n\r\n").expect("a head");
        assert_eq!(status, 413);
        assert_eq!(headers, [("content-length".into(), "3".into()), ("x".into(), "a:b".into())]);
        assert!(parse_head("HTTP/2 200\r\n\r\n").is_none());
    }
}
