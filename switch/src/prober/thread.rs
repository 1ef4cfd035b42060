//! The prober's thread: looks at all links many times a second, and asks those that are due.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use http::HeaderValue;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{MissedTickBehavior, interval};

use super::call::Call;
use super::letter::Voice;
use crate::domain::link::{LinkNumber, Observation, ProbeKind};
use crate::error::{Error, Fault};
use crate::net::link::{Board, Bundle};

/// How often links are looked at: much less than any time that matters to them.
const TICK: Duration = Duration::from_millis(25);
/// Probes under way at once; one more is left out, and its link is asked at its next turn.
const AT_ONCE: usize = 1_024;

/// The running prober. Stops when dropped.
#[derive(Debug)]
pub struct Prober {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What all probes share.
struct Desk {
    board: Arc<Board>,
    voice: Voice,
    from: HeaderValue,
    places: Arc<Semaphore>,
}

impl Prober {
    /// Starts the thread.
    ///
    /// # Errors
    /// No thread or no reactor to be had.
    pub fn start(board: Arc<Board>, voice: Voice) -> Result<Self, Error> {
        let failed =
            |source: std::io::Error| Error::new(Fault::Environment, "the prober cannot be started").caused_by(source);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let from = HeaderValue::from_str(voice.from.as_str());
        let from =
            from.map_err(|error| Error::new(Fault::Configuration, "node.id is no header value").caused_by(error))?;
        let desk = Arc::new(Desk { board, voice, from, places: Arc::new(Semaphore::new(AT_ONCE)) });
        let (stop, stopped) = oneshot::channel();
        let run = move || runtime.block_on(run_until(stopped, &desk));
        let thread = std::thread::Builder::new().name("clearway-prober".to_owned()).spawn(run).map_err(failed)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Prober {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn run_until(mut stopped: oneshot::Receiver<()>, desk: &Arc<Desk>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut nonce = u64::from(std::process::id()) << 32;
    loop {
        tokio::select! {
            _ = &mut stopped => return,
            _ = ticks.tick() => {}
        }
        for bundle in desk.board.bundles() {
            for link in bundle.tick().iter() {
                let Ok(place) = Arc::clone(&desk.places).try_acquire_owned() else { continue };
                nonce = nonce.wrapping_add(1);
                let (desk, bundle) = (Arc::clone(desk), Arc::clone(bundle));
                tokio::spawn(async move {
                    desk.probe(&bundle, link, nonce).await;
                    drop(place);
                });
            }
        }
    }
}

impl Desk {
    async fn probe(&self, bundle: &Bundle, link: LinkNumber, nonce: u64) {
        let rules = bundle.rules();
        let (Some(config), Some(connector)) = (bundle.link(link), bundle.connector(link)) else { return };
        let call = Call {
            endpoint: config.endpoint.clone(),
            connector: connector.clone(),
            from: self.from.clone(),
            limit: Duration::from_micros(rules.probe_timeout_us),
        };
        let sent_us = bundle.now_us();
        let observation = match rules.probe {
            ProbeKind::Message => self.ask(&call, bundle, nonce, sent_us).await,
            ProbeKind::Connect => Some(call.knock().await),
            ProbeKind::None => None,
        };
        if let Some(observation) = observation {
            bundle.probe_ended(link, observation, sent_us);
        }
    }

    /// None when the probe could not even be signed: that says nothing of the link.
    async fn ask(&self, call: &Call, bundle: &Bundle, nonce: u64, now_us: u64) -> Option<Observation> {
        let participant = bundle.participant();
        let body = self.voice.ask(participant, nonce, now_us)?;
        Some(match call.ask(body).await {
            Ok(answer) => self.voice.judge(participant, nonce, &answer, now_us),
            Err(observation) => observation,
        })
    }
}
