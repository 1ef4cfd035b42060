//! What is configured, and what was changed since: the source of the rules.
//!
//! Invariant: a value changed at run time stands, over restarts too, until it is changed again or set back to what the
//! file says; values never changed follow the file.

use std::collections::BTreeMap;

use clearway_codec::value::InstitutionId;

use super::setting::{Change, Layer, Setting, WindowText};
use crate::config::{
    AdmissionRules, Config, LimitTable, MaintenanceWindow, PairLimit, Participant, ParticipantKind, Participants,
    parse_time,
};
use crate::constants::{MAINTENANCE_WINDOWS_MAX, PAIR_LIMITS_MAX};
use crate::settings::{Changed, Refusal, Slot};

/// The first number of a window made at run time; smaller ones are those of the file, in its order.
const FIRST_WINDOW: u64 = MAINTENANCE_WINDOWS_MAX as u64 + 1;

/// A layer and whom it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LimitKey {
    Bank(u16),
    Card(u16),
    Institution { bank: u16, institution: u16 },
}

/// Everything from which [`super::rules::Rules`] are made.
#[derive(Debug, Clone)]
pub(super) struct State {
    participants: Participants,
    configured_pairs: BTreeMap<LimitKey, LimitTable>,
    configured_windows: Vec<MaintenanceWindow>,
    rules: BTreeMap<u16, Changed<AdmissionRules>>,
    limits: BTreeMap<LimitKey, Changed<LimitTable>>,
    windows: BTreeMap<u64, Changed<MaintenanceWindow>>,
    next_window: u64,
    slots: BTreeMap<Subject, Slot>,
    /// Slots of windows by number, those that are over among them until somebody needs one.
    window_slots: BTreeMap<u64, Slot>,
    next_key: u32,
}

/// What a setting is about, windows aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Rules(u16),
    Limit(LimitKey),
}

impl State {
    /// What the files say.
    pub(super) fn configured(config: &Config) -> Self {
        let key = |pair: &PairLimit| {
            let bank = config.participants.index_of(&pair.bank)?;
            Some(LimitKey::Institution { bank, institution: config.participants.index_of(&pair.institution)? })
        };
        Self {
            participants: config.participants.clone(),
            configured_pairs: config.pair_limits.iter().filter_map(|pair| Some((key(pair)?, pair.limit))).collect(),
            configured_windows: config.maintenance.clone(),
            rules: BTreeMap::new(),
            limits: BTreeMap::new(),
            windows: BTreeMap::new(),
            next_window: FIRST_WINDOW,
            slots: BTreeMap::new(),
            window_slots: BTreeMap::new(),
            next_key: 1,
        }
    }

    pub(super) fn participants(&self) -> impl Iterator<Item = &Participant> {
        self.participants.iter()
    }

    pub(super) fn participant(&self, index: u16) -> Option<&Participant> {
        self.participants.get(index)
    }

    /// The participant with this id, as a text of the operator.
    pub(super) fn find(&self, id: &str) -> Result<&Participant, Refusal> {
        let known = InstitutionId::parse(id.as_bytes()).ok().and_then(|id| self.participants.find(&id));
        // The text is not repeated: it came from outside and may be anything.
        known.ok_or_else(|| Refusal::Unknown("there is no such participant".to_owned()))
    }

    /// The key of a layer, if bank and institution are what the layer needs.
    pub(super) fn key(&self, layer: Layer, bank: &str, institution: Option<&str>) -> Result<LimitKey, Refusal> {
        let of_kind = |key: &str, id: &str, kind| {
            let participant = self.find(id)?;
            if participant.kind == kind {
                Ok(participant.index)
            } else {
                Err(Refusal::value(key, format!("is no {kind}")))
            }
        };
        let bank = of_kind("bank", bank, ParticipantKind::Bank)?;
        match (layer, institution) {
            (Layer::Bank, None) => Ok(LimitKey::Bank(bank)),
            (Layer::Card, None) => Ok(LimitKey::Card(bank)),
            (Layer::Institution, Some(id)) => Ok(LimitKey::Institution {
                bank,
                institution: of_kind("institution", id, ParticipantKind::Institution)?,
            }),
            (Layer::Institution, None) => Err(Refusal::value("institution", "is missing")),
            (_, Some(_)) => Err(Refusal::value("institution", "belongs to the layer \"institution\" alone")),
        }
    }

    pub(super) fn rules_of<'a>(&'a self, participant: &'a Participant) -> &'a AdmissionRules {
        self.rules.get(&participant.index).map_or(&participant.admission, |changed| &changed.value)
    }

    pub(super) fn rules_changed(&self, index: u16) -> Option<&Changed<AdmissionRules>> {
        self.rules.get(&index)
    }

    pub(super) fn limit_of(&self, key: LimitKey) -> LimitTable {
        if let Some(changed) = self.limits.get(&key) {
            return changed.value;
        }
        match key {
            LimitKey::Bank(index) => self.participants.get(index).map(|bank| bank.limits),
            LimitKey::Card(index) => self.participants.get(index).map(|bank| bank.card_limits),
            LimitKey::Institution { .. } => self.configured_pairs.get(&key).copied(),
        }
        .unwrap_or_default()
    }

    pub(super) fn limit_changed(&self, key: LimitKey) -> Option<&Changed<LimitTable>> {
        self.limits.get(&key)
    }

    /// Every layer that bounds something or was changed.
    pub(super) fn limit_keys(&self) -> Vec<LimitKey> {
        let banks = self.participants.iter().filter(|one| one.kind == ParticipantKind::Bank);
        let own = banks.flat_map(|bank| [LimitKey::Bank(bank.index), LimitKey::Card(bank.index)]);
        let mut keys: Vec<_> =
            own.chain(self.configured_pairs.keys().copied()).chain(self.limits.keys().copied()).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.retain(|key| !self.limit_of(*key).is_empty() || self.limits.contains_key(key));
        keys
    }

    /// The limits in force of one institution at one bank, as (bank, institution, limit).
    pub(super) fn pairs(&self) -> impl Iterator<Item = (u16, u16, &LimitTable)> {
        let changed = self.limits.iter().map(|(key, changed)| (key, &changed.value));
        let configured = self.configured_pairs.iter().filter(|(key, _)| !self.limits.contains_key(key));
        changed.chain(configured).filter_map(|(key, limit)| match key {
            LimitKey::Institution { bank, institution } if !limit.is_empty() => Some((*bank, *institution, limit)),
            _ => None,
        })
    }

    /// The windows of a participant, those of the centre among them, as [from, until) in unix microseconds.
    pub(super) fn windows_of(&self, participant: &Participant) -> Vec<(u64, u64)> {
        self.windows()
            .filter(|(_, window, _)| window.bank.is_none_or(|bank| bank == participant.id))
            .map(|(_, window, _)| (window.from.unix_micros(), window.until.unix_micros()))
            .collect()
    }

    /// All windows: number, window, and who made it if it was made at run time.
    pub(super) fn windows(
        &self,
    ) -> impl Iterator<Item = (u64, &MaintenanceWindow, Option<&Changed<MaintenanceWindow>>)> {
        let configured = (1_u64..).zip(&self.configured_windows).map(|(number, window)| (number, window, None));
        configured.chain(self.windows.iter().map(|(number, changed)| (*number, &changed.value, Some(changed))))
    }

    /// The number of the next window.
    pub(super) const fn next_window(&self) -> u64 {
        self.next_window
    }

    /// Whether a window was made at run time, so that it can be taken back.
    pub(super) fn can_cancel(&self, number: u64) -> Result<(), Refusal> {
        if self.windows.contains_key(&number) {
            return Ok(());
        }
        Err(Refusal::Unknown(format!("there is no window {number} that was made at run time")))
    }

    /// The slot of the setting that makes `change`.
    pub(super) fn slot(&self, change: &Change) -> Result<Slot, Refusal> {
        let known = match change {
            Change::Participant { .. } | Change::Limit { .. } => self.slots.get(&self.subject(change)?).copied(),
            Change::MaintenanceCancelled { number } => self.window_slots.get(number).copied(),
            Change::Maintenance { .. } => self.free_window_slot(),
        };
        let slot = known.unwrap_or(Slot { key: self.next_key, version: 0 });
        Ok(slot.next())
    }

    fn subject(&self, change: &Change) -> Result<Subject, Refusal> {
        match change {
            Change::Participant { id, .. } => Ok(Subject::Rules(self.find(id)?.index)),
            Change::Limit { layer, bank, institution, .. } => {
                self.key(*layer, bank, institution.as_deref()).map(Subject::Limit)
            }
            Change::Maintenance { .. } | Change::MaintenanceCancelled { .. } => {
                Err(Refusal::Malformed("a window has a number".to_owned()))
            }
        }
    }

    /// The slot of a window that is over or was taken back, the last one aside: its number must not come again.
    fn free_window_slot(&self) -> Option<Slot> {
        let last = self.next_window.saturating_sub(1);
        let free = |number: &u64| *number != last && !self.windows.contains_key(number);
        self.window_slots.iter().find(|(number, _)| free(number)).map(|(_, slot)| *slot)
    }

    /// Makes one change.
    pub(super) fn apply(&mut self, setting: &Setting) -> Result<(), Refusal> {
        let (by, at_us) = (setting.by.clone(), setting.at_us);
        match &setting.change {
            Change::Participant { id, rules } => self.set_rules(id, rules.as_ref(), by, at_us)?,
            Change::Limit { layer, bank, institution, limit } => {
                let key = self.key(*layer, bank, institution.as_deref())?;
                self.set_limit(key, *limit, by, at_us)?;
            }
            Change::Maintenance { number, window } => self.set_window(*number, window, by, at_us)?,
            Change::MaintenanceCancelled { number } => drop(self.windows.remove(number)),
        }
        self.keep_slot(setting)
    }

    fn keep_slot(&mut self, setting: &Setting) -> Result<(), Refusal> {
        let slot = setting.slot();
        match &setting.change {
            Change::Maintenance { number, .. } | Change::MaintenanceCancelled { number } => {
                self.window_slots.retain(|_, known| known.key != slot.key);
                self.window_slots.insert(*number, slot);
                self.next_window = self.next_window.max(number.saturating_add(1));
            }
            change => {
                let subject = self.subject(change)?;
                self.slots.insert(subject, slot);
            }
        }
        self.next_key = self.next_key.max(slot.key.saturating_add(1));
        Ok(())
    }

    fn set_rules(&mut self, id: &str, rules: Option<&AdmissionRules>, by: String, at_us: u64) -> Result<(), Refusal> {
        let participant = self.find(id)?;
        let index = participant.index;
        match rules {
            None => drop(self.rules.remove(&index)),
            Some(rules) => {
                rules.check(participant.kind)?;
                self.rules.insert(index, Changed { value: rules.clone(), by, at_us });
            }
        }
        Ok(())
    }

    fn set_limit(&mut self, key: LimitKey, limit: Option<LimitTable>, by: String, at_us: u64) -> Result<(), Refusal> {
        match limit {
            None => drop(self.limits.remove(&key)),
            Some(_) if self.limits.len() >= PAIR_LIMITS_MAX && !self.limits.contains_key(&key) => {
                return Err(Refusal::Malformed(format!("{PAIR_LIMITS_MAX} limits are changed already")));
            }
            Some(value) => {
                value.check()?;
                self.limits.insert(key, Changed { value, by, at_us });
            }
        }
        Ok(())
    }

    fn set_window(&mut self, number: u64, text: &WindowText, by: String, at_us: u64) -> Result<(), Refusal> {
        // What is over is of no use to anybody; the journal keeps it.
        self.windows.retain(|_, changed| changed.value.until.unix_micros() > at_us);
        if self.windows.len() >= MAINTENANCE_WINDOWS_MAX && !self.windows.contains_key(&number) {
            return Err(Refusal::Malformed(format!("there are {MAINTENANCE_WINDOWS_MAX} windows already")));
        }
        let window = MaintenanceWindow {
            bank: text.bank.as_deref().map(|bank| self.find(bank).map(|bank| bank.id)).transpose()?,
            from: parse_time("from", &text.from)?,
            until: parse_time("until", &text.until)?,
            text: text.text.clone(),
        };
        window.check(&self.participants)?;
        self.windows.insert(number, Changed { value: window, by, at_us });
        Ok(())
    }
}
