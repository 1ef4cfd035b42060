//! All links of one participant.

use super::detector::Detector;
use super::number::{LINKS_MAX, LinkNumber};
use super::observation::Observation;
use super::rules::{LinkRules, ProbeKind};
use super::state::{Change, State, Why};
use super::takers::{Candidate, Occasion, Pick, Takers, elect};
use super::terms::{Choice, Facts, LinkSpec, Order};
use super::trial::TrialNumber;

#[derive(Clone, Debug)]
struct Member {
    spec: LinkSpec,
    detector: Detector,
    is_drained: bool,
    /// When the operator last let it take messages, microseconds.
    released_us: u64,
}

impl Member {
    fn usable_since_us(&self) -> Option<u64> {
        let since_us = self.detector.usable_since_us().filter(|_| !self.is_drained)?;
        Some(since_us.max(self.released_us))
    }
}

/// The links of one participant, 1 to 16.
#[derive(Clone, Debug)]
pub struct Group {
    rules: LinkRules,
    members: Vec<Member>,
    weights: Vec<u16>,
    pinned: LinkNumber,
    takers: Takers,
    taking_since: (u64, Why),
}

impl Group {
    /// Links of which nothing bad is known; beyond 16 they are left out. `lead_us` spreads the first probes: they come so
    /// much earlier than one interval from now.
    #[must_use]
    pub fn new(rules: LinkRules, specs: &[LinkSpec], now_us: u64, lead_us: u64) -> Self {
        let member = |spec: &LinkSpec| Member {
            spec: *spec,
            detector: Detector::new(now_us, now_us.saturating_sub(lead_us)),
            is_drained: false,
            released_us: 0,
        };
        let members: Vec<_> = specs.iter().take(LINKS_MAX).map(member).collect();
        let weights = members.iter().map(|member| member.spec.weight).collect();
        let mut group = Self {
            rules,
            members,
            weights,
            pinned: LinkNumber::NONE,
            takers: Takers::NONE,
            taking_since: (now_us, Why::Start),
        };
        group.takers = group.elect(Occasion::Command, now_us);
        group
    }

    /// The rules of these links.
    #[must_use]
    pub const fn rules(&self) -> &LinkRules {
        &self.rules
    }

    /// Who takes new messages.
    #[must_use]
    pub const fn takers(&self) -> Takers {
        self.takers
    }

    /// Since when they do, microseconds, and why.
    #[must_use]
    pub const fn taking_since(&self) -> (u64, Why) {
        self.taking_since
    }

    /// The link that the operator switched to; no link when to none.
    #[must_use]
    pub const fn pinned(&self) -> LinkNumber {
        self.pinned
    }

    /// The machine of a link.
    #[must_use]
    pub fn detector(&self, link: LinkNumber) -> Option<&Detector> {
        self.member(link).map(|member| &member.detector)
    }

    /// Whether the operator drained a link.
    #[must_use]
    pub fn is_drained(&self, link: LinkNumber) -> bool {
        self.member(link).is_some_and(|member| member.is_drained)
    }

    /// Whether every message has to ask the group: one of the links that take is in a trial.
    #[must_use]
    pub fn is_on_trial(&self) -> bool {
        self.takers.iter().any(|link| self.detector(link).is_some_and(|one| one.state() == State::Trial))
    }

    /// Takes one observation of a link; `trial` as [`Choice`] gave it, 0 for a probe. What changed goes to `changes`.
    pub fn observe(
        &mut self,
        link: LinkNumber,
        observation: Observation,
        trial: TrialNumber,
        now_us: u64,
        changes: &mut Vec<Change>,
    ) {
        let rules = self.rules;
        let Some(member) = self.member_mut(link) else { return };
        if let Some((from, to, why)) = member.detector.observe(&rules, observation, trial, now_us) {
            changes.push(Change::State { link, from, to, why });
        }
        self.follow(None, now_us, changes);
    }

    /// A probe of a link has ended. One that failed while something else came from the link says nothing.
    pub fn probe_ended(
        &mut self,
        link: LinkNumber,
        observation: Observation,
        (sent_us, facts): (u64, Facts),
        now_us: u64,
        changes: &mut Vec<Change>,
    ) {
        let is_lively = self.detector(link).is_some_and(|one| matches!(one.state(), State::Up | State::Suspect));
        let is_overruled = is_lively && observation != Observation::ProbeErring && facts.heard_us > sent_us;
        let observation = if is_overruled { Observation::ProbeGood } else { observation };
        self.observe(link, observation, 0, now_us, changes);
    }

    /// What time alone does; `facts` by place.
    pub fn tick(&mut self, facts: &[Facts], now_us: u64, changes: &mut Vec<Change>) {
        let rules = self.rules;
        for (place, member) in self.members.iter_mut().enumerate() {
            let facts = facts.get(place).copied().unwrap_or_default();
            let is_silent = facts.silent_us >= rules.suspect_after_us;
            let is_dead = rules.probe != ProbeKind::Message && facts.silent_us >= rules.silent_us;
            let trial = member.detector.present_trial();
            let seen = is_dead.then(|| member.detector.observe(&rules, Observation::Silent, trial, now_us)).flatten();
            let told = seen.or_else(|| member.detector.tick(&rules, is_silent, now_us));
            if let Some((from, to, why)) = told {
                changes.push(Change::State { link: LinkNumber::at(place), from, to, why });
            }
        }
        self.follow(None, now_us, changes);
    }

    /// Does what the operator says. An order for a link that is not there does nothing.
    pub fn obey(&mut self, order: Order, now_us: u64, changes: &mut Vec<Change>) {
        let why = match order {
            Order::Drain(link) => {
                self.set_drained(link, true, now_us);
                Why::Drained
            }
            Order::Undrain(link) => {
                self.set_drained(link, false, now_us);
                Why::Undrained
            }
            Order::Switch(link) => {
                self.pinned = if self.member(link).is_some() { link } else { self.pinned };
                Why::Switched
            }
            Order::SwitchBack => {
                self.pinned = LinkNumber::NONE;
                Why::SwitchedBack
            }
        };
        self.follow(Some(why), now_us, changes);
    }

    /// Where the next message goes, those links aside that were `tried`. `turn` counts the messages.
    pub fn choose(&mut self, tried: Takers, turn: u32, now_us: u64) -> Choice {
        let open = self.takers.without(tried);
        let has_place = |link: &LinkNumber| {
            self.detector(*link).is_some_and(|one| one.state() != State::Trial || one.has_trial_place())
        };
        let with_place: Takers = open.iter().filter(has_place).collect();
        let link = Pick { weights: &self.weights }.pick(with_place, turn);
        match self.member_mut(link) {
            Some(member) => Choice::Link(link, member.detector.take_trial(now_us).unwrap_or(0)),
            None if open.is_empty() => Choice::Nobody,
            None => Choice::Wait,
        }
    }

    /// A place in a trial was not used: nothing was sent, and that was not the link's fault.
    pub fn give_back(&mut self, link: LinkNumber, trial: TrialNumber) {
        let rules = self.rules;
        if let Some(member) = self.member_mut(link) {
            member.detector.give_back(trial, &rules);
        }
    }

    /// When a link is to be asked next, microseconds; none when it never is.
    #[must_use]
    pub fn probe_due_us(&self, link: LinkNumber, facts: Facts) -> Option<u64> {
        self.detector(link)?.probe_due_us(&self.rules, facts.heard_us)
    }

    /// Until when time alone changes nothing, microseconds, as long as no message is out: every link is up, who is to take
    /// messages does, and no probe is due. 0 where something is going on.
    #[must_use]
    pub fn rests_until_us(&self) -> u64 {
        let all_up = self.members.iter().all(|member| member.detector.state() == State::Up);
        if !all_up || self.elect(Occasion::Command, 0) != self.takers {
            return 0;
        }
        let due = self.members.iter().filter_map(|member| member.detector.probe_due_us(&self.rules, 0));
        due.min().unwrap_or(u64::MAX)
    }

    /// A probe of a link has left.
    pub fn probe_sent(&mut self, link: LinkNumber, now_us: u64) {
        if let Some(member) = self.member_mut(link) {
            member.detector.probe_sent(now_us);
        }
    }

    /// Elects anew, and tells of it.
    fn follow(&mut self, order: Option<Why>, now_us: u64, changes: &mut Vec<Change>) {
        let occasion = match order {
            Some(Why::Switched | Why::SwitchedBack) => Occasion::Command,
            _ => Occasion::Routine,
        };
        let takers = self.elect(occasion, now_us);
        if takers.is_empty() {
            // With nothing else left, a link is not left alone for longer than the first time.
            let rules = self.rules;
            self.members.iter_mut().for_each(|member| member.detector.shorten_hold(&rules));
        }
        if takers == self.takers {
            return;
        }
        let why = order.unwrap_or_else(|| self.reason(takers));
        changes.push(Change::Takers { from: self.takers, to: takers, why });
        (self.takers, self.taking_since) = (takers, (now_us, why));
    }

    /// Why others take now, without an order of the operator.
    fn reason(&self, takers: Takers) -> Why {
        let is_usable = |link: LinkNumber| self.member(link).is_some_and(|one| one.usable_since_us().is_some());
        if !self.takers.iter().all(is_usable) {
            Why::FailedOver
        } else if self.rank(takers) < self.rank(self.takers) && !self.takers.is_empty() {
            Why::Reclaimed
        } else if takers.without(self.takers).is_empty() {
            Why::SetAside
        } else {
            Why::CameBack
        }
    }

    /// The rank of the best of some links.
    fn rank(&self, links: Takers) -> Option<u8> {
        let rank = |link| self.member(link).map(|one| one.spec.role.rank(self.pinned == link));
        links.iter().filter_map(rank).min()
    }

    fn elect(&self, occasion: Occasion, now_us: u64) -> Takers {
        let candidate = |(place, member): (usize, &Member)| Candidate {
            link: LinkNumber::at(place),
            role: member.spec.role,
            weight: member.spec.weight,
            state: member.detector.state(),
            usable_since_us: member.usable_since_us(),
            is_pinned: self.pinned == LinkNumber::at(place),
        };
        elect(self.members.iter().enumerate().map(candidate), self.takers, self.rules.switch_back, occasion, now_us)
    }

    fn set_drained(&mut self, link: LinkNumber, is_drained: bool, now_us: u64) {
        if let Some(member) = self.member_mut(link) {
            (member.is_drained, member.released_us) = (is_drained, now_us);
        }
    }

    fn member(&self, link: LinkNumber) -> Option<&Member> {
        self.members.get(link.place()?)
    }

    fn member_mut(&mut self, link: LinkNumber) -> Option<&mut Member> {
        self.members.get_mut(link.place()?)
    }
}
