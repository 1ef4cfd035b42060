//! `clearway-bench history`: what was measured, commit after commit, machine by machine, suite by suite.
//!
//! ```text
//! record of a run or a demo -> accepted? -> one line of bench/history.jsonl -> a small page
//! ```
//!
//! Invariant: a line of the history is a figure that may be quoted. INVALID runs, runs without a good verdict and debug
//! builds are refused, each with its reason; nothing is written over.

mod arguments;
mod entry;
mod file;
mod page;
mod source;

use std::path::Path;

pub use arguments::Arguments;
use arguments::{AddArguments, Command, PageArguments};
pub use entry::Entry;

use crate::cli::Judgement;
use crate::error::Error;

/// Adds records, or draws the page.
///
/// # Errors
/// A file cannot be read or written. A record that is refused is a judgement.
pub fn run(arguments: &Arguments) -> Result<Judgement, Error> {
    match &arguments.command {
        Command::Add(arguments) => add(arguments),
        Command::Page(arguments) => draw(arguments),
    }
}

fn add(arguments: &AddArguments) -> Result<Judgement, Error> {
    let file = &arguments.history.file;
    let mut known = if file.exists() { file::read(file)? } else { Vec::new() };
    let mut is_good = true;
    for record in &arguments.records {
        match examine(record, &known)? {
            Ok(entry) => {
                file::append(file, &entry)?;
                println!("{}: added, {entry}", record.display());
                known.push(entry);
            }
            Err(reason) => {
                println!("{}: refused: {reason}", record.display());
                is_good = false;
            }
        }
    }
    Ok(is_good.into())
}

/// The line of a record, or why there is none.
fn examine(record: &Path, known: &[Entry]) -> Result<Result<Entry, String>, Error> {
    let text = file::read_text(record)?;
    Ok(source::entry_of(&text).and_then(|entry| match known.iter().find(|known| **known == entry) {
        Some(_) => Err("it is in the history already".to_owned()),
        None => Ok(entry),
    }))
}

fn draw(arguments: &PageArguments) -> Result<Judgement, Error> {
    let entries = file::read(&arguments.history.file)?;
    let out = &arguments.out;
    std::fs::write(out, page::page(&entries)).map_err(Error::machine(format!("write {}", out.display())))?;
    println!("{} runs in {}", entries.len(), out.display());
    Ok(Judgement::Good)
}
