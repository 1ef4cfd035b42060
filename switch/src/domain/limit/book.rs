//! The counters of one bank.
//!
//! Invariant: at most [`DAYS_MAX`] days are held, the newest ones; a counter that has come back to nothing is gone, so
//! there are never more card counters than payments that were counted and not released.

use clearway_codec::value::Date;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::bounds::{Breach, Layers, Limits, Spend, Used};

/// Days held: a transaction id may carry yesterday's, today's or tomorrow's date.
const DAYS_MAX: usize = 3;
/// Parts of a day's card counters: growing one of them is a pause of a part of the whole.
const CARD_PARTS: usize = 64;

/// What was spent at one bank, by day and layer.
#[derive(Debug, Default)]
pub struct LimitBook {
    /// Rising days.
    days: Vec<DayBook>,
}

#[derive(Debug)]
struct DayBook {
    day: Date,
    bank: Used,
    institutions: HashMap<u16, Used, FixedState>,
    /// Empty until the first card is counted. Keys are digests under a key of the node, so their hash need not be
    /// keyed again.
    cards: Vec<HashMap<u64, Used, FixedState>>,
}

impl LimitBook {
    /// Counts `spend` in every layer that bounds a day, or in none. Answers who counted it.
    ///
    /// # Errors
    /// The first bound that it would break: the bank's, the institution's, the card's. A day older than the
    /// days held is refused as a day that has had its payments.
    pub fn reserve(&mut self, spend: &Spend, limits: &Limits) -> Result<Layers, Breach> {
        let limits = limits.of(spend);
        let counting = limits.counting();
        let used = self.used(spend);
        limits.bank.admit(used[0], spend.amount_fen)?;
        limits.institution.admit(used[1], spend.amount_fen)?;
        limits.card.admit(used[2], spend.amount_fen)?;
        if counting.is_empty() {
            return Ok(counting);
        }
        let day = self.day(spend.day).ok_or(Breach::DayCount)?;
        day.add(spend, counting);
        Ok(counting)
    }

    /// Gives a spend back to the layers that counted it; a day that is held no more needs nothing.
    pub fn release(&mut self, spend: &Spend, counted: Layers) {
        if let Some(day) = self.days.iter_mut().find(|book| book.day == spend.day) {
            day.remove(spend, counted);
        }
    }

    /// Counts what an earlier life of the node had counted, whatever the limits are now.
    pub fn restore(&mut self, spend: &Spend, counted: Layers) {
        if let Some(day) = self.day(spend.day) {
            day.add(spend, counted);
        }
    }

    /// What is counted where `spend` would be: by the bank, the institution, the card.
    #[must_use]
    pub fn used(&self, spend: &Spend) -> [Used; 3] {
        let Some(book) = self.days.iter().find(|book| book.day == spend.day) else {
            return [Used::default(); 3];
        };
        let card = book.cards.get(part_of(spend.account)).and_then(|part| part.get(&spend.account));
        let institution = book.institutions.get(&spend.institution);
        [book.bank, institution.copied().unwrap_or_default(), card.copied().unwrap_or_default()]
    }

    /// Card counters held, over all days.
    #[must_use]
    pub fn cards(&self) -> usize {
        self.days.iter().flat_map(|day| &day.cards).map(HashMap::len).sum()
    }

    /// Days held.
    #[must_use]
    pub fn days(&self) -> usize {
        self.days.len()
    }

    /// The book of a day, made if it is new; `None` for a day older than all that are held.
    fn day(&mut self, day: Date) -> Option<&mut DayBook> {
        let place = match self.days.binary_search_by_key(&day, |book| book.day) {
            Ok(place) => place,
            Err(0) if self.days.len() >= DAYS_MAX => return None,
            Err(place) => {
                self.days.insert(place, DayBook::new(day));
                if self.days.len() > DAYS_MAX {
                    self.days.remove(0);
                    place - 1
                } else {
                    place
                }
            }
        };
        self.days.get_mut(place)
    }
}

impl DayBook {
    fn new(day: Date) -> Self {
        Self { day, bank: Used::default(), institutions: HashMap::default(), cards: Vec::new() }
    }

    fn add(&mut self, spend: &Spend, counting: Layers) {
        if counting.contains(Layers::BANK) {
            self.bank.add(spend.amount_fen);
        }
        if counting.contains(Layers::INSTITUTION) {
            self.institutions.entry(spend.institution).or_default().add(spend.amount_fen);
        }
        if counting.contains(Layers::CARD) {
            if self.cards.is_empty() {
                self.cards.resize_with(CARD_PARTS, HashMap::default);
            }
            if let Some(part) = self.cards.get_mut(part_of(spend.account)) {
                part.entry(spend.account).or_default().add(spend.amount_fen);
            }
        }
    }

    fn remove(&mut self, spend: &Spend, counted: Layers) {
        if counted.contains(Layers::BANK) {
            self.bank.remove(spend.amount_fen);
        }
        if counted.contains(Layers::INSTITUTION) {
            give_back(&mut self.institutions, spend.institution, spend.amount_fen);
        }
        if counted.contains(Layers::CARD)
            && let Some(part) = self.cards.get_mut(part_of(spend.account))
        {
            give_back(part, spend.account, spend.amount_fen);
        }
    }
}

fn give_back<K: Eq + std::hash::Hash>(counters: &mut HashMap<K, Used, FixedState>, key: K, amount_fen: u64) {
    if let hashbrown::hash_map::Entry::Occupied(mut entry) = counters.entry(key) {
        entry.get_mut().remove(amount_fen);
        if entry.get().is_nothing() {
            entry.remove();
        }
    }
}

/// The high bits of a digest choose its part; the hash map uses its own mixture of all of them.
fn part_of(account: u64) -> usize {
    usize::try_from(account >> 58).unwrap_or(0) % CARD_PARTS
}
