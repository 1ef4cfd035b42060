//! The file: one JSON line a run, in the order in which they were added.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use super::entry::{Entry, FORMAT};
use crate::error::Error;

/// Largest file read, in bytes.
const BYTES_MAX: u64 = 256 << 20;

/// The whole text of a file.
///
/// # Errors
/// It cannot be read.
pub(super) fn read_text(path: &Path) -> Result<String, Error> {
    let what = || format!("read {}", path.display());
    let mut text = String::new();
    let file = File::open(path).map_err(Error::machine(what()))?;
    file.take(BYTES_MAX).read_to_string(&mut text).map_err(Error::machine(what()))?;
    Ok(text)
}

/// Every line of a history.
///
/// # Errors
/// It cannot be read, or a line is none of a history.
pub(super) fn read(path: &Path) -> Result<Vec<Entry>, Error> {
    parse(&read_text(path)?).map_err(|why| Error::Failed { what: "read the history", why })
}

fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let entries = lines.map(|(place, line)| {
        let entry: Entry = serde_json::from_str(line).map_err(|error| format!("line {}: {error}", place + 1))?;
        match entry.format {
            FORMAT => Ok(entry),
            other => Err(format!("line {}: format {other}, this program reads {FORMAT}", place + 1)),
        }
    });
    entries.collect()
}

/// Adds a line.
///
/// # Errors
/// It cannot be written.
pub(super) fn append(path: &Path, entry: &Entry) -> Result<(), Error> {
    let what = || format!("write {}", path.display());
    let line = serde_json::to_string(entry).map_err(Error::failed("write a line of the history"))? + "\n";
    let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(Error::machine(what()))?;
    file.write_all(line.as_bytes()).map_err(Error::machine(what()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::source::{entry_of, tests::accepted};

    #[test]
    fn what_is_added_is_read_again_in_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        let first = entry_of(&serde_json::to_string(&accepted()).unwrap()).unwrap();
        let second = Entry { seed: 9, ..first.clone() };
        append(&path, &first).unwrap();
        append(&path, &second).unwrap();
        assert_eq!(read(&path).unwrap(), [first, second]);
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        let entry = entry_of(&serde_json::to_string(&accepted()).unwrap()).unwrap();
        let line = serde_json::to_string(&entry).unwrap();
        assert!(parse(&format!("{line}\n\n{line}\n")).is_ok_and(|entries| entries.len() == 2));
        for (text, place) in
            [(format!("{line}\n{{}}\n"), "line 2"), (line.replacen("\"format\":1", "\"format\":2", 1), "format 2")]
        {
            let fault = parse(&text).unwrap_err();
            assert!(fault.contains(place), "{fault}");
        }
    }
}
