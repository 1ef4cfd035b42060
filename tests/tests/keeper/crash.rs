//! Stopped at every step, and begun again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use clearway::books::Space;
use clearway_codec::value::BeijingTime;
use clearway_tests::seed::Seed;
use serde_json::Value;

use crate::desk::Memory;
use crate::{bank, child, life};

/// Lives that go on at once.
const THREADS: usize = 2;

/// What is left at the end of a life.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    /// Every file of the books, by its path.
    files: BTreeMap<PathBuf, Vec<u8>>,
    /// Every decision, by its key, with its version.
    entries: BTreeMap<u64, (u32, Value)>,
    /// Every payment, as it is found in memory or on a shelf.
    payments: BTreeMap<u128, u32>,
    /// What the large-value system has moved.
    moved: Vec<(String, String)>,
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}

#[test]
fn stopped_at_every_step_the_books_come_to_the_same() {
    let base = scratch();
    life::begin(base.path());
    let trx_ids = payments_of(base.path());
    let undisturbed = copy(base.path());
    assert!(child::live(undisturbed.path(), 0));
    let expected = left(undisturbed.path(), &trx_ids);
    let steps = child::steps(undisturbed.path());
    check_whole(&expected);
    println!(
        "{steps} steps, {} files, {} decisions, {} orders",
        expected.files.len(),
        expected.entries.len(),
        expected.moved.len()
    );
    assert!(steps > 200 && expected.moved.len() >= 2, "too little happens to mean anything");

    let draws = Mutex::new(Seed::of_test("keeper").draws());
    let next = AtomicU64::new(1);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let stop_at = next.fetch_add(1, Ordering::AcqRel);
                    if stop_at > steps {
                        return;
                    }
                    let dir = copy(base.path());
                    assert!(!child::live(dir.path(), stop_at), "step {stop_at} is not reached");
                    // Some are stopped once more while they mend what the first stop has left.
                    let again = draws.lock().expect("no panic").below(30);
                    let is_over = (1..6).contains(&again) && child::live(dir.path(), again);
                    assert!(is_over || child::live(dir.path(), 0), "step {stop_at}");
                    compare(stop_at, &left(dir.path(), &trx_ids), &expected);
                }
            });
        }
    });
}

/// Nothing is half there, and nobody has paid twice.
fn check_whole(left: &Left) {
    for path in left.files.keys() {
        let name = path.to_string_lossy();
        assert!(!name.ends_with(".writing"), "{name} is half there");
    }
    let mut orders: Vec<&str> = left.moved.iter().filter_map(|(msg_id, _)| msg_id.get(..14)).collect();
    let all = orders.len();
    orders.dedup();
    assert_eq!(orders.len(), all, "an order has moved its money twice: {:?}", left.moved);
}

fn compare(stop_at: u64, left: &Left, expected: &Left) {
    check_whole(left);
    let place = format!("stopped at step {stop_at}");
    assert_eq!(left.moved, expected.moved, "{place}");
    assert_eq!(left.entries, expected.entries, "{place}");
    assert_eq!(left.payments, expected.payments, "{place}");
    let names = |left: &Left| left.files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(left), names(expected), "{place}");
    for (path, bytes) in &left.files {
        assert!(*bytes == expected.files[path], "{place}: {} differs", path.display());
    }
}

fn left(dir: &Path, trx_ids: &[u128]) -> Left {
    let mut files = BTreeMap::new();
    read_files(&dir.join("books"), &mut files);
    let files =
        files.into_iter().map(|(path, bytes)| (path.strip_prefix(dir).expect("in it").to_owned(), bytes)).collect();
    let memory = Memory::open(dir, BeijingTime::parse(b"2026-11-23T12:00:00").expect("a time").unix_micros());
    let find = |key: &u128| {
        let found = memory.table.get(*key).or_else(|| memory.shelves.find(*key).expect("readable"));
        (*key, found.unwrap_or_else(|| panic!("payment {key} is lost")).step)
    };
    Left { files, entries: entries(&memory), payments: trx_ids.iter().map(find).collect(), moved: bank::moved(dir) }
}

/// The decisions, without positions of the journal: those move when it is begun again.
fn entries(memory: &Memory) -> BTreeMap<u64, (u32, Value)> {
    let all = memory.registers.book_entries(Space::Batch.key(0)..=u64::MAX);
    let shown = all.into_iter().map(|entry| {
        let mut value: Value = serde_json::from_slice(&entry.bytes).expect("JSON");
        for name in ["from_position", "until_position"] {
            if let Some(position) = value["content"].get_mut(name) {
                *position = Value::Null;
            }
        }
        (entry.key, (entry.version, value))
    });
    shown.collect()
}

fn payments_of(dir: &Path) -> Vec<u128> {
    let copy = copy(dir);
    let memory = Memory::open(copy.path(), 0);
    let mut keys = Vec::new();
    memory.table.for_each(|payment| keys.push(payment.trx_id));
    keys.sort_unstable();
    keys
}

fn copy(from: &Path) -> tempfile::TempDir {
    let to = scratch();
    let mut files = BTreeMap::new();
    read_files(from, &mut files);
    for (path, bytes) in files {
        let path = to.path().join(path.strip_prefix(from).expect("in it"));
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
    to
}

fn read_files(dir: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            read_files(&path, files);
        } else {
            files.insert(path.clone(), fs::read(&path).expect("a file"));
        }
    }
}
