//! Decrypts a detail file: what a participant does before it unpacks it.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use clearway_crypto::file_seal::{FileKey, FileOpener, HEADER_BYTES};

use crate::books::{Draft, NoSteps, Progress};
use crate::error::{Error, Fault};

/// Bytes that are read at once.
const PIECE_BYTES: usize = 1 << 20;

/// Decrypts `file` into `out`, which gets its name only when the last byte has been found sound. The file's own name is part of what
/// its key is made of: one that was renamed does not open.
///
/// # Errors
/// The disk's; [`Fault::Data`] when the file was damaged, cut off or renamed, or has another key.
pub fn decrypt(file: &Path, key: &FileKey, out: &Path, progress: &dyn Progress) -> Result<u64, Error> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let unreadable = |error: clearway_crypto::Error| {
        Error::new(Fault::Data, error.to_string()).at(file.display().to_string()).caused_by(error)
    };
    let failed = |error| Error::file("read", file, error);
    let mut input = File::open(file).map_err(failed)?;
    let length = input.metadata().map_err(failed)?.len();
    let mut header = [0; HEADER_BYTES];
    input.read_exact(&mut header).map_err(failed)?;
    let mut opener = FileOpener::new(key, &name, &header).map_err(unreadable)?;
    let mut draft = Draft::create(out)?;
    let (mut piece, mut clear, mut done, mut written) = (vec![0; PIECE_BYTES], Vec::new(), 0, 0);
    loop {
        let read = input.read(&mut piece).map_err(failed)?;
        if read == 0 {
            break;
        }
        opener.open(&piece[..read], &mut clear).map_err(unreadable)?;
        draft.write_all(&clear).map_err(|error| Error::file("write", out, error))?;
        written += clear.len() as u64;
        clear.clear();
        done += read as u64;
        progress.at(done, length);
    }
    opener.finish(&mut clear).map_err(unreadable)?;
    draft.write_all(&clear).map_err(|error| Error::file("write", out, error))?;
    draft.finish(&NoSteps)?;
    Ok(written + clear.len() as u64)
}
