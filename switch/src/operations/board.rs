//! What joint operations know, in one place: the statistics, what arrived where, and the state of admission.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clearway_codec::value::InstitutionId;
use parking_lot::Mutex;

use super::post::Failure;
use super::statistics::Statistics;
use crate::admission::Admission;
use crate::clock::Clock;
use crate::config::Participants;
use crate::domain::business::{Business, rules};
use crate::metrics::{BusinessReading, OperationsReading};

/// The board of one node.
#[derive(Debug)]
pub struct Board {
    pub(super) statistics: Statistics,
    pub(super) participants: Participants,
    pub(super) admission: Arc<Admission>,
    pub(super) clock: Clock,
    sent: AtomicU64,
    failed: AtomicU64,
    /// Participants to which the last message did not get through, and why.
    failing: Mutex<BTreeMap<u16, Failure>>,
}

impl Board {
    /// The board of a node with `workers` workers.
    #[must_use]
    pub fn new(workers: usize, participants: Participants, admission: Arc<Admission>, clock: Clock) -> Self {
        Self {
            statistics: Statistics::new(workers),
            participants,
            admission,
            clock,
            sent: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            failing: Mutex::default(),
        }
    }

    /// Where the workers count.
    #[must_use]
    pub const fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Notes how a message to a participant went. Counts it, and logs the first failure and the first success after.
    pub(super) fn delivered(&self, to: u16, result: Result<(), Failure>) {
        let id = self.id(to);
        let mut failing = self.failing.lock();
        match result {
            Ok(()) => {
                self.sent.fetch_add(1, Ordering::Relaxed);
                if failing.remove(&to).is_some() {
                    tracing::info!(participant = %id, "takes joint operations again");
                }
            }
            Err(failure) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                if !failing.contains_key(&to) {
                    tracing::warn!(participant = %id, %failure, "does not take joint operations");
                }
                failing.insert(to, failure);
            }
        }
    }

    /// Participants to which the last message did not get through, and why.
    #[must_use]
    pub fn failing(&self) -> Vec<(String, String)> {
        self.failing.lock().iter().map(|(index, failure)| (self.id(*index), failure.to_string())).collect()
    }

    pub(super) fn id(&self, index: u16) -> String {
        self.participants.get(index).map_or_else(String::new, |one| one.id.as_str().to_owned())
    }

    pub(super) fn institution_id(&self, index: u16) -> Option<InstitutionId> {
        self.participants.get(index).map(|one| one.id)
    }

    /// What the metrics export.
    #[must_use]
    pub fn reading(&self) -> OperationsReading {
        let last = self.statistics.last().tally.by_business();
        let businesses = self.statistics.totals().into_iter().map(|((business, leg), sums)| {
            let minute = last.get(&(business, leg)).copied().unwrap_or_default();
            BusinessReading {
                business: name_of(business),
                leg,
                count: sums.count,
                business_ok: sums.business_ok,
                system_ok: sums.system_ok,
                business_rate: minute.business_rate(),
                system_rate: minute.system_rate(),
            }
        });
        OperationsReading {
            businesses: businesses.collect(),
            sent: self.sent.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
        }
    }
}

/// The name of a business for people.
pub(super) fn name_of(business: u8) -> &'static str {
    Business::from_code(business).map_or("unknown", |business| rules(business).name)
}
