//! How the links are: for the operator's page, the metrics and tests.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::board::Board;
use super::bundle::Bundle;
use super::slot::{BUCKETS_US, ErrorKind, LatencyReading, Slot};
use crate::domain::link::{LinkNumber, State};
use crate::metrics::{LinkLatency, LinkReading};

/// Who changed something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangeView {
    /// The operator's name.
    pub by: String,
    /// When, unix microseconds.
    pub at_us: u64,
}

/// One link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkView {
    /// Whose: its institution id.
    pub participant: String,
    /// Its place among the participant's links, from 1.
    pub number: u8,
    /// Its name.
    pub link: String,
    /// `active`, `standby` or `shared`.
    pub role: &'static str,
    /// Its weight.
    pub weight: u16,
    /// The centre that owns it; empty when nothing is said.
    pub centre: String,
    /// Where it ends.
    pub url: String,
    /// `up`, `suspect`, `down`, `recovering` or `trial`.
    pub state: &'static str,
    /// Seconds since that began.
    pub since_s: u64,
    /// Why.
    pub why: &'static str,
    /// Whether it takes new messages.
    pub in_use: bool,
    /// Whether the operator drained it.
    pub drained: bool,
    /// Whether the operator switched to it.
    pub switched_to: bool,
    /// Messages that are out over it.
    pub in_flight: u32,
    /// Connections, busy and idle.
    pub connections: u32,
    /// Mean time to connect, microseconds.
    pub connect_mean_us: u64,
    /// Mean time from the last byte out to the first one in, microseconds.
    pub answer_mean_us: u64,
    /// How often each kind of trouble was seen; kinds that were not are left out.
    pub errors: BTreeMap<&'static str, u64>,
    /// Who last drained or undrained it, or else who last switched its participant's links.
    pub changed: Option<ChangeView>,
    /// Time to connect, in buckets.
    #[serde(skip)]
    pub connect: LatencyReading,
    /// Time to the answer, in buckets.
    #[serde(skip)]
    pub answer: LatencyReading,
}

impl From<&LatencyReading> for LinkLatency {
    fn from(reading: &LatencyReading) -> Self {
        let buckets = BUCKETS_US.iter().copied().zip(reading.counts.iter().copied()).collect();
        Self { buckets, above: reading.counts.last().copied().unwrap_or(0), sum_us: reading.sum_us }
    }
}

impl From<LinkView> for LinkReading {
    fn from(view: LinkView) -> Self {
        let state = State::ALL.iter().position(|state| state.name() == view.state);
        Self {
            state: state.and_then(|state| u8::try_from(state).ok()).unwrap_or(u8::MAX),
            connect: (&view.connect).into(),
            answer: (&view.answer).into(),
            errors: view.errors.into_iter().collect(),
            participant: view.participant,
            link: view.link,
            centre: view.centre,
            since_s: view.since_s,
            in_use: view.in_use,
            drained: view.drained,
            in_flight: view.in_flight,
            connections: view.connections,
        }
    }
}

impl Board {
    /// All links, in the order of the participants' indexes and of their own numbers.
    #[must_use]
    pub fn view(&self) -> Vec<LinkView> {
        let view = |bundle: &Bundle| bundle.links().map(|link| self.link_view(bundle, link)).collect::<Vec<_>>();
        self.bundles().flat_map(|bundle| view(bundle)).collect()
    }

    /// The same as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.view()).unwrap_or_else(|_| "[]".to_owned())
    }

    fn link_view(&self, bundle: &Bundle, link: LinkNumber) -> LinkView {
        let (state, (since_us, why), is_drained, pinned) = bundle.read(|group| {
            let detector = group.detector(link);
            let state = detector.map_or("", |one| one.state().name());
            let since = detector.map_or((0, ""), |one| (one.since().0, one.since().1.text()));
            (state, since, group.is_drained(link), group.pinned())
        });
        let (participant, config) = (bundle.participant(), bundle.link(link));
        let name = bundle.name(link);
        let (connect, answer) = latencies(bundle, link);
        let ledger = self.ledger().lock();
        let changed = ledger.changed(participant.id.as_str(), name);
        let changed = changed.or_else(|| ledger.changed(participant.id.as_str(), ""));
        LinkView {
            participant: participant.id.as_str().to_owned(),
            number: link.get(),
            link: name.to_owned(),
            role: config.map_or("", |config| config.role.name()),
            weight: config.map_or(0, |config| config.weight),
            centre: config.map_or_else(String::new, |config| config.centre.clone()),
            url: config.map_or_else(String::new, |config| config.endpoint.to_string()),
            state,
            since_s: bundle.now_us().saturating_sub(since_us) / 1_000_000,
            why,
            in_use: bundle.takers().contains(link),
            drained: is_drained,
            switched_to: pinned == link,
            in_flight: bundle.in_flight(link),
            connections: bundle.slots_of(link).map(Slot::connections).sum(),
            connect_mean_us: connect.mean_us(),
            answer_mean_us: answer.mean_us(),
            errors: errors(bundle, link),
            changed: changed.map(|changed| ChangeView { by: changed.by, at_us: changed.at_us }),
            connect,
            answer,
        }
    }

    /// The same as a page without anything to load or to run.
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut html = "<!doctype html><meta charset=utf-8><title>Links</title>\
             <style>body{font:14px sans-serif}td,th{padding:2px 8px;text-align:left}</style><h1>Links</h1><table><tr>\
             <th>participant<th>link<th>role<th>centre<th>url<th>state<th>for s<th>why<th>in use<th>drained<th>in flight\
             <th>connect us<th>answer us<th>errors"
            .to_owned();
        for one in self.view() {
            let yes = |is: bool| if is { "yes" } else { "" };
            let errors: Vec<_> = one.errors.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
            // Names and addresses come from the configuration, which keeps them to plain characters.
            let _ = write!(
                html,
                "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}",
                one.participant,
                one.link,
                one.role,
                one.centre,
                escaped(&one.url),
                one.state,
                one.since_s,
                one.why,
                yes(one.in_use),
                yes(one.drained),
                one.in_flight,
                one.connect_mean_us,
                one.answer_mean_us,
                errors.join(", "),
            );
        }
        html.push_str("</table>");
        html
    }
}

fn latencies(bundle: &Bundle, link: LinkNumber) -> (LatencyReading, LatencyReading) {
    let (mut connect, mut answer) = (LatencyReading::default(), LatencyReading::default());
    for slot in bundle.slots_of(link) {
        connect.add(&slot.connect);
        answer.add(&slot.answer);
    }
    (connect, answer)
}

fn errors(bundle: &Bundle, link: LinkNumber) -> BTreeMap<&'static str, u64> {
    let mut errors = BTreeMap::new();
    for slot in bundle.slots_of(link) {
        for (kind, count) in ErrorKind::ALL.iter().zip(slot.errors()).filter(|(_, count)| *count > 0) {
            *errors.entry(kind.name()).or_default() += count;
        }
    }
    errors
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
