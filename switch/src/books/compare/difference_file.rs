//! The file of differences.
//!
//! ```text
//!  class|TrxId|kind|RPFlg|our status|our TrxAmt|their status|their TrxAmt|handling|what to do
//!  ...
//!  END|BatchId|IssrId|matched|amount-differs|state-differs|only-ours|only-theirs        numbers of rows
//! ```
//!
//! UTF-8, LF. `kind` is `payment` or `adjustment`; empty where a side has no row. The order is that of parts, then transactions:
//! the same for the same files.

use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use clearway_codec::value::{Amount, InstitutionId};

use crate::books::{Draft, Steps};
use crate::domain::clearing::BatchName;
use crate::domain::statement::compare::{Class, ComparedRow, Difference, Tally};
use crate::error::Error;

/// Being written.
#[derive(Debug)]
pub(super) struct DifferenceFile {
    draft: BufWriter<Draft>,
    text: String,
}

impl DifferenceFile {
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        Ok(Self { draft: BufWriter::new(Draft::create(path)?), text: String::with_capacity(256) })
    }

    pub(super) fn add(&mut self, difference: &Difference) -> Result<(), Error> {
        self.text.clear();
        write_row(&mut self.text, difference);
        self.write()
    }

    pub(super) fn finish(
        mut self,
        batch: BatchName,
        participant: InstitutionId,
        tally: &Tally,
        steps: &dyn Steps,
    ) -> Result<(), Error> {
        self.text.clear();
        let _ = write!(self.text, "END|{batch}|{participant}");
        Class::ALL.into_iter().for_each(|class| {
            let _ = write!(self.text, "|{}", tally.of(class).rows);
        });
        self.text.push('\n');
        self.write()?;
        let path = self.draft.get_ref().path().to_owned();
        let draft = self.draft.into_inner().map_err(|error| Error::file("write", &path, error.into_error()))?;
        draft.finish(steps)
    }

    fn write(&mut self) -> Result<(), Error> {
        let written = self.draft.write_all(self.text.as_bytes());
        written.map_err(|error| Error::file("write", self.draft.get_ref().path(), error))
    }
}

fn write_row(out: &mut String, difference: &Difference) {
    let (row, handling) = (difference.row(), difference.handling());
    let kind = if row.is_adjustment() { "adjustment" } else { "payment" };
    let _ = write!(out, "{}|{:031}|{kind}|{}", difference.class.name(), row.trx_id(), row.side().flag());
    write_side(out, difference.ours);
    write_side(out, difference.theirs);
    let _ = writeln!(out, "|{}|{}", handling.name(), handling.text());
}

fn write_side(out: &mut String, row: Option<ComparedRow>) {
    let Some(row) = row else { return out.push_str("||") };
    let _ = write!(out, "|{}|", row.status().code());
    if let Ok(amount) = Amount::from_fen(row.amount_fen()) {
        let _ = write!(out, "{amount}");
    }
}
