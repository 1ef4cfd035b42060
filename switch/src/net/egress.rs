//! The lines to participants: for each message the link that takes it, for each link a pool of keep-alive connections.
//!
//! ```text
//! Lines::send(ticket, message) -> Bundle::choose -> Line: idle connection | new one | Full -> request -> answer -> Gate::answered
//!                                      ^                        |
//!                                      `-- not one byte left ---'
//! ```
//!
//! **A message is written at most once.** While not a byte of it can have left, it may take another connection, and
//! another link of the same participant; once a byte may have left, the outcome is unknown and is reported as such,
//! never repeated. Nothing is begun after [`Outbound::send_before`]. A link that is not elected gets nothing, so where
//! one is wanted a message waits for the election rather than try the standby. One crawling participant uses up its own
//! pools and nobody else's.

use std::cell::Cell;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use clearway_codec::catalogue::MessageType;
use http::HeaderValue;
use tokio::task::spawn_local;
use tokio::time::{interval, timeout_at};

pub use super::line::LineConfig;
use super::line::{Attempt, Line};
use super::link::{Board, Bundle};
use super::timed::timed;
use super::{Answer, Gate, Sent, Trouble};
use crate::domain::link::{Choice, LinkNumber, Takers};
use crate::metrics::{Spent, Stage};

/// How often idle connections are looked after.
const TIDY_EVERY: Duration = Duration::from_secs(1);

/// One message on its way out.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// Its type, for the `MsgTp` header.
    pub message_type: MessageType,
    /// The original initiator, for the `OriIssrId` header.
    pub originator: HeaderValue,
    /// The signed document.
    pub body: Bytes,
    /// From this instant on no byte of it begins to leave.
    pub send_before: Instant,
}

/// The lines of one worker, by participant index.
pub struct Lines<G: Gate> {
    gate: G,
    board: Arc<Board>,
    worker: usize,
    spent: Spent,
    trunks: Vec<Option<Rc<Trunk>>>,
}

impl<G: Gate> std::fmt::Debug for Lines<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("trunks", &self.trunks.len()).finish_non_exhaustive()
    }
}

/// All lines of one participant.
struct Trunk {
    bundle: Arc<Bundle>,
    lines: Vec<Line>,
    /// Messages so far: spreads them over shared links.
    turn: Cell<u32>,
    /// How long a message waits for a place in a trial.
    patience: Duration,
}

impl<G: Gate> Lines<G> {
    /// No lines yet; answers will go to `gate`. `worker` counts from 0, below what the board was made for. What sending and reading
    /// cost is charged to `spent`.
    #[must_use]
    pub const fn new(gate: G, board: Arc<Board>, worker: usize, spent: Spent) -> Self {
        Self { gate, board, worker, spent, trunks: Vec::new() }
    }

    /// Sets the lines of participant `index`, one for each of its links on the board, in their order. Requests that are
    /// out on earlier ones end there. A configuration whose parts are no valid URL gives no lines.
    pub fn set(&mut self, index: u16, configs: Vec<LineConfig>) {
        let place = usize::from(index);
        if self.trunks.len() <= place {
            self.trunks.resize_with(place + 1, || None);
        }
        let trunk = self.board.bundle(index).and_then(|bundle| Trunk::new(bundle, self.worker, configs, &self.spent));
        if let Some(slot) = self.trunks.get_mut(place) {
            *slot = trunk.map(Rc::new);
        }
    }

    /// Looks after idle connections for as long as it is polled: those that will not be used again are closed.
    pub fn tidy(&self) -> impl Future<Output = ()> + use<G> {
        let trunks: Vec<_> = self.trunks.iter().flatten().map(Rc::downgrade).collect();
        async move {
            let mut turns = interval(TIDY_EVERY);
            loop {
                turns.tick().await;
                for trunk in trunks.iter().filter_map(Weak::upgrade) {
                    trunk.lines.iter().for_each(Line::tidy);
                }
            }
        }
    }

    /// Sends `message` to participant `index`; what comes of it goes to [`Gate::answered`] with `ticket`.
    pub fn send(&self, index: u16, ticket: G::Ticket, message: Outbound) {
        let refuse = |trouble| self.gate.answered(ticket, Answer::NotSent(trouble), Sent::default(), LinkNumber::NONE);
        let Some(trunk) = self.trunks.get(usize::from(index)).and_then(Option::as_ref) else {
            return refuse(Trouble::NoLine);
        };
        if trunk.bundle.takers().is_empty() {
            return refuse(Trouble::NoLink);
        }
        let (gate, trunk) = (self.gate.clone(), Rc::clone(trunk));
        let deliver = async move {
            let (answer, sent, link) = trunk.deliver(message).await;
            gate.answered(ticket, answer, sent, link);
        };
        let stage_of = |is_done| if is_done { Stage::Read } else { Stage::Forward };
        spawn_local(timed(deliver, self.spent.clone(), stage_of));
    }
}

impl Trunk {
    fn new(bundle: &Arc<Bundle>, worker: usize, configs: Vec<LineConfig>, spent: &Spent) -> Option<Self> {
        let patience = configs.first()?.connect_timeout;
        let line =
            |(place, config)| Line::new(config, Arc::clone(bundle), worker, LinkNumber::at(place), spent.clone());
        let lines: Option<Vec<_>> = configs.into_iter().enumerate().map(line).collect();
        Some(Self { bundle: Arc::clone(bundle), lines: lines?, turn: Cell::new(0), patience })
    }

    /// One message out, one answer in: the answer, when the message left, and the link it came over.
    async fn deliver(&self, message: Outbound) -> (Answer, Sent, LinkNumber) {
        let mut trouble = Trouble::NoLink;
        // A link is tried again once, and only after all others: a single refusal may be a restart of the other side.
        let (mut once, mut twice) = (Takers::NONE, Takers::NONE);
        let turn = self.turn.replace(self.turn.get().wrapping_add(1));
        loop {
            let mut moved = std::pin::pin!(self.bundle.moved());
            let choice = match self.bundle.choose(once, turn) {
                Choice::Nobody => self.bundle.choose(twice, turn),
                choice => choice,
            };
            let (link, trial) = match choice {
                Choice::Link(link, trial) => (link, trial),
                Choice::Nobody => return (Answer::NotSent(trouble), Sent::default(), LinkNumber::NONE),
                Choice::Wait => {
                    let until = message.send_before.min(Instant::now() + self.patience);
                    if timeout_at(until.into(), &mut moved).await.is_err() {
                        return (Answer::NotSent(Trouble::Late), Sent::default(), LinkNumber::NONE);
                    }
                    continue;
                }
            };
            let Some(line) = link.place().and_then(|place| self.lines.get(place)) else {
                return (Answer::NotSent(Trouble::NoLine), Sent::default(), link);
            };
            match line.attempt(&message, trial).await {
                Attempt::Sent(answer, sent) => return (answer, sent, link),
                Attempt::NotSent(Trouble::Late) => return (Answer::NotSent(Trouble::Late), Sent::default(), link),
                Attempt::NotSent(found) => {
                    trouble = found;
                    (once, twice) = (
                        once.with(link),
                        if once.contains(link) || !is_worth_another(found) { twice.with(link) } else { twice },
                    );
                }
            }
        }
    }
}

/// Whether the same link may be tried again at once.
const fn is_worth_another(trouble: Trouble) -> bool {
    matches!(trouble, Trouble::Connect | Trouble::Handshake)
}
