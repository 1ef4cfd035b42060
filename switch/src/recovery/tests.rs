//! Random histories with restarts, against a plain map: what was recorded is known afterwards, in memory or on a shelf, as it was last.

use std::collections::BTreeMap;

use clearway_codec::value::{BatchId, BeijingTime};
use proptest::prelude::*;

use super::*;
use crate::books::{NoSteps, Retirement, Silent};
use crate::domain::link::LinkNumber;
use crate::domain::record::{Record, RecordKind};
use crate::domain::transaction::samples::{START_US, changed, payment, trx_id};
use crate::domain::{Event, Leg, Payment, Phase};
use crate::journal::{Journal, Options, Work, checkpoint};
use crate::table::{Cursor, Orders, Recalled};

const PAYMENTS: u64 = 60;
/// Payments of one batch.
const BATCH: u64 = 12;
/// Fewer than there are in a history, so memory is often full.
const PAYMENTS_MAX: usize = 25;

/// One thing that happens to a node.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Accept(u64),
    /// The next thing in the life of a payment: its legs, the receipt; then refunds take from it.
    Go(u64),
    /// Batches up to this one are over.
    Retire(u64),
    /// One more piece of a checkpoint is copied; the last one makes it count.
    Copy,
    Restart,
}

fn any_happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => (1..=PAYMENTS).prop_map(Happening::Accept),
        20 => (1..=PAYMENTS).prop_map(Happening::Go),
        2 => (0..PAYMENTS / BATCH).prop_map(Happening::Retire),
        4 => Just(Happening::Copy),
        1 => Just(Happening::Restart),
    ]
}

struct World {
    dir: tempfile::TempDir,
    journal: Option<Journal>,
    memory: Memory,
    copying: Option<(checkpoint::Writer, Cursor)>,
    model: BTreeMap<u128, Payment>,
    runs: u64,
}

fn open(dir: &std::path::Path) -> (Journal, Memory) {
    let mut options = Options::new(dir);
    (options.group_bytes_max, options.segment_bytes) = (256 << 10, 1 << 20);
    (options.reserve_bytes, options.segments_ahead) = (1 << 20, 1);
    let (journal, recovered) = Journal::open(options).expect("a journal");
    let shelves = Shelves::open(&dir.join("shelf"), BeijingTime::from_unix_micros(START_US)).expect("own shelves");
    let (table, registers) = (Arc::new(Table::new(4, PAYMENTS_MAX)), Arc::new(Registers::new(10)));
    let memory = Memory { table, registers, shelves: Arc::new(shelves) };
    restore(dir, &journal, &recovered, &memory).expect("restored");
    (journal, memory)
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let (journal, memory) = open(dir.path());
        Self { dir, journal: Some(journal), memory, copying: None, model: BTreeMap::new(), runs: 0 }
    }

    fn journal(&self) -> &Journal {
        self.journal.as_ref().expect("open")
    }

    fn live(&mut self, happening: Happening) {
        match happening {
            Happening::Accept(number) => {
                let begun = Payment { batch: batch_of(number), ..payment(number) };
                let is_known = self.find(begun.trx_id).is_some();
                if !is_known && !self.memory.table.is_full() {
                    self.record(RecordKind::Accepted, &begun);
                    self.memory.table.lock(begun.trx_id).insert(begun).expect("new");
                }
            }
            Happening::Go(number) => self.go(trx_id(number)),
            Happening::Retire(batch) => self.retire(batch_of(batch * BATCH)),
            Happening::Copy => self.copy(),
            Happening::Restart => self.restart(),
        }
    }

    /// As a node finds it: in memory, else on a shelf.
    fn find(&self, key: u128) -> Option<Payment> {
        self.memory.table.get(key).or_else(|| self.memory.shelves.find(key).expect("readable"))
    }

    fn go(&mut self, key: u128) {
        let Some(known) = self.find(key) else { return };
        if self.memory.table.recall(&known, || true) == Recalled::Full {
            return;
        }
        let event = match known.phase {
            Phase::Leg1Sent => Event::LegSucceeded(Leg::One),
            Phase::Leg2Sent => Event::LegSucceeded(Leg::Two),
            _ if known.is_unfinished() => Event::ReceiptDelivered,
            _ => Event::RefundReserved(1),
        };
        let (next, _) = changed(&known, event);
        self.record(RecordKind::Event(event), &next);
        self.memory.table.lock(key).replace(next);
    }

    fn record(&mut self, kind: RecordKind, payment: &Payment) {
        let (images, attachments) = (&[][..], &[][..]);
        let record =
            Record { kind, at_us: START_US, link: LinkNumber::NONE, payment, original: None, images, attachments };
        let mut bytes = Vec::new();
        record.encode(&mut bytes);
        self.journal().append(Work::Running, &[&bytes]).expect("room");
        self.model.insert(payment.trx_id, *payment);
    }

    fn retire(&mut self, until: u32) {
        self.runs += 1;
        let Memory { table, shelves, .. } = &self.memory;
        let (orders, journal) = (&Orders::default(), self.journal());
        let retirement = Retirement { table, orders, shelves, journal, steps: &NoSteps, progress: &Silent };
        let batch = BatchId::from_u32(until).expect("a batch").to_string().parse().expect("its name");
        retirement.run(batch, &|batch| batch <= until, START_US).expect("retired");
        let leaves = |payment: &Payment| payment.batch <= until && payment.is_final() && !payment.is_unfinished();
        table.for_each(|payment| assert!(!leaves(payment), "{payment:?} stays"));
    }

    fn copy(&mut self) {
        let (mut writer, cursor) = self.copying.take().unwrap_or_else(|| {
            let position = self.journal().checkpoint_position();
            (checkpoint::Writer::create(self.dir.path(), position).expect("a checkpoint"), Cursor::default())
        });
        let mut chunk = Vec::new();
        Chunk::Payments.begin(&mut chunk);
        let next = self.memory.table.snapshot(cursor, &mut chunk);
        writer.write(&chunk).expect("written");
        match next {
            Some(cursor) => self.copying = Some((writer, cursor)),
            None => {
                self.journal().flush().expect("durable");
                writer.finish().expect("finished");
            }
        }
    }

    fn restart(&mut self) {
        self.copying = None;
        self.journal = None;
        let (journal, memory) = open(self.dir.path());
        (self.journal, self.memory) = (Some(journal), memory);
        self.check();
    }

    fn check(&self) {
        let table = &self.memory.table;
        assert!(table.len() <= PAYMENTS_MAX);
        for (key, payment) in &self.model {
            assert_eq!(self.find(*key), Some(*payment));
        }
        table.for_each(|payment| assert!(self.model.contains_key(&payment.trx_id)));
    }
}

fn batch_of(number: u64) -> u32 {
    payment(1).batch + (number / BATCH) as u32
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn what_was_recorded_is_known_after_any_restart(happenings in prop::collection::vec(any_happening(), 0..300)) {
        let mut world = World::new();
        for happening in happenings {
            world.live(happening);
        }
        world.check();
        world.restart();
    }
}

/// Memory was full, half of it left, as much came in: the checkpoint and the journal together hold more than memory may.
#[test]
fn a_restart_holds_no_more_than_memory_may() {
    let mut world = World::new();
    for round in 0..2 {
        let numbers = round * 24 + 1..=round * 24 + 24;
        for number in numbers.clone() {
            world.live(Happening::Accept(number));
            (0..3).for_each(|_| world.live(Happening::Go(number)));
        }
        if round == 0 {
            while world.copying.is_none() {
                world.live(Happening::Copy);
            }
            while world.copying.is_some() {
                world.live(Happening::Copy);
            }
            world.live(Happening::Retire(2));
            assert!(world.memory.table.is_empty());
        }
    }
    assert_eq!(world.model.len(), 48);
    world.live(Happening::Restart);
    assert_eq!(world.memory.table.len(), 24);
}
