//! Real files: every driver writes the same bytes and reads the others'.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;

fn on_files(dir: &Path, driver: DriverChoice, depth: usize) -> Options {
    let mut options = small();
    options.dir = dir.to_owned();
    options.driver = driver;
    options.groups_in_flight_max = depth;
    options
}

/// `None`, said aloud, where this kernel forbids io_uring.
fn open_real(options: Options) -> Option<(Journal, Recovered)> {
    match Journal::open(options.clone()) {
        Err(Error::Io { doing, source, .. }) if doing.contains("io_uring") => {
            println!("SKIPPED: needs io_uring, which this system refuses ({source})");
            assert!(std::env::var_os("CLEARWAY_REQUIRE_TOOLS").is_none());
            None
        }
        opened => Some(opened.expect("open")),
    }
}

/// All segments; how many empty ones were made ahead is a matter of time, so they are left out.
fn segments_in(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(dir).expect("folder") {
        let entry = entry.expect("entry");
        let name = entry.file_name().into_string().expect("name");
        let bytes = std::fs::read(entry.path()).expect("read");
        if name.ends_with(".segment") && bytes[4096..].iter().any(|byte| *byte != 0) {
            files.insert(name, bytes);
        }
    }
    files
}

#[test]
fn all_drivers_leave_the_same_bytes() {
    let mut written: Vec<BTreeMap<String, Vec<u8>>> = Vec::new();
    for (driver, depth) in
        [(DriverChoice::Pwrite, 1), (DriverChoice::IoUring, 1), (DriverChoice::IoUring, 2), (DriverChoice::Auto, 1)]
    {
        let dir = tempfile::tempdir().expect("folder");
        let Some((journal, _)) = open_real(on_files(dir.path(), driver, depth)) else { continue };
        println!("{driver:?}: {}", journal.driver());
        for number in 0..60 {
            // One at a time: what a header says of groups under way together is a matter of time.
            journal.append(Work::Running, &[&record(number)]).expect("append");
            journal.flush().expect("flush");
        }
        journal.shutdown();
        written.push(segments_in(dir.path()));
    }
    assert!(written[0].len() > 8);
    for other in &written[1..] {
        assert!(*other == written[0], "two drivers wrote different bytes");
    }
}

#[test]
fn each_driver_goes_on_where_another_stopped() {
    let dir = tempfile::tempdir().expect("folder");
    let mut count = 0;
    for driver in [DriverChoice::Auto, DriverChoice::Pwrite, DriverChoice::IoUring, DriverChoice::Pwrite] {
        let Some((journal, recovered)) = open_real(on_files(dir.path(), driver, 2)) else { continue };
        assert_eq!(recovered.truncated_tail, None);
        let mut records = Vec::new();
        journal
            .replay(Position::START, &mut |_, record| {
                records.push(record.to_vec());
                Ok(())
            })
            .expect("replay");
        assert_eq!(count_in_order(&records), count);
        append(&journal, count, count + 25);
        count += 25;
    }
    let summary = inspect::walk(dir.path(), &mut |_| {}).expect("walk");
    assert_eq!((summary.frames, summary.verdict), (count as u64, inspect::Verdict::Sound));
}

#[test]
fn many_groups_under_way_become_durable_in_order() {
    let dir = tempfile::tempdir().expect("folder");
    let mut options = on_files(dir.path(), DriverChoice::Auto, 4);
    options.segment_bytes = 256 << 10;
    options.backlog_bytes_max = 4 << 20;
    options.reserve_bytes = 0;
    let (journal, _) = open_real(options.clone()).expect("open");
    let journal = Arc::new(journal);
    let durable = Arc::clone(&journal);
    let seen = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let list = Arc::clone(&seen);
    let weak = Arc::downgrade(&durable);
    drop(durable);
    journal.on_progress(Arc::new(move || list.lock().extend(weak.upgrade().map(|journal| journal.durable_group()))));
    for number in 0..400 {
        while let Err(error) = journal.append(Work::New, &[&record(number)]) {
            assert_eq!(error, AppendError::Full);
            journal.flush().expect("flush");
        }
        if number % 5 == 0 {
            journal.kick();
        }
    }
    journal.flush().expect("flush");
    assert!(seen.lock().is_sorted(), "durable groups went backwards");
    drop(journal);
    let (journal, _) = Journal::open(options).expect("open");
    let mut records = Vec::new();
    journal
        .replay(Position::START, &mut |_, record| {
            records.push(record.to_vec());
            Ok(())
        })
        .expect("replay");
    assert_eq!(count_in_order(&records), 400);
}

#[test]
fn one_folder_one_process() {
    let dir = tempfile::tempdir().expect("folder");
    let options = on_files(dir.path(), DriverChoice::Auto, 1);
    let first = open_real(options.clone()).expect("open");
    assert!(matches!(Journal::open(options.clone()).map(drop), Err(Error::Locked(path)) if path == dir.path()));
    drop(first);
    Journal::open(options).expect("free again");
}

#[test]
fn a_filesystem_without_direct_io_works_too() {
    let Ok(dir) = tempfile::tempdir_in("/dev/shm") else {
        println!("SKIPPED: needs /dev/shm");
        return;
    };
    for driver in [DriverChoice::Auto, DriverChoice::Pwrite] {
        let (journal, _) = Journal::open(on_files(dir.path(), driver, 1)).expect("open");
        println!("{driver:?} on /dev/shm: {}", journal.driver());
        journal.append(Work::New, &[b"x"]).expect("append");
        journal.flush().expect("flush");
    }
    let summary = inspect::walk(dir.path(), &mut |_| {}).expect("walk");
    assert_eq!((summary.frames, summary.verdict), (2, inspect::Verdict::Sound));
}

#[test]
fn old_segments_can_be_retired() {
    let dir = tempfile::tempdir().expect("folder");
    let options = on_files(dir.path(), DriverChoice::Auto, 1);
    let (journal, _) = open_real(options.clone()).expect("open");
    append(&journal, 0, 40);
    let checkpoint = journal.checkpoint_position();
    let before = segments_in(dir.path()).len();
    let retired = journal.retire(checkpoint).expect("retire");
    assert!(retired > 3 && segments_in(dir.path()).len() == before - retired);
    append(&journal, 40, 60);
    drop(journal);
    let (journal, recovered) = Journal::open(options).expect("open");
    assert!(recovered.oldest > Position::START && recovered.oldest <= checkpoint);
    let mut number = 40;
    let mut consumer = |_: Position, found: &[u8]| {
        assert_eq!(found, record(number));
        number += 1;
        Ok(())
    };
    journal.replay(checkpoint, &mut consumer).expect("replay");
    assert_eq!(number, 60);
    assert!(matches!(journal.replay(Position(1), &mut |_, _| Ok(())), Err(Error::OutOfRange { .. })));
}
