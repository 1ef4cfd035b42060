//! Recorded arrivals: when requests were due, and what they were.
//!
//! ```text
//! offset_us,kind
//! 0,payment
//! 1250,payment
//! 1250,refund
//! 4100,
//! ```
//!
//! The first line names the columns: `offset_us`, and if it is there `kind`. Offsets are whole microseconds from the
//! start, and never go back. A kind is a name of [`Kind::name`]; an empty one, or no column, leaves it to the mix. Lines
//! end in LF or CRLF. Written by `clearway-loadgen run --record-trace` and by `clearway journal arrivals`.
//!
//! Invariant: offsets never go back, and there are at most [`TRACE_ARRIVALS_MAX`].

use crate::constants::{TRACE_ARRIVALS_MAX, TRACE_LINE_BYTES_MAX};
use crate::error::Error;
use crate::kind::Kind;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

const OFFSET: &str = "offset_us";
const KIND: &str = "kind";

/// Arrivals in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    offsets_us: Vec<u64>,
    kinds: Vec<Option<Kind>>,
}

impl Trace {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read, [`Error::Trace`] with the number of the line that cannot be understood.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|source| Error::File { path: path.into(), source })?;
        Self::read(BufReader::with_capacity(1 << 16, file), &path.display().to_string())
    }

    /// Reads the text form. `name` stands in errors.
    ///
    /// # Errors
    /// As [`Trace::load`].
    pub fn read(mut source: impl BufRead, name: &str) -> Result<Self, Error> {
        let fault = |line: u64, why: String| Error::Trace { file: name.into(), line, why };
        let mut text = Vec::with_capacity(TRACE_LINE_BYTES_MAX);
        let mut trace = Self::default();
        let mut has_kinds = false;
        for line in 1.. {
            text.clear();
            let wanted = TRACE_LINE_BYTES_MAX as u64 + 2;
            let read = source.by_ref().take(wanted).read_until(b'\n', &mut text);
            if read.map_err(|source| Error::File { path: name.into(), source })? == 0 {
                break;
            }
            let text = line_of(&text).map_err(|why| fault(line, why))?;
            if line == 1 {
                has_kinds = has_kind_column(text).map_err(|why| fault(line, why))?;
                continue;
            }
            let (offset_us, kind) = arrival_of(text, has_kinds).map_err(|why| fault(line, why))?;
            trace.push(offset_us, kind).map_err(|why| fault(line, why))?;
        }
        Ok(trace)
    }

    /// Adds one arrival.
    ///
    /// # Errors
    /// Says why it cannot be added: it lies before the last one, or there are too many.
    pub fn push(&mut self, offset_us: u64, kind: Option<Kind>) -> Result<(), String> {
        if let Some(last_us) = self.last_us().filter(|last_us| offset_us < *last_us) {
            return Err(format!("{offset_us} lies before the line above, {last_us}: offsets never go back"));
        }
        if self.len() >= TRACE_ARRIVALS_MAX {
            return Err(format!("more than {TRACE_ARRIVALS_MAX} arrivals"));
        }
        self.offsets_us.push(offset_us);
        self.kinds.push(kind);
        Ok(())
    }

    /// Writes the text form, always with both columns.
    ///
    /// # Errors
    /// What the destination fails with.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        writeln!(to, "{OFFSET},{KIND}")?;
        for (offset_us, kind) in self.iter() {
            writeln!(to, "{offset_us},{}", kind.map_or("", Kind::name))?;
        }
        to.flush()
    }

    /// Writes a file.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let fault = |source| Error::Write { path: path.into(), source };
        self.write(&mut BufWriter::new(File::create(path).map_err(fault)?)).map_err(fault)
    }

    /// All arrivals: offset in microseconds, and what it was.
    pub fn iter(&self) -> impl Iterator<Item = (u64, Option<Kind>)> {
        self.offsets_us.iter().copied().zip(self.kinds.iter().copied())
    }

    /// How many.
    pub const fn len(&self) -> usize {
        self.offsets_us.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.offsets_us.is_empty()
    }

    pub(super) fn get(&self, place: usize) -> Option<(u64, Option<Kind>)> {
        Some((*self.offsets_us.get(place)?, *self.kinds.get(place)?))
    }

    pub(super) fn offsets_us(&self) -> &[u64] {
        &self.offsets_us
    }

    pub(super) fn last_us(&self) -> Option<u64> {
        self.offsets_us.last().copied()
    }
}

/// The line without its end.
fn line_of(bytes: &[u8]) -> Result<&str, String> {
    let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() > TRACE_LINE_BYTES_MAX {
        return Err(format!("longer than {TRACE_LINE_BYTES_MAX} bytes"));
    }
    std::str::from_utf8(line).map_err(|_| "no text".into())
}

fn has_kind_column(line: &str) -> Result<bool, String> {
    match line.split_once(',') {
        None if line == OFFSET => Ok(false),
        Some((OFFSET, KIND)) => Ok(true),
        _ => Err(format!("the first line must be `{OFFSET}` or `{OFFSET},{KIND}`")),
    }
}

fn arrival_of(line: &str, has_kinds: bool) -> Result<(u64, Option<Kind>), String> {
    let (offset, kind) = match (line.split_once(','), has_kinds) {
        (Some((offset, kind)), true) => (offset, kind),
        (None, false) => (line, ""),
        (None, true) => return Err("the column kind is missing".into()),
        (Some(_), false) => return Err(format!("one column too many: the first line names {OFFSET} alone")),
    };
    let offset_us = offset.parse().map_err(|_| format!("{offset:?} is no whole number of microseconds"))?;
    let kind = match kind {
        "" => None,
        name => Some(name.parse::<Kind>()?),
    };
    Ok((offset_us, kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Draws;

    fn read(text: &str) -> Result<Trace, Error> {
        Trace::read(text.as_bytes(), "a trace")
    }

    #[test]
    fn what_is_written_is_read_again() {
        for seed in 0..20 {
            let mut draws = Draws::new(seed, 1);
            let (mut trace, mut at) = (Trace::default(), 0);
            for _ in 0..draws.bits() % 500 {
                at += draws.bits() % 3_000;
                let kind = Kind::ALL.get((draws.bits() % 25) as usize).copied();
                trace.push(at, kind).unwrap();
            }
            let mut text = Vec::new();
            trace.write(&mut text).unwrap();
            assert_eq!(read(&String::from_utf8(text).unwrap()).unwrap(), trace, "seed {seed}");
        }
    }

    #[test]
    fn columns_and_line_ends_are_taken_as_they_come() {
        let plain = read("offset_us\n5\n5\n9").unwrap();
        assert_eq!(plain.iter().collect::<Vec<_>>(), [(5, None), (5, None), (9, None)]);
        let kinds = read("offset_us,kind\r\n0,payment\r\n3,\r\n").unwrap();
        assert_eq!(kinds.iter().collect::<Vec<_>>(), [(0, Some(Kind::Payment)), (3, None)]);
        assert!(read("").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let long = format!("offset_us\n{}\n", "1".repeat(100));
        let table = [
            ("0\n1\n", "line 1", "first line"),
            ("offset_us,what\n", "line 1", "first line"),
            ("offset_us\n1,payment\n", "line 2", "too many"),
            ("offset_us,kind\n1\n", "line 2", "missing"),
            ("offset_us\n5\n4\n", "line 3", "never go back"),
            ("offset_us\n-5\n", "line 2", "whole number"),
            ("offset_us\n\n", "line 2", "whole number"),
            ("offset_us,kind\n1,bribe\n", "line 2", "bribe"),
            (&long, "line 2", "longer"),
        ];
        for (text, line, word) in table {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(line) && error.contains(word) && error.contains("a trace"), "{text:?}: {error}");
        }
        assert!(Trace::read(&b"offset_us\n\xff\xfe\n"[..], "bytes").unwrap_err().to_string().contains("no text"));
    }
}
