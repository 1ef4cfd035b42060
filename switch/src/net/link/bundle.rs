//! The links of one participant at run time: the locked machines, and what the hot path reads of them in one load.
//!
//! ```text
//!  word (64 bits)   0-15 who takes new messages   16 one of them is in a trial   32-47 whose answers a machine wants
//! ```
//!
//! Invariant: the word says what the machines say, except while they are locked. So a message that reads it once goes to
//! a link that was elected a moment ago, on every worker the same.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::slot::{ErrorKind, Slot};
use super::time::BoardTime;
use crate::config::{LinkConfig, Participant};
use crate::domain::link::{
    Change, Choice, Facts, Group, LinkNumber, LinkRules, LinkSpec, Observation, Order, Pick, State, Takers, TrialNumber,
};
use crate::net::transport::Connector;

const ON_TRIAL: u64 = 1 << 16;
const WANTS_SHIFT: u32 = 32;

/// The links of one participant.
#[derive(Debug)]
pub struct Bundle {
    participant: Participant,
    /// By place.
    connectors: Vec<Connector>,
    rules: LinkRules,
    time: BoardTime,
    weights: Vec<u16>,
    in_flight_max: Vec<Option<u32>>,
    word: AtomicU64,
    /// Until when the prober finds nothing to do here, as long as nothing is out; microseconds.
    rests_until_us: AtomicU64,
    group: Mutex<Group>,
    moved: Notify,
    /// By worker, then by place.
    slots: Vec<Vec<Slot>>,
    /// When a probe last brought an answer, by place.
    probes_heard_us: Vec<AtomicU64>,
}

impl Bundle {
    pub(super) fn new(
        participant: &Participant,
        connectors: Vec<Connector>,
        (rules, specs): (LinkRules, &[LinkSpec]),
        workers: usize,
        time: BoardTime,
        lead_us: u64,
    ) -> Self {
        let group = Group::new(rules, specs, time.now_us(), lead_us);
        Self {
            participant: participant.clone(),
            connectors,
            rules,
            time,
            weights: specs.iter().map(|spec| spec.weight).collect(),
            in_flight_max: participant.links.iter().map(|link| link.in_flight_max).collect(),
            word: AtomicU64::new(word_of(&group)),
            rests_until_us: AtomicU64::new(0),
            group: Mutex::new(group),
            moved: Notify::new(),
            slots: (0..workers).map(|_| specs.iter().map(|_| Slot::default()).collect()).collect(),
            probes_heard_us: specs.iter().map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Whose links they are.
    #[must_use]
    pub const fn participant(&self) -> &Participant {
        &self.participant
    }

    /// Opens the connections of a link.
    #[must_use]
    pub fn connector(&self, link: LinkNumber) -> Option<&Connector> {
        self.connectors.get(link.place()?)
    }

    /// The rules of their machines.
    #[must_use]
    pub const fn rules(&self) -> &LinkRules {
        &self.rules
    }

    /// The time of the board, microseconds.
    #[must_use]
    pub fn now_us(&self) -> u64 {
        self.time.now_us()
    }

    /// An instant in the time of the board, microseconds.
    pub(in crate::net) fn at_us(&self, instant: Instant) -> u64 {
        self.time.at_us(instant)
    }

    /// Who takes new messages.
    #[must_use]
    pub fn takers(&self) -> Takers {
        Takers::from_bits(self.word.load(Ordering::Relaxed) as u16)
    }

    /// Where the next message goes, those links aside that were `tried`. `turn` counts a worker's messages.
    #[must_use]
    pub fn choose(&self, tried: Takers, turn: u32) -> Choice {
        let word = self.word.load(Ordering::Relaxed);
        if word & ON_TRIAL != 0 {
            return self.group.lock().choose(tried, turn, self.time.now_us());
        }
        match (Pick { weights: &self.weights }).pick(Takers::from_bits(word as u16).without(tried), turn) {
            LinkNumber::NONE => Choice::Nobody,
            link => Choice::Link(link, 0),
        }
    }

    /// Resolves when a state or who takes has changed since this call.
    pub(in crate::net) fn moved(&self) -> Notified<'_> {
        self.moved.notified()
    }

    /// Whether one more request fits on a link.
    #[must_use]
    pub fn has_room(&self, link: LinkNumber) -> bool {
        let most = link.place().and_then(|place| self.in_flight_max.get(place).copied().flatten());
        most.is_none_or(|most| self.in_flight(link) < most)
    }

    /// Whether nothing is out on any link.
    fn is_idle(&self) -> bool {
        self.slots.iter().flatten().all(|slot| slot.in_flight() == 0)
    }

    /// Requests of all workers that are out on a link.
    #[must_use]
    pub fn in_flight(&self, link: LinkNumber) -> u32 {
        self.slots_of(link).map(Slot::in_flight).sum()
    }

    /// An answer came whole, with HTTP 200.
    pub(in crate::net) fn answered(&self, link: LinkNumber, trial: TrialNumber) {
        let wanted = self.word.load(Ordering::Relaxed) >> WANTS_SHIFT;
        if Takers::from_bits(wanted as u16).contains(link) {
            self.observe(link, Observation::Answered, trial);
        }
    }

    /// Something went wrong with a message of a link.
    pub(in crate::net) fn failed(&self, link: LinkNumber, kind: ErrorKind, trial: TrialNumber) {
        match kind.observation() {
            Some(observation) => self.observe(link, observation, trial),
            None => self.give_back(link, trial),
        }
    }

    /// A message of a trial left its link before anything was sent, and without a fault of the link's.
    pub(in crate::net) fn give_back(&self, link: LinkNumber, trial: TrialNumber) {
        if trial != 0 {
            self.change(|group, _| group.give_back(link, trial));
            self.moved.notify_waiters();
        }
    }

    fn observe(&self, link: LinkNumber, observation: Observation, trial: TrialNumber) {
        let now_us = self.time.now_us();
        self.change(|group, changes| group.observe(link, observation, trial, now_us, changes));
    }

    /// Does what the operator says.
    pub(super) fn obey(&self, order: Order) {
        let now_us = self.time.now_us();
        self.change(|group, changes| group.obey(order, now_us, changes));
    }

    /// What time alone does, and which links are to be asked now. Called by the prober alone, often.
    #[must_use]
    pub fn tick(&self) -> Takers {
        let now_us = self.time.now_us();
        if now_us < self.rests_until_us.load(Ordering::Relaxed) && self.is_idle() {
            return Takers::NONE;
        }
        let facts: Vec<_> = self.links().map(|link| self.facts(link, now_us)).collect();
        self.change(|group, changes| {
            group.tick(&facts, now_us, changes);
            let is_due = |(link, facts): &(LinkNumber, &Facts)| {
                group.probe_due_us(*link, **facts).is_some_and(|due_us| due_us <= now_us)
            };
            let due: Takers = self.links().zip(&facts).filter(is_due).map(|(link, _)| link).collect();
            due.iter().for_each(|link| group.probe_sent(link, now_us));
            due
        })
    }

    /// A probe of a link that left at `sent_us` has ended.
    pub fn probe_ended(&self, link: LinkNumber, observation: Observation, sent_us: u64) {
        let now_us = self.time.now_us();
        let facts = self.facts(link, now_us);
        let heard = link.place().and_then(|place| self.probes_heard_us.get(place));
        if let Some(heard) = heard.filter(|_| matches!(observation, Observation::ProbeGood | Observation::ProbeErring))
        {
            heard.store(now_us, Ordering::Relaxed);
        }
        self.change(|group, changes| group.probe_ended(link, observation, (sent_us, facts), now_us, changes));
    }

    /// Reads the machines.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Group) -> T) -> T {
        read(&self.group.lock())
    }

    /// Changes the machines; what changed is in the word when this returns, and in the log soon after.
    fn change<T>(&self, change: impl FnOnce(&mut Group, &mut Vec<Change>) -> T) -> T {
        let mut changes = Vec::new();
        let result = {
            let mut group = self.group.lock();
            let result = change(&mut group, &mut changes);
            self.word.store(word_of(&group), Ordering::Relaxed);
            self.rests_until_us.store(group.rests_until_us(), Ordering::Relaxed);
            result
        };
        if !changes.is_empty() {
            self.moved.notify_waiters();
            changes.iter().for_each(|change| self.tell(change));
        }
        result
    }

    /// One line for each change.
    fn tell(&self, change: &Change) {
        let participant = self.participant.id.as_str();
        match *change {
            Change::State { link, from, to, why } => {
                let (link, centre) = (self.name(link), self.centre(link));
                if to == State::Up && from == State::Suspect {
                    tracing::info!(participant, link, centre, %from, %to, %why, "link");
                } else {
                    tracing::warn!(participant, link, centre, %from, %to, %why, "link");
                }
            }
            Change::Takers { from, to, why } => {
                tracing::warn!(participant, from = %self.names(from), to = %self.names(to), %why, "links in use");
            }
        }
    }

    /// What the watch over its traffic knows of a link.
    fn facts(&self, link: LinkNumber, now_us: u64) -> Facts {
        let probe = link.place().and_then(|place| self.probes_heard_us.get(place));
        let probe_us = probe.map_or(0, |heard| heard.load(Ordering::Relaxed));
        let heard_us = self.slots_of(link).map(Slot::heard_us).fold(probe_us, u64::max);
        let busy_us = self.slots_of(link).filter_map(Slot::busy_since_us).min();
        Facts { silent_us: busy_us.map_or(0, |busy_us| now_us.saturating_sub(busy_us.max(heard_us))), heard_us }
    }

    /// The numbers of its links.
    pub(super) fn links(&self) -> impl Iterator<Item = LinkNumber> + use<> {
        (0..self.weights.len()).map(LinkNumber::at)
    }

    pub(super) fn slots_of(&self, link: LinkNumber) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter_map(move |places| places.get(link.place()?))
    }

    pub(in crate::net) fn slot(&self, worker: usize, link: LinkNumber) -> Option<&Slot> {
        self.slots.get(worker)?.get(link.place()?)
    }

    /// The name of a link; empty for none.
    #[must_use]
    pub fn name(&self, link: LinkNumber) -> &str {
        self.link(link).map_or("", |link| link.name.as_str())
    }

    fn centre(&self, link: LinkNumber) -> &str {
        self.link(link).map_or("", |link| link.centre.as_str())
    }

    /// The names of some links, for people.
    pub(super) fn names(&self, links: Takers) -> String {
        let names: Vec<_> = links.iter().map(|link| self.name(link)).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(" ") }
    }

    /// What is configured of a link.
    #[must_use]
    pub fn link(&self, link: LinkNumber) -> Option<&LinkConfig> {
        self.participant.links.get(link.place()?)
    }
}

fn word_of(group: &Group) -> u64 {
    let wants = |link: &LinkNumber| group.detector(*link).is_some_and(|detector| detector.wants_answers());
    let wanted: Takers = (0..crate::domain::link::LINKS_MAX).map(LinkNumber::at).filter(wants).collect();
    let on_trial = if group.is_on_trial() { ON_TRIAL } else { 0 };
    u64::from(group.takers().bits()) | on_trial | u64::from(wanted.bits()) << WANTS_SHIFT
}
