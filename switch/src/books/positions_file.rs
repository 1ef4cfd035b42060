//! What a batch came to when it was closed, cell by cell, in a file: the live sums are forgotten once it is sealed.
//!
//! ```text
//!  positions|B202611200009
//!  cell|participant|side 0 to 2|business|status|payments|fen
//!  end|lines before this one|SHA-256 of them
//! ```
//!
//! Invariant: the same positions are the same bytes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::Steps;
use super::sealed_text::{read_sealed, sha256_hex, write_sealed};
use crate::domain::clearing::{BatchName, CellKey, Positions, Side, Sum};
use crate::error::{Error, Fault};

/// Writes the file of `batch` under `dir`, durably; the SHA-256 of its lines, in hex. Done again it is the same file.
///
/// # Errors
/// The disk's.
pub fn store_positions(
    positions: &Positions,
    dir: &Path,
    batch: BatchName,
    steps: &dyn Steps,
) -> Result<String, Error> {
    let mut text = format!("positions|{batch}\n");
    for (cell, sum) in positions.cells() {
        let CellKey { participant, side, business, status } = cell;
        let _ =
            writeln!(text, "cell|{participant}|{}|{business}|{status}|{}|{}", side as u8, sum.count, sum.amount_fen);
    }
    write_sealed(&path(dir, batch), &text, steps)?;
    Ok(sha256_hex(text.as_bytes()))
}

/// Reads the file of `batch`.
///
/// # Errors
/// [`Fault::Data`] when it is damaged or another's, [`Fault::Environment`] when it cannot be read.
pub fn load_positions(dir: &Path, batch: BatchName) -> Result<Positions, Error> {
    let path = path(dir, batch);
    let text = read_sealed(&path)?;
    let damaged = || Error::new(Fault::Data, "no positions of this batch").at(path.display().to_string());
    let mut lines = text.lines();
    if lines.next() != Some(format!("positions|{batch}").as_str()) {
        return Err(damaged());
    }
    let mut positions = Positions::default();
    for line in lines {
        let (cell, sum) = read(line).ok_or_else(damaged)?;
        positions.add(cell, sum);
    }
    Ok(positions)
}

fn read(line: &str) -> Option<(CellKey, Sum)> {
    let numbers = line.strip_prefix("cell|")?.split('|').map(|part| part.parse::<u64>().ok());
    let numbers: Vec<u64> = numbers.collect::<Option<_>>()?;
    let [participant, side, business, status, count, amount_fen] = numbers[..] else { return None };
    let cell = CellKey {
        participant: u16::try_from(participant).ok()?,
        side: *Side::ALL.get(usize::try_from(side).ok()?)?,
        business: u8::try_from(business).ok()?,
        status: u8::try_from(status).ok()?,
    };
    Some((cell, Sum { count, amount_fen }))
}

fn path(dir: &Path, batch: BatchName) -> PathBuf {
    dir.join("positions").join(format!("{batch}.txt"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::NoSteps;

    #[test]
    fn positions_read_back_and_nothing_else_does() {
        let dir = tempfile::tempdir().expect("a folder");
        let [batch, other]: [BatchName; 2] =
            ["B202611200009", "D202611200009"].map(|name| name.parse().expect("a batch"));
        let mut positions = Positions::default();
        for (participant, side) in [(9, Side::Initiator), (1, Side::Debit), (2, Side::Credit)] {
            positions.add(CellKey { participant, side, business: 1, status: 3 }, Sum { count: 2, amount_fen: 500 });
        }
        for positions in [positions, Positions::default()] {
            store_positions(&positions, dir.path(), batch, &NoSteps).expect("stored");
            assert_eq!(load_positions(dir.path(), batch).expect("loaded"), positions);
        }
        assert!(load_positions(dir.path(), other).is_err());
        std::fs::rename(path(dir.path(), batch), path(dir.path(), other)).expect("renamed");
        assert_eq!(load_positions(dir.path(), other).map_err(|error| error.fault()), Err(Fault::Data));
        for line in
            ["cell|1|3|1|0|1|1", "cell|1|0|1|0|1", "cell|1|0|1|0|1|1|1", "cell|65536|0|1|0|1|1", "x|1|0|1|0|1|1"]
        {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
