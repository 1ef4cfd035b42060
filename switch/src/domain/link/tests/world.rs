//! A participant with several links, each good or bad by a schedule, and a node that sends, probes and is told by its
//! operator: everything that happens around a [`Group`], in simulated time.
//!
//! The world knows the truth of each link and the group does not. Every rule that must hold is asked after every step; a rule
//! that is broken panics with the seed.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::super::{
    Change, Choice, Facts, Group, LinkNumber, LinkRules, LinkSpec, Observation, Order, ProbeKind, Role, State,
    SwitchBack, Takers, TrialNumber, Why,
};
use super::{Dice, MS, S};

/// From one look at the links to the next.
const TICK_US: u64 = 25 * MS;
/// How long an answer is waited for.
const ANSWER_US: u64 = 60 * S;

/// The truth of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// Answers after so many microseconds.
    Good(u64),
    /// Refuses connections.
    Refusing,
    /// Takes everything and says nothing.
    Silent,
    /// No connection comes about.
    Unreachable,
    /// Breaks connections with a request on them.
    Breaking,
    /// Answers with errors.
    Erring,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Tick,
    Arrival,
    Fault(usize),
    Command,
    /// A message ends on a link: what is seen, when it began, and its trial.
    Ended {
        place: usize,
        seen: usize,
        trial: TrialNumber,
        message: u64,
    },
    Probed {
        place: usize,
        seen: usize,
        sent_us: u64,
    },
}

const SEEN: [Observation; 10] = [
    Observation::Answered,
    Observation::Refused,
    Observation::TimedOut,
    Observation::ConnectTimedOut,
    Observation::Broken,
    Observation::HttpError,
    Observation::ProbeGood,
    Observation::ProbeRefused,
    Observation::ProbeTimedOut,
    Observation::ProbeErring,
];

fn number_of(seen: Observation) -> usize {
    SEEN.iter().position(|one| *one == seen).expect("in the list")
}

/// What the world knows of a link beside its health.
#[derive(Debug, Default)]
struct Line {
    health: Option<Health>,
    healthy_since_us: Option<u64>,
    /// Since when it has refused, been silent or unreachable without a break.
    dead_since_us: Option<u64>,
    in_flight: u32,
    busy_since_us: u64,
    heard_us: u64,
    good_probes: u32,
    went_down_us: Option<u64>,
    trial_messages: u32,
    has_passed_trial: bool,
    changes: VecDeque<u64>,
    is_drained: bool,
}

/// What happened in a run, to tell two runs apart and to see that something did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) sent: u64,
    pub(super) refused: u64,
    pub(super) waited: u64,
    pub(super) downs: u64,
    pub(super) switches: u64,
    pub(super) trials: u64,
    pub(super) digest: u64,
}

pub(super) struct World {
    seed: u64,
    dice: Dice,
    rules: LinkRules,
    specs: Vec<LinkSpec>,
    group: Group,
    lines: Vec<Line>,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    sequence: u64,
    now_us: u64,
    /// From one message to the next, at most.
    gap_us: u64,
    summary: Summary,
    last_command_us: u64,
    nobody_since_us: Option<u64>,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let rules = some_rules(&mut dice);
        let specs = some_links(&mut dice);
        let start_us = 1_000 * S;
        let group = Group::new(rules, &specs, start_us, dice.range(0, rules.probe_interval_us));
        let gap_us = dice.pick(&[10 * MS, 40 * MS, 400 * MS]);
        let commands = dice.one_in(2);
        let lines = specs.iter().map(|_| Line::default()).collect();
        let mut world = Self {
            seed,
            dice,
            rules,
            specs,
            group,
            lines,
            events: BinaryHeap::new(),
            sequence: 0,
            now_us: start_us,
            gap_us,
            summary: Summary::default(),
            last_command_us: 0,
            nobody_since_us: None,
        };
        for place in 0..world.lines.len() {
            world.set_health(place, Health::Good(5 * MS));
            world.at(world.now_us + world.gap_us, Event::Fault(place));
        }
        world.at(start_us, Event::Tick);
        world.at(start_us + 1, Event::Arrival);
        if commands {
            world.at(start_us + 2 * S, Event::Command);
        }
        world
    }

    /// Lets so much time pass.
    pub(super) fn run(mut self, for_us: u64) -> Summary {
        let end_us = self.now_us + for_us;
        while let Some(Reverse((at_us, _, event))) = self.events.pop().filter(|next| next.0.0 <= end_us) {
            self.now_us = at_us;
            self.happen(event);
            self.check();
        }
        self.summary
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Tick => self.tick(),
            Event::Arrival => {
                self.deliver();
                let gap_us = self.dice.range(self.gap_us / 2, self.gap_us);
                self.at(self.now_us + gap_us, Event::Arrival);
            }
            Event::Fault(place) => self.turn(place),
            Event::Command => self.command(),
            Event::Ended { place, seen, trial, .. } => self.end(place, SEEN[seen], trial),
            Event::Probed { place, seen, sent_us } => self.end_probe(place, SEEN[seen], sent_us),
        }
    }

    fn at(&mut self, at_us: u64, event: Event) {
        self.sequence += 1;
        self.events.push(Reverse((at_us, self.sequence, event)));
    }

    // --- the links ---

    /// A link changes for better or worse.
    fn turn(&mut self, place: usize) {
        let fast = self.dice.range(1, 80) * MS;
        let slow = self.dice.range(300, 4_000) * MS;
        let health = match self.dice.range(0, 12) {
            0..5 => Health::Good(fast),
            5 => Health::Good(slow),
            6 | 7 => Health::Refusing,
            8 | 9 => Health::Silent,
            10 => self.dice.pick(&[Health::Unreachable, Health::Breaking]),
            _ => Health::Erring,
        };
        self.set_health(place, health);
        let lasts_us = self.dice.pick(&[200 * MS, S, 4 * S, 15 * S]);
        let lasts_us = self.dice.range(lasts_us / 2, lasts_us);
        self.at(self.now_us + lasts_us, Event::Fault(place));
    }

    fn set_health(&mut self, place: usize, health: Health) {
        let now_us = self.now_us;
        let line = &mut self.lines[place];
        let is_good = matches!(health, Health::Good(us) if us < 100 * MS);
        let is_dead = matches!(health, Health::Refusing | Health::Silent | Health::Unreachable);
        line.healthy_since_us = if is_good { line.healthy_since_us.or(Some(now_us)) } else { None };
        line.dead_since_us = if is_dead { line.dead_since_us.or(Some(now_us)) } else { None };
        line.health = Some(health);
    }

    fn health(&self, place: usize) -> Health {
        self.lines[place].health.expect("set at the start")
    }

    // --- the node ---

    /// One message, as `net::egress` treats it: another link only while nothing has left.
    fn deliver(&mut self) {
        let message = self.sequence;
        let (mut once, mut twice) = (Takers::NONE, Takers::NONE);
        for attempt in 0.. {
            assert!(attempt <= 2 * self.lines.len(), "seed {}: a message is tried without end", self.seed);
            let before = self.group.takers();
            let turn = message as u32;
            let choice = match self.group.choose(once, turn, self.now_us) {
                Choice::Nobody => self.group.choose(twice, turn, self.now_us),
                choice => choice,
            };
            let (link, trial) = match choice {
                Choice::Link(link, trial) => (link, trial),
                Choice::Wait => return self.summary.waited += 1,
                Choice::Nobody => return self.summary.refused += 1,
            };
            assert!(before.contains(link), "seed {}: {link} was not elected", self.seed);
            let place = link.place().expect("a link");
            self.note_choice(place, trial);
            if self.send(place, trial, message) {
                return self.summary.sent += 1;
            }
            (once, twice) = (once.with(link), if once.contains(link) { twice.with(link) } else { twice });
        }
    }

    /// Whether it has left.
    fn send(&mut self, place: usize, trial: TrialNumber, message: u64) -> bool {
        let wobble_us = self.dice.range(0, 2 * MS);
        let (seen, after_us) = match self.health(place) {
            Health::Refusing => {
                self.observe(place, Observation::Refused, trial);
                return false;
            }
            Health::Good(us) => (Observation::Answered, us + wobble_us),
            Health::Silent => (Observation::TimedOut, ANSWER_US),
            Health::Unreachable => (Observation::ConnectTimedOut, S),
            Health::Breaking => (Observation::Broken, wobble_us),
            Health::Erring => (Observation::HttpError, wobble_us),
        };
        let now_us = self.now_us;
        let line = &mut self.lines[place];
        if line.in_flight == 0 {
            line.busy_since_us = now_us;
        }
        line.in_flight += 1;
        self.at(now_us + after_us, Event::Ended { place, seen: number_of(seen), trial, message });
        true
    }

    /// A message ends, as its link is by then.
    fn end(&mut self, place: usize, seen: Observation, trial: TrialNumber) {
        let health = self.health(place);
        let comes = matches!(seen, Observation::Answered | Observation::HttpError);
        if comes && matches!(health, Health::Silent | Health::Unreachable) {
            // The answer is lost, and the connection hangs.
            let at_us = self.now_us + ANSWER_US;
            return self.at(at_us, Event::Ended { place, seen: number_of(Observation::TimedOut), trial, message: 0 });
        }
        let seen = if comes && health == Health::Refusing { Observation::Broken } else { seen };
        let now_us = self.now_us;
        let line = &mut self.lines[place];
        line.in_flight -= 1;
        if matches!(seen, Observation::Answered | Observation::HttpError) {
            line.heard_us = now_us;
        }
        let wanted = self.group.detector(LinkNumber::at(place)).is_some_and(|one| one.wants_answers());
        if seen != Observation::Answered || wanted {
            self.observe(place, seen, trial);
        }
    }

    fn tick(&mut self) {
        let facts: Vec<_> = (0..self.lines.len()).map(|place| self.facts(place)).collect();
        let mut changes = Vec::new();
        let is_idle = self.lines.iter().all(|line| line.in_flight == 0);
        let may_be_passed_over = is_idle && self.now_us < self.group.rests_until_us();
        self.group.tick(&facts, self.now_us, &mut changes);
        let due = |(place, facts): (usize, &Facts)| self.group.probe_due_us(LinkNumber::at(place), *facts);
        let any_due = facts.iter().enumerate().filter_map(due).any(|due_us| due_us <= self.now_us);
        assert!(
            !may_be_passed_over || changes.is_empty() && !any_due,
            "a group that rests has nothing to do: {changes:?}"
        );
        self.note(&changes);
        for (place, facts) in facts.iter().enumerate() {
            let link = LinkNumber::at(place);
            if self.group.probe_due_us(link, *facts).is_some_and(|due_us| due_us <= self.now_us) {
                self.group.probe_sent(link, self.now_us);
                self.probe(place);
            }
        }
        self.at(self.now_us + TICK_US, Event::Tick);
    }

    fn facts(&self, place: usize) -> Facts {
        let line = &self.lines[place];
        let since_us = line.busy_since_us.max(line.heard_us);
        let silent_us = if line.in_flight == 0 { 0 } else { self.now_us - since_us };
        Facts { silent_us, heard_us: line.heard_us }
    }

    fn probe(&mut self, place: usize) {
        let limit_us = self.rules.probe_timeout_us;
        let (seen, after_us) = match self.health(place) {
            Health::Good(us) => (Observation::ProbeGood, us.min(40 * MS)),
            Health::Refusing => (Observation::ProbeRefused, 100),
            Health::Silent | Health::Unreachable => (Observation::ProbeTimedOut, limit_us),
            // Probes have connections of their own, and are answered there.
            Health::Breaking => (Observation::ProbeGood, MS),
            Health::Erring => (Observation::ProbeErring, MS),
        };
        let (seen, after_us) =
            if after_us < limit_us { (seen, after_us) } else { (Observation::ProbeTimedOut, limit_us) };
        self.at(self.now_us + after_us, Event::Probed { place, seen: number_of(seen), sent_us: self.now_us });
    }

    fn end_probe(&mut self, place: usize, seen: Observation, sent_us: u64) {
        let now_us = self.now_us;
        let facts = self.facts(place);
        if matches!(seen, Observation::ProbeGood | Observation::ProbeErring) {
            self.lines[place].heard_us = now_us;
        }
        let link = LinkNumber::at(place);
        let is_out = self.group.detector(link).is_some_and(|one| !one.state().is_usable());
        let line = &mut self.lines[place];
        line.good_probes = if is_out && seen == Observation::ProbeGood { line.good_probes + 1 } else { 0 };
        let mut changes = Vec::new();
        self.group.probe_ended(link, seen, (sent_us, facts), now_us, &mut changes);
        self.note(&changes);
    }

    fn observe(&mut self, place: usize, seen: Observation, trial: TrialNumber) {
        let mut changes = Vec::new();
        self.group.observe(LinkNumber::at(place), seen, trial, self.now_us, &mut changes);
        self.note(&changes);
    }

    // --- the operator ---

    fn command(&mut self) {
        let place = self.dice.range(0, self.lines.len() as u64) as usize;
        let link = LinkNumber::at(place);
        let order = match self.dice.range(0, 6) {
            0 => Order::Drain(link),
            1 | 2 => Order::Undrain(link),
            3 => Order::Switch(link),
            _ => Order::SwitchBack,
        };
        match order {
            Order::Drain(_) => self.lines[place].is_drained = true,
            Order::Undrain(_) => self.lines[place].is_drained = false,
            Order::Switch(_) | Order::SwitchBack => {}
        }
        let mut changes = Vec::new();
        self.group.obey(order, self.now_us, &mut changes);
        self.note(&changes);
        self.last_command_us = self.now_us;
        let next_us = self.now_us + self.dice.range(S, 6 * S);
        self.at(next_us, Event::Command);
    }

    // --- what must hold ---

    /// A message got a link.
    fn note_choice(&mut self, place: usize, trial: TrialNumber) {
        let (seed, link) = (self.seed, LinkNumber::at(place));
        let state = self.group.detector(link).expect("there").state();
        let line = &mut self.lines[place];
        assert!(!line.is_drained, "seed {seed}: {link} is drained and got a message");
        assert!(state.is_usable(), "seed {seed}: {link} is {state} and got a message");
        assert_eq!(trial != 0, state == State::Trial, "seed {seed}: {link} is {state}, trial {trial}");
        if trial != 0 {
            line.trial_messages += 1;
            let most = self.rules.trial_messages;
            assert!(line.trial_messages <= most, "seed {seed}: {link} has more than {most} messages in a trial");
        }
    }

    fn note(&mut self, changes: &[Change]) {
        for change in changes {
            let word = format!("{} {change:?}", self.now_us);
            for byte in word.bytes() {
                self.summary.digest = (self.summary.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
            match *change {
                Change::State { link, from, to, why } => self.note_state(link, from, to, why),
                Change::Takers { from, to, why } => self.note_takers(from, to, why),
            }
        }
    }

    fn note_state(&mut self, link: LinkNumber, from: State, to: State, why: Why) {
        let (seed, now_us, rules) = (self.seed, self.now_us, self.rules);
        let line = &mut self.lines[link.place().expect("a link")];
        assert_ne!(from, to, "seed {seed}: {link} changes to itself");
        match (from, to) {
            (_, State::Down) => {
                self.summary.downs += 1;
                if let Some(last_us) = line.went_down_us {
                    let apart_us = now_us - last_us;
                    assert!(apart_us >= rules.hold_down_us, "seed {seed}: {link} down twice in {apart_us} us");
                }
                (line.went_down_us, line.good_probes, line.has_passed_trial) = (Some(now_us), 0, false);
            }
            (State::Down | State::Recovering, State::Trial) => {
                self.summary.trials += 1;
                line.trial_messages = 0;
                let held_us = now_us - line.went_down_us.expect("it was down");
                assert!(held_us >= rules.hold_down_us, "seed {seed}: {link} was held down for {held_us} us");
                if rules.probe != ProbeKind::None {
                    let good = line.good_probes;
                    assert!(good >= rules.up_after, "seed {seed}: {link} on trial after {good} good probes");
                }
            }
            (State::Trial, State::Up) => line.has_passed_trial = true,
            (State::Suspect, State::Up) | (State::Up, State::Suspect) | (State::Down, State::Recovering) => {}
            other => panic!("seed {seed}: {link} went {other:?}, {why}"),
        }
        // In any ten seconds a link changes a bounded number of times.
        line.changes.push_back(now_us);
        while line.changes.front().is_some_and(|first| now_us - first > 10 * S) {
            line.changes.pop_front();
        }
        let (changes, most) = (line.changes.len(), 2 * 10 + 4 * 5 + 4);
        assert!(changes <= most, "seed {seed}: {link} changed {changes} times in ten seconds");
    }

    fn note_takers(&mut self, from: Takers, to: Takers, why: Why) {
        self.summary.switches += 1;
        assert_ne!(from, to, "seed {}: takers change to themselves", self.seed);
        if why == Why::Reclaimed
            && let SwitchBack::Auto { after_us } = self.rules.switch_back
            && to.len() == 1
        {
            let taker = self.group.detector(to.first()).expect("there");
            let well_us = self.now_us - taker.usable_since_us().expect("usable");
            assert!(well_us >= after_us, "seed {}: {} reclaimed after {well_us} us", self.seed, to.first());
        }
    }

    /// After every step.
    fn check(&mut self) {
        let seed = self.seed;
        let takers = self.group.takers();
        let role = |link: LinkNumber| self.specs[link.place().expect("a link")].role;
        let all_shared = takers.iter().all(|link| role(link) == Role::Shared);
        assert!(takers.len() <= 1 || all_shared, "seed {seed}: {takers:?} take where one is wanted");
        let usable = |place: usize| {
            let detector = self.group.detector(LinkNumber::at(place)).expect("there");
            detector.state().is_usable() && !self.lines[place].is_drained
        };
        for link in takers.iter() {
            assert!(usable(link.place().expect("a link")), "seed {seed}: {link} takes, and cannot");
        }
        let any_usable = (0..self.lines.len()).any(usable);
        assert_eq!(any_usable, !takers.is_empty(), "seed {seed}: a usable link, and nobody takes");
        self.check_bounds(takers);
    }

    /// Down fast, and up as fast as it may when nothing else is left.
    fn check_bounds(&mut self, takers: Takers) {
        if self.rules.probe != ProbeKind::Message {
            return;
        }
        let (seed, now_us, rules) = (self.seed, self.now_us, self.rules);
        let under_load = self.gap_us <= 40 * MS;
        for link in takers.iter().filter(|_| under_load && takers.len() == 1) {
            let place = link.place().expect("a link");
            let since_us = self.group.taking_since().0.max(self.lines[place].dead_since_us.unwrap_or(now_us));
            let slack_us = 2 * TICK_US + self.gap_us;
            let bound_us = rules.suspect_after_us
                + rules.probe_timeout_us
                + u64::from(rules.down_after) * rules.probe_fast_us
                + slack_us;
            let dead_us = now_us.saturating_sub(since_us);
            assert!(dead_us <= bound_us, "seed {seed}: {link} dead for {dead_us} us and in use");
        }
        self.nobody_since_us = if takers.is_empty() { self.nobody_since_us.or(Some(now_us)) } else { None };
        let Some(nobody_since_us) = self.nobody_since_us else { return };
        let patience_us = rules.hold_down_us
            + rules.probe_down_us()
            + u64::from(rules.up_after) * (rules.probe_fast_us + TICK_US)
            + rules.probe_timeout_us
            + 4 * TICK_US;
        for (place, line) in self.lines.iter().enumerate().filter(|(_, line)| !line.is_drained) {
            let since_us = line.healthy_since_us.unwrap_or(now_us).max(nobody_since_us).max(self.last_command_us);
            let waited_us = now_us.saturating_sub(since_us);
            assert!(waited_us <= patience_us, "seed {seed}: link {} well for {waited_us} us, nobody takes", place + 1);
        }
    }
}

fn some_rules(dice: &mut Dice) -> LinkRules {
    let after_us = dice.pick(&[0, 2 * S, 10 * S]);
    LinkRules {
        probe: dice.pick(&[
            ProbeKind::Message,
            ProbeKind::Message,
            ProbeKind::Message,
            ProbeKind::Connect,
            ProbeKind::None,
        ]),
        down_after: dice.pick(&[1, 2, 2, 3]),
        hold_down_us: dice.pick(&[S, 2 * S, 3 * S]),
        up_after: dice.pick(&[1, 3, 5]),
        trial_messages: dice.pick(&[1, 3, 10]),
        errors_in_row_max: dice.pick(&[0, 5, 100]),
        switch_back: dice.pick(&[SwitchBack::Auto { after_us }, SwitchBack::Auto { after_us }, SwitchBack::Manual]),
        ..super::rules()
    }
}

fn some_links(dice: &mut Dice) -> Vec<LinkSpec> {
    let roles: &[Role] = dice.pick(&[
        [Role::Active; 4].as_slice(),
        &[Role::Active, Role::Standby],
        &[Role::Active, Role::Active, Role::Standby],
        &[Role::Active, Role::Standby, Role::Standby],
        &[Role::Shared, Role::Shared],
        &[Role::Shared, Role::Shared, Role::Standby],
        &[Role::Active],
    ]);
    roles.iter().map(|role| LinkSpec { role: *role, weight: dice.range(1, 6) as u16 }).collect()
}
