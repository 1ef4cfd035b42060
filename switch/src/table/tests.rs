use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::link::LinkNumber;
use crate::domain::record::{Attachment, Record, RecordKind, RecordView, Role};
use crate::domain::transaction::samples::{
    AMOUNT_FEN, START_US, acceptance, any_event, changed, payment, refund, succeeded, timing, trx_id,
};
use crate::domain::transaction::{
    Acceptance, Event, Leg, Outcome, Party, RefundRequest, refund as refunds, transition,
};
use crate::domain::{Business, Effect};

fn contents(table: &Table) -> BTreeMap<u128, Payment> {
    let mut all = BTreeMap::new();
    table.for_each(|payment| assert!(all.insert(payment.trx_id, *payment).is_none(), "twice in the table"));
    assert_eq!(all.len(), table.len());
    all
}

fn put(table: &Table, payment: Payment) -> Result<(), InsertError> {
    table.lock(payment.trx_id).insert(payment)
}

// ---- a map, and nothing but a map ----

#[derive(Clone, Debug)]
enum Action {
    Insert(u64),
    Change(u64),
    Get(u64),
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        2 => (0_u64..400).prop_map(Action::Insert),
        2 => (0_u64..400).prop_map(Action::Change),
        1 => (0_u64..400).prop_map(Action::Get),
    ]
}

proptest! {
    #[test]
    fn the_table_is_a_map(shards in 0_u32..6, max in 1_usize..300, actions in prop::collection::vec(any_action(), 0..600)) {
        let table = Table::new(1 << shards, max);
        let mut model: HashMap<u128, Payment> = HashMap::new();
        for action in actions {
            match action {
                Action::Insert(number) => {
                    let expected = match (model.contains_key(&trx_id(number)), model.len() < max) {
                        (true, _) => Err(InsertError::Occupied),
                        (false, false) => Err(InsertError::Full),
                        (false, true) => Ok(()),
                    };
                    prop_assert_eq!(put(&table, payment(number)), expected);
                    if expected.is_ok() {
                        model.insert(trx_id(number), payment(number));
                    }
                }
                Action::Change(number) => {
                    let mut guard = table.lock(trx_id(number));
                    let known = guard.get(trx_id(number)).copied();
                    prop_assert_eq!(known, model.get(&trx_id(number)).copied());
                    if let Some(known) = known.filter(|known| !known.exchange_is_over()) {
                        let (next, _) = changed(&known, Event::ReceiptLost);
                        guard.replace(next);
                        model.insert(next.trx_id, next);
                    }
                }
                Action::Get(number) => {
                    prop_assert_eq!(table.get(trx_id(number)), model.get(&trx_id(number)).copied());
                }
            }
            prop_assert_eq!((table.len(), table.is_empty()), (model.len(), model.is_empty()));
            prop_assert_eq!(table.is_full(), model.len() >= max);
        }
        prop_assert_eq!(contents(&table), model.into_iter().collect());
    }
}

#[test]
#[should_panic(expected = "only by its next step")]
fn a_step_cannot_be_left_out() {
    let table = Table::new(4, 10);
    put(&table, payment(1)).expect("room");
    table.lock(trx_id(1)).replace(Payment { step: 3, ..payment(1) });
}

#[test]
#[should_panic(expected = "does not lock this key")]
fn a_guard_is_for_its_own_keys() {
    let table = Table::new(1 << 10, 10);
    let guard = table.lock(trx_id(1));
    for number in 2..100 {
        guard.get(trx_id(number));
    }
}

#[test]
fn a_position_once_known_stays() {
    let table = Table::new(1, 10);
    put(&table, payment(1)).expect("room");
    let (next, _) = changed(&payment(1), Event::ReceiptLost);
    let mut guard = table.lock(trx_id(1));
    guard.note_positions(trx_id(1), 44, 0);
    guard.replace(next);
    guard.note_positions(trx_id(1), 55, 66);
    guard.note_positions(trx_id(1), 77, 88);
    let known = guard.get(trx_id(1)).expect("there");
    assert_eq!((known.request_position, known.receipt_position, known.step), (44, 66, 2));
}

// ---- memory ----

/// Counted, not measured: every byte asked of the allocator. The goal of performance.md is 220 a payment.
#[test]
fn a_payment_costs_at_most_220_bytes_whenever_one_looks() {
    for (shards, payments) in [(16, 20_000_u64), (64, 100_000), (256, 600_000)] {
        let table = Table::new(shards, usize::MAX);
        let template = payment(1);
        let mut worst = (0, 0);
        for number in 0..payments {
            put(&table, Payment { trx_id: trx_id(number + 1), ..template }).expect("room");
            if number % 5_000 == 4_999 && number >= payments / 2 {
                worst = worst.max((table.memory_bytes() / table.len(), table.len()));
            }
        }
        let at_end = table.memory_bytes() / table.len();
        println!("{shards} shards: {at_end} bytes a payment at {payments}, at worst {} at {}", worst.0, worst.1);
        assert!(worst.0.max(at_end) <= 220, "{worst:?}");
    }
}

/// After `reserve` the index of no shard grows while payments come, so none of them waits for that.
#[test]
fn reserving_makes_room_beforehand() {
    let table = Table::new(16, usize::MAX);
    table.reserve(50_000);
    let slots = |table: &Table| table.shards.iter().map(|shard| shard.0.lock().index_bytes()).collect::<Vec<_>>();
    let before = slots(&table);
    for number in 0..50_000 {
        put(&table, payment(number)).expect("room");
    }
    assert_eq!(slots(&table), before);
}

// ---- threads ----

/// Runs `work` on four threads at once; a deadlock becomes a failure instead of a hanging test.
fn on_four_threads(work: impl Fn(u64) + Sync) {
    let (done, finished) = mpsc::channel();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (done, work) = (done.clone(), &work);
            scope.spawn(move || {
                work(thread);
                done.send(()).ok();
            });
        }
        for _ in 0..4 {
            if finished.recv_timeout(Duration::from_secs(60)).is_err() {
                eprintln!("deadlock, or a thread panicked");
                std::process::abort();
            }
        }
    });
}

/// A stream of numbers that differs a thread, and is the same in every run.
fn numbers(thread: u64) -> impl Iterator<Item = u64> {
    let mut state = 0x9E37_79B9_7F4A_7C15 ^ thread;
    std::iter::from_fn(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Some(state)
    })
}

#[test]
fn pairs_locked_in_any_order_do_not_deadlock_and_lose_no_change() {
    const CHANGES: u32 = 5_000;
    let table = Table::new(2, 100);
    for number in 0..16 {
        put(&table, succeeded(number)).expect("room");
    }
    on_four_threads(|thread| {
        let mut stream = numbers(thread);
        for _ in 0..CHANGES {
            let pair = stream.next().unwrap_or(0);
            let (one, other) = (trx_id(pair % 16), trx_id(pair / 16 % 16));
            let mut guard = table.lock_pair(one, other);
            for key in [one, other] {
                let known = *guard.get(key).expect("there");
                guard.replace(Payment { step: known.step + 1, ..known });
            }
            // Lets the others queue up at both locks: taken in the wrong order they would now block each other.
            std::thread::yield_now();
        }
    });
    let steps: u32 = contents(&table).values().map(|payment| payment.step - 3).sum();
    assert_eq!(steps, 4 * 2 * CHANGES);
}

/// Refunds of one payment race on four threads: all of it is given back, and not a fen more.
#[test]
fn racing_refunds_never_exceed_their_original() {
    let table = Table::new(8, 100_000);
    put(&table, Payment { amount_fen: 1_000, ..succeeded(1) }).expect("room");
    let reserved = AtomicUsize::new(0);
    on_four_threads(|thread| {
        for number in 0..500 {
            let (key, original) = (trx_id(1_000 + thread * 1_000 + number), trx_id(1));
            let mut guard = table.lock_pair(key, original);
            let request =
                RefundRequest { amount_fen: 1 + number % 3, institution: 3, original_amount_fen: Some(1_000) };
            let Ok(next) = refunds::reserve(guard.get(original), &request, START_US, &timing()) else { continue };
            guard.insert(refund(1_000 + thread * 1_000 + number, 1, request.amount_fen)).expect("new");
            guard.replace(next);
            reserved.fetch_add(request.amount_fen as usize, Ordering::Relaxed);
        }
    });
    let all = contents(&table);
    let refunded: u64 =
        all.values().filter(|payment| payment.original().is_some()).map(|payment| payment.amount_fen).sum();
    assert_eq!((all[&trx_id(1)].refunded_fen, refunded), (1_000, 1_000));
    assert_eq!(reserved.into_inner(), 1_000);
}

#[test]
fn a_refund_is_locked_with_its_original() {
    let table = Table::new(1 << 8, 100);
    put(&table, succeeded(1)).expect("room");
    for number in 2..50 {
        put(&table, refund(number, 1, 5)).expect("room");
        let guard = table.lock_with_original(trx_id(number));
        assert!(guard.get(trx_id(number)).is_some() && guard.get(trx_id(1)).is_some());
    }
    assert!(table.lock_with_original(trx_id(1)).get(trx_id(1)).is_some());
    assert!(table.lock_with_original(trx_id(99)).get(trx_id(99)).is_none());
}

// ---- replay ----

/// One thing that happens to a running node.
#[derive(Clone, Debug)]
enum Happening {
    Accept(u64),
    Refund { number: u64, original: u64, amount_fen: u64 },
    Event(u64, Event),
    SignReceipt(u64),
}

const PAYMENTS: u64 = 24;

fn any_happening() -> impl Strategy<Value = Happening> {
    let number = 0..PAYMENTS;
    prop_oneof![
        3 => number.clone().prop_map(Happening::Accept),
        1 => (number.clone(), number.clone(), 1..=AMOUNT_FEN)
            .prop_map(|(number, original, amount_fen)| Happening::Refund { number, original, amount_fen }),
        3 => number.clone().prop_map(|number| Happening::Event(number, Event::LegSucceeded(Leg::One))),
        3 => number.clone().prop_map(|number| Happening::Event(number, Event::LegSucceeded(Leg::Two))),
        6 => (number.clone(), any_event()).prop_map(|(number, event)| Happening::Event(number, event)),
        1 => number.prop_map(Happening::SignReceipt),
    ]
}

/// A node's table and journal, in one thread.
struct Node {
    table: Table,
    journal: Vec<Vec<u8>>,
}

impl Node {
    fn new() -> Self {
        Self { table: Table::new(8, 1_000), journal: Vec::new() }
    }

    fn live(&mut self, happening: &Happening) {
        match *happening {
            Happening::Accept(number) => self.accept(&acceptance(number), None),
            Happening::Refund { number, original, amount_fen } => {
                let of = trx_id(original);
                let refund = Acceptance { original: of, amount_fen, business: Business::Refund, ..acceptance(number) };
                let request = RefundRequest { amount_fen, institution: 3, original_amount_fen: None };
                let known = self.table.get(of);
                if let Ok(next) = refunds::reserve(known.as_ref(), &request, START_US, &timing()) {
                    self.accept(&refund, Some(next));
                }
            }
            Happening::Event(number, event) => self.event(trx_id(number), event),
            Happening::SignReceipt(number) => self.sign_receipt(trx_id(number)),
        }
    }

    fn write(
        &mut self,
        kind: RecordKind,
        payment: &Payment,
        original: Option<&Payment>,
        role: Option<Role>,
    ) -> Payment {
        let attached = role.map(|role| Attachment { role, party: Party::Institution, at_us: 0, message: b"<root/>" });
        let record = Record {
            kind,
            at_us: START_US,
            link: LinkNumber::NONE,
            payment,
            original,
            images: &[],
            attachments: attached.as_slice(),
        };
        let mut bytes = Vec::new();
        record.encode(&mut bytes);
        self.journal.push(bytes);
        record.payment_at(self.journal.len() as u64)
    }

    fn accept(&mut self, acceptance: &Acceptance, original: Option<Payment>) {
        if self.table.get(acceptance.trx_id).is_some() {
            return;
        }
        let (begun, _) = Payment::accept(acceptance, START_US, &timing());
        let placed = self.write(RecordKind::Accepted, &begun, original.as_ref(), Some(Role::Request));
        let mut guard = self.table.lock_pair(begun.trx_id, acceptance.original);
        guard.insert(placed).expect("new");
        original.into_iter().for_each(|original| guard.replace(original));
    }

    fn event(&mut self, key: u128, event: Event) {
        // Reservations belong to refunds; alone they would never be released.
        if matches!(event, Event::RefundReserved(_) | Event::RefundReleased(_)) {
            return;
        }
        let Some(before) = self.table.get(key) else { return };
        let now_us = before.due_at_us.max(START_US);
        let Outcome::Changed { next, effects } = transition(&before, event, now_us, &timing()) else { return };
        let original = effects.contains(Effect::ReleaseRefund).then(|| {
            let known = next.original().and_then(|original| self.table.get(original)).expect("reserved");
            refunds::release(&known, &next, now_us, &timing()).expect("reserved")
        });
        let receipt = (next.is_final() && !before.is_final()).then_some(Role::Receipt);
        let placed = self.write(RecordKind::Event(event), &next, original.as_ref(), receipt);
        let mut guard = self.table.lock_with_original(key);
        guard.replace(placed);
        original.into_iter().for_each(|original| guard.replace(original));
    }

    fn sign_receipt(&mut self, key: u128) {
        let Some(known) = self.table.get(key) else { return };
        let placed = self.write(RecordKind::Evidence, &known, None, Some(Role::Receipt));
        self.table.lock(key).note_positions(key, 0, placed.receipt_position);
    }

    /// Replays records `from..to` of the journal into `table`, as recovery does.
    fn replay(&self, table: &Table, from: usize, to: usize) {
        for (number, bytes) in self.journal.iter().enumerate().take(to).skip(from) {
            let record = RecordView::decode(bytes).expect("own record");
            table.apply(&record.payment_at(number as u64 + 1)).expect("no gap");
            if let Some(original) = &record.original {
                table.apply(original).expect("no gap");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// The journal alone gives the table, also when any part of it is replayed twice.
    #[test]
    fn replay_gives_the_same_table_however_often(
        happenings in prop::collection::vec(any_happening(), 0..200),
        cut in any::<prop::sample::Index>(),
        again in any::<prop::sample::Index>(),
    ) {
        let mut node = Node::new();
        happenings.iter().for_each(|happening| node.live(happening));
        let end = node.journal.len();
        let (cut, again) = (cut.index(end + 1), again.index(end + 1));
        let table = Table::new(2, 1_000);
        node.replay(&table, 0, cut);
        node.replay(&table, again.min(cut), cut);
        node.replay(&table, 0, end);
        prop_assert_eq!(contents(&table), contents(&node.table));
    }

    /// A snapshot copied piece by piece while the node works, and the journal from where the copying began, give the
    /// table; the load may meet another number of shards.
    #[test]
    fn a_fuzzy_snapshot_and_its_tail_give_the_same_table(
        before in prop::collection::vec(any_happening(), 0..120),
        during in prop::collection::vec(any_happening(), 0..120),
        after in prop::collection::vec(any_happening(), 0..40),
        pace in 1_usize..20,
    ) {
        let mut node = Node::new();
        before.iter().for_each(|happening| node.live(happening));
        let position = node.journal.len();
        let (mut chunks, mut cursor) = (Vec::new(), Some(Cursor::default()));
        let mut during = during.iter();
        while let Some(at) = cursor {
            let mut chunk = Vec::new();
            cursor = node.table.snapshot(at, &mut chunk);
            chunks.push(chunk);
            during.by_ref().take(pace).for_each(|happening| node.live(happening));
        }
        during.chain(&after).for_each(|happening| node.live(happening));
        let table = Table::new(2, 1_000);
        for chunk in &chunks {
            table.load(chunk).expect("own chunk");
        }
        node.replay(&table, position, node.journal.len());
        prop_assert_eq!(contents(&table), contents(&node.table));
    }

    /// What refunds have reserved or moved is exactly what stands on the original.
    #[test]
    fn reservations_add_up(happenings in prop::collection::vec(any_happening(), 0..300)) {
        let mut node = Node::new();
        happenings.iter().for_each(|happening| node.live(happening));
        let all = contents(&node.table);
        for payment in all.values() {
            let refunds = all.values().filter(|refund| refund.original() == Some(payment.trx_id));
            let holding = refunds.filter(|refund| !refund.is_final() || refund.moves_money());
            prop_assert_eq!(payment.refunded_fen, holding.map(|refund| refund.amount_fen).sum::<u64>());
        }
    }

    #[test]
    fn damaged_snapshots_do_no_harm(damage in any::<prop::sample::Index>(), byte in 1_u8.., cut in any::<prop::sample::Index>()) {
        let node = Table::new(1, 10);
        put(&node, succeeded(1)).expect("room");
        put(&node, payment(2)).expect("room");
        let mut chunk = Vec::new();
        node.snapshot(Cursor::default(), &mut chunk);
        let short = &chunk[..cut.index(chunk.len())];
        let loaded = Table::new(1, 10).load(short);
        prop_assert!(loaded.is_err() || loaded == Ok(short.len() / crate::domain::transaction::PAYMENT_BYTES));
        let at = damage.index(chunk.len());
        chunk[at] ^= byte;
        let _ = Table::new(1, 10).load(&chunk);
    }
}

#[test]
fn a_missing_step_is_found() {
    let table = Table::new(4, 2);
    let first = payment(1);
    let (second, _) = changed(&first, Event::ReceiptLost);
    let (third, _) = changed(&second, Event::LegSucceeded(Leg::One));
    let gap = |known, found| Err(ApplyError::Gap { trx_id: trx_id(1), known, found });
    assert_eq!(table.apply(&second), gap(0, 2));
    assert_eq!(table.apply(&first), Ok(Applied::Inserted));
    assert_eq!(table.apply(&third), gap(1, 3));
    assert_eq!(table.apply(&second), Ok(Applied::Replaced));
    assert_eq!(table.apply(&first), Ok(Applied::Known));
    assert_eq!(table.apply(&third), Ok(Applied::Replaced));
    assert_eq!(table.get(trx_id(1)), Some(third));
    assert_eq!(table.apply(&payment(2)), Ok(Applied::Inserted));
    assert_eq!(table.apply(&payment(3)), Err(ApplyError::Full));
}

#[test]
fn a_snapshot_that_does_not_fit_is_refused() {
    let table = Table::new(2, 10);
    for number in 0..3 {
        put(&table, payment(number)).expect("room");
    }
    let (mut bytes, mut cursor) = (Vec::new(), Some(Cursor::default()));
    while let Some(at) = cursor {
        cursor = table.snapshot(at, &mut bytes);
    }
    assert_eq!(Table::new(1, 2).load(&bytes), Err(LoadError::Insert(InsertError::Full)));
    assert_eq!(table.load(&bytes), Ok(3), "what is known already stays");
    assert_eq!(table.len(), 3);
    assert_eq!(Table::new(1, 3).load(&bytes), Ok(3));
}

/// A chunk is bounded, so the lock of a shard is held for moments, however many payments there are.
#[test]
fn a_snapshot_goes_by_small_chunks() {
    let table = Table::new(2, 10_000);
    for number in 0..3_000 {
        put(&table, payment(number)).expect("room");
    }
    let (mut total, mut cursor) = (0, Some(Cursor::default()));
    while let Some(at) = cursor {
        let mut chunk = Vec::new();
        cursor = table.snapshot(at, &mut chunk);
        assert!(chunk.len() <= 16 << 10);
        total += chunk.len() / crate::domain::transaction::PAYMENT_BYTES;
    }
    assert_eq!(total, 3_000);
}
