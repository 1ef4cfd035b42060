//! One hour from its first payment to the shelf, timed step by step.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clearway::books::archive::{Archive, Writing, write as write_archive};
use clearway::books::extract::Records;
use clearway::books::recompute::{MEMORY_BYTES_MAX, recompute};
use clearway::books::statement::Statements;
use clearway::books::{BatchEntry, Draft, Kept, NoSteps, Retirement, Silent, Space};
use clearway::config::{BooksSection, Endpoint, Participant, ParticipantKind, Participants};
use clearway::domain::clearing::{BatchName, Positions};
use clearway::journal::{Journal, Options};
use clearway::positions::Live;
use clearway::registers::Registers;
use clearway::registrar::Registrar;
use clearway::shelf::Shelves;
use clearway::table::{Orders, Table};
use clearway_codec::InstitutionId;
use clearway_crypto::DigestKey;

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
/// Bytes on disk that a payment takes at most, in all: journal, archive, statements, shelf, and a comparison's files.
const ROOM_BYTES_A_PAYMENT: u64 = 1_700;

/// When the batch is closed: a second after its hour.
const CLOSED_AT_US: u64 = HOUR_US + 3_601_000_000;

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
    let positions = course.seal()?;
    let recompute_agrees = course.recompute(&positions)?;
    course.archive()?;
    course.state()?;
    course.retire()?;
    let stream = stream::measure(&ask.folder, (ask.payments * 100).clamp(64 << 20, STREAM_BYTES_MAX))?;
    Ok(course.outcome(&positions, stream).with_recomputation(recompute_agrees))
}

fn check_room(folder: &Path, payments: u64) -> Result<(), Error> {
    let (need, free) = (payments * ROOM_BYTES_A_PAYMENT + (1 << 30), crate::disk::Filesystem::of(folder)?.free_bytes);
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
    table: Table,
    live: Live,
    participants: Participants,
    registrar: Registrar,
    digest_key: Arc<DigestKey>,
    phases: Vec<Phase>,
}

impl<'a> Course<'a> {
    fn open(ask: &'a Ask) -> Result<Self, Error> {
        let mut options = Options::new(ask.folder.join("journal"));
        // As much at once as may be: the hour is to be there soon, and nobody waits for a single record.
        (options.group_bytes_max, options.backlog_bytes_max) = (4 << 20, 256 << 20);
        let (journal, _) = Journal::open(options).map_err(Error::failed("open a journal"))?;
        let journal = Arc::new(journal);
        let payments = usize::try_from(ask.payments).map_err(Error::failed("count payments"))?;
        let table = Table::new(64, payments);
        table.reserve(payments);
        let registers = Arc::new(Registers::new(0));
        Ok(Self {
            ask,
            hour: Hour::new(ask.payments, ask.seed)?,
            batch: BatchName::payments(Hour::batch()),
            registrar: Registrar::new(registers, Arc::clone(&journal)),
            journal,
            table,
            live: Live::new(1),
            participants: participants()?,
            digest_key: Arc::new(DigestKey::generate()?),
            phases: Vec::new(),
        })
    }

    /// Everything that happens in the hour.
    fn write_hour(&mut self) -> Result<(), Error> {
        let mut display = Display::start("payments", Duration::from_secs(self.ask.payments / 250_000));
        let (began, mut last) = (Instant::now(), 0);
        self.timed("hour", |course| {
            let writer = Writer::new(&course.journal, &course.table, &course.live, course.hour);
            writer.write(&mut |payments| {
                last = payments;
                display.tell(began.elapsed(), || format!("{payments} payments"));
            })?;
            Ok(((), course.ask.payments, course.journal.status().bytes))
        })?;
        // What the hour left in the page cache would make everything behind it look faster than it is for a node that runs on.
        forget_cached(&self.ask.folder)
    }

    /// The batch is closed: its sums stand, in a file and in the journal.
    fn seal(&mut self) -> Result<Positions, Error> {
        self.timed(SEAL, |course| {
            let open = course.live.close(course.batch);
            if open != 0 {
                return Err(Error::Failed { what: "close the batch", why: format!("{open} payments are unfinished") });
            }
            let positions = course.live.positions(course.batch);
            course.journal.flush().map_err(Error::failed("flush the journal"))?;
            let bytes = course.write_positions(&positions)?;
            let until = course.journal.checkpoint_position().as_u64();
            let clears_into = |bank| course.participants.clearing_bank_of(bank);
            let entry = BatchEntry::closed(CLOSED_AT_US, [0, until], &positions, clears_into);
            let kept = Kept::new(Space::Batch, course.batch.as_u64(), CLOSED_AT_US, entry);
            let entry = kept.entry().map_err(Error::failed("write the batch's entry"))?;
            course.registrar.record_books(CLOSED_AT_US, vec![entry])?;
            Ok((positions, course.ask.payments, bytes))
        })
    }

    /// The journal once more, by other code. Whether it comes to the same.
    fn recompute(&mut self, positions: &Positions) -> Result<bool, Error> {
        self.timed(RECOMPUTE, |course| {
            let again = recompute(&course.records(), course.batch, MEMORY_BYTES_MAX, &Silent)?;
            let agrees = again.disagreement(positions).is_none() && again.payments == course.ask.payments;
            Ok((agrees, again.payments, course.journal.status().bytes))
        })
    }

    fn archive(&mut self) -> Result<(), Error> {
        self.timed(ARCHIVE, |course| {
            let name_of = |index| course.participants.get(index).map_or_else(String::new, |one| one.id.to_string());
            let (batch, threads) = (course.batch, course.ask.threads);
            let dir = &course.books().join("archive");
            let writing = Writing { dir, batch, provisional: false, name_of: &name_of, threads };
            let archived = write_archive(&course.records(), &writing, &Silent, &NoSteps)?;
            Ok(((), archived.rows, archived.bytes))
        })
    }

    /// Summaries and detail files of all participants, from the archive.
    fn state(&mut self) -> Result<(), Error> {
        let Ask { threads, compression, .. } = self.ask;
        let compression = compression.compression();
        let section = BooksSection { dir: self.books(), threads: *threads, compression, ..BooksSection::default() };
        self.timed(STATEMENTS, |course| {
            let archive = Archive::new(course.books().join("archive"));
            let statements = Statements::new(&section, &course.participants, &course.digest_key);
            let manifest = statements.write(course.batch, &archive, &Silent, &NoSteps)?;
            Ok(((), manifest.rows, manifest.bytes()))
        })
    }

    /// Out of the memory, onto a shelf.
    fn retire(&mut self) -> Result<(), Error> {
        self.timed(RETIRE, |course| {
            let shelves = Shelves::none(&course.books().join("shelf"));
            let (journal, table, orders) = (&*course.journal, &course.table, &Orders::default());
            let (steps, progress, shelves) = (&NoSteps, &Silent, &shelves);
            let retirement = Retirement { table, orders, shelves, journal, steps, progress };
            let batch = course.batch.hour().as_u32();
            let retired = retirement.run(course.batch, &|other| other == batch, CLOSED_AT_US)?;
            if retired.left != course.ask.payments || !course.table.is_empty() {
                return Err(Error::Failed { what: "retire the batch", why: format!("{retired:?}") });
            }
            Ok(((), retired.left, retired.bytes))
        })
    }

    fn books(&self) -> PathBuf {
        self.ask.folder.join("books")
    }

    /// Where the journal has the batch.
    fn records(&self) -> Records {
        Records::of_journal(&self.journal).from(0).until(self.journal.checkpoint_position().as_u64())
    }

    fn write_positions(&self, positions: &Positions) -> Result<u64, Error> {
        let path = self.books().join("positions").join(self.batch.to_string());
        let mut text = String::new();
        for (key, sum) in positions.cells() {
            text.push_str(&format!("{key:?}|{}|{}\n", sum.count, sum.amount_fen));
        }
        let mut draft = Draft::create(&path)?;
        draft.write_all(text.as_bytes()).map_err(Error::machine("write the positions"))?;
        draft.finish(&NoSteps)?;
        Ok(text.len() as u64)
    }

    fn outcome(self, positions: &Positions, disk: StreamRate) -> Outcome {
        let Ask { payments, seed, threads, compression, .. } = self.ask;
        let (sum_of_positions_fen, is_whole) = (positions.sum_fen(), positions.payments() == *payments);
        Outcome::new(self.phases, disk)
            .of_hour(*payments, *seed)
            .with_threads(*threads, compression.name())
            .with_sums(sum_of_positions_fen, is_whole)
    }

    /// Times a step that says how many rows and bytes it was about.
    fn timed<T>(&mut self, name: &str, step: impl FnOnce(&Self) -> Result<(T, u64, u64), Error>) -> Result<T, Error> {
        interrupt::check()?;
        eprintln!("{name}");
        resident::begin();
        let began = Instant::now();
        let (result, rows, bytes) = step(self)?;
        let (seconds, peak_rss_bytes) = (began.elapsed().as_secs_f64(), resident::peak_bytes()?);
        self.phases.push(Phase { name: name.to_owned(), seconds, rows, bytes, peak_rss_bytes });
        Ok(result)
    }
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
