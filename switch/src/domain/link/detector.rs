//! The machine of one link: what it is, from what was seen of it.

use super::observation::{Observation, Sign};
use super::penalty::Penalty;
use super::rules::{LinkRules, ProbeKind};
use super::state::{State, Why};
use super::trial::{Trial, TrialNumber};

/// A suspicion lasts so long at least: trouble and good answers in turn are one suspicion, not many.
const SUSPICION_US_MIN: u64 = 1_000_000;

/// A step from one state to the next, and why.
pub(super) type Step = (State, State, Why);

/// One link's machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detector {
    state: State,
    since_us: u64,
    why: Why,
    /// Since when it may take messages; means nothing while it may not.
    usable_since_us: u64,
    failures: u32,
    errors: u32,
    good_probes: u32,
    penalty: Penalty,
    hold_until_us: u64,
    probed_at_us: u64,
    /// An answer is out, and nothing came for longer than it should take.
    is_silent: bool,
    trial: Trial,
}

impl Detector {
    /// A link of which nothing bad is known. Its first probe is due one interval after `probed_at_us`.
    #[must_use]
    pub fn new(now_us: u64, probed_at_us: u64) -> Self {
        Self {
            state: State::Up,
            since_us: now_us,
            why: Why::Start,
            usable_since_us: now_us,
            failures: 0,
            errors: 0,
            good_probes: 0,
            penalty: Penalty::default(),
            hold_until_us: 0,
            probed_at_us,
            is_silent: false,
            trial: Trial::default(),
        }
    }

    /// What it is.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Since when, microseconds, and why.
    #[must_use]
    pub const fn since(&self) -> (u64, Why) {
        (self.since_us, self.why)
    }

    /// Since when it may take messages; none while it may not.
    #[must_use]
    pub fn usable_since_us(&self) -> Option<u64> {
        self.state.is_usable().then_some(self.usable_since_us)
    }

    /// Whether an answer that came must be told to the machine: where all is well, nobody need.
    #[must_use]
    pub const fn wants_answers(&self) -> bool {
        !matches!(self.state, State::Up | State::Down | State::Recovering) || self.failures > 0 || self.errors > 0
    }

    /// Whether the next message of it is one of a trial, and there is a place.
    #[must_use]
    pub const fn has_trial_place(&self) -> bool {
        self.trial.has_place()
    }

    /// The trial that it is in; 0 when it is in none.
    #[must_use]
    pub fn present_trial(&self) -> TrialNumber {
        if self.state == State::Trial { self.trial.number() } else { 0 }
    }

    /// A place in its trial; none when it has none, or all are taken.
    pub fn take_trial(&mut self, now_us: u64) -> Option<TrialNumber> {
        if self.state == State::Trial { self.trial.take(now_us) } else { None }
    }

    /// A place was not used, and that was not the link's fault.
    pub fn give_back(&mut self, number: TrialNumber, rules: &LinkRules) {
        self.trial.give_back(number, rules.trial_messages);
    }

    /// Takes one observation. `trial` is the trial that the message belonged to, 0 for none and for probes.
    pub(super) fn observe(
        &mut self,
        rules: &LinkRules,
        observation: Observation,
        trial: TrialNumber,
        now_us: u64,
    ) -> Option<Step> {
        let is_probe = observation.is_probe();
        match self.state {
            State::Up | State::Suspect => self.judge(rules, observation.sign(), now_us),
            // Late news of messages that left before it went down: only probes count now.
            State::Down if !is_probe => None,
            State::Down => self.hear_from_the_dead(rules, observation.sign(), now_us),
            State::Recovering if !is_probe => None,
            State::Recovering => self.count_probe(rules, observation.sign(), now_us),
            State::Trial if is_probe => self.probe_in_trial(rules, observation.sign(), now_us),
            State::Trial if trial == self.trial.number() => self.judge_trial(rules, observation.sign(), now_us),
            State::Trial => None,
        }
    }

    fn judge(&mut self, rules: &LinkRules, sign: Sign, now_us: u64) -> Option<Step> {
        match sign {
            Sign::Good(why) => {
                (self.failures, self.errors, self.is_silent) = (0, 0, false);
                self.clear_suspicion(why, now_us)
            }
            Sign::Erring(why) => {
                (self.failures, self.is_silent) = (0, false);
                self.errors = self.errors.saturating_add(1);
                if rules.errors_in_row_max > 0 && self.errors >= rules.errors_in_row_max {
                    return self.go_down(rules, why, now_us);
                }
                self.clear_suspicion(why, now_us)
            }
            Sign::Doubt(why) => self.suspect(why, now_us),
            Sign::Failure(why) => {
                self.failures = self.failures.saturating_add(1);
                if self.failures >= rules.down_after {
                    return self.go_down(rules, why, now_us);
                }
                self.suspect(why, now_us)
            }
        }
    }

    fn hear_from_the_dead(&mut self, rules: &LinkRules, sign: Sign, now_us: u64) -> Option<Step> {
        if !matches!(sign, Sign::Good(_)) || now_us < self.hold_until_us {
            return None;
        }
        self.good_probes = 1;
        if rules.up_after <= 1 {
            return self.begin_trial(rules, Why::ProbeGood, now_us);
        }
        self.go(State::Recovering, Why::ProbeGood, now_us)
    }

    fn count_probe(&mut self, rules: &LinkRules, sign: Sign, now_us: u64) -> Option<Step> {
        match sign {
            Sign::Good(_) => {
                self.good_probes = self.good_probes.saturating_add(1);
                if self.good_probes >= rules.up_after {
                    return self.begin_trial(rules, Why::ProbesGood, now_us);
                }
                None
            }
            Sign::Erring(why) | Sign::Doubt(why) | Sign::Failure(why) => self.go_down(rules, why, now_us),
        }
    }

    fn probe_in_trial(&mut self, rules: &LinkRules, sign: Sign, now_us: u64) -> Option<Step> {
        match sign {
            Sign::Good(_) => {
                self.is_silent = false;
                None
            }
            Sign::Erring(why) | Sign::Doubt(why) | Sign::Failure(why) => self.go_down(rules, why, now_us),
        }
    }

    fn judge_trial(&mut self, rules: &LinkRules, sign: Sign, now_us: u64) -> Option<Step> {
        match sign {
            Sign::Good(_) if self.trial.succeed(rules.trial_messages) => self.go(State::Up, Why::TrialPassed, now_us),
            Sign::Good(_) => None,
            Sign::Erring(_) | Sign::Doubt(_) | Sign::Failure(_) => self.go_down(rules, Why::TrialFailed, now_us),
        }
    }

    /// What time alone does. `is_silent`: an answer is out, and nothing came for longer than it should take.
    pub(super) fn tick(&mut self, rules: &LinkRules, is_silent: bool, now_us: u64) -> Option<Step> {
        self.is_silent = is_silent;
        match self.state {
            State::Down if rules.probe == ProbeKind::None && now_us >= self.hold_until_us => {
                self.begin_trial(rules, Why::HoldDownOver, now_us)
            }
            State::Trial if rules.probe == ProbeKind::Message && self.trial_is_over(rules, now_us) => {
                self.go(State::Up, Why::TrialOver, now_us)
            }
            _ => None,
        }
    }

    fn trial_is_over(&self, rules: &LinkRules, now_us: u64) -> bool {
        self.trial.started_us().is_some_and(|started_us| now_us.saturating_sub(started_us) >= rules.trial_us)
    }

    /// When it is to be asked next, microseconds; none when it never is. `heard_us` is when anything last came from it.
    #[must_use]
    pub fn probe_due_us(&self, rules: &LinkRules, heard_us: u64) -> Option<u64> {
        if rules.probe == ProbeKind::None {
            return None;
        }
        let fast_us = self.probed_at_us.saturating_add(rules.probe_fast_us);
        let quiet_us = self.probed_at_us.max(heard_us).saturating_add(rules.probe_interval_us);
        Some(match self.state {
            State::Up if self.is_silent => fast_us,
            State::Up => quiet_us,
            State::Suspect | State::Recovering => fast_us,
            State::Trial if self.trial.started_us().is_some() => fast_us,
            State::Trial => quiet_us,
            State::Down => self.hold_until_us.max(self.probed_at_us.saturating_add(rules.probe_down_us())),
        })
    }

    /// A probe has left.
    pub fn probe_sent(&mut self, now_us: u64) {
        self.probed_at_us = now_us;
    }

    /// No other link works: it is not left alone for longer than the first time.
    pub(super) fn shorten_hold(&mut self, rules: &LinkRules) {
        if self.state == State::Down {
            self.hold_until_us = self.hold_until_us.min(self.since_us.saturating_add(rules.hold_down_us));
        }
    }

    fn suspect(&mut self, why: Why, now_us: u64) -> Option<Step> {
        if self.state == State::Suspect { None } else { self.go(State::Suspect, why, now_us) }
    }

    fn clear_suspicion(&mut self, why: Why, now_us: u64) -> Option<Step> {
        let is_over = now_us.saturating_sub(self.since_us) >= SUSPICION_US_MIN;
        if self.state == State::Suspect && is_over { self.go(State::Up, why, now_us) } else { None }
    }

    fn begin_trial(&mut self, rules: &LinkRules, why: Why, now_us: u64) -> Option<Step> {
        self.trial.begin(rules.trial_messages);
        self.go(State::Trial, why, now_us)
    }

    fn go_down(&mut self, rules: &LinkRules, why: Why, now_us: u64) -> Option<Step> {
        self.hold_until_us = now_us.saturating_add(self.penalty.add(rules, now_us));
        self.go(State::Down, why, now_us)
    }

    fn go(&mut self, to: State, why: Why, now_us: u64) -> Option<Step> {
        let from = self.state;
        if to.is_usable() && !from.is_usable() {
            self.usable_since_us = now_us;
        }
        self.is_silent = false;
        if to == State::Down {
            (self.failures, self.errors) = (0, 0);
        }
        (self.state, self.since_us, self.why) = (to, now_us, why);
        Some((from, to, why))
    }
}
