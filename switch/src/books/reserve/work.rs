//! The work: what is due next, one thing at a time.

use std::collections::{BTreeMap, BTreeSet};

use super::instruction::write_instructions;
use super::sheet::{ReserveSheet, SheetState, WindowEntry, sheets, windows};
use crate::books::agreement::is_agreed;
use crate::books::{BatchSums, BookCase, CaseKind, Desk, Kept, Space};
use crate::domain::clearing::{BatchName, ReserveSum, ReserveWindow};
use crate::error::Error;
use crate::registers::Registers;

/// Entries that are recorded at once.
const ENTRIES_AT_ONCE: usize = 32;

/// What a turn did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReserveDid {
    /// The sheets of a window are made.
    Made(ReserveWindow),
    /// The instructions of a bank are out.
    Released(ReserveWindow, u16),
    /// The deadline of a window passed before its batches were sealed.
    WindowLate(ReserveWindow),
    /// The deadline of a bank's sheet passed before it agreed.
    SheetLate(ReserveWindow, u16),
}

/// What waits, by its key; the rest is in the journal.
#[derive(Debug)]
pub struct ReserveWork {
    next: Option<ReserveWindow>,
    waiting: BTreeMap<u64, Kept<ReserveSheet>>,
}

impl ReserveWork {
    /// The work as the registers have it after a start.
    ///
    /// # Errors
    /// [`crate::error::Fault::Data`] when an entry was written by a version that this one does not know.
    pub fn open(registers: &Registers) -> Result<Self, Error> {
        let mut waiting = sheets(registers, None)?;
        waiting.retain(|kept| kept.content.state == SheetState::Waiting);
        let mut made = windows(registers, None)?.into_iter().filter(|kept| kept.content.state == SheetState::Released);
        let next = made.next_back().map(|kept| kept.content.window.next());
        Ok(Self { next, waiting: waiting.into_iter().map(|kept| (kept.key, kept)).collect() })
    }

    /// Does the next thing that is due at `now_us`, if any. `is_over` says of a batch whose hour is over whether it is sealed, or
    /// certainly has nothing in it. What cannot be done keeps nothing else from being done.
    ///
    /// # Errors
    /// Files or journal are against all that is due; nothing is lost, and it is tried again next time.
    pub fn turn(
        &mut self,
        desk: &Desk<'_>,
        now_us: u64,
        is_over: &dyn Fn(BatchName) -> bool,
    ) -> Result<Option<ReserveDid>, Error> {
        let mut failure = None;
        for key in self.agreed(desk.registers) {
            match self.release(desk, now_us, key) {
                Ok(did) => return Ok(Some(did)),
                Err(error) => failure = Some(error),
            }
        }
        let late = |kept: &&Kept<ReserveSheet>| !kept.content.is_late && kept.content.window.deadline_us() <= now_us;
        if let Some(key) = self.waiting.values().find(late).map(|kept| kept.key) {
            return self.note_late(desk, now_us, key).map(Some);
        }
        match (self.turn_window(desk, now_us, is_over), failure) {
            (Ok(None), Some(error)) => Err(error),
            (turned, _) => turned,
        }
    }

    /// Sheets that wait for their banks.
    pub fn waiting(&self) -> impl Iterator<Item = &ReserveSheet> {
        self.waiting.values().map(|kept| &kept.content)
    }

    fn turn_window(
        &mut self,
        desk: &Desk<'_>,
        now_us: u64,
        is_over: &dyn Fn(BatchName) -> bool,
    ) -> Result<Option<ReserveDid>, Error> {
        let Some(window) = self.next.or_else(|| first_window(desk.registers, is_over)) else { return Ok(None) };
        if now_us < window.ends_us() {
            return Ok(None);
        }
        if window.batches().into_iter().all(is_over) {
            self.make(desk, now_us, window)?;
            return Ok(Some(ReserveDid::Made(window)));
        }
        if now_us < window.deadline_us() || WindowEntry::find(desk.registers, window)?.is_some() {
            return Ok(None);
        }
        note_window_late(desk, now_us, window, is_over)?;
        Ok(Some(ReserveDid::WindowLate(window)))
    }

    /// One sheet for each bank on whose reserve accounts anything moved.
    fn make(&mut self, desk: &Desk<'_>, now_us: u64, window: ReserveWindow) -> Result<(), Error> {
        let made = sheets_of(desk, window)?;
        let entry = WindowEntry {
            window,
            state: SheetState::Released,
            is_late: now_us >= window.deadline_us(),
            bookings: made.iter().map(|sheet| u64::from(sheet.accounts)).sum(),
            payments: made.iter().map(|sheet| sheet.sum().payments()).sum(),
        };
        let entry = match WindowEntry::find(desk.registers, window)? {
            Some(known) => known.next(now_us, entry),
            None => entry.kept(now_us),
        };
        let made: Vec<Kept<ReserveSheet>> = made.into_iter().map(|sheet| sheet.kept(now_us)).collect();
        let mut entries = made.iter().map(|kept| Ok(kept.entry()?)).collect::<Result<Vec<_>, Error>>()?;
        // The window last: until it is there, all are made again, and those that are there already stay.
        entries.retain(|entry| desk.registers.book_entry(entry.key).is_none());
        entries.push(entry.entry()?);
        for entries in entries.chunks(ENTRIES_AT_ONCE) {
            desk.record(now_us, entries.to_vec())?;
        }
        self.next = Some(window.next());
        self.waiting.extend(made.into_iter().map(|kept| (kept.key, kept)));
        Ok(())
    }

    /// The sheets to all of whose batches their banks have agreed.
    fn agreed(&self, registers: &Registers) -> Vec<u64> {
        let has_agreed =
            |sheet: &ReserveSheet| sheet.batches.iter().all(|batch| is_agreed(registers, *batch, sheet.bank));
        self.waiting.values().filter(|kept| has_agreed(&kept.content)).map(|kept| kept.key).collect()
    }

    fn release(&mut self, desk: &Desk<'_>, now_us: u64, key: u64) -> Result<ReserveDid, Error> {
        let kept = &self.waiting[&key];
        let digest = Some(write_instructions(desk, &kept.content)?);
        let released = ReserveSheet { state: SheetState::Released, digest, ..kept.content.clone() };
        let did = ReserveDid::Released(released.window, released.bank);
        desk.record(now_us, vec![kept.next(now_us, released).entry()?])?;
        self.waiting.remove(&key);
        Ok(did)
    }

    fn note_late(&mut self, desk: &Desk<'_>, now_us: u64, key: u64) -> Result<ReserveDid, Error> {
        let kept = &self.waiting[&key];
        let sheet = ReserveSheet { is_late: true, ..kept.content.clone() };
        let did = ReserveDid::SheetLate(sheet.window, sheet.bank);
        let late = kept.next(now_us, sheet.clone());
        let mut entries = vec![late.entry()?];
        entries.extend(late_case(desk, &sheet).open(now_us, desk.registers)?);
        desk.record(now_us, entries)?;
        self.waiting.insert(key, late);
        Ok(did)
    }
}

fn note_window_late(
    desk: &Desk<'_>,
    now_us: u64,
    window: ReserveWindow,
    is_over: &dyn Fn(BatchName) -> bool,
) -> Result<(), Error> {
    let open = window.batches().into_iter().filter(|batch| !is_over(*batch));
    let open: Vec<String> = open.map(|batch| batch.to_string()).collect();
    let text =
        format!("not booked in time: {} not sealed; the window is booked when all its batches are", open.join(", "));
    let case = BookCase::new(CaseKind::ReserveLate, window.to_string(), text).of_day(window.day());
    let entry = WindowEntry { window, state: SheetState::Waiting, is_late: true, bookings: 0, payments: 0 };
    let mut entries = vec![entry.kept(now_us).entry()?];
    entries.extend(case.open(now_us, desk.registers)?);
    desk.record(now_us, entries)
}

fn late_case(desk: &Desk<'_>, sheet: &ReserveSheet) -> BookCase {
    let open = sheet.batches.iter().filter(|batch| !is_agreed(desk.registers, **batch, sheet.bank));
    let open: Vec<String> = open.map(ToString::to_string).collect();
    let subject = format!("{} {}", sheet.window, desk.issr_id(sheet.bank));
    let text = format!(
        "{} reserve accounts not booked in time: the bank has not agreed to {}; they are booked when it has (compare its files, or \
         clearway books agree)",
        sheet.accounts,
        open.join(", ")
    );
    let case = BookCase::new(CaseKind::ReserveLate, subject, text).of_day(sheet.window.day());
    case.of_participant(sheet.bank).of_fen(sheet.sum().net_fen())
}

/// The window of the first batch that there is; the one before it, when a batch of that is still to come.
fn first_window(registers: &Registers, is_over: &dyn Fn(BatchName) -> bool) -> Option<ReserveWindow> {
    let first = registers.book_entries(Space::Batch.keys()).first().map(|entry| Space::number(entry.key))?;
    let window = BatchName::from_u64(first).map(ReserveWindow::of)?;
    let is_before_over = window.before().batches().into_iter().all(is_over);
    Some(if is_before_over { window } else { window.before() })
}

/// What a bank has so far.
#[derive(Default)]
struct Gathered {
    batches: Vec<BatchName>,
    institutions: BTreeSet<u16>,
    sum: ReserveSum,
}

/// What each bank is to book for a window.
fn sheets_of(desk: &Desk<'_>, window: ReserveWindow) -> Result<Vec<ReserveSheet>, Error> {
    let mut banks = BTreeMap::<u16, Gathered>::new();
    let is_there = |batch: &BatchName| desk.registers.book_entry(Space::Batch.key(batch.as_u64())).is_some();
    for batch in window.batches().into_iter().filter(is_there) {
        for (account, sum) in BatchSums::load(desk.dir, batch)?.reserves.accounts() {
            let gathered = banks.entry(account.bank).or_default();
            if gathered.batches.last() != Some(&batch) {
                gathered.batches.push(batch);
            }
            gathered.institutions.insert(account.institution);
            gathered.sum = gathered.sum.plus(sum);
        }
    }
    Ok(banks.into_iter().map(|(bank, gathered)| gathered.sheet(window, bank)).collect())
}

impl Gathered {
    fn sheet(self, window: ReserveWindow, bank: u16) -> ReserveSheet {
        let [paid_in, paid_out] = [self.sum.paid_in, self.sum.paid_out].map(|sum| [sum.count, sum.amount_fen]);
        ReserveSheet {
            window,
            bank,
            batches: self.batches,
            accounts: u32::try_from(self.institutions.len()).expect("fewer than 2^16 institutions"),
            paid_in,
            paid_out,
            state: SheetState::Waiting,
            is_late: false,
            digest: None,
        }
    }
}
