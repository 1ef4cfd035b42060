//! Table and journal alone, three durable records for each payment, against PostgreSQL with the same bytes on the same disk.
//!
//! ```text
//!  each payment under way: accept + request + leg -> durable -> leg 1 answered + leg -> durable -> leg 2 answered + receipt -> durable -> next
//! ```
//!
//! Invariant: a payment goes on only when its record is durable, as the pipeline does, and every record holds the messages at their real size.
//! PostgreSQL works from 64 connections, where it does best; for us a payment under way costs no connection, so as many are under way as a node
//! has at 5,300/s with banks that answer in a fifth of a second. The figure with 64 is a row beside it.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clearway::domain::link::LinkNumber;
use clearway::domain::record::{Record, RecordKind};
use clearway::domain::{Event, Leg, Outcome, Payment, Timing, transition};
use clearway::journal::{Journal, Options, Work};
use clearway::table::Table;

use super::row::Goal;
use super::{Bench, Row};
use crate::compare::postgres::{self, PeerFigure};
use crate::error::Error;
use crate::interrupt;
use crate::samples::{Evidence, START_US, acceptance};

/// Connections to the peer.
const PEER_CLIENTS: usize = 64;
/// Payments under way on our side.
const UNDER_WAY: usize = 1_024;
/// Bytes a second that this could write at most, for the room it needs.
const BYTES_PER_S_MAX: u64 = 2_500_000_000;

/// What a run of table and journal gave.
#[derive(Debug, Clone)]
pub struct JournalFigure {
    /// Payments under way at once.
    pub under_way: usize,
    /// Final, durable payments a second.
    pub payments_per_second: f64,
    /// Driver of the journal.
    pub driver: &'static str,
    /// Bytes on disk for each payment.
    pub bytes_per_payment: f64,
    /// Records in one group.
    pub records_per_group: f64,
    /// Median time of one write and sync, in microseconds.
    pub sync_p50_us: u64,
}

impl JournalFigure {
    fn describe(&self) -> String {
        let Self { under_way, driver, bytes_per_payment, records_per_group, sync_p50_us, .. } = self;
        format!(
            "{under_way} payments under way, {driver}, {bytes_per_payment:.0} bytes on disk a payment, {records_per_group:.0} records a group, sync p50 {sync_p50_us} us"
        )
    }
}

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>, Error> {
    let evidence = Evidence::compose()?;
    let time = bench.depth(Duration::from_secs(5), Duration::from_secs(1));
    let need = BYTES_PER_S_MAX * (time.as_secs() + 1);
    let free = bench.scratch.free_bytes()?;
    if free < need {
        return Err(Error::Unsuited(format!("needs {} GB of free disk, there are {}", need >> 30, free >> 30)));
    }
    let (mut many, mut few, mut peer) = (Vec::new(), Vec::new(), Vec::new());
    // In turn, and the best of each: what else the machine does meanwhile hits both sides alike.
    for _ in 0..bench.depth(2, 1) {
        many.push(measure_once(bench, &evidence, UNDER_WAY, time)?);
        few.push(measure_once(bench, &evidence, PEER_CLIENTS, time)?);
        peer.push(postgres::measure(&bench.scratch, &evidence, PEER_CLIENTS, bench.depth(8, 2)));
        interrupt::check()?;
    }
    let (floor, peer) = describe_peer(peer);
    let row = |name: &str, ours: &JournalFigure| {
        let row = Row::new(name, "payments/s", ours.payments_per_second, floor, Goal::RatioAtLeast(20.0));
        row.with_note(format!("{}, {} bytes of messages a payment; {peer}", ours.describe(), evidence.payment_bytes()))
    };
    // The second row informs; the goal is about what each side does at its best.
    Ok(vec![
        row("journal_payments_per_second", &best(many)?),
        row("journal_payments_per_second_64_under_way", &best(few)?).undecided(),
    ])
}

fn measure_once(bench: &Bench, evidence: &Evidence, under_way: usize, time: Duration) -> Result<JournalFigure, Error> {
    let folder = bench.scratch.folder("journal-alone")?;
    let figure = measure_journal(&folder, evidence, under_way, time);
    std::fs::remove_dir_all(&folder).map_err(Error::machine("remove the journal"))?;
    figure
}

fn best(figures: Vec<JournalFigure>) -> Result<JournalFigure, Error> {
    let best = figures.into_iter().max_by(|one, other| one.payments_per_second.total_cmp(&other.payments_per_second));
    best.ok_or_else(|| Error::Unsuited("no run of the journal".into()))
}

/// The peer's best figure and what to say of it; none when it could not be run once.
fn describe_peer(outcomes: Vec<Result<PeerFigure, Error>>) -> (Option<f64>, String) {
    let (figures, errors): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    let figures = figures.into_iter().flatten();
    match figures.max_by(|one, other| one.payments_per_second.total_cmp(&other.payments_per_second)) {
        Some(peer) => (Some(peer.payments_per_second), format!("peer: {PEER_CLIENTS} clients, {}", peer.describe())),
        None => {
            let why: Vec<String> = errors.into_iter().filter_map(|outcome| Some(outcome.err()?.to_string())).collect();
            (None, format!("peer SKIPPED: {}", why.join("; ")))
        }
    }
}

/// Keeps so many payments under way in a new journal in `folder` for `time`, after a warm-up of a fifth of it.
///
/// # Errors
/// The journal cannot be opened, or stops.
pub fn measure_journal(
    folder: &Path,
    evidence: &Evidence,
    under_way: usize,
    time: Duration,
) -> Result<JournalFigure, Error> {
    let (journal, _) = Journal::open(Options::new(folder)).map_err(Error::failed("open a journal"))?;
    let driver_thread = std::thread::current();
    journal.on_progress(Arc::new(move || driver_thread.unpark()));
    let table = Table::new(64, usize::MAX);
    let mut driver = Driver::new(&journal, &table, evidence, under_way);
    driver.run(time / 5)?;
    let (finished, before, began) = (driver.finished, journal.status(), Instant::now());
    driver.run(time)?;
    let (seconds, after) = (began.elapsed().as_secs_f64(), journal.status());
    let payments = (driver.finished - finished) as f64;
    let groups = (after.groups - before.groups).max(1) as f64;
    let figure = JournalFigure {
        under_way,
        payments_per_second: payments / seconds,
        driver: after.driver,
        bytes_per_payment: (after.bytes - before.bytes) as f64 / payments.max(1.0),
        records_per_group: (after.frames - before.frames) as f64 / groups,
        sync_p50_us: after.sync_us.value_at_quantile(0.5),
    };
    journal.shutdown();
    Ok(figure)
}

/// All clients, on one thread.
struct Driver<'a> {
    journal: &'a Journal,
    table: &'a Table,
    evidence: &'a Evidence,
    timing: Timing,
    /// The payment that each client is about.
    clients: Vec<Option<Payment>>,
    /// Whose record is in which group, in the order of groups.
    waiting: VecDeque<(u64, usize)>,
    head: Vec<u8>,
    started: u64,
    finished: u64,
}

impl<'a> Driver<'a> {
    fn new(journal: &'a Journal, table: &'a Table, evidence: &'a Evidence, under_way: usize) -> Self {
        Self {
            journal,
            table,
            evidence,
            timing: Timing::default(),
            clients: vec![None; under_way],
            waiting: VecDeque::with_capacity(under_way),
            head: Vec::with_capacity(1024),
            started: 0,
            finished: 0,
        }
    }

    fn run(&mut self, time: Duration) -> Result<(), Error> {
        let until = Instant::now() + time;
        if self.waiting.is_empty() {
            (0..self.clients.len()).try_for_each(|client| self.advance(client))?;
            self.journal.kick();
        }
        while Instant::now() < until {
            if self.serve_durable()? {
                self.journal.kick();
            } else {
                interrupt::check()?;
                self.check()?;
                std::thread::park_timeout(Duration::from_millis(100));
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Error> {
        self.journal.status().poisoned.map_or(Ok(()), |why| Err(Error::Failed { what: "the journal stopped", why }))
    }

    /// Lets every client go on whose record is durable. Whether there was one.
    fn serve_durable(&mut self) -> Result<bool, Error> {
        let durable = self.journal.durable_group();
        let mut served = false;
        while let Some((_, client)) = self.waiting.pop_front_if(|(group, _)| *group <= durable) {
            self.advance(client)?;
            served = true;
        }
        Ok(served)
    }

    /// Records the next step of one client.
    fn advance(&mut self, client: usize) -> Result<(), Error> {
        let now_us = START_US + self.started;
        let before = self.clients[client].filter(|payment| !payment.is_final());
        self.finished += u64::from(before.is_none() && self.clients[client].is_some());
        let (kind, next) = match &before {
            None => {
                self.started += 1;
                (RecordKind::Accepted, Payment::accept(&acceptance(self.started), now_us, &self.timing).0)
            }
            Some(payment) => {
                self.step(payment, if payment.leg_two_was_sent() { Leg::Two } else { Leg::One }, now_us)?
            }
        };
        let attachments = self.evidence.attachments(kind, now_us);
        let record = Record {
            kind,
            at_us: now_us,
            link: LinkNumber::NONE,
            payment: &next,
            original: None,
            images: &[],
            attachments: &attachments,
        };
        self.head.clear();
        record.encode_head(&mut self.head);
        let mut guard = self.table.lock(next.trx_id);
        let parts = [self.head.as_slice(), attachments[0].message, attachments[1].message];
        let appended = self.journal.append(Work::Running, &parts).map_err(Error::failed("append a record"))?;
        let placed = record.payment_at(appended.position.as_u64());
        match before {
            None => guard.insert(placed).map_err(Error::failed("insert a payment"))?,
            Some(_) => guard.replace(placed),
        }
        drop(guard);
        self.clients[client] = Some(placed);
        self.waiting.push_back((appended.group, client));
        Ok(())
    }

    fn step(&self, payment: &Payment, leg: Leg, now_us: u64) -> Result<(RecordKind, Payment), Error> {
        let event = Event::LegSucceeded(leg);
        match transition(payment, event, now_us, &self.timing) {
            Outcome::Changed { next, .. } => Ok((RecordKind::Event(event), next)),
            Outcome::Unchanged { reason, .. } => {
                Err(Error::Failed { what: "step a payment", why: format!("{reason:?}") })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_run_finishes_payments_with_three_records_each() {
        let folder = tempfile::tempdir().unwrap();
        let evidence = Evidence::compose().unwrap();
        let (journal, _) = Journal::open(Options::new(folder.path())).unwrap();
        let table = Table::new(64, 1_000_000);
        let mut driver = Driver::new(&journal, &table, &evidence, 64);
        while driver.finished < 10 {
            driver.run(Duration::from_millis(20)).unwrap();
        }
        journal.flush().unwrap();
        let finals = driver.clients.iter().flatten().filter(|payment| payment.is_final()).count() as u64;
        assert_eq!(driver.started as usize, table.len());
        let mut steps = 0;
        table.for_each(|payment| steps += u64::from(payment.step));
        assert_eq!(journal.status().frames, steps);
        assert!(driver.finished + finals >= 10);
    }
}
