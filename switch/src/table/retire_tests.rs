//! Slots that are taken again, under any history; the cursor that walks while payments leave and come.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::transaction::samples::{changed, payment, succeeded, trx_id};
use crate::domain::transaction::{Event, PAYMENT_BYTES};

#[derive(Clone, Debug)]
enum Action {
    Insert(u64),
    Change(u64),
    Retire(u64),
    Recall(u64),
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => (1_u64..200).prop_map(Action::Insert),
        1 => (1_u64..200).prop_map(Action::Change),
        3 => (1_u64..200).prop_map(Action::Retire),
        1 => (1_u64..200).prop_map(Action::Recall),
    ]
}

/// A table, what it should hold, and what has left it.
struct World {
    table: Table,
    model: BTreeMap<u128, Payment>,
    shelf: BTreeMap<u128, Payment>,
}

impl World {
    fn new() -> Self {
        Self { table: Table::new(4, 1_000), model: BTreeMap::new(), shelf: BTreeMap::new() }
    }

    fn act(&mut self, action: &Action) {
        match *action {
            Action::Insert(number) => {
                if !self.shelf.contains_key(&trx_id(number))
                    && self.table.lock(trx_id(number)).insert(succeeded(number)).is_ok()
                {
                    self.model.insert(trx_id(number), succeeded(number));
                }
            }
            Action::Change(number) => {
                let mut guard = self.table.lock(trx_id(number));
                if let Some(known) = guard.get(trx_id(number)).copied().filter(|known| known.step < 5) {
                    let (next, _) = changed(&known, Event::RefundReserved(1));
                    guard.replace(next);
                    self.model.insert(next.trx_id, next);
                }
            }
            Action::Retire(number) => {
                let Some(known) = self.table.get(trx_id(number)) else { return };
                let older = Payment { step: known.step - 1, ..known };
                assert_eq!(self.table.retire(&[older], &|_| true, &mut |_| {}), 0, "it has changed since");
                assert_eq!(self.table.retire(&[known], &|_| false, &mut |_| {}), 0, "it may not leave");
                self.shelf.insert(known.trx_id, known);
                let mut left = Vec::new();
                assert_eq!(self.table.retire(&[known, known], &|_| true, &mut |payment| left.push(*payment)), 1);
                assert_eq!(left, [known]);
                self.model.remove(&known.trx_id);
            }
            Action::Recall(number) => {
                if let Some(image) = self.shelf.get(&trx_id(number)) {
                    assert_eq!(self.table.recall(image, || true), Recalled::Here);
                    self.model.entry(image.trx_id).or_insert(*image);
                }
            }
        }
        assert_eq!(self.table.len(), self.model.len());
    }

    fn contents(&self) -> BTreeMap<u128, Payment> {
        let mut all = BTreeMap::new();
        self.table.for_each(|payment| assert!(all.insert(payment.trx_id, *payment).is_none(), "twice in the table"));
        all
    }
}

proptest! {
    /// What leaves and comes back leaves no trace, and no more slots are made than payments were there at once.
    #[test]
    fn slots_are_taken_again(actions in prop::collection::vec(any_action(), 0..600)) {
        let mut world = World::new();
        let mut most = 0;
        for action in &actions {
            world.act(action);
            most = most.max(world.model.len());
            let known = world.table.shards.iter().map(|shard| shard.0.lock().slots()).sum::<usize>();
            prop_assert!(known <= most * 4, "{known} slots for {most} payments");
        }
        prop_assert_eq!(world.contents(), world.model);
    }

    /// A snapshot copied while payments leave and come back misses nothing that stayed, and loads whatever it copied twice.
    #[test]
    fn a_cursor_survives_what_leaves_and_comes(
        before in prop::collection::vec(any_action(), 0..300),
        during in prop::collection::vec(any_action(), 0..300),
        pace in 1_usize..10,
    ) {
        let mut world = World::new();
        before.iter().for_each(|action| world.act(action));
        let at_start = world.model.clone();
        let (mut copy, mut cursor) = (Vec::new(), Some(Cursor::default()));
        let mut during = during.iter();
        let mut touched = std::collections::BTreeSet::new();
        while let Some(at) = cursor {
            cursor = world.table.snapshot(at, &mut copy);
            for action in during.by_ref().take(pace) {
                let (Action::Insert(number) | Action::Change(number) | Action::Retire(number) | Action::Recall(number)) = action;
                touched.insert(trx_id(*number));
                world.act(action);
            }
        }
        let loaded = Table::new(2, 1_000);
        prop_assert_eq!(loaded.load(&copy), Ok(copy.len() / PAYMENT_BYTES));
        for (key, payment) in at_start.iter().filter(|(key, _)| !touched.contains(*key)) {
            prop_assert_eq!(loaded.get(*key), Some(*payment));
        }
        loaded.for_each(|payment| assert!(touched.contains(&payment.trx_id) || at_start.contains_key(&payment.trx_id)));
    }
}

#[test]
fn collecting_shows_every_payment_once() {
    let table = Table::new(2, 10_000);
    for number in 1..=3_000 {
        table.lock(trx_id(number)).insert(payment(number)).expect("room");
    }
    let (mut keys, mut cursor) = (Vec::new(), Some(Cursor::default()));
    while let Some(at) = cursor {
        cursor = table.collect(at, &|payment| payment.trx_id % 2 == 0, &mut keys);
    }
    keys.sort_unstable();
    assert_eq!(keys, (1..=1_500).map(|number| trx_id(2 * number)).collect::<Vec<_>>());
}

/// Hour after hour comes and goes: the memory is that of the most that were there at once.
#[test]
fn memory_stays_that_of_the_busiest_hour() {
    let table = Table::new(16, 100_000);
    let hour = |hour: u64| {
        (hour * 20_000 + 1..=hour * 20_000 + 20_000).map(|number| Payment { trx_id: trx_id(number), ..succeeded(1) })
    };
    let mut bytes = Vec::new();
    for number in 0..8 {
        hour(number).for_each(|payment| table.lock(payment.trx_id).insert(payment).expect("room"));
        bytes.push(table.memory_bytes());
        let images: Vec<Payment> = hour(number).collect();
        assert_eq!(table.retire(&images, &|_| true, &mut |_| {}), images.len());
        assert!(table.is_empty());
    }
    // Hashes are seeded anew in each process: a shard may get some chunks more in one hour than in another. Without reuse it were 8 times as much.
    assert!(*bytes.iter().max().expect("hours") < bytes[0] * 5 / 4, "{bytes:?}");
}
