//! What the disk itself does with one long stream: the floor of everything that writes or reads files.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::disk::forget_cached;
use crate::error::Error;
use crate::interrupt;

const CHUNK_BYTES: usize = 1 << 20;

/// Of one file of bytes that cannot be compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct StreamRate {
    /// Its size.
    pub bytes: u64,
    /// Written and made durable, megabytes a second.
    pub write_mb_per_s: f64,
    /// Read back with the page cache dropped, megabytes a second.
    pub read_mb_per_s: f64,
}

/// Writes and reads `bytes` in `folder`.
///
/// # Errors
/// The disk's, or Ctrl-C.
pub(super) fn measure(folder: &Path, bytes: u64) -> Result<StreamRate, Error> {
    let path = folder.join("stream");
    let chunk = noise();
    let failed = || Error::machine(format!("stream in {}", folder.display()));
    let mut file = File::create(&path).map_err(failed())?;
    let began = Instant::now();
    for _ in 0..bytes / CHUNK_BYTES as u64 {
        file.write_all(&chunk).map_err(failed())?;
    }
    file.sync_all().map_err(failed())?;
    let write_seconds = began.elapsed().as_secs_f64();
    interrupt::check()?;
    drop(file);
    forget_cached(folder)?;
    let (began, mut file, mut into) = (Instant::now(), File::open(&path).map_err(failed())?, vec![0; CHUNK_BYTES]);
    while file.read(&mut into).map_err(failed())? > 0 {}
    let read_seconds = began.elapsed().as_secs_f64();
    fs::remove_file(&path).map_err(failed())?;
    let rate = |seconds: f64| bytes as f64 / 1e6 / seconds.max(1e-9);
    Ok(StreamRate { bytes, write_mb_per_s: rate(write_seconds), read_mb_per_s: rate(read_seconds) })
}

fn noise() -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..CHUNK_BYTES / 8).flat_map(|_| next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_has_a_rate_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let rate = measure(folder.path(), 4 << 20).unwrap();
        assert!(rate.write_mb_per_s > 0.0 && rate.read_mb_per_s > 0.0);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
