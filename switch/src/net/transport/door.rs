//! The thread on which strangers shake hands.
//!
//! A handshake costs as much as several payments, and whoever can reach the port can ask for one. So it is done here, with
//! bounds on how many are under way and how long each takes; only who has proved its name reaches a worker.

use std::io;
use std::net::TcpStream as StdStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clearway_crypto::transport::Refusal;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};

use super::acceptor::shake_hands;
use super::peer::Peer;
use super::stream::TlsPipe;
use super::tls::Tls;

/// Bounds of a [`Door`].
#[derive(Clone, Copy, Debug)]
pub struct DoorOptions {
    /// Handshakes under way at once; one more is refused as [`Refusal::Busy`].
    pub handshakes_max: usize,
    /// Time from the accepted connection to the end of its handshake.
    pub handshake_timeout: Duration,
}

/// The way to that thread. Cheap to clone; the thread ends with the last of the clones.
#[derive(Clone, Debug)]
pub struct Door {
    callers: mpsc::UnboundedSender<Caller>,
    under_way: Arc<AtomicUsize>,
    options: DoorOptions,
}

struct Caller {
    stream: StdStream,
    tls: Arc<Tls>,
    told: oneshot::Sender<Result<(TlsPipe, Peer), Refusal>>,
    place: Place,
}

/// One handshake under way.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Door {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system gives no thread or no reactor.
    pub fn open(options: DoorOptions) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // Bounded by the places: who has none is not sent.
        let (callers, calls) = mpsc::unbounded_channel();
        std::thread::Builder::new()
            .name("door".to_owned())
            .spawn(move || runtime.block_on(attend(calls, options.handshake_timeout)))?;
        Ok(Self { callers, under_way: Arc::new(AtomicUsize::new(0)), options })
    }

    /// Shakes hands with who has connected; the connection comes back to the reactor of the caller.
    pub(super) async fn pass(&self, tls: &Arc<Tls>, stream: TcpStream) -> Result<(TlsPipe, Peer), Refusal> {
        let place = self.place().ok_or(Refusal::Busy)?;
        let stream = stream.into_std().map_err(|_| Refusal::Protocol)?;
        let (told, answer) = oneshot::channel();
        let caller = Caller { stream, tls: Arc::clone(tls), told, place };
        self.callers.send(caller).map_err(|_| Refusal::Busy)?;
        let (mut pipe, peer) = answer.await.map_err(|_| Refusal::Busy)??;
        pipe.port().dock().map_err(|_| Refusal::Protocol)?;
        Ok((pipe, peer))
    }

    fn place(&self) -> Option<Place> {
        let place = Place(Arc::clone(&self.under_way));
        (self.under_way.fetch_add(1, Ordering::Relaxed) < self.options.handshakes_max).then_some(place)
    }
}

async fn attend(mut calls: mpsc::UnboundedReceiver<Caller>, limit: Duration) {
    while let Some(Caller { stream, tls, mut told, place }) = calls.recv().await {
        tokio::spawn(async move {
            let outcome = tokio::select! {
                outcome = tokio::time::timeout(limit, admit(&tls, stream)) => outcome,
                // Whoever sent it does not wait any more.
                () = told.closed() => Ok(Err(Refusal::TimedOut)),
            };
            drop(place);
            let _ = told.send(outcome.unwrap_or(Err(Refusal::TimedOut)));
        });
    }
}

async fn admit(tls: &Arc<Tls>, stream: StdStream) -> Result<(TlsPipe, Peer), Refusal> {
    let stream = TcpStream::from_std(stream).map_err(|_| Refusal::Protocol)?;
    let (mut pipe, peer) = shake_hands(tls, stream).await?;
    pipe.port().undock().map_err(|_| Refusal::Protocol)?;
    Ok((pipe, peer))
}
