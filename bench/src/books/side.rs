//! A comparison of two files of as many rows as the hour has payments, in a process that does nothing else.
//!
//! ```text
//!  hour --rows--> ours.zst     in their order
//!       --rows--> theirs.zst   block by block from behind, some rows left out, some changed, some added
//! ```

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use clearway::books::compare::{Comparison, DetailFiles};
use clearway::books::{NoSteps, Silent};
use clearway::domain::clearing::BatchName;
use clearway::domain::statement::compare::Class;
use clearway_codec::{BeijingTime, InstitutionId};
use serde::{Deserialize, Serialize};

use super::hour::{Fate, Hour, INSTITUTIONS, Order, institution_id};
use super::resident;
use crate::error::Error;
use crate::interrupt;

/// Rows that are turned round together, so that no side is in the other's order.
const BLOCK: u64 = 50_000;
/// Of so many rows one differs, in turn: left out, amount, state, added.
const DIFFERS_EVERY: u64 = 9_973;
/// What makes another TrxId, which no order has.
const ADDED: u128 = 5_000_000;

/// What the child measured.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct CompareFigure {
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) seconds: f64,
    pub(super) peak_rss_bytes: u64,
    pub(super) is_right: bool,
}

/// Writes both sides into `folder` and compares them.
///
/// # Errors
/// The disk's, Ctrl-C, or what the comparison says.
pub(crate) fn measure_here(folder: &Path, payments: u64, seed: u64) -> Result<CompareFigure, Error> {
    let hour = Hour::new(payments, seed)?;
    let (ours, theirs) = (folder.join("ours.zst"), folder.join("theirs.zst"));
    write(&ours, payments, |number, out| {
        let order = hour.order(number);
        write_row(out, &order, Row::of(&order))
    })?;
    write(&theirs, payments, |number, out| write_theirs(out, &hour, number))?;
    resident::begin();
    let batch = BatchName::payments(Hour::batch());
    let participant =
        InstitutionId::parse(institution_id(INSTITUTIONS).as_bytes()).map_err(Error::failed("name a bank"))?;
    let comparison = Comparison { batch, participant, scratch: folder, file: &folder.join("differences.txt") };
    let began = Instant::now();
    let files = |path: &Path| DetailFiles::new(batch, vec![path.to_owned()]);
    let compared = comparison.run(&files(&ours), &files(&theirs), &Silent, &NoSteps)?;
    let seconds = began.elapsed().as_secs_f64();
    let peak_rss_bytes = resident::peak_bytes()?;
    let expected = |class| (0..payments).filter(|number| fault(*number) == Some(class)).count() as u64;
    let differing = [Class::AmountDiffers, Class::StateDiffers, Class::OnlyOurs, Class::OnlyTheirs];
    let is_right = differing.into_iter().all(|class| compared.tally.of(class).rows == expected(class));
    let size = |path: &Path| path.metadata().map_or(0, |about| about.len());
    Ok(CompareFigure { rows: compared.ours, bytes: size(&ours) + size(&theirs), seconds, peak_rss_bytes, is_right })
}

/// Row `number` of theirs: block by block from behind.
fn write_theirs(out: &mut dyn Write, hour: &Hour, number: u64) -> std::io::Result<()> {
    let start = number - number % BLOCK;
    let end = hour.payments().min(start + BLOCK);
    let number = end - 1 - (number - start);
    let order = hour.order(number);
    let Row { fate, fen, shift } = Row::of(&order);
    match fault(number) {
        Some(Class::OnlyOurs) => Ok(()),
        Some(Class::AmountDiffers) => write_row(out, &order, Row { fate, fen: fen + 1, shift }),
        Some(Class::StateDiffers) => write_row(out, &order, Row { fate: other(fate), fen, shift }),
        Some(_) => {
            write_row(out, &order, Row { fate, fen, shift })?;
            write_row(out, &order, Row { fate, fen, shift: ADDED })
        }
        None => write_row(out, &order, Row { fate, fen, shift }),
    }
}

/// What may be changed in a row.
#[derive(Clone, Copy)]
struct Row {
    fate: Fate,
    fen: u64,
    /// Added to TrxId.
    shift: u128,
}

impl Row {
    const fn of(order: &Order) -> Self {
        Self { fate: order.fate, fen: order.acceptance.amount_fen, shift: 0 }
    }
}

/// Another state than this.
const fn other(fate: Fate) -> Fate {
    match fate {
        Fate::Success => Fate::PresumedFailure,
        _ => Fate::Success,
    }
}

/// What is wrong with a row of theirs.
const fn fault(number: u64) -> Option<Class> {
    if !number.is_multiple_of(DIFFERS_EVERY) {
        return None;
    }
    Some(match number / DIFFERS_EVERY % 4 {
        0 => Class::OnlyOurs,
        1 => Class::AmountDiffers,
        2 => Class::StateDiffers,
        _ => Class::OnlyTheirs,
    })
}

/// A file of so many rows, compressed as fast as may be.
fn write(path: &Path, rows: u64, mut row: impl FnMut(u64, &mut dyn Write) -> std::io::Result<()>) -> Result<(), Error> {
    let failed = || Error::machine(format!("write {}", path.display()));
    let file = File::create(path).map_err(failed())?;
    let mut out = BufWriter::with_capacity(1 << 20, zstd::Encoder::new(file, 1).map_err(failed())?);
    for number in 0..rows {
        row(number, &mut out).map_err(failed())?;
        if number.is_multiple_of(1 << 16) {
            interrupt::check()?;
        }
    }
    let encoder = out.into_inner().map_err(|error| failed()(error.into_error()))?;
    encoder.finish().map_err(failed())?;
    Ok(())
}

/// A detail row as the statements have it.
fn write_row(out: &mut dyn Write, order: &Order, row: Row) -> std::io::Result<()> {
    let (draw, asked) = (order.draw, &order.acceptance);
    let at = BeijingTime::from_unix_micros(order.accepted_at_us).to_text();
    let at = std::str::from_utf8(&at).unwrap_or_default();
    let batch = BatchName::payments(Hour::batch());
    writeln!(
        out,
        "{:031}|{batch}|0110|110001|{}|{}|{}|{}|{}|1|{draw:020}|{:020}||EPTEN{:018}|{at}|{at}|00000000|00000000",
        asked.trx_id + row.shift,
        row.fate.status(),
        row.fen,
        institution_id(asked.banks[0]),
        institution_id(asked.institution),
        institution_id(asked.banks[1]),
        draw >> 8,
        asked.account % 1_000_000_000_000_000_000,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_finds_what_was_changed() {
        let folder = tempfile::tempdir().unwrap();
        let figure = measure_here(folder.path(), 60_000, 1).unwrap();
        assert!(figure.is_right && figure.rows == 60_000, "{figure:?}");
    }
}
