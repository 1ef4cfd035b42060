//! One bare HTTP/1.1 exchange: the least that a message over hyper can cost the side that serves it.
//!
//! ```text
//!  driver (its core)                         server (node's core)
//!  epoll, 64 connections, fixed bytes  --->  hyper http1, keep-alive, body in, body out
//!  GET /cpu before and after           <---  its own thread CPU time
//! ```
//!
//! The driver does less than the server for each exchange, so the server is what is full, as a loaded node is.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustix::event::epoll;
use serde::Serialize;
use tokio::sync::oneshot;

use crate::cpu::{pin, thread_cpu};
use crate::error::Error;

/// Body of request and answer, in bytes.
pub const EXCHANGE_BODY_BYTES: usize = 2_500;
/// Connections, all busy all the time.
const CONNECTIONS: usize = 64;
/// The best round counts, as for signatures.
const ROUNDS: u32 = 4;
/// Before the first look.
const WARM_UP: Duration = Duration::from_millis(300);

/// What a bare exchange costs.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ExchangeFloor {
    /// CPU of the serving thread for one exchange, in microseconds.
    pub server_cpu_us: f64,
    /// Exchanges a second.
    pub exchanges_per_s: f64,
    /// Share of its core that the server used.
    pub server_busy: f64,
}

/// Serves on `server_core`, drives from `driver_core`, for `time`.
///
/// # Errors
/// No socket, no thread, or an answer that is none.
pub fn measure_exchange(
    server_core: Option<usize>,
    driver_core: Option<usize>,
    time: Duration,
) -> Result<ExchangeFloor, Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::machine("floor listener"))?;
    let address = listener.local_addr().map_err(Error::machine("floor listener"))?;
    let (stop, stopped) = oneshot::channel();
    let spawn = |name: &str| std::thread::Builder::new().name(name.to_owned());
    let server = spawn("http-floor").spawn(move || {
        pin(server_core);
        serve(listener, stopped)
    });
    let server = server.map_err(Error::machine("floor thread"))?;
    let driver = spawn("http-driver").spawn(move || {
        pin(driver_core);
        drive(address, time)
    });
    let driven = driver.map_err(Error::machine("floor thread"))?.join();
    let _ = stop.send(());
    let served = server.join();
    let panicked = |_| Error::Failed { what: "exchange floor", why: "a thread panicked".into() };
    served.map_err(panicked)?.map_err(Error::machine("serve the bare exchange"))?;
    driven.map_err(panicked)?.map_err(Error::machine("drive the bare exchange"))
}

fn serve(listener: TcpListener, stopped: oneshot::Receiver<()>) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let accept = async {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)));
            }
        };
        tokio::select! {
            () = accept => {}
            _ = stopped => {}
        }
        Ok(())
    })
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    if request.uri().path() == "/cpu" {
        return Ok(Response::new(Full::new(Bytes::from(format!("{:020}", thread_cpu().as_nanos())))));
    }
    let body = request.into_body().collect().await?.to_bytes();
    Ok(Response::new(Full::new(body)))
}

fn drive(address: SocketAddr, time: Duration) -> std::io::Result<ExchangeFloor> {
    let mut driver = Driver::connect(address)?;
    driver.run(WARM_UP)?;
    let mut best: Option<ExchangeFloor> = None;
    for _ in 0..ROUNDS {
        let (cpu, began) = (server_cpu(address)?, Instant::now());
        let exchanges = driver.run(time / ROUNDS)?;
        let (wall, cpu) = (began.elapsed().as_secs_f64(), (server_cpu(address)? - cpu).as_secs_f64());
        let server_cpu_us = cpu * 1e6 / exchanges.max(1) as f64;
        let round = ExchangeFloor { server_cpu_us, exchanges_per_s: exchanges as f64 / wall, server_busy: cpu / wall };
        best = Some(best.filter(|best| best.server_cpu_us <= round.server_cpu_us).unwrap_or(round));
    }
    best.ok_or_else(|| ErrorKind::TimedOut.into())
}

/// The server's CPU time so far, by its own account.
fn server_cpu(address: SocketAddr) -> std::io::Result<Duration> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"GET /cpu HTTP/1.1\r\nHost: floor\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let nanos = text.get(text.len().saturating_sub(20)..).and_then(|digits| digits.parse().ok());
    nanos.map(Duration::from_nanos).ok_or_else(|| ErrorKind::InvalidData.into())
}

/// Keeps every connection busy with the same request.
struct Driver {
    poll: rustix::fd::OwnedFd,
    streams: Vec<TcpStream>,
    /// Bytes of the running answer that are still to come, by connection.
    missing: Vec<usize>,
    request: Vec<u8>,
    answer_bytes: usize,
}

impl Driver {
    fn connect(address: SocketAddr) -> std::io::Result<Self> {
        let request = request();
        let streams = (0..CONNECTIONS).map(|_| TcpStream::connect(address)).collect::<Result<Vec<_>, _>>()?;
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        for (number, stream) in streams.iter().enumerate() {
            stream.set_nodelay(true)?;
            epoll::add(&poll, stream, epoll::EventData::new_u64(number as u64), epoll::EventFlags::IN)?;
        }
        let mut driver = Self { poll, missing: vec![0; streams.len()], streams, request, answer_bytes: 0 };
        driver.answer_bytes = driver.first_answer()?;
        driver.streams.iter().try_for_each(|stream| stream.set_nonblocking(true))?;
        Ok(driver)
    }

    /// All answers are alike; the first one shows how long they are.
    fn first_answer(&mut self) -> std::io::Result<usize> {
        let Some(stream) = self.streams.first_mut() else { return Err(ErrorKind::NotConnected.into()) };
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(&self.request)?;
        let (mut seen, mut chunk) = (Vec::new(), [0; 4096]);
        loop {
            let read = stream.read(&mut chunk)?;
            seen.extend_from_slice(&chunk[..read]);
            let head = seen.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
            match head {
                Some(head) if seen.len() >= head + EXCHANGE_BODY_BYTES => return Ok(seen.len()),
                _ if read == 0 => return Err(ErrorKind::UnexpectedEof.into()),
                _ => {}
            }
        }
    }

    /// Exchanges made in `time`; nothing is under way afterwards.
    fn run(&mut self, time: Duration) -> std::io::Result<u64> {
        let until = Instant::now() + time;
        let (mut done, mut busy) = (0, self.streams.len());
        for number in 0..self.streams.len() {
            self.send(number)?;
        }
        let mut events = Vec::with_capacity(CONNECTIONS);
        let limit = rustix::event::Timespec { tv_sec: 5, tv_nsec: 0 };
        while busy > 0 {
            events.clear();
            epoll::wait(&self.poll, rustix::buffer::spare_capacity(&mut events), Some(&limit))?;
            if events.is_empty() {
                return Err(ErrorKind::TimedOut.into());
            }
            let open = Instant::now() < until;
            for event in &events {
                let number = event.data.u64() as usize;
                if !self.receive(number)? {
                    continue;
                }
                done += 1;
                if open {
                    self.send(number)?;
                } else {
                    busy -= 1;
                }
            }
        }
        Ok(done)
    }

    fn send(&mut self, number: usize) -> std::io::Result<()> {
        self.missing[number] = self.answer_bytes;
        // An idle connection's buffer holds a whole request.
        self.streams[number].write_all(&self.request)
    }

    /// Whether the answer is complete.
    fn receive(&mut self, number: usize) -> std::io::Result<bool> {
        let mut chunk = [0; 4096];
        match self.streams[number].read(&mut chunk) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                let missing = self.missing[number].checked_sub(read).ok_or(ErrorKind::InvalidData)?;
                self.missing[number] = missing;
                Ok(missing == 0)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn request() -> Vec<u8> {
    let head = format!(
        "POST /preSvr HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/xml;charset=utf-8\r\nMsgTp: epcc.201.001.01\r\nOriIssrId: Z2000133000017\r\nContent-Length: {EXCHANGE_BODY_BYTES}\r\n\r\n"
    );
    let mut request = head.into_bytes();
    request.resize(request.len() + EXCHANGE_BODY_BYTES, b'x');
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchanges_are_counted_on_both_sides() {
        let floor = measure_exchange(None, None, Duration::from_millis(20)).unwrap();
        assert!(floor.exchanges_per_s > 0.0 && floor.server_cpu_us > 0.0 && floor.server_busy > 0.0);
    }
}
