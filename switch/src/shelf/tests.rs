use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use clearway_codec::value::{BatchId, BeijingTime, Date};
use proptest::prelude::*;

use super::*;
use crate::domain::business::KEY_TAG;
use crate::domain::clearing::BatchName;
use crate::domain::transaction::samples::{START_US, any_payment, succeeded, trx_id};
use crate::domain::{Business, Payment};
use crate::error::Fault;

fn batch(hour: u32) -> BatchName {
    BatchName::payments(BatchId::new(Date::from_ymd(2026, 11, 20).expect("a day"), hour).expect("a batch"))
}

fn now() -> BeijingTime {
    BeijingTime::from_unix_micros(START_US)
}

/// Writes a shelf of these payments and places it.
fn place(shelves: &Shelves, hour: u32, payments: &BTreeMap<u128, Payment>) -> std::path::PathBuf {
    let (run, path) = shelves.next(batch(hour));
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let mut writer = Writer::new(std::fs::File::create(&path).expect("a file"), run, batch(hour));
    payments.values().for_each(|payment| writer.add(payment, false).expect("written"));
    writer.finish().expect("finished");
    shelves.place(&path, now()).expect("placed");
    path
}

fn by_key(payments: impl IntoIterator<Item = Payment>) -> BTreeMap<u128, Payment> {
    payments.into_iter().map(|payment| (payment.trx_id, payment)).collect()
}

fn many(numbers: std::ops::Range<u64>) -> BTreeMap<u128, Payment> {
    by_key(numbers.map(|number| Payment { trx_id: trx_id(number), ..succeeded(1) }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// What was put on shelves is found as it was put there last, whatever it is; what was not is not.
    #[test]
    fn shelves_are_a_map(
        runs in prop::collection::vec(prop::collection::vec(any_payment(), 1..300), 1..5),
        unknown in prop::collection::vec(2_000_u64..3_000, 20),
        reopen in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().expect("a folder");
        let mut shelves = Shelves::none(dir.path());
        let mut model: BTreeMap<u128, Payment> = BTreeMap::new();
        for (hour, payments) in runs.into_iter().enumerate() {
            // The newest is the highest step: each run brings what it knows on.
            let steps = |payment: Payment| Payment { step: model.get(&payment.trx_id).map_or(payment.step, |known| known.step + 1), ..payment };
            let payments = by_key(payments.into_iter().map(steps));
            place(&shelves, hour as u32 + 1, &payments);
            model.extend(payments);
        }
        if reopen {
            shelves = Shelves::open(dir.path(), now()).expect("own files");
        }
        for (key, payment) in &model {
            prop_assert!(shelves.may_hold(*key));
            prop_assert_eq!(shelves.find(*key).expect("readable"), Some(*payment));
        }
        for number in unknown {
            prop_assert_eq!(shelves.find(trx_id(number)).expect("readable"), None);
        }
        let keys: Vec<u128> = model.keys().copied().collect();
        let batches: BTreeSet<u32> = model.values().map(|payment| payment.batch).collect();
        let steps: Vec<u32> = model.values().map(|payment| payment.step).collect();
        prop_assert_eq!(shelves.steps(&keys, &batches).expect("readable"), steps);
    }
}

#[test]
fn a_large_shelf_is_walked_and_searched_over_all_its_pages() {
    let dir = tempfile::tempdir().expect("a folder");
    let shelves = Shelves::none(dir.path());
    // More than one page of keys: 1,023 pages of images.
    let payments = many(1..130_000);
    let path = place(&shelves, 1, &payments);
    let shelf = Shelf::open(&path).expect("own file");
    assert_eq!(shelf.contents().payments, payments.len() as u64);
    let mut seen = Vec::new();
    let mut walk = |from| {
        seen.clear();
        let all = shelf.walk(from, &mut |images| {
            seen.extend(images.iter().map(|payment| payment.trx_id));
            Ok(true)
        });
        all.expect("readable");
        seen.clone()
    };
    assert_eq!(walk(0), payments.keys().copied().collect::<Vec<_>>());
    assert_eq!(walk(trx_id(120_001)), payments.range(trx_id(120_001)..).map(|(key, _)| *key).collect::<Vec<_>>());
    for number in [1, 113, 114, 115_598, 115_599, 115_600, 129_999] {
        assert_eq!(shelf.find(trx_id(number)).expect("readable"), payments.get(&trx_id(number)).copied(), "{number}");
    }
    assert_eq!(shelf.find(trx_id(0)).expect("readable"), None);
    assert_eq!(shelf.find(trx_id(130_000)).expect("readable"), None);
}

/// Made twice, a shelf is the same bytes.
#[test]
fn shelves_are_deterministic() {
    let payments = many(1..1_000);
    let write = || {
        let mut writer = Writer::new(Vec::new(), 7, batch(3));
        payments.values().for_each(|payment| writer.add(payment, false).expect("written"));
        writer.finish().expect("finished").0
    };
    assert_eq!(write(), write());
    let mut writer = Writer::new(Vec::new(), 7, batch(3));
    writer.add(&succeeded(2), false).expect("written");
    assert!(writer.add(&succeeded(2), false).is_err() && writer.add(&succeeded(1), false).is_err(), "keys rise");
}

/// Every byte of a shelf is under a checksum, zeros at the ends of pages aside: none is ever read as another payment.
#[test]
fn damage_is_found_and_never_read_as_something_else() {
    let dir = tempfile::tempdir().expect("a folder");
    let payments = many(1..150);
    let path = place(&Shelves::none(dir.path()), 1, &payments);
    let whole = std::fs::read(&path).expect("the file");
    for at in (0..whole.len()).step_by(97).chain(whole.len() - 200..whole.len()) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        std::fs::write(&path, &damaged).expect("written");
        check_damaged(&path, &payments, at);
    }
    for length in [0, 31, 32, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).expect("written");
        assert_eq!(Shelf::open(&path).expect_err("too short").fault(), Fault::Data);
    }
}

fn check_damaged(path: &Path, payments: &BTreeMap<u128, Payment>, at: usize) {
    let shelf = match Shelf::open(path) {
        Ok(shelf) => shelf,
        Err(error) => return assert_eq!(error.fault(), Fault::Data, "byte {at}"),
    };
    for (key, payment) in payments {
        match shelf.find(*key) {
            Ok(found) => assert_eq!(found, Some(*payment), "byte {at}"),
            Err(error) => assert_eq!(error.fault(), Fault::Data, "byte {at}"),
        }
    }
}

/// A new payment costs no look at the disk: the file is gone, and nobody notices. Other days are looked up by their shelves.
#[test]
fn new_payments_are_known_by_the_filter_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let shelves = Shelves::none(dir.path());
    assert!(!shelves.may_hold(trx_id(1)), "nothing is there");
    let path = place(&shelves, 1, &many(1..50_000));
    std::fs::remove_file(path).expect("removed");
    let wrong = (50_000..150_000).filter(|number| shelves.may_hold(trx_id(*number))).count();
    assert!(wrong < 200, "{wrong} of 100,000");
    let yesterday = trx_id(1) - 10_u128.pow(23);
    assert!(!shelves.may_hold(yesterday) && shelves.find(yesterday).expect("no shelf to read").is_none());
    assert!(!shelves.may_hold(trx_id(1) + KEY_TAG), "another business of the same id");
    assert!(shelves.find(trx_id(7)).is_err(), "it was there");
}

/// When the day of the ids is over, its filter goes, and the shelves are asked.
#[test]
fn filters_go_with_their_day() {
    let dir = tempfile::tempdir().expect("a folder");
    let shelves = Shelves::none(dir.path());
    place(&shelves, 1, &many(1..1_000));
    assert!(shelves.filter_bytes() > 1_000);
    let in_two_days = BeijingTime::from_unix_micros(START_US + 2 * 86_400_000_000);
    let later = Shelves::open(dir.path(), in_two_days).expect("own files");
    assert_eq!(later.filter_bytes(), 0);
    assert_eq!(later.find(trx_id(5)).expect("readable"), Some(Payment { trx_id: trx_id(5), ..succeeded(1) }));
    assert_eq!(later.find(trx_id(5_000)).expect("readable"), None);
}

#[test]
fn an_order_is_found_by_its_number_the_latest_first() {
    let dir = tempfile::tempdir().expect("a folder");
    let shelves = Shelves::none(dir.path());
    let order = |number: u64, institution: u16, digest: u64| Payment {
        trx_id: trx_id(number),
        business: Business::GatewayPayment,
        institution,
        account: digest,
        accepted_at_us: START_US + number,
        ..succeeded(1)
    };
    let first: Vec<Payment> = (1..=2_000).map(|number| order(number, 3, number / 3 + 1)).collect();
    place(&shelves, 1, &by_key(first));
    place(&shelves, 2, &by_key([order(5_000, 3, 77), order(5_001, 4, 77)]));
    let find = |institution, digest| shelves.find_order(institution, digest).expect("readable");
    assert!(shelves.has_orders());
    assert_eq!(find(3, 1), Some(trx_id(2)));
    assert_eq!(find(3, 200), Some(trx_id(599)));
    assert_eq!(find(3, 77), Some(trx_id(5_000)));
    assert_eq!(find(4, 77), Some(trx_id(5_001)));
    assert_eq!((find(5, 1), find(3, 0), find(3, 9_999)), (None, None, None));
}

#[test]
fn shelves_come_in_the_order_of_their_runs() {
    let dir = tempfile::tempdir().expect("a folder");
    let shelves = Shelves::none(dir.path());
    let path = place(&shelves, 1, &many(1..10));
    assert_eq!(shelves.placed(), 1);
    assert!(shelves.place(&path, now()).is_err(), "placed already");
    let twin = dir.path().join("B202611200002-000001.shelf");
    std::fs::copy(&path, &twin).expect("copied");
    assert_eq!(Shelves::open(dir.path(), now()).expect_err("two of one run").fault(), Fault::Data);
    std::fs::rename(&path, dir.path().join("B202611200001-000009.shelf")).expect("renamed");
    std::fs::remove_file(twin).expect("removed");
    assert_eq!(Shelves::open(dir.path(), now()).expect_err("another's name").fault(), Fault::Data);
}
