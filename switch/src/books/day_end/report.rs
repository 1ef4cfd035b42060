//! The report of a day, for programs (JSON) and for people (text).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clearway_codec::value::{BeijingTime, Date};
use serde::{Deserialize, Serialize};

use super::entry::SuspenseItem;
use super::gather::Gathered;
use super::suspense::account_name;
use crate::books::case::case_id;
use crate::books::sealed_text::sha256_hex;
use crate::books::{Desk, Draft};
use crate::domain::clearing::{
    AccountingDay, BatchName, DayEnd, Difference, LedgerAccount, MovementKind, Turnover, add_fen,
};
use crate::error::{Error, Fault};

/// Rows of differences in a report; how many there were stands beside them.
const DIFFERENCES_MAX: usize = 1_000;

/// An accounting day as it ended. Amounts are fen; above 0 the switch owes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayReport {
    /// The day, such as 20261120.
    pub day: String,
    /// When it began and ended, Beijing time.
    pub begins: String,
    /// When it ended.
    pub ends: String,
    /// Batches counted.
    pub batches: Vec<BatchName>,
    /// Those of them that belong to days before.
    pub late: Vec<BatchName>,
    /// Batches that were not sealed in time.
    pub missing: Vec<BatchName>,
    /// Payments in the batches.
    pub payments: u64,
    /// What they have moved.
    pub moved_fen: u64,
    /// Bookings on reserve accounts that were released.
    pub bookings: u64,
    /// Payments that stand in those bookings.
    pub booked_payments: u64,
    /// Sums of a batch's lines that were compared with its positions, by clearing bank.
    pub checks: usize,
    /// Batches in which the lines of a participant do not come to its positions: how many participants.
    pub differing: BTreeMap<BatchName, usize>,
    /// Differences found.
    pub differences_found: usize,
    /// What did not agree, the first 1,000.
    pub differences: Vec<DifferenceRow>,
    /// Every account that stood or moved.
    pub accounts: Vec<AccountRow>,
    /// What stands in suspense.
    pub suspense_fen: i128,
    /// Its items: case and amount.
    pub suspense: Vec<(String, i128)>,
}

/// One account through the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRow {
    /// The account: its kind, and the IssrId of the bank whose it is.
    pub account: String,
    /// Yesterday's balance.
    pub before_fen: i128,
    /// Movements by kind: batches, bookings, settled, interest, corrected.
    pub moved_fen: BTreeMap<String, i128>,
    /// Today's balance.
    pub after_fen: i128,
}

/// Something that did not agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceRow {
    /// The account.
    pub account: String,
    /// The batch whose lines and positions differ; none: a balance against its open items.
    pub batch: Option<BatchName>,
    /// What it should be.
    pub expected_fen: i128,
    /// What it was.
    pub found_fen: i128,
}

/// Reads the report of a day.
///
/// # Errors
/// [`Fault::Environment`] when there is none, [`Fault::Data`] when it is not what was written.
pub fn report_of(dir: &Path, day: Date) -> Result<DayReport, Error> {
    let path = path(dir, day, "json");
    let bytes = std::fs::read(&path).map_err(|error| Error::file("read", &path, error))?;
    let read = serde_json::from_slice(&bytes);
    read.map_err(|error| Error::new(Fault::Data, "no report of a day").at(path.display().to_string()).caused_by(error))
}

impl DayReport {
    pub(super) fn new(
        desk: &Desk<'_>,
        day: AccountingDay,
        gathered: &Gathered,
        ended: &DayEnd,
        suspense: &[SuspenseItem],
    ) -> Self {
        let [begins, ends] = [day.begins_us, day.ends_us].map(|us| BeijingTime::from_unix_micros(us).to_string());
        let account = |(account, turnover): (&LedgerAccount, &Turnover)| AccountRow::of(desk, *account, turnover);
        let difference = |difference: &Difference| DifferenceRow::of(desk, difference);
        Self {
            day: day.day.to_string(),
            begins,
            ends,
            batches: gathered.batches.iter().map(|counted| counted.batch).collect(),
            late: gathered.late.clone(),
            missing: gathered.missing.clone(),
            payments: gathered.batches.iter().map(|counted| counted.payments).sum(),
            moved_fen: gathered.batches.iter().map(|counted| counted.moved_fen).fold(0, add_fen),
            bookings: gathered.bookings,
            booked_payments: gathered.booked_payments,
            checks: gathered.facts.checks.len(),
            differing: gathered.differing().collect(),
            differences_found: ended.differences.len(),
            differences: ended.differences.iter().take(DIFFERENCES_MAX).map(difference).collect(),
            accounts: ended.turnovers.iter().map(account).collect(),
            suspense_fen: ended.suspense_fen(),
            suspense: suspense.iter().map(|item| (case_id(item.case), item.fen)).collect(),
        }
    }

    /// Writes both files, and returns the SHA-256 of the JSON.
    pub(super) fn write(&self, desk: &Desk<'_>, day: Date) -> Result<String, Error> {
        let unwritable = |error| Error::new(Fault::Data, "the report of a day").caused_by(error);
        let mut json = serde_json::to_vec_pretty(self).map_err(unwritable)?;
        json.push(b'\n');
        for (suffix, bytes) in [("txt", self.text().as_bytes()), ("json", &json)] {
            let path = path(desk.dir, day, suffix);
            let mut draft = Draft::create(&path)?;
            draft.write_all(bytes).map_err(|error| Error::file("write", &path, error))?;
            draft.finish(desk.steps)?;
        }
        Ok(sha256_hex(&json))
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("accounting day {}, {} to {}\n\n", self.day, self.begins, self.ends);
        let _ = writeln!(text, "batches         {}", self.batches.len());
        let lists = [("of days before", &self.late), ("not sealed", &self.missing)];
        for (what, batches) in lists.into_iter().filter(|(_, batches)| !batches.is_empty()) {
            let names: Vec<String> = batches.iter().map(ToString::to_string).collect();
            let _ = writeln!(text, "  {what}: {}", names.join(" "));
        }
        let _ = writeln!(text, "payments        {}, which moved {}", self.payments, yuan(self.moved_fen.into()));
        let _ = writeln!(text, "bookings        {} for {} payments", self.bookings, self.booked_payments);
        let _ = writeln!(text, "differences     {} ({} sums compared)", self.differences_found, self.checks);
        let _ = writeln!(text, "suspense        {}", yuan(self.suspense_fen));
        for (batch, participants) in &self.differing {
            let _ = writeln!(text, "  {batch}: the lines of {participants} participants differ from their positions");
        }
        self.write_accounts(&mut text);
        self.write_differences(&mut text);
        text
    }

    fn write_accounts(&self, text: &mut String) {
        let _ = write!(text, "\n{:<28}{:>22}", "account", "yesterday");
        MovementKind::ALL.iter().for_each(|kind| {
            let _ = write!(text, "{:>22}", kind.word());
        });
        let _ = writeln!(text, "{:>22}", "today");
        for row in &self.accounts {
            let _ = write!(text, "{:<28}{:>22}", row.account, yuan(row.before_fen));
            for kind in MovementKind::ALL {
                let fen = row.moved_fen.get(kind.word()).copied().unwrap_or(0);
                let _ = write!(text, "{:>22}", yuan(fen));
            }
            let _ = writeln!(text, "{:>22}", yuan(row.after_fen));
        }
    }

    fn write_differences(&self, text: &mut String) {
        if !self.differences.is_empty() {
            let _ = writeln!(text, "\ndifferences (account, batch, expected, found)");
        }
        for row in &self.differences {
            let batch = row.batch.map_or_else(|| "balance".to_owned(), |batch| batch.to_string());
            let _ = writeln!(text, "{}  {batch}  {}  {}", row.account, yuan(row.expected_fen), yuan(row.found_fen));
        }
        if !self.suspense.is_empty() {
            let _ = writeln!(text, "\nsuspense (case, amount)");
        }
        for (case, fen) in &self.suspense {
            let _ = writeln!(text, "{case}  {}", yuan(*fen));
        }
    }
}

impl AccountRow {
    fn of(desk: &Desk<'_>, account: LedgerAccount, turnover: &Turnover) -> Self {
        let moved = MovementKind::ALL.iter().zip(turnover.moved_fen).filter(|(_, fen)| *fen != 0);
        Self {
            account: account_name(desk, account),
            before_fen: turnover.before_fen,
            moved_fen: moved.map(|(kind, fen)| (kind.word().to_owned(), fen)).collect(),
            after_fen: turnover.after_fen,
        }
    }
}

impl DifferenceRow {
    fn of(desk: &Desk<'_>, difference: &Difference) -> Self {
        let Difference { batch, account, expected_fen, found_fen } = *difference;
        Self { account: account_name(desk, account), batch, expected_fen, found_fen }
    }
}

/// Yuan with two decimals.
fn yuan(fen: i128) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

fn path(dir: &Path, day: Date, suffix: &str) -> PathBuf {
    dir.join("reports").join(day.to_string()).join(format!("day-end.{suffix}"))
}

#[cfg(test)]
mod tests {
    use super::yuan;

    #[test]
    fn amounts_have_two_decimals() {
        for (fen, shown) in [(0, "0.00"), (-1, "-0.01"), (100, "1.00"), (-12_345, "-123.45")] {
            assert_eq!(yuan(fen), shown);
        }
    }
}
