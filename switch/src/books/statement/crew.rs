//! Who compresses and writes: sheets wait by participant, and whoever is free takes the next one of a participant that nobody is at.
//!
//! ```text
//!  dealer --sheet--> seat of the participant: sheets in order, its files   <--one at a time-- workers
//!     `------ works too, when more than `sheets_max` sheets wait ----------------------------'
//! ```
//!
//! Invariant: the sheets of one participant are written in order, by one thread at a time; so the files are the same whatever the
//! number of threads. Memory is bounded by the sheets that wait. The first failure ends everybody's work.

use std::collections::VecDeque;

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::detail::DetailFiles;
use super::packer::Packer;
use super::sheets::{Sheet, Take};
use crate::books::Steps;
use crate::config::Compression;
use crate::error::{Error, Fault};

/// Sheets that may wait, for each thread.
const SHEETS_PER_THREAD: usize = 32;

/// The threads that write the files of one batch, and the one that deals.
pub(super) struct Crew<'s> {
    desk: Mutex<Desk<'s>>,
    /// Something can be done, or everything has been.
    work: Condvar,
    /// Fewer sheets wait.
    room: Condvar,
    sheets_max: usize,
    /// The packer of the dealer's thread.
    own: Mutex<Packer>,
    steps: &'s dyn Steps,
}

/// See [`Crew::watch`].
pub(super) struct Watch<'c, 's>(&'c Crew<'s>);

impl Drop for Watch<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.abandon();
        }
    }
}

struct Desk<'s> {
    seats: Vec<Seat<'s>>,
    /// Participants with sheets at whom nobody is.
    ready: VecDeque<usize>,
    /// Sheets that wait.
    waiting: usize,
    /// Seats at which somebody works.
    busy: usize,
    /// Texts of sheets that have been written, to be used again.
    spare: Vec<Vec<u8>>,
    is_over: bool,
    failure: Option<Error>,
    has_failed: bool,
}

struct Seat<'s> {
    sheets: VecDeque<Sheet>,
    /// None while somebody works at them.
    files: Option<DetailFiles<'s>>,
}

struct Job<'s> {
    at: usize,
    sheet: Sheet,
    files: DetailFiles<'s>,
}

impl<'s> Crew<'s> {
    /// A crew of `threads` for participants with these files, by index.
    ///
    /// # Errors
    /// No memory.
    pub(super) fn new(
        files: Vec<DetailFiles<'s>>,
        threads: usize,
        compression: Compression,
        steps: &'s dyn Steps,
    ) -> Result<Self, Error> {
        let seats = files.into_iter().map(|files| Seat { sheets: VecDeque::new(), files: Some(files) }).collect();
        let desk = Desk {
            seats,
            ready: VecDeque::new(),
            waiting: 0,
            busy: 0,
            spare: Vec::new(),
            is_over: false,
            failure: None,
            has_failed: false,
        };
        let own = Mutex::new(packer(compression)?);
        let sheets_max = SHEETS_PER_THREAD * threads;
        Ok(Self { desk: Mutex::new(desk), work: Condvar::new(), room: Condvar::new(), sheets_max, own, steps })
    }

    /// Ends everybody's work when it is dropped by a panic: nobody is to wait for a thread that is gone.
    pub(super) const fn watch(&self) -> Watch<'_, 's> {
        Watch(self)
    }

    /// Works until everything has been done: what each thread beside the dealer's runs.
    pub(super) fn work(&self, compression: Compression) {
        let _watch = self.watch();
        let mut packer = match packer(compression) {
            Ok(packer) => packer,
            Err(error) => return self.fail(&mut self.desk.lock(), error),
        };
        let mut desk = self.desk.lock();
        loop {
            if desk.has_failed {
                return;
            } else if let Some(job) = desk.next() {
                drop(desk);
                desk = self.run(job, &mut packer);
            } else if desk.is_over && desk.waiting == 0 {
                return;
            } else {
                self.work.wait(&mut desk);
            }
        }
    }

    /// Waits until everything has been written, and works along; the files of every participant, by index.
    ///
    /// # Errors
    /// What writing has failed with.
    pub(super) fn finish(&self) -> Result<Vec<DetailFiles<'s>>, Error> {
        let mut desk = self.desk.lock();
        desk.is_over = true;
        self.work.notify_all();
        let mut desk = self.help(desk, |desk| desk.waiting == 0 && desk.busy == 0)?;
        Ok(desk.seats.iter_mut().filter_map(|seat| seat.files.take()).collect())
    }

    /// Ends the work of all: somebody has failed.
    pub(super) fn abandon(&self) {
        let mut desk = self.desk.lock();
        desk.has_failed = true;
        self.work.notify_all();
        self.room.notify_all();
    }

    /// Works on the dealer's thread until `is_enough`.
    fn help<'d>(
        &'d self,
        mut desk: MutexGuard<'d, Desk<'s>>,
        is_enough: impl Fn(&Desk<'s>) -> bool,
    ) -> Result<MutexGuard<'d, Desk<'s>>, Error> {
        loop {
            if desk.has_failed {
                let gone = || Error::new(Fault::Stopped, "the statements have been given up");
                return Err(desk.failure.take().unwrap_or_else(gone));
            } else if is_enough(&desk) {
                return Ok(desk);
            } else if let Some(job) = desk.next() {
                drop(desk);
                desk = self.run(job, &mut self.own.lock());
            } else {
                self.room.wait(&mut desk);
            }
        }
    }

    /// Does one job and comes back to the desk.
    fn run(&self, job: Job<'s>, packer: &mut Packer) -> MutexGuard<'_, Desk<'s>> {
        let Job { at, mut sheet, mut files } = job;
        let outcome = files.take(&mut sheet, packer, self.steps);
        let mut desk = self.desk.lock();
        sheet.text.clear();
        desk.spare.push(sheet.text);
        desk.busy -= 1;
        if desk.give_back(at, files) {
            self.work.notify_one();
        }
        if let Err(error) = outcome {
            self.fail(&mut desk, error);
        }
        if desk.is_over {
            self.work.notify_all();
        }
        self.room.notify_one();
        desk
    }

    fn fail(&self, desk: &mut Desk<'s>, error: Error) {
        desk.has_failed = true;
        desk.failure.get_or_insert(error);
        self.work.notify_all();
        self.room.notify_all();
    }
}

impl Take for Crew<'_> {
    fn take(&self, participant: u16, sheet: Sheet) -> Result<Vec<u8>, Error> {
        let sheets_max = self.sheets_max;
        let mut desk = self.help(self.desk.lock(), |desk| desk.waiting < sheets_max)?;
        desk.put(usize::from(participant), sheet);
        self.work.notify_one();
        Ok(desk.spare.pop().unwrap_or_default())
    }
}

impl<'s> Desk<'s> {
    fn put(&mut self, at: usize, sheet: Sheet) {
        let Some(seat) = self.seats.get_mut(at) else { return };
        if seat.sheets.is_empty() && seat.files.is_some() {
            self.ready.push_back(at);
        }
        seat.sheets.push_back(sheet);
        self.waiting += 1;
    }

    fn next(&mut self) -> Option<Job<'s>> {
        let at = self.ready.pop_front()?;
        let seat = self.seats.get_mut(at)?;
        let (sheet, files) = (seat.sheets.pop_front()?, seat.files.take()?);
        self.waiting -= 1;
        self.busy += 1;
        Some(Job { at, sheet, files })
    }

    /// Whether there is more to do at the seat.
    fn give_back(&mut self, at: usize, files: DetailFiles<'s>) -> bool {
        let Some(seat) = self.seats.get_mut(at) else { return false };
        seat.files = Some(files);
        let has_more = !seat.sheets.is_empty();
        if has_more {
            self.ready.push_back(at);
        }
        has_more
    }
}

fn packer(compression: Compression) -> Result<Packer, Error> {
    Packer::new(compression)
        .map_err(|error| Error::new(Fault::Environment, "no memory for compression").caused_by(error))
}
