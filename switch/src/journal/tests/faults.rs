//! Failing writes and syncs, a full disk, records that do not fit.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::memory_disk::{Failing, Keep, crash};
use super::*;

#[test]
fn a_failed_write_or_sync_stops_the_journal_for_good() {
    for good in 0..8 {
        for kind in [ErrorKind::Other, ErrorKind::StorageFull, ErrorKind::InvalidInput] {
            let (disk, options) = (MemoryDisk::default(), small());
            let (journal, _) = open(&disk, &options).expect("open");
            let called = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&called);
            journal.on_progress(Arc::new(move || {
                count.fetch_add(1, Ordering::SeqCst);
            }));
            disk.fail(Failing::DurableWrite, good, kind);
            for number in 0..good {
                journal.append(Work::Running, &[&record(number)]).expect("append");
                journal.flush().expect("flush");
            }
            let durable = journal.durable_group();
            let failed = journal.append(Work::Running, &[b"never durable"]).expect("append");
            let error = journal.flush().expect_err("the disk fails");
            assert!(matches!(&error, Error::Poisoned(reason) if reason.contains("injected by the test")), "{error}");
            assert!(journal.durable_group() == durable && failed.group > durable);
            assert_eq!(journal.append(Work::Running, &[b"late"]), Err(AppendError::Poisoned));
            assert_eq!(journal.append_all(Work::New, &[&[b"late"]]), Err(AppendError::Poisoned));
            assert!(journal.status().poisoned.is_some());
            // No second try, even if the disk would take it again.
            disk.fail(Failing::DurableWrite, usize::MAX, kind);
            journal.wait_prepared();
            let writes = disk.trace().len();
            journal.kick();
            assert!(journal.flush().is_err());
            journal.shutdown();
            assert_eq!(disk.trace().len(), writes);
            assert_eq!(called.load(Ordering::SeqCst), good + 1, "progress and the end are told, once each");
            let image = crash(&MemoryDisk::default(), &disk.trace(), &mut Keep::Nothing);
            assert_eq!(count_in_order(&read_all(&image, &options).expect("recovery").1), good);
        }
    }
}

/// Of groups under way together one fails: those before it count, those after it never do, though they may have landed.
#[test]
fn a_failure_among_groups_under_way_acknowledges_none_behind_it() {
    for (seed, good) in (0..6).flat_map(|seed| (0..6).map(move |good| (seed, good))) {
        let (disk, mut options) = (MemoryDisk::with_seed(seed), small());
        options.groups_in_flight_max = 2;
        options.backlog_bytes_max = 1 << 20;
        let (journal, _) = open(&disk, &options).expect("open");
        journal.wait_prepared();
        disk.close_gate();
        disk.fail(Failing::DurableWrite, good, ErrorKind::Other);
        let mut groups = vec![journal.append(Work::Running, &[&record(0)]).expect("append").group];
        journal.kick();
        disk.wait_held();
        groups.extend((1..12).map(|number| journal.append(Work::Running, &[&record(number)]).expect("append").group));
        disk.open_gate();
        assert!(journal.flush().is_err());
        journal.shutdown();
        let durable = journal.durable_group();
        assert!(durable <= groups[0] - 1 + good as u64, "seed {seed}, good {good}");
        let image = crash(&MemoryDisk::default(), &disk.trace(), &mut Keep::Sectors(Random(seed)));
        let (_, records) = read_all(&image, &options).expect("recovery");
        assert!(count_in_order(&records) >= groups.iter().filter(|group| **group <= durable).count());
    }
}

#[test]
fn a_failing_disk_at_opening_is_an_error_and_opening_later_works() {
    let operations = [
        Failing::Write,
        Failing::Sync,
        Failing::DurableWrite,
        Failing::Create,
        Failing::Rename,
        Failing::SyncDir,
        Failing::Read,
    ];
    for failing in operations {
        for good in 0..3 {
            let (disk, options) = (MemoryDisk::default(), small());
            disk.fail(failing, good, ErrorKind::Other);
            let opened = open(&disk, &options);
            if let Ok((journal, _)) = opened {
                // It failed behind opening, in the background or not at all: whatever was acknowledged counts.
                let _ = journal.flush();
                journal.shutdown();
            }
            disk.fail(failing, usize::MAX, ErrorKind::Other);
            let (journal, _) =
                open(&disk, &options).unwrap_or_else(|error| panic!("{failing:?} after {good}: {error}"));
            append(&journal, 0, 3);
            journal.shutdown();
            assert_eq!(count_in_order(&read_all(&disk, &options).expect("recovery").1), 3);
        }
    }
}

#[test]
fn a_background_failure_stops_the_journal_when_the_segment_is_needed() {
    let (disk, options) = (MemoryDisk::default(), small());
    let (journal, _) = open(&disk, &options).expect("open");
    journal.wait_prepared();
    disk.fail(Failing::Sync, 0, ErrorKind::Other);
    loop {
        let appended = journal.append(Work::Running, &[&[7; 8000]]);
        if appended.is_err() || journal.flush().is_err() {
            break;
        }
    }
    assert!(journal.status().poisoned.is_some_and(|reason| reason.contains("sync")));
    journal.shutdown();
    disk.fail(Failing::Sync, usize::MAX, ErrorKind::Other);
    let (_, records) = read_all(&disk, &options).expect("recovery");
    assert!(records.len() >= 6 && records.iter().all(|record| *record == [7; 8000]));
}

/// A disk of every size: new work is refused first, running work goes on until there is nothing left, nothing acknowledged is lost,
/// and when there is room again everything goes on.
#[test]
fn a_full_disk_refuses_new_work_before_running_work() {
    let (probe, options) = (MemoryDisk::default(), small());
    drop(open(&probe, &options).expect("open"));
    for capacity in (32 << 10..200 << 10).step_by(20 << 10) {
        let disk = MemoryDisk::with_seed(capacity as u64 >> 12);
        disk.set_capacity(Some(capacity));
        let (journal, _) = open(&disk, &options).expect("one segment fits");
        let (mut new, mut running, mut new_refused_at) = (0, 0, None);
        loop {
            journal.wait_prepared();
            match journal.append(Work::New, &[&record(new + running)]) {
                Ok(_) => new += 1,
                Err(AppendError::Full) => {
                    new_refused_at.get_or_insert(new + running);
                    assert_eq!(journal.space(), Space::Full);
                    match journal.append(Work::Running, &[&record(new + running)]) {
                        Ok(_) => running += 1,
                        Err(AppendError::Full) => break,
                        Err(error) => panic!("{error}"),
                    }
                }
                Err(error) => panic!("{error}"),
            }
            journal.flush().expect("what was taken becomes durable");
        }
        assert!(running > 0, "capacity {capacity}: running work was hurt as early as new work");
        assert!(journal.status().poisoned.is_none());
        let crashed = crash(&MemoryDisk::default(), &disk.trace(), &mut Keep::Nothing);
        assert_eq!(count_in_order(&read_all(&crashed, &options).expect("recovery").1), new + running);
        disk.set_capacity(None);
        journal.retry_space();
        journal.wait_prepared();
        assert_eq!(journal.space(), Space::Ok);
        append(&journal, new + running, new + running + 20);
        journal.shutdown();
        assert_eq!(count_in_order(&read_all(&disk, &options).expect("recovery").1), new + running + 20);
    }
}

#[test]
fn a_full_disk_leaves_no_half_made_segment_and_restarts() {
    let (disk, options) = (MemoryDisk::with_seed(1), small());
    disk.set_capacity(Some(70 << 10));
    let (journal, _) = open(&disk, &options).expect("open");
    journal.wait_prepared();
    while journal.append(Work::Running, &[&[1; 3000]]).is_ok() {
        journal.flush().expect("flush");
        journal.wait_prepared();
    }
    assert!(disk.names(".preparing").is_empty() && disk.used_bytes() <= 70 << 10);
    journal.shutdown();
    let records = read_all(&disk.copy(), &options).expect("recovery").1.len();
    let (journal, _) = open(&disk, &options).expect("a full journal opens");
    assert_eq!(journal.append(Work::New, &[&[1; 3000]]), Err(AppendError::Full));
    journal.shutdown();
    assert_eq!(read_all(&disk, &options).expect("recovery").1.len(), records);
    let none = MemoryDisk::default();
    none.set_capacity(Some(16 << 10));
    let error = open(&none, &options).map(drop).expect_err("not even one segment fits");
    assert!(matches!(&error, Error::Full { bytes: 32768 }), "{error}");
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_nothing() {
    let (disk, options) = (MemoryDisk::default(), small());
    let (journal, _) = open(&disk, &options).expect("open");
    let most = options.record_bytes_max();
    assert_eq!(journal.append(Work::Running, &[&vec![1; most], b"x"]), Err(AppendError::TooLarge));
    assert_eq!(journal.append_all(Work::Running, &[&[&vec![1; most - 8]], &[b"x"]]), Err(AppendError::TooLarge));
    assert_eq!(journal.append_all(Work::Running, &[]), Err(AppendError::TooLarge));
    assert_eq!(journal.append_all(Work::Running, &[&[b"x".as_slice()][..]; 17]), Err(AppendError::TooLarge));
    let largest = journal.append(Work::Running, &[&vec![1; most]]).expect("the largest record fits");
    let several = journal.append_all(Work::New, &[&[b"one"], &[b"t", b"wo"], &[]]).expect("append");
    journal.flush().expect("flush");
    assert_eq!(journal.read(largest.position).expect("read").len(), most);
    let second = several.position.after(3);
    assert_eq!(journal.read(several.position).expect("read"), b"one");
    assert_eq!(journal.read(second).expect("read"), b"two");
    assert_eq!(journal.read(second.after(3)).expect("read"), b"");
    assert_eq!(journal.status().frames, 4);
}

#[test]
fn a_backlog_refuses_new_work_first_and_then_everything() {
    let (disk, options) = (MemoryDisk::default(), small());
    let (journal, _) = open(&disk, &options).expect("open");
    disk.close_gate();
    let mut taken = 0;
    let mut refused_new = 0;
    journal.append(Work::New, &[&[9; 5000]]).expect("append");
    journal.kick();
    disk.wait_held();
    loop {
        match journal.append(Work::New, &[&[9; 5000]]) {
            Ok(_) => taken += 1,
            Err(_) => {
                refused_new += 1;
                match journal.append(Work::Running, &[&[9; 5000]]) {
                    Ok(_) => taken += 1,
                    Err(error) => break assert_eq!(error, AppendError::Full),
                }
            }
        }
    }
    assert!(refused_new > 1 && taken >= 6, "{refused_new} {taken}");
    disk.open_gate();
    journal.flush().expect("flush");
    assert_eq!(journal.status().frames, taken + 1);
    journal.append(Work::New, &[b"again"]).expect("append");
}

#[test]
fn options_out_of_limits_are_refused() {
    let changes: [fn(&mut Options); 10] = [
        |options| options.segment_bytes = 32769,
        |options| options.segment_bytes = 4096,
        |options| options.group_bytes_max = 100,
        |options| options.group_bytes_max = 32 << 20,
        |options| options.groups_in_flight_max = 0,
        |options| options.groups_in_flight_max = 17,
        |options| options.segments_ahead = 0,
        |options| options.backlog_bytes_max = 0,
        |options| options.reserve_bytes = u64::MAX,
        |options| options.seal_after_ms = 0,
    ];
    for change in changes {
        let mut options = small();
        change(&mut options);
        assert!(matches!(open(&MemoryDisk::default(), &options).map(drop), Err(Error::Options(_))));
    }
}

#[test]
fn idle_journals_seal_once_and_stay_quiet() {
    let (disk, mut options) = (MemoryDisk::default(), small());
    options.seal_after_ms = 1;
    let (journal, _) = open(&disk, &options).expect("open");
    let opening = journal.durable_group();
    assert_eq!((opening, journal.status().seals), (1, 1));
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    journal.on_progress(Arc::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
    }));
    journal.append(Work::New, &[b"x"]).expect("append");
    journal.flush().expect("flush");
    while journal.durable_group() < opening + 2 {
        std::thread::yield_now();
    }
    assert_eq!((journal.status().seals, told.load(Ordering::SeqCst)), (2, 1), "a seal is no progress");
    journal.shutdown();
    assert_eq!(journal.durable_group(), opening + 2, "sealed is sealed");
    let (journal, recovered) = open(&disk, &options).expect("open");
    assert_eq!((recovered.last_group, recovered.term, journal.durable_group()), (opening + 2, 2, opening + 2));
}

/// With a linger time the first record goes at once, those that come soon after it share a group, and a full group does not wait.
#[test]
fn lingering_joins_groups_but_holds_back_neither_the_first_nor_a_full_one() {
    let (disk, mut options) = (MemoryDisk::default(), small());
    options.linger_us = 1_000_000;
    let (journal, _) = open(&disk, &options).expect("open");
    let opening = journal.durable_group();
    // The opening seal was a group too: wait it out through a full group, which does not linger.
    let first = journal.append(Work::New, &[&[1; 8000]]).expect("append");
    let second = journal.append(Work::New, &[&[2; 8000]]).expect("append");
    assert_eq!((first.group, second.group), (opening + 1, opening + 2));
    while journal.durable_group() < first.group {
        std::thread::yield_now();
    }
    journal.kick();
    let joined = journal.append(Work::New, &[b"joins the lingering group"]).expect("append");
    assert_eq!(joined.group, second.group);
    journal.shutdown();
    assert_eq!(journal.status().frames, 3, "shutting down does not linger");
}

/// A callback that held the last handle made the writer thread wait for itself.
#[test]
fn the_last_handle_may_be_dropped_on_the_writer_thread() {
    let (disk, options) = (MemoryDisk::default(), small());
    let (journal, _) = open(&disk, &options).expect("open");
    let journal = Arc::new(journal);
    let last = parking_lot::Mutex::new(Some(Arc::clone(&journal)));
    let (dropped, wait) = std::sync::mpsc::channel();
    journal.on_progress(Arc::new(move || {
        drop(last.lock().take());
        let _ = dropped.send(());
    }));
    journal.append(Work::New, &[b"x"]).expect("append");
    disk.close_gate();
    journal.kick();
    disk.wait_held();
    drop(journal);
    disk.open_gate();
    wait.recv().expect("the writer goes on");
}

/// A journal whose last segment was full to the last block, and that was not sealed, waited for room at its opening for ever.
#[test]
fn a_journal_full_to_the_last_block_opens() {
    for payload in [1_500, 2_500, 3_000, 3_900] {
        let (disk, options) = (MemoryDisk::with_seed(1), small());
        disk.set_capacity(Some(40 << 10));
        let (journal, _) = open(&disk, &options).expect("open");
        journal.wait_prepared();
        while journal.append(Work::Running, &[&vec![1; payload]]).is_ok() {
            journal.flush().expect("flush");
        }
        let crashed = disk.copy();
        drop(journal);
        crashed.set_capacity(Some(40 << 10));
        let (journal, recovered) = open(&crashed, &options).expect("a full journal opens");
        assert!(recovered.last_group > 0, "payload {payload}");
        journal.shutdown();
    }
}
