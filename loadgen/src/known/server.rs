//! Serves the known behaviour over HTTP/1.1, on a thread of its own.

use super::behaviour::{Closing, KnownBehaviour};
use super::course::Course;
use super::gate::Gate;
use crate::clock::{Origin, thread_cpu};
use crate::constants::BODY_BYTES_MAX;
use crate::error::Error;
use crate::serve::{Reply, Serve, accept, serve_stream};
use crate::thread::{local_runtime, pin};
use crate::wire::{Overlong, read_body};
use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use std::cell::{Cell, RefCell};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::sync::watch;

/// Connections that the system holds until they are taken: an open loop opens many at once when answers stand still.
const BACKLOG: u32 = 4_096;
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// A running server of known behaviour. Dropping it stops it, open connections and all.
///
/// ```
/// use clearway_loadgen::known::{KnownBehaviour, KnownServer};
///
/// let server = KnownServer::start(&KnownBehaviour::default(), "127.0.0.1:0".parse().unwrap(), None)?;
/// assert_eq!(server.counts().answers, 0);
/// println!("http://{}/", server.address());
/// # Ok::<(), clearway_loadgen::Error>(())
/// ```
#[derive(Debug)]
pub struct KnownServer {
    address: SocketAddr,
    counts: Arc<Counts>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<Result<Duration, Error>>>,
}

/// What a server of known behaviour has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KnownCounts {
    /// Connections taken.
    pub connections: u64,
    /// Requests read whole.
    pub requests: u64,
    /// Answers handed to the network.
    pub answers: u64,
    /// Connections that it has ended.
    pub closed: u64,
}

#[derive(Debug, Default)]
struct Counts {
    connections: AtomicU64,
    requests: AtomicU64,
    answers: AtomicU64,
    closed: AtomicU64,
}

impl KnownServer {
    /// Serves `behaviour` on `address` (port 0 = any), on a thread pinned to `pin_core` if given. When this returns,
    /// connections are taken. Must not be called on a runtime's thread.
    ///
    /// # Errors
    /// The behaviour is impossible, the address cannot be bound, or a thread cannot be started.
    pub fn start(behaviour: &KnownBehaviour, address: SocketAddr, pin_core: Option<usize>) -> Result<Self, Error> {
        behaviour.check()?;
        let fault = |source| Error::Listen { who: "the known server".into(), address, source };
        let listener = local_runtime()?.block_on(async { listen(address) }).map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;
        let stop = watch::Sender::new(false);
        let (behaviour, stopped, counts) = (behaviour.clone(), stop.subscribe(), Arc::<Counts>::default());
        let shared = Arc::clone(&counts);
        let serve = move || {
            pin(pin_core);
            local_runtime()?.block_on(serve_until(listener, behaviour, shared, stopped))
        };
        let thread = std::thread::Builder::new().name("loadgen-known".into()).spawn(serve);
        let thread = thread.map_err(|error| Error::Start("the known server's thread", error))?;
        Ok(Self { address, counts, stop, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has done so far.
    pub fn counts(&self) -> KnownCounts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let Counts { connections, requests, answers, closed } = &*self.counts;
        KnownCounts {
            connections: read(connections),
            requests: read(requests),
            answers: read(answers),
            closed: read(closed),
        }
    }

    /// Stops it; the CPU time that its thread has used.
    ///
    /// # Errors
    /// It could not serve, or its thread panicked.
    pub fn stop(mut self) -> Result<Duration, Error> {
        self.stop.send_replace(true);
        let thread = self.thread.take().ok_or(Error::Panicked("the known server"))?;
        thread.join().map_err(|_| Error::Panicked("the known server"))?
    }
}

impl Drop for KnownServer {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        // A panic there has been printed by then; dropping must not panic again.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// On a runtime's thread.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

async fn serve_until(
    listener: TcpListener,
    behaviour: KnownBehaviour,
    counts: Arc<Counts>,
    mut stopped: watch::Receiver<bool>,
) -> Result<Duration, Error> {
    let listener =
        tokio::net::TcpListener::from_std(listener).map_err(|error| Error::Start("the known server", error))?;
    let origin = Origin::now();
    let gate = Gate::open(origin).map_err(|error| Error::Start("the known server's timer", error))?;
    let desk = Rc::new(Desk::new(&behaviour, origin, gate, counts)?);
    let connections = tokio::task::spawn_local(async move {
        loop {
            let stream = accept(&listener).await;
            desk.counts.connections.fetch_add(1, Ordering::Relaxed);
            let visitor = Rc::new(Visitor { desk: Rc::clone(&desk), answered: Cell::new(0) });
            tokio::task::spawn_local(serve_stream(stream, visitor));
        }
    });
    // An error means that the owner is gone, which is a stop as well.
    let _ = stopped.wait_for(|stop| *stop).await;
    connections.abort();
    Ok(thread_cpu())
}

/// What all connections share.
struct Desk {
    origin: Origin,
    course: RefCell<Course>,
    gate: Rc<Gate>,
    closing: Option<Closing>,
    /// How many connections should have ended when the last one did.
    ended: Cell<u64>,
    status: StatusCode,
    body: Bytes,
    counts: Arc<Counts>,
}

/// What becomes of a connection with an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Lives,
    Ends,
    IsCut,
}

impl Desk {
    fn new(behaviour: &KnownBehaviour, origin: Origin, gate: Rc<Gate>, counts: Arc<Counts>) -> Result<Self, Error> {
        let status = StatusCode::from_u16(behaviour.status)
            .map_err(|error| Error::Behaviour(format!("known server: {error}")))?;
        Ok(Self {
            origin,
            course: RefCell::new(Course::new(behaviour)),
            gate,
            closing: behaviour.closing,
            ended: Cell::new(0),
            status,
            body: Bytes::from(vec![b'.'; behaviour.answer_bytes]),
            counts,
        })
    }

    async fn work(&self) {
        let due_ns = {
            let mut course = self.course.borrow_mut();
            if course.is_immediate() {
                return;
            }
            course.due_ns(self.origin.nanos())
        };
        self.gate.wait_until(due_ns).await;
    }

    /// For the `nth` answer of a connection, from 1.
    fn fate(&self, nth: u64) -> Fate {
        match self.closing {
            Some(Closing::EveryNth(number)) if nth.is_multiple_of(number) => Fate::Ends,
            Some(Closing::Cut(number)) if nth.is_multiple_of(number) => Fate::IsCut,
            Some(Closing::PerSecond(rate)) => {
                let due = self.origin.nanos() / (1_000_000_000 / u64::from(rate)).max(1);
                if self.ended.get() >= due {
                    return Fate::Lives;
                }
                // Those that fell due while nobody asked are not made up for.
                self.ended.set(due);
                Fate::Ends
            }
            _ => Fate::Lives,
        }
    }

    fn answer(&self) -> Response<Reply> {
        let body = Some(self.body.clone()).filter(|body| !body.is_empty());
        let mut response = Response::new(Reply::Whole(body));
        *response.status_mut() = self.status;
        response
    }
}

/// One connection.
struct Visitor {
    desk: Rc<Desk>,
    answered: Cell<u64>,
}

impl Serve for Visitor {
    async fn serve(self: Rc<Self>, request: Request<Incoming>) -> Result<Response<Reply>, io::Error> {
        match read_body(request.into_body(), BODY_BYTES_MAX).await {
            Ok(_) => {}
            Err(Overlong::TooLarge) => return Ok(Reply::status(StatusCode::PAYLOAD_TOO_LARGE)),
            Err(Overlong::Broken) => return Err(io::ErrorKind::ConnectionAborted.into()),
        }
        let desk = &self.desk;
        desk.counts.requests.fetch_add(1, Ordering::Relaxed);
        desk.work().await;
        self.answered.set(self.answered.get() + 1);
        let fate = desk.fate(self.answered.get());
        if fate != Fate::Lives {
            desk.counts.closed.fetch_add(1, Ordering::Relaxed);
        }
        if fate == Fate::IsCut {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        desk.counts.answers.fetch_add(1, Ordering::Relaxed);
        let mut response = desk.answer();
        if fate == Fate::Ends {
            response.headers_mut().insert(CONNECTION, CLOSE);
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Instant;

    const REQUEST: &[u8] = b"POST / HTTP/1.1\r\nhost: known\r\ncontent-length: 5\r\n\r\nhello";

    fn start(behaviour: KnownBehaviour) -> (KnownServer, TcpStream) {
        let server = KnownServer::start(&behaviour, "127.0.0.1:0".parse().unwrap(), None).unwrap();
        let stream = TcpStream::connect(server.address()).unwrap();
        (server, stream)
    }

    /// One answer whose body ends in a full stop or is empty; nothing when the connection ends first.
    fn ask(stream: &mut TcpStream) -> Option<String> {
        stream.write_all(REQUEST).ok()?;
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).ok()?;
            answer.push(byte[0]);
        }
        Some(String::from_utf8(answer).unwrap())
    }

    #[test]
    fn it_answers_with_its_status_and_length() {
        let (server, mut stream) = start(KnownBehaviour { status: 503, answer_bytes: 3, ..KnownBehaviour::default() });
        let answer = ask(&mut stream).unwrap();
        assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("content-length: 3\r\n"), "{answer}");
        let mut body = [0; 3];
        stream.read_exact(&mut body).unwrap();
        assert_eq!(&body, b"...");
        assert_eq!(server.counts(), KnownCounts { connections: 1, requests: 1, answers: 1, closed: 0 });
        assert!(server.stop().unwrap() > Duration::ZERO);
    }

    #[test]
    fn no_answer_comes_before_its_instant() {
        let service = Duration::from_millis(20);
        let (_server, mut stream) = start(KnownBehaviour { service, servers: Some(1), ..KnownBehaviour::default() });
        for _ in 0..5 {
            let asked = Instant::now();
            ask(&mut stream).unwrap();
            assert!(asked.elapsed() >= service);
        }
    }

    #[test]
    fn the_nth_answer_of_a_connection_is_its_last() {
        let closing = Some(Closing::EveryNth(3));
        let (server, mut stream) = start(KnownBehaviour { closing, ..KnownBehaviour::default() });
        let said: Vec<bool> = (0..3).map(|_| ask(&mut stream).unwrap().contains("connection: close")).collect();
        assert_eq!(said, [false, false, true]);
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
        assert!(ask(&mut TcpStream::connect(server.address()).unwrap()).is_some());
        assert_eq!(server.counts(), KnownCounts { connections: 2, requests: 4, answers: 4, closed: 1 });
    }

    #[test]
    fn a_cut_connection_gives_no_answer() {
        let closing = Some(Closing::Cut(2));
        let (server, mut stream) = start(KnownBehaviour { closing, ..KnownBehaviour::default() });
        assert!(ask(&mut stream).is_some());
        assert!(ask(&mut stream).is_none());
        assert_eq!(server.counts(), KnownCounts { connections: 1, requests: 2, answers: 1, closed: 1 });
    }

    #[test]
    fn what_is_no_behaviour_is_not_started() {
        let behaviour = KnownBehaviour { status: 999, ..KnownBehaviour::default() };
        let started = KnownServer::start(&behaviour, "127.0.0.1:0".parse().unwrap(), None);
        assert!(matches!(started, Err(Error::Behaviour(_))), "{started:?}");
    }
}
