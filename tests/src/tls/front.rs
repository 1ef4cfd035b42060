//! The box in front of a bank that ends TLS.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// A running box. Dropping it ends its connections and its thread.
#[derive(Debug)]
pub struct Front {
    address: SocketAddr,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

/// What a box has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrontCounts {
    /// TCP connections.
    pub connections: u64,
    /// Handshakes that were completed, on its side.
    pub let_in: u64,
    /// Handshakes that broke off.
    pub broken: u64,
    /// Bytes of requests that came out of TLS.
    pub request_bytes: u64,
}

#[derive(Debug)]
struct State {
    upstream: SocketAddr,
    config: Mutex<Arc<ServerConfig>>,
    connections: AtomicU64,
    let_in: AtomicU64,
    broken: AtomicU64,
    request_bytes: AtomicU64,
    stop: watch::Sender<bool>,
}

impl Front {
    /// Starts one before `upstream`, on a port that the system chose.
    ///
    /// # Panics
    /// If the machine gives no port or no thread.
    #[must_use]
    pub fn before(upstream: SocketAddr, config: Arc<ServerConfig>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("a bound port");
        let state = Arc::new(State {
            upstream,
            config: Mutex::new(config),
            connections: AtomicU64::new(0),
            let_in: AtomicU64::new(0),
            broken: AtomicU64::new(0),
            request_bytes: AtomicU64::new(0),
            stop: watch::Sender::new(false),
        });
        let serving = Arc::clone(&state);
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let serve = move || runtime.block_on(serve(listener, serving));
        let thread = std::thread::Builder::new().name("tls-front".into()).spawn(serve).expect("a thread");
        Self { address, state, thread: Some(thread) }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it shows and believes from the next connection on.
    pub fn set(&self, config: Arc<ServerConfig>) {
        *self.state.config.lock().unwrap_or_else(PoisonError::into_inner) = config;
    }

    /// What it has seen.
    #[must_use]
    pub fn counts(&self) -> FrontCounts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        FrontCounts {
            connections: of(&self.state.connections),
            let_in: of(&self.state.let_in),
            broken: of(&self.state.broken),
            request_bytes: of(&self.state.request_bytes),
        }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.state.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A panic in it has been printed by then; dropping must not panic again.
            let _ = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, state: Arc<State>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listening socket");
    let mut stop = state.stop.subscribe();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    tokio::spawn(pass(Arc::clone(&state), stream));
                }
            }
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

async fn pass(state: Arc<State>, near: TcpStream) {
    state.connections.fetch_add(1, Ordering::Relaxed);
    let config = Arc::clone(&state.config.lock().unwrap_or_else(PoisonError::into_inner));
    let (Ok(()), Ok(near)) = (near.set_nodelay(true), TlsAcceptor::from(config).accept(near).await) else {
        state.broken.fetch_add(1, Ordering::Relaxed);
        return;
    };
    state.let_in.fetch_add(1, Ordering::Relaxed);
    let Ok(far) = TcpStream::connect(state.upstream).await else { return };
    if far.set_nodelay(true).is_ok() {
        let ((near_read, near_write), (far_read, far_write)) = (split(near), far.into_split());
        let nobody_asks = AtomicU64::new(0);
        let request = copy(near_read, far_write, &state.request_bytes);
        let answer = copy(far_read, near_write, &nobody_asks);
        // How it ends is the affair of both sides.
        let _ = tokio::join!(request, answer);
    }
}

/// Copies to the end, and counts what was copied.
async fn copy(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, count: &AtomicU64) -> io::Result<()> {
    let mut piece = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut piece).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        count.fetch_add(read as u64, Ordering::Relaxed);
        to.write_all(&piece[..read]).await?;
        to.flush().await?;
    }
}
