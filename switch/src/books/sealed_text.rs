//! Small text files whose last line tells whether they are whole: `end|lines before it|SHA-256 of them`.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use clearway_crypto::sha256;

use super::{Draft, Steps};
use crate::error::{Error, Fault};

/// Longest file that is read (ours): some 500,000 accounts.
const BYTES_MAX: u64 = 64 << 20;

/// Writes `text`, whose lines all end, and its last line.
pub(super) fn write_sealed(path: &Path, text: &str, steps: &dyn Steps) -> Result<(), Error> {
    let mut draft = Draft::create(path)?;
    let written = draft.write_all(text.as_bytes()).and_then(|()| draft.write_all(seal(text).as_bytes()));
    written.map_err(|error| Error::file("write", path, error))?;
    draft.finish(steps)
}

/// The text before the last line.
pub(super) fn read_sealed(path: &Path) -> Result<String, Error> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| Error::file("open", path, error))?;
    let read = file.take(BYTES_MAX).read_to_string(&mut text);
    read.map_err(|error| Error::file("read", path, error))?;
    let end = text.trim_end_matches('\n').rfind('\n').map_or(0, |at| at + 1);
    let (body, last) = text.split_at(end);
    if last != seal(body) {
        let damaged = Error::new(Fault::Data, "the file is not what was written").at(path.display().to_string());
        return Err(damaged.remedy("restore it from a copy"));
    }
    text.truncate(end);
    Ok(text)
}

/// The last line.
pub(super) fn seal(text: &str) -> String {
    format!("end|{}|{}\n", text.lines().count(), sha256_hex(text.as_bytes()))
}

/// SHA-256 in lower-case hex.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in sha256(bytes) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::NoSteps;

    #[test]
    fn every_changed_byte_is_noticed() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a.txt");
        for text in ["", "one|1\n", "one|1\ntwo|2\n"] {
            write_sealed(&path, text, &NoSteps).expect("written");
            assert_eq!(read_sealed(&path).expect("whole"), text);
            let whole = std::fs::read(&path).expect("the file");
            for at in 0..whole.len() {
                let mut bytes = whole.clone();
                bytes[at] ^= 1;
                std::fs::write(&path, &bytes).expect("written");
                assert!(read_sealed(&path).is_err(), "byte {at}");
                std::fs::write(&path, &whole[..at]).expect("written");
                assert!(read_sealed(&path).is_err(), "cut at {at}");
            }
        }
    }
}
