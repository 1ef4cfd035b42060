//! The import of existing agreements (存量迁移, 回盘): line by line, and again as often as one likes.
//!
//! Every line is checked by itself. What is registered already stays as it is, even when it has ended since; so a file, or the
//! rejects after they have been mended, may be imported again. Rejected lines are written back as they were, each under a
//! comment that says why.

use std::io::{self, BufRead, Read, Write};

use serde::{Deserialize, Serialize};

use super::Registrar;
use super::line::{LineFault, Names, Reading};
use crate::domain::agreement::Agreement;
use crate::domain::register::{Image, Key};
use crate::error::{Error, Fault};
use crate::registers::Registers;

/// Longest line, in bytes (ours): nine columns with sixteen merchants are below 1 KiB.
pub const LINE_BYTES_MAX: usize = 4 * 1024;

/// What an import has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Imported {
    /// Lines that were read; comments, headings and empty lines are not counted.
    pub lines: u64,
    /// Lines that brought something.
    pub imported: u64,
    /// Lines that were known already.
    pub known: u64,
    /// Lines that were rejected.
    pub rejected: u64,
}

/// An import into the registers of one registrar.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    /// Where it goes.
    pub registrar: &'a Registrar,
    /// What lines are read with.
    pub names: Names<'a>,
    /// When, microseconds since 1970.
    pub at_us: u64,
}

/// What became of a line: whether it brought something, or why it was rejected.
pub type Fate = Result<bool, String>;

/// Imports some lines, and says what became of each.
pub type Sender<'a> = dyn FnMut(&[String]) -> Result<Vec<Fate>, Error> + 'a;

/// Why a line was not imported.
enum Stop {
    Rejected(LineFault),
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Import<'_> {
    /// Imports the lines of `reader`; the rejected ones go to `rejects`. When it returns, everything that it counts is durable.
    ///
    /// # Errors
    /// A reader or writer that fails, a journal that takes no more. What was imported before stays imported.
    pub fn run(&self, reader: impl BufRead, rejects: &mut dyn Write) -> Result<Imported, Error> {
        let mut one = |line: &String| self.line(line.as_bytes()).map(|fate| fate.map_err(|fault| fault.to_string()));
        let mut some = |lines: &[String]| lines.iter().map(&mut one).collect();
        let done = import_lines(reader, rejects, 1, LINE_BYTES_MAX, &mut some)?;
        self.registrar.flush()?;
        Ok(done)
    }

    /// Imports one line; whether it brought something. Durable after [`Registrar::flush`].
    ///
    /// # Errors
    /// The outer error is that of the journal, the inner one that of the line.
    pub fn line(&self, line: &[u8]) -> Result<Result<bool, LineFault>, Error> {
        match self.try_line(line) {
            Ok(brought) => Ok(Ok(brought)),
            Err(Stop::Rejected(fault)) => Ok(Err(fault)),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    fn try_line(&self, line: &[u8]) -> Result<bool, Stop> {
        let text = text_of(line).map_err(Stop::Rejected)?;
        let reading = Reading::of(text, &self.names, self.at_us).map_err(Stop::Rejected)?;
        let registers = self.registrar.registers();
        let turn = self.registrar.turn()?;
        let others = others_of(&reading, registers).map_err(Stop::Rejected)?;
        let full = registers.is_full();
        let key = Key::Agreement(reading.agreement.number);
        let count = turn.record(self.at_us, &key, |known| {
            let new = new_agreement(&reading.agreement, known.and_then(Image::agreement)).map_err(Stop::Rejected)?;
            if full && new.is_some() {
                return Err(Stop::Rejected(LineFault::Full));
            }
            Ok(new.map(Image::Agreement).into_iter().chain(others).collect())
        })?;
        Ok(count > 0)
    }
}

/// The agreement when it is not registered yet.
fn new_agreement(read: &Agreement, known: Option<&Agreement>) -> Result<Option<Agreement>, LineFault> {
    let fits = |known: u64, read: u64| known == read || known == 0 || read == 0;
    match known {
        None => Ok(Some(*read)),
        Some(known)
            if known.institution == read.institution
                && known.bank == read.bank
                && known.shared == read.shared
                && fits(known.account, read.account)
                && fits(known.customer, read.customer) =>
        {
            Ok(None)
        }
        Some(_) => Err(LineFault::Taken),
    }
}

/// Old number and merchants, as far as they are not registered yet.
fn others_of(reading: &Reading, registers: &Registers) -> Result<Vec<Image>, LineFault> {
    let mut images = Vec::new();
    if let Some(alias) = reading.old {
        match registers.find_alias(alias.old.as_str().as_bytes()) {
            None => images.push(Image::Alias(alias)),
            Some(number) if number == alias.number => {}
            Some(_) => return Err(LineFault::OldNumberTaken),
        }
    }
    if let Some(sharing) = &reading.sharing {
        match registers.sharing(&sharing.number) {
            None => images.push(Image::Sharing(sharing.clone())),
            Some(known) if known.merchants == sharing.merchants => {}
            Some(_) => return Err(LineFault::Taken),
        }
    }
    Ok(images)
}

/// Gives the lines of `reader` that count to `import`, several at a time, at most `lines_max` and about `bytes_max` bytes of
/// them; it says of each whether it brought something, or why it is rejected. Rejected lines are written back.
///
/// # Errors
/// A reader or writer that fails, and what `import` says.
pub fn import_lines(
    mut reader: impl BufRead,
    rejects: &mut dyn Write,
    lines_max: usize,
    bytes_max: usize,
    import: &mut Sender<'_>,
) -> Result<Imported, Error> {
    let (mut done, mut number, mut line) = (Imported::default(), 0_u64, Vec::new());
    let mut batch = Batch::default();
    loop {
        let more = next_line(&mut reader, &mut line).map_err(|error| failed("read the file", error))?;
        let full = batch.lines.len() >= lines_max || batch.bytes + line.len() > bytes_max;
        if (full || !more) && !batch.lines.is_empty() {
            batch.settle(import(&batch.lines)?, &mut done, rejects)?;
        }
        if !more {
            break;
        }
        number += 1;
        if counts(&line) {
            done.lines += 1;
            batch.take(number, &line, &mut done, rejects)?;
        }
    }
    rejects.flush().map_err(|error| failed("write the rejects", error))?;
    Ok(done)
}

/// A line as text.
fn text_of(line: &[u8]) -> Result<&str, LineFault> {
    match str::from_utf8(line) {
        _ if line.len() > LINE_BYTES_MAX => Err(LineFault::TooLong),
        Ok(text) if !text.chars().any(char::is_control) => Ok(text),
        _ => Err(LineFault::Encoding),
    }
}

/// Lines on their way.
#[derive(Default)]
struct Batch {
    numbers: Vec<u64>,
    lines: Vec<String>,
    bytes: usize,
}

impl Batch {
    /// Adds a line, unless it can be no line at all.
    fn take(&mut self, number: u64, line: &[u8], done: &mut Imported, rejects: &mut dyn Write) -> Result<(), Error> {
        match text_of(line) {
            Ok(text) => {
                self.numbers.push(number);
                self.lines.push(text.to_owned());
                self.bytes += line.len();
                Ok(())
            }
            Err(fault) => {
                done.rejected += 1;
                write_reject(rejects, number, line, &fault).map_err(|error| failed("write the rejects", error))
            }
        }
    }

    /// Counts what became of the lines, and begins a new batch.
    fn settle(&mut self, fates: Vec<Fate>, done: &mut Imported, rejects: &mut dyn Write) -> Result<(), Error> {
        for ((number, line), fate) in self.numbers.iter().zip(&self.lines).zip(fates) {
            match fate {
                Ok(true) => done.imported += 1,
                Ok(false) => done.known += 1,
                Err(reason) => {
                    done.rejected += 1;
                    write_reject(rejects, *number, line.as_bytes(), &reason)
                        .map_err(|error| failed("write the rejects", error))?;
                }
            }
        }
        *self = Self::default();
        Ok(())
    }
}

fn failed(doing: &str, error: io::Error) -> Error {
    Error::new(Fault::Environment, format!("cannot {doing}: {error}")).caused_by(error)
}

fn write_reject(rejects: &mut dyn Write, number: u64, line: &[u8], reason: &dyn std::fmt::Display) -> io::Result<()> {
    writeln!(rejects, "# line {number}: {reason}")?;
    rejects.write_all(line)?;
    rejects.write_all(b"\n")
}

/// Whether a line is neither empty, nor a comment, nor the heading.
fn counts(line: &[u8]) -> bool {
    !line.is_empty() && !line.starts_with(b"#") && !line.starts_with(b"number,")
}

/// Reads a line without its end into `line`; false at the end of the file. Of one that is too long, one byte more than
/// [`LINE_BYTES_MAX`] is kept, and the rest is passed over.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let read = reader.by_ref().take(LINE_BYTES_MAX as u64 + 1).read_until(b'\n', line)?;
    if line.last() != Some(&b'\n') && read > LINE_BYTES_MAX {
        skip_line(reader)?;
    }
    while matches!(line.last(), Some(b'\n' | b'\r')) {
        line.pop();
    }
    Ok(read > 0)
}

fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        let (length, found) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), false),
        };
        reader.consume(length);
        if found || length == 0 {
            return Ok(());
        }
    }
}
