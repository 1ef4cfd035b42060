use std::collections::BTreeMap;

use clearway_codec::value::BatchId;

use super::*;
use crate::books::{NoSteps, Silent};
use crate::domain::transaction::Event;
use crate::domain::transaction::samples::{START_US, acceptance, after, payment, succeeded, trx_id};
use crate::journal::Options;
use crate::table::Recalled;

/// A small node: memory, journal, shelves.
struct World {
    dir: tempfile::TempDir,
    table: Table,
    orders: Orders,
    journal: Journal,
    shelves: Shelves,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let mut options = Options::new(dir.path().join("journal"));
        (options.segment_bytes, options.reserve_bytes, options.segments_ahead) = (8 << 20, 1 << 20, 1);
        std::fs::create_dir(dir.path().join("journal")).expect("made");
        let (journal, _) = Journal::open(options).expect("a journal");
        let shelves = Shelves::none(&dir.path().join("shelf"));
        Self { table: Table::new(4, 10_000), orders: Orders::default(), journal, shelves, dir }
    }

    fn put(&self, payment: Payment) {
        self.table.lock(payment.trx_id).insert(payment).expect("room");
    }

    fn run(&self, sequence: u32, is_over: &dyn Fn(u32) -> bool) -> Retired {
        let date = BatchId::from_u32(acceptance(1).batch).expect("a batch").date();
        let batch = BatchName::payments(BatchId::new(date, sequence).expect("a batch"));
        let (steps, progress) = (&NoSteps, &Silent);
        let (table, orders, shelves, journal) = (&self.table, &self.orders, &self.shelves, &self.journal);
        let retirement = Retirement { table, orders, shelves, journal, steps, progress };
        retirement.run(batch, is_over, START_US).expect("retired")
    }

    fn files(&self) -> usize {
        std::fs::read_dir(self.dir.path().join("shelf")).map_or(0, Iterator::count)
    }
}

/// A payment that nobody is owed anything of any more.
fn finished(number: u64) -> Payment {
    after(succeeded(number), &[Event::ReceiptDelivered])
}

#[test]
fn what_is_owed_or_unfinished_stays_and_goes_later() {
    let world = World::new();
    (1..=300).for_each(|number| world.put(finished(number)));
    (301..=310).for_each(|number| world.put(payment(number)));
    (311..=320).for_each(|number| world.put(succeeded(number)));
    world.put(Payment { batch: acceptance(1).batch + 1, ..finished(400) });
    let is_over = |batch| batch == acceptance(1).batch;
    let done = world.run(10, &is_over);
    assert_eq!((done.written, done.left, done.stayed), (300, 300, 0));
    assert_eq!(world.table.len(), 21);
    assert_eq!(world.shelves.find(trx_id(7)).expect("readable"), Some(finished(7)));
    // Nothing to do: no file.
    assert_eq!(world.run(10, &is_over), Retired::default());
    assert_eq!(world.files(), 1);
    // A straggler's last notice is acknowledged; it goes with the next batch.
    let (known, key) = (succeeded(311), trx_id(311));
    world.table.lock(key).replace(after(known, &[Event::ReceiptDelivered]));
    let done = world.run(11, &|batch| batch <= acceptance(1).batch + 1);
    assert_eq!((done.written, done.left), (2, 2));
    assert_eq!((world.table.len(), world.files()), (19, 2));
    assert_eq!(world.shelves.find(key).expect("readable"), Some(finished(311)));
}

#[test]
fn what_comes_back_goes_again_and_the_newest_shelf_has_it() {
    let world = World::new();
    (1..=50).for_each(|number| world.put(finished(number)));
    let _ = world.run(10, &|_| true);
    for number in 1..=2 {
        let image = world.shelves.find(trx_id(number)).expect("readable").expect("there");
        assert_eq!(world.table.recall(&image, || true), Recalled::Here);
    }
    let refunded = after(finished(1), &[Event::RefundReserved(5)]);
    world.table.lock(trx_id(1)).replace(refunded);
    // Brought back a moment ago: who asked may still need it.
    world.shelves.note_recalled(trx_id(1), START_US - 1);
    let done = world.run(11, &|_| true);
    assert_eq!((done.written, done.left), (0, 1), "one is on a shelf as it is, one stays");
    world.shelves.note_recalled(trx_id(1), 0);
    let done = world.run(12, &|_| true);
    assert_eq!((done.written, done.left, world.table.len()), (1, 1, 0));
    assert_eq!(world.shelves.find(trx_id(1)).expect("readable"), Some(refunded));
    assert_eq!(world.shelves.find(trx_id(2)).expect("readable"), Some(finished(2)));
}

/// Over many batches the memory holds what is open, and everything that ever was is found.
#[test]
fn memory_is_bounded_over_many_batches() {
    let world = World::new();
    let mut model = BTreeMap::new();
    let first = acceptance(1).batch;
    for hour in 0..10_u64 {
        for number in hour * 500 + 1..=hour * 500 + 500 {
            let payment = Payment { batch: first + hour as u32, ..finished(number) };
            world.put(payment);
            model.insert(payment.trx_id, payment);
        }
        let done = world.run(10 + hour as u32, &|batch| batch <= first + hour as u32);
        assert_eq!((done.written, world.table.len()), (500, 0));
    }
    for (key, payment) in &model {
        assert_eq!(world.shelves.find(*key).expect("readable"), Some(*payment));
    }
    assert_eq!(world.shelves.payments(), 5_000);
}
