//! The cases of the node, and which of them have adjustments in a dispute batch.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::domain::clearing::Adjusted;
use crate::domain::dispute::{Adjustment, Case, DisputeBatchId};

/// All cases, by the transactions they are about.
#[derive(Debug, Default)]
pub(super) struct Cases {
    cases: BTreeMap<u128, Case>,
    by_batch: BTreeMap<DisputeBatchId, BTreeSet<u128>>,
}

impl Cases {
    pub(super) fn get(&self, trx_key: u128) -> Option<&Case> {
        self.cases.get(&trx_key)
    }

    /// Puts a case in place of an older version. False: what is there is as new.
    pub(super) fn put(&mut self, case: Case) -> bool {
        if self.get(case.trx_key).is_some_and(|known| known.version >= case.version) {
            return false;
        }
        for adjustment in &case.adjustments {
            self.by_batch.entry(adjustment.batch).or_default().insert(case.trx_key);
        }
        self.cases.insert(case.trx_key, case);
        true
    }

    pub(super) fn adjustments(&self, batch: DisputeBatchId) -> Vec<(u128, Adjustment)> {
        let cases = self.by_batch.get(&batch).into_iter().flatten().filter_map(|key| self.get(*key));
        let all = cases.flat_map(|case| case.adjustments.iter().map(|adjustment| (case.trx_key, *adjustment)));
        all.filter(|(_, adjustment)| adjustment.batch == batch && adjustment.counts()).collect()
    }

    pub(super) fn adjusted(&self, batch: DisputeBatchId) -> Vec<Adjusted> {
        let cases = self.by_batch.get(&batch).into_iter().flatten().filter_map(|key| self.get(*key));
        cases.flat_map(|case| Adjusted::all_in(batch, case)).collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Case> {
        self.cases.values()
    }

    /// The cases behind `after`; all when there is none.
    pub(super) fn behind(&self, after: Option<u128>) -> impl Iterator<Item = &Case> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.cases.range((from, Bound::Unbounded)).map(|(_, case)| case)
    }

    pub(super) fn len(&self) -> usize {
        self.cases.len()
    }
}
