//! One hour from its first payment to the shelf, timed step by step: written as a worker writes it, closed as the keeper of a node closes it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use clearway::books::keeper::{Board, Clerk, Did, Keeper, Parts, Task};
use clearway::books::{BatchEntry, NoSteps};
use clearway::config::{BooksSection, Endpoint, Participant, ParticipantKind, Participants};
use clearway::domain::calendar::{Calendar, WORKING_DAYS_CN};
use clearway::domain::clearing::{BatchName, BatchPhase, Positions};
use clearway::journal::{Journal, Options};
use clearway::positions::Live;
use clearway::registers::Registers;
use clearway::registrar::Registrar;
use clearway::shelf::Shelves;
use clearway::table::{Orders, Table};
use clearway_codec::InstitutionId;
use clearway_crypto::{DigestKey, EncryptionRing};

use super::hour::{BANKS, HOUR_US, Hour, INDIRECT_BANKS, INSTITUTIONS, institution_id};
use super::outcome::{ARCHIVE, Outcome, Phase, RECOMPUTE, RETIRE, SEAL, STATEMENTS};
use super::stream::{self, StreamRate};
use super::writer::Writer;
use super::{Packing, resident};
use crate::disk::forget_cached;
use crate::error::Error;
use crate::interrupt;
use crate::progress::Display;

/// Most bytes of the stream that shows what the disk does.
const STREAM_BYTES_MAX: u64 = 2 << 30;
/// Bytes on disk that a payment takes at most, in all: journal (500), archive, statements, shelf.
const ROOM_BYTES_A_PAYMENT: u64 = 950;
/// What the books do is done a second after the hour: the calendar asks for nothing else then.
const CLOSED_AT_US: u64 = HOUR_US + 3_601_000_000;
const SWITCH: &[u8] = b"G4000311000018";

/// What the child is asked.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) folder: PathBuf,
    pub(crate) payments: u64,
    pub(crate) seed: u64,
    pub(crate) threads: usize,
    pub(crate) compression: Packing,
}

/// Everything, in the child.
///
/// # Errors
/// No room on the disk, Ctrl-C, or a step that fails.
pub(crate) fn measure_here(ask: &Ask) -> Result<Outcome, Error> {
    check_room(&ask.folder, ask.payments)?;
    let mut course = Course::open(ask)?;
    course.write_hour()?;
    let positions = course.live.positions(course.batch);
    course.keep_books(&positions)?;
    let disk = stream::measure(&ask.folder, (ask.payments * 100).clamp(64 << 20, STREAM_BYTES_MAX))?;
    course.outcome(&positions, disk)
}

fn check_room(folder: &Path, payments: u64) -> Result<(), Error> {
    let (need, free) =
        (payments * ROOM_BYTES_A_PAYMENT + STREAM_BYTES_MAX, crate::disk::Filesystem::of(folder)?.free_bytes);
    if free < need {
        return Err(Error::Unsuited(format!("needs {} GB of free disk, there are {}", (need >> 30) + 1, free >> 30)));
    }
    Ok(())
}

/// A node without its network.
struct Course<'a> {
    ask: &'a Ask,
    hour: Hour,
    batch: BatchName,
    journal: Arc<Journal>,
    table: Arc<Table>,
    live: Arc<Live>,
    registers: Arc<Registers>,
    phases: Vec<Phase>,
}

impl<'a> Course<'a> {
    fn open(ask: &'a Ask) -> Result<Self, Error> {
        let mut options = Options::new(ask.folder.join("journal"));
        // As much at once as may be: the hour is to be there soon, and nobody waits for a single record.
        (options.group_bytes_max, options.backlog_bytes_max) = (4 << 20, 256 << 20);
        let (journal, _) = Journal::open(options).map_err(Error::failed("open a journal"))?;
        let payments = usize::try_from(ask.payments).map_err(Error::failed("count payments"))?;
        let table = Table::new(64, payments);
        table.reserve(payments);
        Ok(Self {
            ask,
            hour: Hour::new(ask.payments, ask.seed)?,
            batch: BatchName::payments(Hour::batch()),
            journal: Arc::new(journal),
            table: Arc::new(table),
            live: Arc::new(Live::new(1)),
            registers: Arc::new(Registers::new(0)),
            phases: Vec::new(),
        })
    }

    /// Everything that happens in the hour.
    fn write_hour(&mut self) -> Result<(), Error> {
        let mut display = Display::start("payments", Duration::from_secs(self.ask.payments / 250_000));
        resident::begin();
        let began = Instant::now();
        Writer::new(&self.journal, &self.table, &self.live, self.hour).write(&mut |payments| {
            display.tell(began.elapsed(), || format!("{payments} payments"));
        })?;
        drop(display);
        self.note("hour", began, self.ask.payments, self.journal.status().bytes)?;
        // What the hour left in the page cache would make everything behind it look faster than it is for a node that runs on.
        forget_cached(&self.ask.folder)
    }

    /// All that the keeper does by itself, one task after the other.
    fn keep_books(&mut self, positions: &Positions) -> Result<(), Error> {
        let board = Arc::new(Board::default());
        let clerk = Clerk::new(self.parts()?)?;
        let mut keeper = Keeper::new(clerk, Arc::clone(&board));
        let rows: u64 = positions.cells().map(|(_, sum)| sum.count).sum();
        loop {
            interrupt::check()?;
            resident::begin();
            let began = Instant::now();
            match keeper.turn(CLOSED_AT_US)? {
                Did::Nothing => return Ok(()),
                Did::Failed(task) => {
                    let why = board.troubles().iter().map(|trouble| trouble.why.clone()).collect::<Vec<_>>();
                    return Err(Error::Failed { what: "keep the books", why: format!("{task}: {}", why.join("; ")) });
                }
                Did::Done(task) => self.note_task(task, began, rows)?,
            }
        }
    }

    fn note_task(&mut self, task: Task, began: Instant, rows: u64) -> Result<(), Error> {
        let (payments, batch) = (self.ask.payments, self.batch);
        let (name, rows, bytes) = match task {
            Task::Close(of) if of == batch => (SEAL, payments, self.bytes_of("positions")?),
            Task::Recompute(_) => (RECOMPUTE, payments, self.journal.status().bytes),
            Task::Archive(_) => (ARCHIVE, payments, self.bytes_of("archive")?),
            Task::State(_) => (STATEMENTS, rows, self.bytes_of("statements")?),
            Task::Retire(_) => (RETIRE, payments, self.bytes_of("shelf")?),
            _ => return Ok(()),
        };
        self.note(name, began, rows, bytes)
    }

    fn note(&mut self, name: &str, began: Instant, rows: u64, bytes: u64) -> Result<(), Error> {
        let (seconds, peak_rss_bytes) = (began.elapsed().as_secs_f64(), resident::peak_bytes()?);
        eprintln!("{name}: {seconds:.3} s");
        self.phases.push(Phase { name: name.to_owned(), seconds, rows, bytes, peak_rss_bytes });
        Ok(())
    }

    fn parts(&self) -> Result<Parts, Error> {
        let registrar = Registrar::new(Arc::clone(&self.registers), Arc::clone(&self.journal));
        let Ask { threads, compression, .. } = self.ask;
        let compression = compression.compression();
        let section = BooksSection { dir: self.books(), threads: *threads, compression, ..BooksSection::default() };
        Ok(Parts {
            shelves: Arc::new(Shelves::none(&section.dir.join("shelf"))),
            section,
            switch: InstitutionId::parse(SWITCH).map_err(Error::failed("name the switch"))?,
            participants: participants()?,
            digest: Arc::new(DigestKey::generate()?),
            ring: Box::new(|| Arc::new(EncryptionRing::default())),
            calendar: Calendar::from_csv(WORKING_DAYS_CN).map_err(Error::failed("read the calendar"))?,
            registers: Arc::clone(&self.registers),
            record: Box::new(move |at_us, entries| registrar.record_books(at_us, entries)),
            live: Arc::clone(&self.live),
            journal: Arc::clone(&self.journal),
            table: Arc::clone(&self.table),
            orders: Arc::new(Orders::default()),
            steps: Arc::new(NoSteps),
            stop: Arc::new(AtomicBool::new(false)),
        })
    }

    fn books(&self) -> PathBuf {
        self.ask.folder.join("books")
    }

    fn bytes_of(&self, folder: &str) -> Result<u64, Error> {
        bytes_in(&self.books().join(folder))
    }

    fn outcome(self, positions: &Positions, disk: StreamRate) -> Result<Outcome, Error> {
        let Ask { payments, seed, threads, compression, .. } = self.ask;
        let (sum_of_positions_fen, is_whole) = (positions.sum_fen(), positions.payments() == *payments);
        let kept = BatchEntry::find(&self.registers, self.batch)?;
        // A batch on which the recomputation does not agree is stopped.
        let agrees = kept.is_some_and(|kept| kept.content.phase == BatchPhase::Retired);
        Ok(Outcome::new(self.phases, disk)
            .of_hour(*payments, *seed)
            .with_threads(*threads, compression.name())
            .with_sums(sum_of_positions_fen, is_whole && self.table.is_empty())
            .with_recomputation(agrees))
    }
}

/// Of all files in a folder.
fn bytes_in(folder: &Path) -> Result<u64, Error> {
    let failed = || Error::machine(format!("look into {}", folder.display()));
    let mut bytes = 0;
    for entry in fs::read_dir(folder).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        let about = entry.metadata().map_err(failed())?;
        bytes += if about.is_dir() { bytes_in(&entry.path())? } else { about.len() };
    }
    Ok(bytes)
}

fn participants() -> Result<Participants, Error> {
    let endpoint: Endpoint = "http://127.0.0.1:1".parse().map_err(Error::failed("an endpoint"))?;
    let id =
        |index| InstitutionId::parse(institution_id(index).as_bytes()).map_err(Error::failed("name a participant"));
    let participant = |index| {
        let is_bank = index >= INSTITUTIONS;
        let kind = if is_bank { ParticipantKind::Bank } else { ParticipantKind::Institution };
        let mut participant = Participant::new(index, id(index)?, kind, endpoint.clone());
        if index >= INSTITUTIONS + BANKS - INDIRECT_BANKS {
            participant.clearing_bank = Some(id(INSTITUTIONS + index % 4)?);
        }
        Ok(participant)
    };
    let all = (0..INSTITUTIONS + BANKS).map(participant).collect::<Result<_, Error>>()?;
    Participants::new(all).map_err(Error::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_hour_goes_all_the_way_and_its_books_are_right() {
        let folder = tempfile::tempdir().unwrap();
        let (payments, seed, threads) = (3_000, 1, 2);
        let ask = Ask { folder: folder.path().to_owned(), payments, seed, threads, compression: Packing::Zstd };
        let outcome = measure_here(&ask).unwrap();
        assert!(outcome.recompute_agrees && outcome.is_whole && outcome.sum_of_positions_fen == 0, "{outcome:?}");
        let names: Vec<&str> = outcome.phases.iter().map(|phase| phase.name.as_str()).collect();
        assert_eq!(names, ["hour", SEAL, RECOMPUTE, ARCHIVE, STATEMENTS, RETIRE]);
        assert_eq!(outcome.statement_rows, 3 * payments);
        assert!(outcome.phases.iter().all(|phase| phase.bytes > 0));
    }
}
