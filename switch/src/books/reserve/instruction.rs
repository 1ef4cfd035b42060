//! The files that a reserve bank books by.
//!
//! ```text
//!  window|20261120|1|2026-11-19T20:00:00|2026-11-20T09:00:00
//!  account|IssrId of the bank|IssrId of the institution
//!  batch|B202611190021|payments in|fen|payments out|fen|net fen
//!  total|batches|payments in|fen|payments out|fen|net fen
//!  end|lines before this one|SHA-256 of them
//! ```
//!
//! The file over them has a line `file|name|payments in|fen|payments out|fen|net fen|SHA-256 of the file` for each instead of `batch`.
//! A net above zero is booked to the account's credit.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use clearway_codec::value::BeijingTime;

use super::sheet::ReserveSheet;
use crate::books::sealed_text::{seal, sha256_hex, write_sealed};
use crate::books::{BatchSums, Desk};
use crate::domain::clearing::{BatchName, ReserveSum};
use crate::error::{Error, Fault};

/// Rows of one account, by its institution.
type Rows = BTreeMap<u16, Vec<(BatchName, ReserveSum)>>;

/// Writes the instructions of a sheet, and returns the SHA-256 of the file over them.
///
/// # Errors
/// A batch's sums cannot be read or do not come to the sheet's, or the disk's.
pub(super) fn write_instructions(desk: &Desk<'_>, sheet: &ReserveSheet) -> Result<String, Error> {
    let rows = rows_of(desk, sheet)?;
    let mut over = heading(desk, sheet, None);
    let mut all = ReserveSum::default();
    for (institution, batches) in &rows {
        let sum = batches.iter().fold(ReserveSum::default(), |sum, (_, one)| sum.plus(*one));
        let text = instruction(desk, sheet, *institution, batches, sum);
        let path = path(desk, sheet, &desk.issr_id(*institution));
        write_sealed(&path, &text, desk.steps)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let digest = sha256_hex(format!("{text}{}", seal(&text)).as_bytes());
        let _ = writeln!(over, "file|{name}|{}|{digest}", shown(sum));
        all = all.plus(sum);
    }
    let _ = writeln!(over, "total|{}|{}", rows.len(), shown(all));
    write_sealed(&path(desk, sheet, "SUM"), &over, desk.steps)?;
    Ok(sha256_hex(format!("{over}{}", seal(&over)).as_bytes()))
}

/// What is booked on each account of the bank, batch by batch.
fn rows_of(desk: &Desk<'_>, sheet: &ReserveSheet) -> Result<Rows, Error> {
    let mut rows = Rows::new();
    let mut all = ReserveSum::default();
    for batch in &sheet.batches {
        let sums = BatchSums::load(desk.dir, *batch)?;
        for (account, sum) in sums.reserves.accounts().filter(|(account, _)| account.bank == sheet.bank) {
            rows.entry(account.institution).or_default().push((*batch, sum));
            all = all.plus(sum);
        }
    }
    if all != sheet.sum() || rows.len() != sheet.accounts as usize {
        return Err(Error::new(Fault::Data, "the sums of the batches do not come to the sheet of the reserve bank")
            .at(format!("{} {}", sheet.window, desk.issr_id(sheet.bank)))
            .remedy("restore the files of sums from a copy"));
    }
    Ok(rows)
}

fn instruction(
    desk: &Desk<'_>,
    sheet: &ReserveSheet,
    institution: u16,
    batches: &[(BatchName, ReserveSum)],
    sum: ReserveSum,
) -> String {
    let mut text = heading(desk, sheet, Some(institution));
    for (batch, sum) in batches {
        let _ = writeln!(text, "batch|{batch}|{}", shown(*sum));
    }
    let _ = writeln!(text, "total|{}|{}", batches.len(), shown(sum));
    text
}

fn heading(desk: &Desk<'_>, sheet: &ReserveSheet, institution: Option<u16>) -> String {
    let window = sheet.window;
    let [begins, ends] = [window.begins_us(), window.ends_us()].map(BeijingTime::from_unix_micros);
    let institution = institution.map(|institution| desk.issr_id(institution)).unwrap_or_default();
    let bank = desk.issr_id(sheet.bank);
    format!("window|{}|{}|{begins}|{ends}\naccount|{bank}|{institution}\n", window.day(), window.sequence())
}

fn shown(sum: ReserveSum) -> String {
    let ReserveSum { paid_in, paid_out } = sum;
    let net_fen = sum.net_fen();
    format!("{}|{}|{}|{}|{net_fen}", paid_in.count, paid_in.amount_fen, paid_out.count, paid_out.amount_fen)
}

fn path(desk: &Desk<'_>, sheet: &ReserveSheet, of: &str) -> PathBuf {
    let bank = desk.issr_id(sheet.bank);
    let day = sheet.window.day().to_string();
    let name = format!("{bank}_{day}_{}_RSV_{of}.txt", sheet.window.sequence());
    desk.dir.join("statements").join(bank).join(day).join("reserve").join(name)
}
