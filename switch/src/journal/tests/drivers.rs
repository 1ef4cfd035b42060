//! Real files: every driver writes the same bytes and reads the others'.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::storage::{Driver, DriverRequest, LockGuard, StoredFile};
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

/// Real files whose syncs fail once so many went well; what the driver does with the descriptor goes on.
struct FailingSyncs {
    directory: Directory,
    left: Arc<AtomicUsize>,
}

struct FailingFile {
    file: Arc<dyn StoredFile>,
    left: Arc<AtomicUsize>,
}

impl FailingSyncs {
    fn wrap(&self, file: io::Result<Arc<dyn StoredFile>>) -> io::Result<Arc<dyn StoredFile>> {
        file.map(|file| Arc::new(FailingFile { file, left: Arc::clone(&self.left) }) as Arc<dyn StoredFile>)
    }
}

impl FailingFile {
    fn check(&self) -> io::Result<()> {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        left.map(drop).map_err(|_| io::Error::other("injected by the test"))
    }
}

impl Storage for FailingSyncs {
    fn lock(&self) -> Result<Arc<dyn LockGuard>, Error> {
        self.directory.lock()
    }
    fn list(&self) -> io::Result<Vec<String>> {
        self.directory.list()
    }
    fn create(&self, name: &str) -> io::Result<Arc<dyn StoredFile>> {
        self.directory.create(name)
    }
    fn open(&self, name: &str) -> io::Result<Arc<dyn StoredFile>> {
        self.wrap(self.directory.open(name))
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.directory.rename(from, to)
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        self.directory.remove(name)
    }
    fn sync_dir(&self) -> io::Result<()> {
        self.directory.sync_dir()
    }
    fn driver(&self, request: &DriverRequest<'_>) -> Result<Box<dyn Driver>, Error> {
        self.directory.driver(request)
    }
}

impl StoredFile for FailingFile {
    fn bytes(&self) -> io::Result<u64> {
        self.file.bytes()
    }
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_at(bytes, offset)
    }
    fn sync(&self) -> io::Result<()> {
        self.check()?;
        self.file.sync()
    }
    fn write_durable(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.check()?;
        self.file.write_durable(bytes, offset)
    }
    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.file.descriptor()
    }
}

#[test]
fn a_failing_sync_of_a_real_file_stops_every_driver() {
    let drivers =
        [(DriverChoice::Pwrite, 1), (DriverChoice::Pwrite, 4), (DriverChoice::IoUring, 1), (DriverChoice::IoUring, 4)];
    for (driver, depth) in drivers {
        let dir = tempfile::tempdir().expect("folder");
        let mut options = on_files(dir.path(), driver, depth);
        options.segment_bytes = 64 << 10;
        options.groups_in_flight_max = depth;
        let Some((journal, _)) = open_real(options.clone()) else { continue };
        drop(journal);
        let left = Arc::new(AtomicUsize::new(usize::MAX));
        let directory = Directory::open(dir.path()).expect("folder");
        let storage = Arc::new(FailingSyncs { directory, left: Arc::clone(&left) });
        let (journal, _) = Journal::open_with(options.clone(), storage).expect("open");
        journal.append(Work::New, &[&record(0)]).expect("append");
        journal.flush().expect("flush");
        let durable = journal.durable_group();
        left.store(0, Ordering::SeqCst);
        journal.append(Work::New, &[&record(1)]).expect("append");
        let error = journal.flush().expect_err("the sync fails");
        assert!(matches!(&error, Error::Poisoned(reason) if reason.contains("injected by the test")), "{error}");
        assert_eq!(journal.durable_group(), durable);
        assert_eq!(journal.append(Work::Running, &[b"late"]), Err(AppendError::Poisoned));
        drop(journal);
        let (journal, _) = Journal::open(options).expect("the next start");
        let mut records = Vec::new();
        journal
            .replay(Position::START, &mut |_, record| {
                records.push(record.to_vec());
                Ok(())
            })
            .expect("replay");
        assert!((1..=2).contains(&count_in_order(&records)));
    }
}
