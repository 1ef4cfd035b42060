//! Whether the records of each payment follow each other: the same rule that recovery applies, and a little more.
//!
//! ```text
//! accepted: step 1 -> event: step 2 -> evidence: step 2, same image -> event: step 3, final -> event: step 4, same status
//! ```
//!
//! Invariant: one entry of 40 bytes for each payment in the journal.

use std::collections::HashMap;
use std::hash::BuildHasher;

use clearway_codec::value::TrxStatus;
use foldhash::fast::FixedState;

use crate::domain::record::{RecordKind, RecordView};
use crate::domain::transaction::Payment;

/// What is remembered of a payment: enough to judge its next record.
#[derive(Debug, Clone, Copy)]
struct Known {
    step: u32,
    status: TrxStatus,
    /// Hash of the after-image without its journal positions.
    image: u64,
}

#[derive(Debug)]
pub(super) struct Continuity {
    known: HashMap<u128, Known, FixedState>,
    /// Whether the walk began with the journal's first record, so that every payment must begin with its acceptance.
    from_birth: bool,
}

impl Continuity {
    pub(super) fn new(from_birth: bool) -> Self {
        Self { known: HashMap::default(), from_birth }
    }

    /// Payments seen.
    pub(super) fn payments(&self) -> usize {
        self.known.len()
    }

    /// Payments by wire status, in the order of [`TrxStatus::ALL`].
    pub(super) fn by_status(&self) -> [u64; TrxStatus::ALL.len()] {
        let mut counts = [0; TrxStatus::ALL.len()];
        for known in self.known.values() {
            counts[known.status as usize] += 1;
        }
        counts
    }

    /// Takes the next record and tells each fault.
    pub(super) fn take(&mut self, view: &RecordView<'_>, fault: &mut dyn FnMut(String)) {
        let is_accepted = view.kind == RecordKind::Accepted;
        self.follow(&view.payment, is_accepted, fault);
        if let Some(original) = &view.original {
            self.follow(original, false, fault);
        }
    }

    fn follow(&mut self, payment: &Payment, is_accepted: bool, fault: &mut dyn FnMut(String)) {
        let next = Known { step: payment.step, status: payment.status, image: image(payment) };
        let known = self.known.insert(payment.trx_id, next);
        let wrong = match known {
            None if self.from_birth && (!is_accepted || next.step != 1) => {
                Some(format!("begins with step {}, not with its acceptance", next.step))
            }
            None => None,
            Some(_) if is_accepted => Some("is accepted a second time".to_owned()),
            Some(known) => known.fault_before(&next),
        };
        if let Some(wrong) = wrong {
            fault(format!("payment {:031} {wrong}", payment.trx_id));
        }
    }
}

impl Known {
    /// What is wrong when `next` follows.
    fn fault_before(&self, next: &Self) -> Option<String> {
        if self.status.is_final() && next.status != self.status {
            return Some(format!("changes its final status from {} to {}", self.status, next.status));
        }
        if next.step == self.step {
            return (next.image != self.image).then(|| format!("changes without a new step after step {}", self.step));
        }
        (Some(next.step) != self.step.checked_add(1))
            .then(|| format!("goes from step {} to step {}", self.step, next.step))
    }
}

fn image(payment: &Payment) -> u64 {
    let mut placeless = *payment;
    (placeless.request_position, placeless.receipt_position) = (0, 0);
    FixedState::default().hash_one(placeless.to_bytes().as_slice())
}
