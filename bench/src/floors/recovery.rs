//! From a killed node's files to a node that takes payments: ten million payments in a checkpoint, a minute of journal behind it.
//!
//! Nearly all payments of the tail are finished and their receipts delivered; the last tenth of a second is still under way, and is taken up
//! again before the node is ready. Nobody answers it: the counterparties are not running, and are not part of a start.

use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use clearway::domain::link::LinkNumber;
use clearway::domain::record::{Record, RecordKind};
use clearway::domain::{Event, Leg, Outcome, Payment, Timing, transition};
use clearway::journal::{Journal, Options, Work, checkpoint};
use clearway::recovery::Chunk;
use clearway::table::{Cursor, Table};
use clearway_crypto::Suite;
use serde::{Deserialize, Serialize};

use super::row::Goal;
use super::{Bench, Row, child};
use crate::disk::forget_cached;
use crate::error::Error;
use crate::rig::{NodeProcess, Place, Setup};
use crate::samples::{Evidence, START_US, acceptance, finished};

/// Payments a second in the tail, and its length in seconds (the peak of a data centre of 2017, business.md 10).
const TAIL_PER_S: u64 = 5_300;
const TAIL_S: u64 = 60;
/// Payments under way when the node was killed.
const UNDER_WAY: u64 = TAIL_PER_S / 10;
/// Payments between two waits for the disk while the state is written.
const FLUSH_EVERY: u64 = 512;
/// Longest recovery that is waited for.
const RECOVERY_MAX: Duration = Duration::from_secs(300);

/// What was written.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct State {
    checkpoint_payments: u64,
    tail_payments: u64,
    tail_records: u64,
    under_way: u64,
    journal_bytes: u64,
}

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>, Error> {
    let (payments, tail) = bench.depth((10_000_000, TAIL_S * TAIL_PER_S), (1_000_000, 6 * TAIL_PER_S));
    let need = payments * 200 + tail * 12_000 + (1 << 30);
    let free = bench.scratch.free_bytes()?;
    if free < need {
        return Err(Error::Unsuited(format!("needs {} GB of free disk, there are {}", (need >> 30) + 1, free >> 30)));
    }
    let place = Place::write(&Setup::of(Suite::EcdsaP256Sha256), &bench.scratch)?;
    eprintln!("writing the state of {payments} payments and a tail of {tail}");
    let journal = place.journal.to_string_lossy().into_owned();
    let state: State = child::ask(&[
        "state",
        "--journal",
        &journal,
        "--payments",
        &payments.to_string(),
        "--tail",
        &tail.to_string(),
    ])?;
    forget_cached(&place.journal)?;
    let began = Instant::now();
    let node = NodeProcess::start(&place.config, &bench.cores.node_cores(), &place.log, RECOVERY_MAX)?;
    let seconds = began.elapsed().as_secs_f64();
    let status = node.admin().status()?;
    drop(node);
    let restored = restored_ms(&std::fs::read_to_string(&place.log).unwrap_or_default());
    // Gigabytes that later measurements may need.
    std::fs::remove_dir_all(&place.folder).map_err(Error::machine("remove the recovered node"))?;
    let scaled = if bench.arguments.quick { "; scaled down by --quick, the goal is for 10 M and 60 s" } else { "" };
    let note = format!(
        "{} payments in the checkpoint, {} records ({} payments, {} of them under way, {} MB) behind it, page cache dropped, {}; reading took {:.1} s of it, resident {} MB afterwards{scaled}",
        state.checkpoint_payments,
        state.tail_records,
        state.tail_payments,
        state.under_way,
        state.journal_bytes >> 20,
        status.journal.driver,
        restored.unwrap_or(f64::NAN) / 1e3,
        status.resident_bytes >> 20
    );
    let row = Row::new("recovery_seconds", "s", seconds, None, Goal::ValueAtMost(20.0)).with_note(note);
    Ok(vec![if bench.arguments.quick { row.undecided() } else { row }])
}

/// How long the node says that reading its files took, in milliseconds.
fn restored_ms(log: &str) -> Option<f64> {
    let line = log.lines().find(|line| line.contains("restored payments="))?;
    line.split_whitespace().find_map(|part| part.strip_prefix("took_ms="))?.parse().ok()
}

/// Writes checkpoint and tail into `folder`, in the child, with the switch's own table, journal and checkpoint.
pub(super) fn write_state(folder: &Path, payments: u64, tail: u64) -> Result<State, Error> {
    let (journal, _) = Journal::open(Options::new(folder)).map_err(Error::failed("open a journal"))?;
    write_checkpoint(folder, &journal, payments)?;
    let under_way = UNDER_WAY.min(tail);
    Tail {
        journal: &journal,
        evidence: Evidence::compose()?,
        timing: Timing::default(),
        record: Vec::with_capacity(8192),
    }
    .write(payments..payments + tail, payments + tail - under_way)?;
    let status = journal.status();
    journal.shutdown();
    Ok(State {
        checkpoint_payments: payments,
        tail_payments: tail,
        tail_records: status.frames,
        under_way,
        journal_bytes: status.bytes,
    })
}

fn write_checkpoint(folder: &Path, journal: &Journal, payments: u64) -> Result<(), Error> {
    let failed = || Error::failed("write a checkpoint");
    let timing = Timing::default();
    let table = Table::new(64, usize::MAX);
    for number in 0..payments {
        let payment = finished(number, &timing);
        table.lock(payment.trx_id).insert(payment).map_err(Error::failed("fill the table"))?;
    }
    let mut writer = checkpoint::Writer::create(folder, journal.checkpoint_position()).map_err(failed())?;
    let (mut cursor, mut chunk) = (Some(Cursor::default()), Vec::new());
    while let Some(at) = cursor {
        Chunk::Payments.begin(&mut chunk);
        cursor = table.snapshot(at, &mut chunk);
        writer.write(&chunk).map_err(failed())?;
    }
    writer.finish().map_err(failed())
}

/// Writes what the journal holds behind the checkpoint.
struct Tail<'a> {
    journal: &'a Journal,
    evidence: Evidence,
    timing: Timing,
    record: Vec<u8>,
}

impl Tail<'_> {
    /// The payments of these numbers, under way from `under_way_from` on.
    fn write(&mut self, numbers: Range<u64>, under_way_from: u64) -> Result<(), Error> {
        for number in numbers {
            self.write_payment(number, number >= under_way_from)?;
            if number % FLUSH_EVERY == 0 {
                self.journal.flush().map_err(Error::failed("flush the journal"))?;
            }
        }
        self.journal.flush().map_err(Error::failed("flush the journal"))
    }

    /// Accepted, leg 1, leg 2, receipt delivered: all goes well. A payment that is under way has the first record alone.
    fn write_payment(&mut self, number: u64, is_under_way: bool) -> Result<(), Error> {
        const LIFE: [Event; 3] =
            [Event::LegSucceeded(Leg::One), Event::LegSucceeded(Leg::Two), Event::ReceiptDelivered];
        let (mut payment, _) = Payment::accept(&acceptance(number), START_US, &self.timing);
        self.write_record(RecordKind::Accepted, &payment)?;
        for event in LIFE.into_iter().filter(|_| !is_under_way) {
            let Outcome::Changed { next, .. } = transition(&payment, event, START_US + 1, &self.timing) else {
                return Err(Error::Failed { what: "step a payment", why: format!("{event:?} changes nothing") });
            };
            payment = next;
            self.write_record(RecordKind::Event(event), &payment)?;
        }
        Ok(())
    }

    fn write_record(&mut self, kind: RecordKind, payment: &Payment) -> Result<(), Error> {
        let messages = self.evidence.attachments(kind, START_US);
        // That a receipt was delivered is a change without a message.
        let attachments = if kind == RecordKind::Event(Event::ReceiptDelivered) { &[][..] } else { &messages };
        self.record.clear();
        Record { kind, at_us: START_US, link: LinkNumber::NONE, payment, original: None, images: &[], attachments }
            .encode(&mut self.record);
        self.journal.append(Work::Running, &[&self.record]).map_err(Error::failed("append a record"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearway::recovery::{Memory, restore};
    use clearway::registers::Registers;
    use clearway::shelf::Shelves;
    use std::sync::Arc;

    #[test]
    fn the_nodes_own_figure_is_read_from_its_log() {
        let log = "2026-11-20T07:14:23Z  INFO clearway::node::start: restored payments=7 from_checkpoint=3 records=9 took_ms=1234 cut=None\n";
        assert_eq!((restored_ms(log), restored_ms("ready")), (Some(1_234.0), None));
    }

    #[test]
    fn the_state_is_one_that_a_node_restores() {
        let folder = tempfile::tempdir().unwrap();
        let state = write_state(folder.path(), 500, UNDER_WAY + 40).unwrap();
        assert_eq!((state.tail_records, state.under_way), (UNDER_WAY + 160, UNDER_WAY));
        let (journal, recovered) = Journal::open(Options::new(folder.path())).unwrap();
        let table = Arc::new(Table::new(64, 10_000));
        let (registers, shelves) = (Arc::new(Registers::new(1_000)), Arc::new(Shelves::none(folder.path())));
        let memory = Memory { table: Arc::clone(&table), registers, shelves };
        let restored = restore(folder.path(), &journal, &recovered, &memory).unwrap();
        assert_eq!((restored.payments, restored.from_checkpoint), (540 + UNDER_WAY as usize, 500));
        let mut open = 0;
        table.for_each(|payment| open += u64::from(!payment.is_final() || !payment.owed.is_empty()));
        assert_eq!(open, UNDER_WAY);
    }
}
