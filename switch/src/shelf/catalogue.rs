//! All shelves at one moment, in memory: immutable, swapped whole when one is placed.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use clearway_codec::value::{BeijingTime, Date};
use foldhash::fast::{FixedState, RandomState};

use super::contents::{KeyDay, day_of};
use super::file::Shelf;
use super::filter::DayFilter;
use crate::domain::window;
use crate::error::Error;

/// Every shelf, by run, and where to look for what.
#[derive(Clone, Debug, Default)]
pub(super) struct Catalogue {
    /// By rising runs.
    shelves: Vec<Arc<Shelf>>,
    /// The shelves that hold keys of a day, the oldest first.
    by_day: HashMap<KeyDay, Vec<Arc<Shelf>>, FixedState>,
    /// The shelves that hold payments of a clearing batch, the oldest first.
    by_batch: HashMap<u32, Vec<Arc<Shelf>>, FixedState>,
    /// Filters for days whose ids may still come in.
    filters: Vec<DayFilter>,
}

impl Catalogue {
    pub(super) fn shelves(&self) -> &[Arc<Shelf>] {
        &self.shelves
    }

    /// The shelves on which a key may be, the newest first.
    pub(super) fn shelves_of(&self, key: u128) -> impl Iterator<Item = &Arc<Shelf>> {
        self.by_day.get(&day_of(key)).into_iter().flatten().rev()
    }

    pub(super) fn may_hold(&self, key: u128) -> bool {
        match self.filters.iter().find(|filter| filter.covers(key)) {
            Some(filter) => filter.may_hold(key),
            None => self.by_day.contains_key(&day_of(key)),
        }
    }

    pub(super) fn filter_bytes(&self) -> usize {
        self.filters.iter().map(DayFilter::memory_bytes).sum()
    }

    /// The shelves that hold payments of a clearing batch in its compact form, the oldest first.
    pub(super) fn shelves_with(&self, batch: u32) -> &[Arc<Shelf>] {
        self.by_batch.get(&batch).map(Vec::as_slice).unwrap_or_default()
    }

    /// The clearing batches whose payments are on shelves, in their compact form.
    pub(super) fn batches(&self) -> HashSet<u32, FixedState> {
        self.by_batch.keys().copied().collect()
    }

    /// The shelves of `all`, by rising runs.
    pub(super) fn of(all: Vec<Shelf>, now: BeijingTime, hasher: &RandomState) -> Result<Self, Error> {
        let mut catalogue = Self::default();
        let mut days = BTreeSet::new();
        for shelf in all {
            days.extend(catalogue.add(Arc::new(shelf)));
        }
        for day in days.into_iter().filter(|day| is_open(*day, now)) {
            catalogue.new_filter(day, hasher)?;
        }
        Ok(catalogue)
    }

    /// The catalogue with one shelf more, which is newer than all others.
    pub(super) fn with(&self, shelf: Shelf, now: BeijingTime, hasher: &RandomState) -> Result<Self, Error> {
        let shelf = Arc::new(shelf);
        let mut next = self.clone();
        next.filters.retain(|filter| is_open(filter.day, now));
        let days = next.add(Arc::clone(&shelf));
        for day in days.into_iter().filter(|day| is_open(*day, now)) {
            match next.filters.iter().position(|filter| filter.day == day) {
                Some(at) => {
                    let filter = next.filters.swap_remove(at);
                    next.filters.push(fill(filter, std::slice::from_ref(&shelf))?);
                }
                None => next.new_filter(day, hasher)?,
            }
        }
        Ok(next)
    }

    /// Adds a shelf, without its keys in any filter; the days of its keys.
    fn add(&mut self, shelf: Arc<Shelf>) -> BTreeSet<u32> {
        let contents = shelf.contents();
        for day in contents.days.keys() {
            self.by_day.entry(*day).or_default().push(Arc::clone(&shelf));
        }
        for batch in contents.batches.keys() {
            self.by_batch.entry(*batch).or_default().push(Arc::clone(&shelf));
        }
        let days = contents.days.keys().map(|(_, day)| *day).collect();
        self.shelves.push(shelf);
        days
    }

    /// A filter with the keys of a day that are on any shelf.
    fn new_filter(&mut self, day: u32, hasher: &RandomState) -> Result<(), Error> {
        let holds = |shelf: &&Arc<Shelf>| shelf.contents().days.keys().any(|(_, of)| *of == day);
        let shelves: Vec<Arc<Shelf>> = self.shelves.iter().filter(holds).cloned().collect();
        self.filters.push(fill(DayFilter::new(day, hasher.clone()), &shelves)?);
        Ok(())
    }
}

/// Whether ids of a day are accepted at `now` or will be: then it has a filter.
fn is_open(day: u32, now: BeijingTime) -> bool {
    let date = Date::from_ymd(day / 10_000, day / 100 % 100, day % 100);
    date.is_ok_and(|date| date > now.date() || window::accepts(date, now))
}

fn fill(filter: DayFilter, shelves: &[Arc<Shelf>]) -> Result<DayFilter, Error> {
    let day = filter.day;
    let of_day = |shelf: &Arc<Shelf>| {
        let days = shelf.contents().days.iter().filter(move |((_, of), _)| *of == day);
        days.map(|((tag, _), count)| (*tag, *count)).collect::<Vec<_>>()
    };
    let keys = shelves.iter().flat_map(of_day).map(|(_, count)| count).sum();
    let filter = filter.with_room(keys);
    for shelf in shelves {
        for (tag, _) in of_day(shelf) {
            shelf.walk(filter.first_key(tag), &mut |payments| {
                let own = payments.iter().take_while(|payment| day_of(payment.trx_id) == (tag, day));
                let count = own.map(|payment| filter.insert(payment.trx_id)).count();
                Ok(count == payments.len())
            })?;
        }
    }
    Ok(filter)
}
