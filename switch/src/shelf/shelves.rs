//! All shelves of a node.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use clearway_codec::value::BeijingTime;
use foldhash::fast::{FixedState, RandomState};
use parking_lot::Mutex;

use super::catalogue::Catalogue;
use super::file::Shelf;
use crate::domain::Payment;
use crate::domain::clearing::BatchName;
use crate::error::{Error, Fault};

const ENDING: &str = ".shelf";
/// How long a payment that was brought back stays in memory at least, microseconds: who asked for it is done by then.
const RECALLED_US: u64 = 600_000_000;

/// The shelves in one folder. Whoever asks never waits for one that is being placed.
#[derive(Debug)]
pub struct Shelves {
    dir: PathBuf,
    catalogue: ArcSwap<Catalogue>,
    /// Shelves placed since the start, and before.
    placed: AtomicU64,
    /// One is placed at a time.
    placing: Mutex<()>,
    hasher: RandomState,
    /// When payments were brought back.
    recalled: Mutex<HashMap<u128, u64, FixedState>>,
}

impl Shelves {
    /// No shelves; `dir` will be theirs.
    #[must_use]
    pub fn none(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            catalogue: ArcSwap::default(),
            placed: AtomicU64::new(0),
            placing: Mutex::new(()),
            hasher: RandomState::default(),
            recalled: Mutex::default(),
        }
    }

    /// The shelves in `dir`, which need not be there; builds the filters for the days whose ids are accepted at `now`, for which the
    /// payments of those days are read.
    ///
    /// # Errors
    /// A folder or file that cannot be read; a shelf that is damaged.
    pub fn open(dir: &Path, now: BeijingTime) -> Result<Self, Error> {
        let shelves = Self::none(dir);
        let mut all = Vec::new();
        for (run, path) in paths(dir)? {
            let shelf = Shelf::open(&path)?;
            if shelf.contents().run != run || path_of(dir, run, shelf.contents().batch) != path {
                return Err(Error::new(Fault::Data, "a shelf has another's name").at(path.display().to_string()));
            }
            all.push(shelf);
        }
        let catalogue = Catalogue::of(all, now, &shelves.hasher)?;
        shelves.placed.store(catalogue.shelves().len() as u64, Ordering::Release);
        shelves.catalogue.store(Arc::new(catalogue));
        Ok(shelves)
    }

    /// The number of the next run of retirement, and where its shelf is to be written.
    #[must_use]
    pub fn next(&self, batch: BatchName) -> (u64, PathBuf) {
        let run = self.catalogue.load().shelves().last().map_or(1, |last| last.contents().run + 1);
        (run, path_of(&self.dir, run, batch))
    }

    /// Takes a shelf that has its name into the catalogue. Its payments may leave the memory when this has returned.
    ///
    /// # Errors
    /// A shelf that cannot be read back, or is older than one that is there.
    pub fn place(&self, path: &Path, now: BeijingTime) -> Result<Arc<Shelf>, Error> {
        let _placing = self.placing.lock();
        let shelf = Shelf::open(path)?;
        let catalogue = self.catalogue.load();
        if catalogue.shelves().last().is_some_and(|last| last.contents().run >= shelf.contents().run) {
            return Err(Error::new(Fault::Caller, "shelves are placed in the order of their runs")
                .at(path.display().to_string()));
        }
        let next = catalogue.with(shelf, now, &self.hasher)?;
        let placed = next.shelves().last().cloned();
        self.catalogue.store(Arc::new(next));
        // Who has looked before must know that it has to look again: see `placed`.
        self.placed.fetch_add(1, Ordering::AcqRel);
        placed.ok_or_else(|| Error::new(Fault::Caller, "a shelf that was placed is not there"))
    }

    /// How many shelves have been placed. A key that was neither in memory nor here when this was read, in this order, has not left the
    /// memory since, as long as this is the same.
    #[must_use]
    pub fn placed(&self) -> u64 {
        self.placed.load(Ordering::Acquire)
    }

    /// Whether a payment that is not in memory may be on a shelf. No is certain; for days whose ids are accepted now, yes is wrong once
    /// in some hundred times at most. Reads memory only.
    #[must_use]
    pub fn may_hold(&self, key: u128) -> bool {
        self.placed() != 0 && self.catalogue.load().may_hold(key)
    }

    /// The newest after-image of a payment that ever left the memory. Reads the disk.
    ///
    /// # Errors
    /// A shelf that cannot be read, or is damaged.
    pub fn find(&self, key: u128) -> Result<Option<Payment>, Error> {
        let catalogue = self.catalogue.load_full();
        if !catalogue.may_hold(key) {
            return Ok(None);
        }
        for shelf in catalogue.shelves_of(key) {
            if let Some(payment) = shelf.find(key)? {
                return Ok(Some(payment));
            }
        }
        Ok(None)
    }

    /// The key of the latest transaction of an institution's order, by the digest of its number. Reads the disk, every shelf that has orders
    /// until one has it.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn find_order(&self, institution: u16, digest: u64) -> Result<Option<u128>, Error> {
        for shelf in self.catalogue.load_full().shelves().iter().rev() {
            if let Some((_, key)) = shelf.find_order(institution, digest)? {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// Whether any shelf has orders.
    #[must_use]
    pub fn has_orders(&self) -> bool {
        self.placed() != 0 && self.catalogue.load().shelves().iter().any(|shelf| shelf.contents().order_pages() != 0)
    }

    /// The step with which each of `keys`, which rise and belong to `batches` in their compact form, is on a shelf; 0 where it is on
    /// none. Reads each page once.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn steps(&self, keys: &[u128], batches: &BTreeSet<u32>) -> Result<Vec<u32>, Error> {
        let mut steps = vec![0_u32; keys.len()];
        let catalogue = self.catalogue.load_full();
        let holding = batches.iter().flat_map(|batch| catalogue.shelves_with(*batch));
        let holding: BTreeMap<u64, &Arc<Shelf>> = holding.map(|shelf| (shelf.contents().run, shelf)).collect();
        for shelf in holding.into_values() {
            shelf.find_all(keys, &mut |at, payment| {
                if let Some(step) = steps.get_mut(at) {
                    *step = payment.step.max(*step);
                }
            })?;
        }
        Ok(steps)
    }

    /// Whether payments of a clearing batch, in its compact form, are on a shelf.
    #[must_use]
    pub fn holds_batch(&self, batch: u32) -> bool {
        self.placed() != 0 && !self.catalogue.load().shelves_with(batch).is_empty()
    }

    pub(super) fn batches(&self) -> HashSet<u32, FixedState> {
        self.catalogue.load().batches()
    }

    /// All shelves, by rising runs.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Shelf>> {
        self.catalogue.load().shelves().to_vec()
    }

    /// Payments on all shelves, those twice that have come back and left again.
    #[must_use]
    pub fn payments(&self) -> u64 {
        self.catalogue.load().shelves().iter().map(|shelf| shelf.contents().payments).sum()
    }

    /// Bytes of the filters in memory.
    #[must_use]
    pub fn filter_bytes(&self) -> usize {
        self.catalogue.load().filter_bytes()
    }

    /// Notes that a payment was brought back into memory at `now_us`.
    pub fn note_recalled(&self, key: u128, now_us: u64) {
        self.recalled.lock().insert(key, now_us);
    }

    /// The payments brought back so lately before `now_us` that they stay in memory; the others are forgotten.
    #[must_use]
    pub fn recalled(&self, now_us: u64) -> BTreeSet<u128> {
        let mut recalled = self.recalled.lock();
        recalled.retain(|_, at_us| now_us.saturating_sub(*at_us) < RECALLED_US);
        recalled.keys().copied().collect()
    }
}

fn path_of(dir: &Path, run: u64, batch: BatchName) -> PathBuf {
    dir.join(format!("{batch}-{run:06}{ENDING}"))
}

/// The shelves of a folder by rising runs. What a crash left half written is no shelf.
fn paths(dir: &Path) -> Result<Vec<(u64, PathBuf)>, Error> {
    let failed = |error| Error::file("list the shelves", dir, error);
    let mut paths = Vec::new();
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(paths),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(ENDING));
        let run = name.and_then(|name| name.split_once('-')).and_then(|(_, run)| run.parse().ok());
        if let Some(run) = run {
            paths.push((run, path));
        }
    }
    paths.sort_unstable();
    match paths.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(Error::new(Fault::Data, "two shelves have the same run").at(pair[1].1.display().to_string())),
        None => Ok(paths),
    }
}
