//! The work: the next day, when it is due.

use clearway_codec::value::Date;

use super::entry::{DayEntry, days, ledger_of};
use super::gather::gather;
use super::report::DayReport;
use super::suspense::{Findings, release_closed};
use crate::books::{Desk, Space};
use crate::domain::clearing::{AccountingDay, BatchName, Ledger, end_day};
use crate::error::Error;
use crate::registers::Registers;

/// From the cut to the end of the day at the earliest: whatever was decided before the cut is recorded by then.
const GRACE_US: u64 = 60 * 1_000_000;
/// How long a day waits for batches that are not sealed (ours).
const PATIENCE_US: u64 = 6 * 3_600 * 1_000_000;

/// Day-end of one node.
#[derive(Debug)]
pub struct DayWork {
    /// The last day that has ended, and when.
    last: Option<(Date, u64)>,
}

impl DayWork {
    /// The work as the registers have it after a start.
    ///
    /// # Errors
    /// [`crate::error::Fault::Data`] when an entry was written by a version that this one does not know.
    pub fn open(registers: &Registers) -> Result<Self, Error> {
        let last = days(registers, None)?.pop();
        Ok(Self { last: last.map(|(day, kept)| (day, kept.content.ends_us)) })
    }

    /// Ends the next day if it is due at `now_us`, and says which. `is_over` says of a batch whose hour is over whether it is sealed, or
    /// certainly has nothing in it.
    ///
    /// # Errors
    /// Files, entries or the journal are against it; the day is tried again next time. What does not balance is no error.
    pub fn turn(
        &mut self,
        desk: &Desk<'_>,
        now_us: u64,
        cut_hour: u32,
        is_over: &dyn Fn(BatchName) -> bool,
    ) -> Result<Option<Date>, Error> {
        let Some(day) = self.next(desk.registers, cut_hour, is_over) else { return Ok(None) };
        let is_due = now_us >= day.ends_us.saturating_add(GRACE_US)
            && (now_us >= day.ends_us.saturating_add(PATIENCE_US) || day.batches().into_iter().all(is_over));
        if !is_due {
            return Ok(None);
        }
        self.end(desk, now_us, day, is_over)?;
        self.last = Some((day.day, day.ends_us));
        Ok(Some(day.day))
    }

    /// The day that ends next; none before the first batch. The first is that of the first batch that there is, or the one before it,
    /// when a batch of that is still to come.
    fn next(&self, registers: &Registers, cut_hour: u32, is_over: &dyn Fn(BatchName) -> bool) -> Option<AccountingDay> {
        if let Some((day, ends_us)) = self.last {
            return Some(AccountingDay::after(day, ends_us, cut_hour));
        }
        let first = registers.book_entries(Space::Batch.keys()).first().map(|entry| Space::number(entry.key))?;
        let day = AccountingDay::of(BatchName::from_u64(first)?, cut_hour);
        let is_before_over = day.before(cut_hour).batches().into_iter().all(is_over);
        Some(if is_before_over { day } else { day.before(cut_hour) })
    }

    fn end(
        &self,
        desk: &Desk<'_>,
        now_us: u64,
        day: AccountingDay,
        is_over: &dyn Fn(BatchName) -> bool,
    ) -> Result<(), Error> {
        let (yesterday, ledger) = self.yesterday(desk.registers)?;
        let mut gathered = gather(desk, day, &yesterday, is_over)?;
        let mut items = yesterday.suspense;
        gathered.facts.movements.extend(release_closed(desk.registers, &mut items)?);
        let ended = end_day(&ledger, &gathered.facts);
        let mut findings = Findings::onto(items);
        findings.open(desk, now_us, day.day, &gathered, &ended)?;
        let report = DayReport::new(desk, day, &gathered, &ended, &findings.items).write(desk, day.day)?;
        let differences = u32::try_from(ended.differences.len()).unwrap_or(u32::MAX);
        let entry = DayEntry { differences, suspense: findings.items, report, ..gathered.entry(day) };
        let mut entries = findings.entries;
        entries.extend(entry.entries(day.day, now_us, &ended.ledger)?);
        desk.record(now_us, entries)
    }

    fn yesterday(&self, registers: &Registers) -> Result<(DayEntry, Ledger), Error> {
        let Some((day, _)) = self.last else { return Ok(Default::default()) };
        let kept = days(registers, Some(day))?.into_iter().next();
        Ok((kept.map(|(_, kept)| kept.content).unwrap_or_default(), ledger_of(registers, day)?))
    }
}
