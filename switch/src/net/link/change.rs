//! What the operator changed: durable first, then in force, one change at a time.
//!
//! After a restart the last setting of each key is applied, in any order. A setting of a link that the configuration no
//! longer has is passed over with a line in the log: there is nothing left to drain.

use std::collections::BTreeMap;
use std::sync::Arc;

use clearway_codec::value::InstitutionId;

use super::board::Board;
use super::bundle::Bundle;
use super::request::Request;
use super::setting::{LinkChange, Setting, Subject};
use crate::domain::link::{LinkNumber, Order};
use crate::error::Error;
use crate::settings::{Changed, CorruptSetting, Refusal, Slot, Space};

/// The settings so far.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    slots: BTreeMap<Subject, Slot>,
    changed: BTreeMap<Subject, Changed<()>>,
    used: u32,
}

impl Ledger {
    /// The slot of the next setting about `subject`.
    fn slot(&self, subject: &Subject) -> Result<Slot, Refusal> {
        if let Some(slot) = self.slots.get(subject) {
            return Ok(slot.next());
        }
        let key = Space::Links.key(self.used.saturating_add(1));
        let key = key.ok_or_else(|| Refusal::Malformed("there are too many changes of links".to_owned()))?;
        Ok(Slot { key, version: 1 })
    }

    fn keep(&mut self, setting: &Setting) {
        let subject = setting.change.subject();
        self.used = self.used.max(setting.key() & 0x00ff_ffff);
        self.slots.insert(subject.clone(), setting.slot());
        self.changed.insert(subject, Changed { value: (), by: setting.by.clone(), at_us: setting.at_us });
    }

    /// Who last changed a link, or, without a name, which one is in use.
    pub(super) fn changed(&self, participant: &str, link: &str) -> Option<Changed<()>> {
        let subject = Subject { participant: participant.to_owned(), link: link.to_owned() };
        self.changed.get(&subject).cloned()
    }
}

impl Board {
    /// Makes a change: checks it whole, has `record` make it durable, and then puts it in force. May block.
    ///
    /// # Errors
    /// A request that does not fit, or a journal that did not take it; nothing is changed then.
    pub fn change(
        &self,
        request: &Request,
        now_us: u64,
        record: &dyn Fn(&Setting) -> Result<(), Error>,
    ) -> Result<Setting, Refusal> {
        let mut ledger = self.ledger().lock();
        let (bundle, order) = self.order(&request.change)?;
        check(bundle, order)?;
        let slot = ledger.slot(&request.change.subject())?;
        let setting = Setting::new(slot, &request.by, now_us, request.change.clone());
        record(&setting).map_err(Refusal::NotRecorded)?;
        ledger.keep(&setting);
        bundle.obey(order);
        Ok(setting)
    }

    /// Applies settings of an earlier life: the last of each key, in any order.
    ///
    /// # Errors
    /// Bytes that are no setting.
    pub fn apply_settings<'a>(&self, settings: impl IntoIterator<Item = &'a [u8]>) -> Result<(), CorruptSetting> {
        let mut ledger = self.ledger().lock();
        for bytes in settings {
            let setting = Setting::decode(bytes)?;
            match self.order(&setting.change) {
                Ok((_, Order::SwitchBack)) => {}
                Ok((bundle, order)) => bundle.obey(order),
                Err(refusal) => {
                    tracing::warn!(%refusal, change = ?setting.change, "a setting of the links is passed over")
                }
            }
            ledger.keep(&setting);
        }
        Ok(())
    }

    /// Whose links a change is about, and what is to be done with them.
    fn order(&self, change: &LinkChange) -> Result<(&Arc<Bundle>, Order), Refusal> {
        Ok(match change {
            LinkChange::Drained { participant, link, drained } => {
                let bundle = self.find(participant)?;
                let link = find_link(bundle, link)?;
                (bundle, if *drained { Order::Drain(link) } else { Order::Undrain(link) })
            }
            LinkChange::InUse { participant, link: Some(link) } => {
                let bundle = self.find(participant)?;
                (bundle, Order::Switch(find_link(bundle, link)?))
            }
            LinkChange::InUse { participant, link: None } => (self.find(participant)?, Order::SwitchBack),
        })
    }

    fn find(&self, id: &str) -> Result<&Arc<Bundle>, Refusal> {
        let id = InstitutionId::parse(id.as_bytes()).ok();
        // The text is not repeated: it came from outside and may be anything.
        id.and_then(|id| self.bundles().find(|bundle| bundle.participant().id == id))
            .ok_or_else(|| Refusal::Unknown("there is no such participant".to_owned()))
    }
}

fn find_link(bundle: &Bundle, name: &str) -> Result<LinkNumber, Refusal> {
    bundle
        .links()
        .find(|link| bundle.name(*link) == name)
        .ok_or_else(|| Refusal::Unknown(format!("{} has no such link", bundle.participant().id)))
}

/// What is not usable cannot be switched to: the operator would believe that it is in use.
fn check(bundle: &Bundle, order: Order) -> Result<(), Refusal> {
    let Order::Switch(link) = order else { return Ok(()) };
    let (state, is_drained) =
        bundle.read(|group| (group.detector(link).map(crate::domain::link::Detector::state), group.is_drained(link)));
    match state {
        _ if is_drained => Err(Refusal::value("link", "is drained; undrain it first")),
        Some(state) if !state.is_usable() => {
            Err(Refusal::value("link", format!("is {state}; nothing would go over it")))
        }
        _ => Ok(()),
    }
}
