//! Where the operator's commands knock: the admin server of the running node, else the node's own files.
//!
//! Invariant: a node that runs is never worked around; its journal is locked, and the command says so.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use http::Method;

use crate::admin::{Answer, Call, Content, Pages, RegisterPages};
use crate::config::Config;
use crate::error::{Error, Fault};
use crate::node::offline_pages;

/// An admin server that does not answer for so long is not waited for.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// No page is longer.
const ANSWER_BYTES_MAX: u64 = 64 << 20;
/// No line of an answer's head is longer.
const HEAD_LINE_BYTES_MAX: u64 = 16 << 10;

/// A way to the registers' pages.
pub(super) enum Door {
    /// The admin server of the node, which runs.
    Online(SocketAddr),
    /// The node's files, opened by this process.
    Offline(Box<RegisterPages>),
}

impl Door {
    /// The admin server if the node answers there, else the files.
    pub(super) fn open(config: &Config) -> Result<Self, Error> {
        match TcpStream::connect_timeout(&config.admin.address, CONNECT_TIMEOUT) {
            Ok(_) => Ok(Self::Online(config.admin.address)),
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                offline_pages(config).map(Box::new).map(Self::Offline)
            }
            Err(error) => Err(unreachable_node(config.admin.address, error)),
        }
    }

    /// Makes one call; the JSON that is answered.
    ///
    /// # Errors
    /// What keeps the call from being made, and every answer but 200 and 404.
    pub(super) fn call(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Answer, Error> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let call = Call { method, query: query.to_owned(), body, ..Call::get(path) };
        let answer = match self {
            Self::Online(address) => exchange(*address, &call).map_err(|error| unreachable_node(*address, error))?,
            Self::Offline(pages) => pages.answer(&call).unwrap_or_else(|| Answer::error(404, "no such page")),
        };
        match answer.status {
            200 | 404 => Ok(answer),
            400..500 => Err(Error::new(Fault::Configuration, answer.text)),
            _ => Err(Error::new(Fault::Environment, answer.text)),
        }
    }
}

fn unreachable_node(address: SocketAddr, error: std::io::Error) -> Error {
    Error::new(Fault::Environment, format!("the node's admin server does not answer: {error}"))
        .at(address.to_string())
        .caused_by(error)
}

/// One call over a connection of its own: the admin server keeps none.
fn exchange(address: SocketAddr, call: &Call) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    stream.set_write_timeout(Some(ANSWER_TIMEOUT))?;
    let separator = if call.query.is_empty() { "" } else { "?" };
    let mut request = format!(
        "{} {}{separator}{} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        call.method,
        call.path,
        call.query,
        call.body.len()
    )
    .into_bytes();
    request.extend_from_slice(&call.body);
    stream.write_all(&request)?;
    read_answer(BufReader::new(stream))
}

/// Reads status, head and body.
fn read_answer(mut stream: impl BufRead) -> std::io::Result<Answer> {
    let status = line(&mut stream)?.split(' ').nth(1).and_then(|code| code.parse().ok());
    let mut length = ANSWER_BYTES_MAX;
    loop {
        let header = line(&mut stream)?;
        let Some((name, value)) = header.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().map_err(|_| bad("content-length"))?;
        }
    }
    if length > ANSWER_BYTES_MAX {
        return Err(bad("content-length"));
    }
    let mut text = String::new();
    stream.take(length).read_to_string(&mut text)?;
    Ok(Answer { status: status.ok_or_else(|| bad("status"))?, content: Content::Json, text })
}

fn line(stream: &mut impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    stream.take(HEAD_LINE_BYTES_MAX).read_line(&mut line)?;
    if line.len() as u64 == HEAD_LINE_BYTES_MAX { Err(bad("head")) } else { Ok(line.trim_end().to_owned()) }
}

fn bad(what: &str) -> std::io::Error {
    std::io::Error::new(ErrorKind::InvalidData, format!("no HTTP answer: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_and_what_is_none_is_refused() {
        let read = |text: &str| read_answer(text.as_bytes());
        let answer = read("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nX: y\r\n\r\n{}rest").expect("an answer");
        assert_eq!((answer.status, answer.text.as_str()), (404, "{}"));
        assert_eq!(read("HTTP/1.1 200 OK\r\n\r\n{}").expect("an answer").text, "{}");
        for text in [
            "",
            "SSH-2.0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        let endless = format!("HTTP/1.1 200 {}", "x".repeat(1 << 20));
        assert!(read(&endless).is_err(), "a head line is bounded");
    }
}
