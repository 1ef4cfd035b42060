//! All links of all participants, shared by workers, prober, operator and metrics.

use std::sync::Arc;

use parking_lot::Mutex;

use super::bundle::Bundle;
use super::change::Ledger;
use super::rules::{rules_of, specs_of};
use super::slot::ErrorKind;
use super::time::BoardTime;
use crate::clock::Clock;
use crate::config::{LinkConfig, LinksSection, Participant, Participants};
use crate::domain::link::LinkNumber;
use crate::net::transport::Connector;

/// The links of a node. Cheap to share; see [`Bundle`] for those of one participant.
#[derive(Debug)]
pub struct Board {
    /// By participant index.
    bundles: Vec<Option<Arc<Bundle>>>,
    /// What the operator changed.
    ledger: Mutex<Ledger>,
}

impl Board {
    /// The board of a node with so many workers, with every link taken to be up.
    #[must_use]
    pub fn new(
        participants: &Participants,
        section: &LinksSection,
        workers: usize,
        clock: &Clock,
        connector_of: impl Fn(&Participant, &LinkConfig) -> Connector,
    ) -> Arc<Self> {
        let time = BoardTime::new(clock);
        let (all, links) = (participants.len() as u64, participants.iter().map(|one| one.links.len()).sum());
        let size = participants.iter().map(|participant| usize::from(participant.index) + 1).max().unwrap_or(0);
        let mut bundles = vec![None; size];
        for (turn, participant) in participants.iter().enumerate() {
            let (rules, specs) = (rules_of(section, participant, links), specs_of(participant));
            // Not all first probes at once.
            let lead_us = rules.probe_interval_us / all.max(1) * turn as u64;
            if let Some(place) = bundles.get_mut(usize::from(participant.index)) {
                *place = Some(Arc::new(Bundle::new(
                    participant,
                    participant.links.iter().map(|link| connector_of(participant, link)).collect(),
                    (rules, &specs),
                    workers,
                    time,
                    lead_us,
                )));
            }
        }
        Arc::new(Self { bundles, ledger: Mutex::default() })
    }

    /// The links of a participant.
    #[must_use]
    pub fn bundle(&self, participant: u16) -> Option<&Arc<Bundle>> {
        self.bundles.get(usize::from(participant))?.as_ref()
    }

    /// All, in the order of the participants' indexes.
    pub fn bundles(&self) -> impl Iterator<Item = &Arc<Bundle>> {
        self.bundles.iter().flatten()
    }

    pub(super) const fn ledger(&self) -> &Mutex<Ledger> {
        &self.ledger
    }

    /// Whether a message to a participant can leave now, as far as anybody knows.
    #[must_use]
    pub fn is_reachable(&self, participant: u16) -> bool {
        self.bundle(participant).is_some_and(|bundle| !bundle.takers().is_empty())
    }

    /// An answer that came over a link was not signed as it must be.
    pub fn note_bad_signature(&self, participant: u16, link: LinkNumber, worker: usize) {
        let Some(bundle) = self.bundle(participant) else { return };
        if let Some(slot) = bundle.slot(worker, link) {
            slot.count_error(ErrorKind::BadSignature);
        }
        bundle.failed(link, ErrorKind::BadSignature, 0);
    }
}
