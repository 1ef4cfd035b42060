//! What stands in suspense, item by item, each with a case.
//!
//! Invariant: the items add up to the account.

use clearway_codec::value::Date;

use super::entry::SuspenseItem;
use super::gather::{Counted, Gathered};
use crate::books::{BookCase, CaseKind, Desk, Kept};
use crate::domain::clearing::{DayEnd, Difference, LedgerAccount, Movement, MovementKind};
use crate::domain::register::BookEntry;
use crate::error::Error;
use crate::registers::Registers;

/// Differences of a day that get a case each; the others share one (ours).
const CASES_MAX: usize = 20;
/// Items that are kept; what comes on top is added to the last, whose case stands for all (ours).
const ITEMS_MAX: usize = 500;

/// The movements that take out of suspense what people have settled: those items whose cases are closed. Keeps the others in `items`.
pub(super) fn release_closed(registers: &Registers, items: &mut Vec<SuspenseItem>) -> Result<Vec<Movement>, Error> {
    let mut movements = Vec::new();
    let mut open = Vec::new();
    for item in items.drain(..) {
        let entry = registers.book_entry(item.case);
        let case = entry.map(|entry| Kept::<BookCase>::read(&entry)).transpose()?;
        if case.is_none_or(|case| case.content.is_open()) {
            open.push(item);
            continue;
        }
        let (suspense, corrections) = (LedgerAccount::Suspense, LedgerAccount::Corrections);
        movements.push(Movement::between(MovementKind::Correction, corrections, suspense, item.fen));
    }
    *items = open;
    Ok(movements)
}

/// New cases, and their items behind those that are there.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) items: Vec<SuspenseItem>,
    pub(super) entries: Vec<BookEntry>,
}

impl Findings {
    /// Findings on top of what stood in suspense.
    pub(super) fn onto(items: Vec<SuspenseItem>) -> Self {
        Self { items, ..Self::default() }
    }

    /// Opens the cases of a day's end: its differences, what else got into suspense, batches that were missed or could not be read.
    pub(super) fn open(
        &mut self,
        desk: &Desk<'_>,
        at_us: u64,
        day: Date,
        gathered: &Gathered,
        ended: &DayEnd,
    ) -> Result<(), Error> {
        let (first, others) = ended.differences.split_at(ended.differences.len().min(CASES_MAX));
        for difference in first {
            let case = case_of(desk, day, difference);
            self.add(desk, at_us, case, -difference.fen())?;
        }
        if !others.is_empty() {
            let text = format!("{} more accounts were set right; the report of the day lists them", others.len());
            let fen = -others.iter().map(Difference::fen).sum::<i128>();
            self.add(desk, at_us, new_case(day, "others", &text), fen)?;
        }
        let listed: i128 = self.items.iter().map(|item| item.fen).sum();
        let unlisted = ended.suspense_fen() - listed;
        if unlisted != 0 {
            let text = "the positions of a batch, or the interest of a day, did not add up to nothing";
            self.add(desk, at_us, new_case(day, "movements", text), unlisted)?;
        }
        self.open_batches(desk, at_us, day, gathered)
    }

    fn open_batches(&mut self, desk: &Desk<'_>, at_us: u64, day: Date, gathered: &Gathered) -> Result<(), Error> {
        for batch in &gathered.missing {
            let text = "not sealed when the accounting day ended; the day after it is sealed counts it";
            let case = BookCase::new(CaseKind::LateBatch, format!("accounting day {day} {batch}"), text);
            self.note(desk, at_us, case.of_batch(*batch).of_day(day))?;
        }
        for counted in &gathered.batches {
            let Counted { batch, unread, differing, .. } = counted;
            let case = |text: String| {
                let case = BookCase::new(CaseKind::Failure, format!("accounting day {day} {batch}"), text);
                case.of_batch(*batch).of_day(day)
            };
            if let Some(why) = unread {
                self.note(desk, at_us, case(format!("its lines were not checked against its positions: {why}")))?;
            } else if !differing.is_empty() {
                let who: Vec<String> = differing.iter().take(CASES_MAX).map(|one| desk.issr_id(*one)).collect();
                let text = format!(
                    "the lines of {} participants do not come to their positions: {}",
                    differing.len(),
                    who.join(" ")
                );
                self.note(desk, at_us, case(text))?;
            }
        }
        Ok(())
    }

    /// Opens a case that stands for `fen` in suspense.
    fn add(&mut self, desk: &Desk<'_>, at_us: u64, case: BookCase, fen: i128) -> Result<(), Error> {
        let case = self.note(desk, at_us, case.of_fen(fen))?;
        if self.items.len() < ITEMS_MAX {
            self.items.push(SuspenseItem { case, fen });
        } else if let Some(last) = self.items.last_mut() {
            last.fen += fen;
        }
        Ok(())
    }

    fn note(&mut self, desk: &Desk<'_>, at_us: u64, case: BookCase) -> Result<u64, Error> {
        let (key, entry) = case.open_as(at_us, desk.registers)?;
        self.entries.extend(entry);
        Ok(key)
    }
}

fn case_of(desk: &Desk<'_>, day: Date, difference: &Difference) -> BookCase {
    let account = account_name(desk, difference.account);
    let Difference { expected_fen, found_fen, .. } = difference;
    let (of, text) = match difference.batch {
        Some(batch) => (
            format!("{account} {batch}"),
            format!(
                "its lines come to {expected_fen} fen, its positions to {found_fen}; the account follows the lines"
            ),
        ),
        None => (
            account,
            format!(
                "its open items come to {expected_fen} fen, its balance to {found_fen}; the account follows the items"
            ),
        ),
    };
    let case = new_case(day, &of, &text);
    BookCase { batch: difference.batch, participant: bank_of(difference.account), ..case }
}

fn new_case(day: Date, of: &str, text: &str) -> BookCase {
    let text = format!("{text}; the difference is in suspense until this case is closed");
    BookCase::new(CaseKind::Suspense, format!("accounting day {day} {of}"), text).of_day(day)
}

/// The participant whose account it is.
pub(super) const fn bank_of(account: LedgerAccount) -> Option<u16> {
    match account {
        LedgerAccount::Clearing(bank) | LedgerAccount::Reserve(bank) | LedgerAccount::Interest(bank) => Some(bank),
        _ => None,
    }
}

/// For people: the kind of account, and whose it is by IssrId.
pub(super) fn account_name(desk: &Desk<'_>, account: LedgerAccount) -> String {
    let name = account.to_string();
    match (bank_of(account), name.split_once(':')) {
        (Some(bank), Some((kind, _))) => format!("{kind} {}", desk.issr_id(bank)),
        _ => name,
    }
}
