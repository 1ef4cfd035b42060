//! What is in force, as JSON for the operator.

use serde::Serialize;

use super::gate::Admission;
use super::setting::WindowText;
use super::state::{LimitKey, State};
use crate::config::{AdmissionRules, LimitTable, MaintenanceWindow, Participant, ParticipantKind};
use crate::settings::Changed;

#[derive(Serialize)]
struct ParticipantView<'a> {
    index: u16,
    id: &'a str,
    kind: String,
    name: &'a str,
    #[serde(flatten)]
    rules: &'a AdmissionRules,
    closed_now: bool,
    changed: Option<ChangeView<'a>>,
}

#[derive(Serialize)]
struct LimitView<'a> {
    layer: &'static str,
    bank: &'a str,
    institution: Option<&'a str>,
    #[serde(flatten)]
    limit: LimitTable,
    changed: Option<ChangeView<'a>>,
}

#[derive(Serialize)]
struct WindowView<'a> {
    number: u64,
    #[serde(flatten)]
    window: WindowText,
    phase: &'static str,
    changed: Option<ChangeView<'a>>,
}

/// Who changed it, and when; none: it is as configured.
#[derive(Serialize)]
struct ChangeView<'a> {
    by: &'a str,
    at_us: u64,
}

impl<'a> ChangeView<'a> {
    fn of<T>(changed: &'a Changed<T>) -> Self {
        Self { by: &changed.by, at_us: changed.at_us }
    }
}

/// A window as [`Admission::windows`] tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedWindow {
    /// Its number; never used again.
    pub number: u64,
    /// The window.
    pub window: MaintenanceWindow,
}

impl Admission {
    /// What every participant may do: a JSON array.
    #[must_use]
    pub fn participants_json(&self, now_us: u64) -> String {
        let state = self.state.lock();
        let views: Vec<_> = state.participants().map(|one| self.participant_view(&state, one, now_us)).collect();
        json(&views)
    }

    fn participant_view<'a>(&self, state: &'a State, one: &'a Participant, now_us: u64) -> ParticipantView<'a> {
        ParticipantView {
            index: one.index,
            id: one.id.as_str(),
            kind: one.kind.to_string(),
            name: &one.name,
            rules: state.rules_of(one),
            closed_now: self.is_drained(one.index, now_us),
            changed: state.rules_changed(one.index).map(ChangeView::of),
        }
    }

    /// Every limit that bounds something or was changed: a JSON array.
    #[must_use]
    pub fn limits_json(&self) -> String {
        let state = self.state.lock();
        let id = |index| state.participant(index).map_or("", |one| one.id.as_str());
        let keys = state.limit_keys();
        let views = keys.iter().map(|key| {
            let (layer, bank, institution) = match *key {
                LimitKey::Bank(bank) => ("bank", bank, None),
                LimitKey::Card(bank) => ("card", bank, None),
                LimitKey::Institution { bank, institution } => ("institution", bank, Some(institution)),
            };
            let changed = state.limit_changed(*key).map(ChangeView::of);
            LimitView { layer, bank: id(bank), institution: institution.map(id), limit: state.limit_of(*key), changed }
        });
        json(&views.collect::<Vec<_>>())
    }

    /// All maintenance windows that are not over: a JSON array.
    #[must_use]
    pub fn maintenance_json(&self, now_us: u64) -> String {
        let state = self.state.lock();
        let views = state.windows().filter_map(|(number, window, changed)| {
            let phase = phase(window, now_us)?;
            Some(WindowView { number, window: window.into(), phase, changed: changed.map(ChangeView::of) })
        });
        json(&views.collect::<Vec<_>>())
    }

    /// All maintenance windows that are not over at `now_us`, for those who announce them.
    #[must_use]
    pub fn windows(&self, now_us: u64) -> Vec<NumberedWindow> {
        let state = self.state.lock();
        let open = state.windows().filter(|(_, window, _)| phase(window, now_us).is_some());
        open.map(|(number, window, _)| NumberedWindow { number, window: window.clone() }).collect()
    }

    /// Banks and institutions that take part in nothing new at `now_us`.
    #[must_use]
    pub fn closed(&self, now_us: u64) -> Vec<(ParticipantKind, String)> {
        let state = self.state.lock();
        let closed = state.participants().filter(|one| self.is_drained(one.index, now_us));
        closed.map(|one| (one.kind, one.id.as_str().to_owned())).collect()
    }
}

/// Where a window is at `now_us`; `None`: over.
fn phase(window: &MaintenanceWindow, now_us: u64) -> Option<&'static str> {
    if now_us >= window.until.unix_micros() {
        None
    } else if now_us >= window.from.unix_micros() {
        Some("running")
    } else {
        Some("announced")
    }
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "[]".to_owned())
}
