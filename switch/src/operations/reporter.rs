//! The reporter: a thread that wakes at every full minute, and when something was announced.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use clearway_codec::value::{InstitutionId, SerialNumber};
use parking_lot::Mutex;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::announcer::{Announcement, Announcer};
use super::board::Board;
use super::form::{Head, Subject, compose};
use super::post::{Failure, Post};
use super::statistics::Minute;
use crate::config::{MaintenanceWindow, Participant, ParticipantKind};
use crate::domain::statistics::{Row, Sums, minute_end};
use crate::error::{Error, Fault};
use crate::net::transport::Connector;

/// Messages under way at once.
const AT_ONCE: usize = 256;
/// A round ends before the next one begins, whoever is silent.
const ROUND_MAX: Duration = Duration::from_secs(50);
/// Longest wait for one answer: many silent participants must fit into a round.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// Rows of one message: some 50 KB.
const ROWS_PER_MESSAGE: usize = 300;

/// Signs bytes with the node's key.
type Signer = Arc<dyn Fn(&[u8]) -> Result<Vec<u8>, clearway_crypto::Error> + Send + Sync>;
/// Encrypts bytes for a participant; `None`: it has no encryption key.
type Sealer = Arc<dyn Fn(&InstitutionId, &[u8]) -> Option<String> + Send + Sync>;

/// Where a participant is reached now, and how connections to it are opened.
type Way = Arc<dyn Fn(&Participant) -> (String, Connector) + Send + Sync>;

/// Who reports, and how.
pub struct ReporterOptions {
    /// The node.
    pub from: InstitutionId,
    /// The serial number of its key.
    pub serial: SerialNumber,
    /// Signs with it.
    pub sign: Signer,
    /// Encrypts bodies; without it they go clear.
    pub seal: Option<Sealer>,
    /// Where (`host:port`) a participant is reached now, and how connections to it are opened.
    pub way: Way,
    /// Time to connect to a participant.
    pub connect_timeout: Duration,
    /// Time for its answer; more than 10 s count as 10 s.
    pub answer_timeout: Duration,
}

/// The running reporter. Stops when dropped.
#[derive(Debug)]
pub struct Reporter {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What a round needs, shared with its tasks.
pub(super) struct Desk {
    pub(super) board: Arc<Board>,
    pub(super) options: ReporterOptions,
    announcer: Mutex<Announcer>,
    sequence: AtomicU64,
}

impl Reporter {
    /// Starts the reporter's thread.
    ///
    /// # Errors
    /// No thread or reactor to be had.
    pub fn start(board: Arc<Board>, options: ReporterOptions) -> Result<Self, Error> {
        let failed = |source: std::io::Error| {
            Error::new(Fault::Environment, "the reporter of joint operations cannot be started").caused_by(source)
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (stop, stopped) = oneshot::channel();
        let desk = Arc::new(Desk::new(board, options));
        // The first minute is the one in which the reporter was started, however late its thread begins.
        let end_us = minute_end(desk.board.clock.now_micros());
        let run = move || runtime.block_on(run_until(stopped, &desk, end_us));
        let thread = std::thread::Builder::new().name("clearway-operations".to_owned()).spawn(run).map_err(failed)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Collects at every full minute, whether or not the round before is over, and starts a round.
async fn run_until(mut stopped: oneshot::Receiver<()>, desk: &Arc<Desk>, mut end_us: u64) {
    let clock = desk.board.clock.clone();
    loop {
        let wait = Duration::from_micros(end_us.saturating_sub(clock.now_micros()).max(1_000));
        let minute = tokio::select! {
            _ = &mut stopped => return,
            () = desk.board.admission.changed() => None,
            () = sleep(wait) => {
                let now_us = clock.now_micros();
                if now_us < end_us {
                    continue;
                }
                let minute = desk.board.statistics.collect(end_us);
                end_us = minute_end(now_us);
                Some(minute)
            }
        };
        let desk = Arc::clone(desk);
        tokio::spawn(async move { desk.round(minute.as_deref()).await });
    }
}

/// What one participant gets in a round.
#[derive(Debug, Default)]
struct Parcel {
    statistics: Vec<Vec<(Row, InstitutionId, Sums)>>,
    announcements: Vec<Announcement>,
}

impl Desk {
    pub(super) fn new(board: Arc<Board>, options: ReporterOptions) -> Self {
        Self { board, options, announcer: Mutex::default(), sequence: AtomicU64::new(0) }
    }

    /// Sends everything that is due; a minute's statistics among it if one has ended.
    pub(super) async fn round(self: &Arc<Self>, minute: Option<&Minute>) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let end_us = minute.map_or(0, |minute| minute.end_us);
        let mut tasks = JoinSet::new();
        for (to, parcel) in self.parcels(minute) {
            let (desk, places) = (Arc::clone(self), Arc::clone(&places));
            tasks.spawn(async move {
                let _place = places.acquire_owned().await;
                desk.deliver(to, &parcel, end_us).await;
            });
        }
        let all = async { while tasks.join_next().await.is_some() {} };
        if timeout(ROUND_MAX, all).await.is_err() {
            tracing::warn!("joint operations did not reach everybody within a round");
        }
    }

    fn parcels(&self, minute: Option<&Minute>) -> BTreeMap<u16, Parcel> {
        let mut parcels: BTreeMap<u16, Parcel> = BTreeMap::new();
        let listens = |index: u16| self.board.participants.get(index).is_some_and(|one| one.operations_path.is_some());
        for (to, rows) in minute.map(|minute| minute.tally.by_participant()).unwrap_or_default() {
            if listens(to) {
                let named: Vec<_> = rows
                    .into_iter()
                    .filter_map(|(row, sums)| Some((row, self.board.institution_id(row.other)?, sums)))
                    .collect();
                let messages = named.chunks(ROWS_PER_MESSAGE).map(<[_]>::to_vec);
                parcels.entry(to).or_default().statistics.extend(messages);
            }
        }
        let now_us = self.board.clock.now_micros();
        let windows = self.board.admission.windows(now_us);
        let concerned = |window: &MaintenanceWindow| self.concerned(window);
        for announcement in self.announcer.lock().due(&windows, now_us, concerned) {
            parcels.entry(announcement.to).or_default().announcements.push(announcement);
        }
        parcels
    }

    /// Whoever can be told of a window: all institutions and the bank, or everybody when it is the centre's.
    fn concerned(&self, window: &MaintenanceWindow) -> Vec<u16> {
        let concerned = |one: &&Participant| {
            one.operations_path.is_some()
                && window.bank.is_none_or(|bank| one.kind == ParticipantKind::Institution || one.id == bank)
        };
        self.board.participants.iter().filter(concerned).map(|one| one.index).collect()
    }

    /// The messages for one participant, one after the other; after a failure the rest waits for another round.
    async fn deliver(&self, to: u16, parcel: &Parcel, end_us: u64) {
        for rows in &parcel.statistics {
            let subject = Subject::Statistics { end_us, rows: rows.clone() };
            if !self.send(to, &subject).await {
                return;
            }
        }
        for announcement in &parcel.announcements {
            let Announcement { number, window, cancelled, .. } = announcement;
            let subject = Subject::Maintenance { number: *number, window, cancelled: *cancelled };
            if !self.send(to, &subject).await {
                return;
            }
            self.announcer.lock().heard(announcement);
        }
    }

    async fn send(&self, to: u16, subject: &Subject<'_>) -> bool {
        let Some(participant) = self.board.participants.get(to) else { return false };
        let result = match (self.compose(participant, subject), self.post(participant)) {
            (Ok(bytes), Some(post)) => post.send(bytes).await,
            (Err(_), _) => Err(Failure::NotSigned),
            (_, None) => return false,
        };
        let arrived = result.is_ok();
        self.board.delivered(to, result);
        arrived
    }

    fn compose(&self, to: &Participant, subject: &Subject<'_>) -> Result<Vec<u8>, clearway_crypto::Error> {
        let head = Head {
            from: self.options.from,
            serial: self.options.serial,
            to: to.id,
            to_bank: to.kind == ParticipantKind::Bank,
            now_us: self.board.clock.now_micros(),
            sequence: self.sequence.fetch_add(1, Ordering::Relaxed),
        };
        let seal = |body: &[u8]| self.options.seal.as_ref().and_then(|seal| seal(&to.id, body));
        compose(&head, subject, &*self.options.sign, Some(&seal))
    }

    fn post(&self, to: &Participant) -> Option<Post> {
        let (authority, connector) = (self.options.way)(to);
        Some(Post {
            connector,
            authority,
            path: to.operations_path.clone()?,
            connect_timeout: self.options.connect_timeout,
            answer_timeout: self.options.answer_timeout.min(ANSWER_MAX),
        })
    }
}
