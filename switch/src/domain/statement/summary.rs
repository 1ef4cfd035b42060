//! The summary of a batch for one participant: sums, and which detail files there are.
//!
//! ```text
//!  BatchId|leg|TrxCtgy|TrxStatus|count|amount, fen                a line for each sum; leg as RPFlg: empty, 1 debit, 2 credit
//!  FILE|name|place|rows|amount, fen|bytes|digest of the file      a line for each detail file; place = [host:port/]path
//!  END|count|amount, fen|digest of the lines before
//! ```
//!
//! The columns of the sums are those of wire.md section 5, the rest is ours. Invariant: sums and files each add up to the trailer.

use std::collections::BTreeMap;
use std::fmt::Write;

use clearway_codec::value::TrxStatus;

use super::row::parse_number;
use super::{Trailer, category};
use crate::domain::business::Business;
use crate::domain::clearing::{BatchName, Side, Sum};

/// What a line of a file begins with; no BatchId does.
const FILE: &str = "FILE";

/// Which sum: side, TrxCtgy, TrxStatus.
pub type SumKey = (Side, String, &'static str);

/// One detail file as the summary names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Its name, without folder.
    pub name: String,
    /// The folder, behind the file server's `host:port` if one is configured.
    pub place: String,
    /// Rows.
    pub rows: u64,
    /// Their amounts together, fen.
    pub amount_fen: u64,
    /// Length of the file as it is delivered, compressed and encrypted.
    pub bytes: u64,
    /// Digest of the file as it is delivered, with its name.
    pub digest: String,
}

/// The content of one summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The batch.
    pub batch: BatchName,
    /// Count and amount of the rows of each kind; those without rows are left out.
    pub sums: BTreeMap<SumKey, Sum>,
    /// Detail files, in order.
    pub files: Vec<FileEntry>,
}

impl Summary {
    /// Nothing has happened yet.
    #[must_use]
    pub const fn new(batch: BatchName) -> Self {
        Self { batch, sums: BTreeMap::new(), files: Vec::new() }
    }

    /// Adds rows.
    pub fn add(&mut self, side: Side, business: Business, status: TrxStatus, sum: Sum) {
        let total = self.sums.entry((side, category(business).to_owned(), status.code())).or_default();
        *total = total.plus(sum);
    }

    /// All rows together.
    #[must_use]
    pub fn total(&self) -> Sum {
        self.sums.values().fold(Sum::default(), |all, sum| all.plus(*sum))
    }

    /// The text of the file; `digest` digests what stands before the trailer.
    #[must_use]
    pub fn to_text(&self, digest: impl Fn(&[u8]) -> String) -> String {
        let mut text = String::new();
        for ((side, category, status), sum) in &self.sums {
            let (batch, flag) = (self.batch, side.flag());
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{batch}|{flag}|{category}|{status}|{}|{}", sum.count, sum.amount_fen);
        }
        for FileEntry { name, place, rows, amount_fen, bytes, digest } in &self.files {
            let _ = writeln!(text, "{FILE}|{name}|{place}|{rows}|{amount_fen}|{bytes}|{digest}");
        }
        let total = self.total();
        let trailer = Trailer { count: total.count, amount_fen: total.amount_fen, digest: digest(text.as_bytes()) };
        text.push_str(&trailer.to_line());
        text
    }

    /// Reads the whole text of a file; the batch is the one of its name. None when it is no summary of that batch, or its trailer
    /// contradicts it. The digest is the caller's to check, see [`Trailer`].
    #[must_use]
    pub fn parse(batch: BatchName, text: &str) -> Option<(Self, Trailer)> {
        let mut summary = Self::new(batch);
        let mut lines = text.strip_suffix('\n')?.split('\n').collect::<Vec<_>>();
        let trailer = Trailer::parse(lines.pop()?.as_bytes())?;
        for line in lines {
            match line.split('|').collect::<Vec<_>>().as_slice() {
                [FILE, file @ ..] => summary.files.push(parse_file(file)?),
                [of, sum @ ..] if of.parse() == Ok(batch) => {
                    let (key, sum) = parse_sum(sum)?;
                    summary.sums.insert(key, sum).is_none().then_some(())?;
                }
                _ => return None,
            }
        }
        let total = summary.total();
        (total == Sum { count: trailer.count, amount_fen: trailer.amount_fen }).then_some((summary, trailer))
    }
}

fn parse_sum(columns: &[&str]) -> Option<(SumKey, Sum)> {
    let &[flag, category, status, count, amount] = columns else { return None };
    let status = TrxStatus::parse(status.as_bytes()).ok()?;
    let key = (Side::from_flag(flag.as_bytes())?, category.to_owned(), status.code());
    Some((key, Sum { count: parse_number(count.as_bytes())?, amount_fen: parse_number(amount.as_bytes())? }))
}

fn parse_file(columns: &[&str]) -> Option<FileEntry> {
    let &[name, place, rows, amount, bytes, digest] = columns else { return None };
    let number = |text: &str| parse_number(text.as_bytes());
    Some(FileEntry {
        name: name.to_owned(),
        place: place.to_owned(),
        rows: number(rows)?,
        amount_fen: number(amount)?,
        bytes: number(bytes)?,
        digest: digest.to_owned(),
    })
}
