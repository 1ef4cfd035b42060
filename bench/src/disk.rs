//! Where a measurement keeps its files, and what kind of disk that is.
//!
//! Invariant: a folder in memory is refused, never used: a figure whose sync costs nothing would be a lie. What was made is removed again.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{Advice, fadvise, statfs, statvfs};
use serde::Serialize;

use crate::cpu::micros;
use crate::error::Error;

/// A folder of its own on a local disk. Dropping it removes it, unless it is to be kept.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    keep: bool,
    filesystem: Filesystem,
}

impl Scratch {
    /// Makes `LABEL-PID` in `parent`, or beside the folder of the running program, or in `/var/tmp` when that is memory.
    ///
    /// # Errors
    /// No such folder can be made, or the one chosen is not on a disk.
    pub fn create(label: &str, parent: Option<&Path>, keep: bool) -> Result<Self, Error> {
        let (parent, filesystem) = match parent {
            Some(parent) => {
                fs::create_dir_all(parent).map_err(Error::machine(format!("make {}", parent.display())))?;
                (parent.to_path_buf(), on_disk(parent)?)
            }
            None => default_parent()?,
        };
        let path = parent.join(format!("{label}-{}", std::process::id()));
        fs::create_dir(&path).map_err(Error::machine(format!("make {}", path.display())))?;
        let path = path.canonicalize().map_err(Error::machine("the scratch folder"))?;
        Ok(Self { path, keep, filesystem })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it is on.
    pub fn filesystem(&self) -> &Filesystem {
        &self.filesystem
    }

    /// Free room now.
    ///
    /// # Errors
    /// The system does not say.
    pub fn free_bytes(&self) -> Result<u64, Error> {
        Ok(Filesystem::of(&self.path)?.free_bytes)
    }

    /// A new folder inside.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn folder(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.path.join(name);
        fs::create_dir_all(&path).map_err(Error::machine(format!("make {}", path.display())))?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.keep {
            eprintln!("kept: {}", self.path.display());
        } else if let Err(error) = fs::remove_dir_all(&self.path) {
            eprintln!("could not remove {}: {error}", self.path.display());
        }
    }
}

fn default_parent() -> Result<(PathBuf, Filesystem), Error> {
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.parent()?.to_path_buf()));
    let candidates = beside.into_iter().chain([PathBuf::from("/var/tmp"), PathBuf::from("/tmp")]);
    let mut refused = Vec::new();
    for candidate in candidates {
        match on_disk(&candidate) {
            Ok(filesystem) => return Ok((candidate, filesystem)),
            Err(error) => refused.push(error.to_string()),
        }
    }
    Err(Error::Unsuited(format!("no folder on a local disk ({}); name one with --dir", refused.join("; "))))
}

fn on_disk(folder: &Path) -> Result<Filesystem, Error> {
    let filesystem = Filesystem::of(folder)?;
    if filesystem.is_memory() {
        return Err(Error::Unsuited(format!(
            "{} is on {}: nothing there is durable",
            folder.display(),
            filesystem.kind
        )));
    }
    Ok(filesystem)
}

/// A file system as the kernel describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filesystem {
    /// `ext4`, `xfs`, ... or the magic number in hexadecimal.
    pub kind: String,
    /// Room left for this user.
    pub free_bytes: u64,
}

impl Filesystem {
    /// Of the file system that holds `path`.
    ///
    /// # Errors
    /// There is no such path.
    pub fn of(path: &Path) -> Result<Self, Error> {
        let asked = || format!("file system of {}", path.display());
        let magic = statfs(path).map_err(|error| Error::machine(asked())(error.into()))?.f_type;
        let room = statvfs(path).map_err(|error| Error::machine(asked())(error.into()))?;
        #[expect(clippy::cast_sign_loss, reason = "a magic number is 32 bits in a signed word")]
        let magic = magic as u64 & 0xFFFF_FFFF;
        Ok(Self { kind: kind_of(magic), free_bytes: room.f_bavail.saturating_mul(room.f_frsize) })
    }

    /// Whether its files live in memory alone.
    pub fn is_memory(&self) -> bool {
        matches!(self.kind.as_str(), "tmpfs" | "ramfs")
    }
}

/// Names of the magic numbers of statfs(2).
fn kind_of(magic: u64) -> String {
    let name = match magic {
        0xEF53 => "ext4",
        0x5846_5342 => "xfs",
        0x9123_683E => "btrfs",
        0x2FC1_2FC1 => "zfs",
        0xF2F5_2010 => "f2fs",
        0x794C_7630 => "overlayfs",
        0x0102_1994 => "tmpfs",
        0x8584_58F6 => "ramfs",
        0x6969 => "nfs",
        0x0102_1997 => "9p",
        0x6573_5546 => "fuse",
        _ => return format!("{magic:#x}"),
    };
    name.to_owned()
}

/// What one small durable write costs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SyncProbe {
    /// Writes made.
    pub writes: usize,
    /// Median of 4 KiB write + fdatasync into a file that is already zeroed, in microseconds.
    pub median_us: f64,
    /// The slowest in a hundred, in microseconds.
    pub p99_us: f64,
    /// The slowest of all, in microseconds.
    pub max_us: f64,
}

/// Times small durable writes in `folder`.
///
/// # Errors
/// The disk refuses.
pub fn probe_sync(folder: &Path) -> Result<SyncProbe, Error> {
    const BLOCK: [u8; 4096] = [0x5A; 4096];
    const BLOCKS: usize = 64;
    let path = folder.join("sync-probe");
    let failed = || Error::machine(format!("sync probe in {}", folder.display()));
    let mut file = File::create(&path).map_err(failed())?;
    file.write_all(&vec![0; BLOCK.len() * BLOCKS]).and_then(|()| file.sync_all()).map_err(failed())?;
    let (began, mut taken) = (Instant::now(), Vec::new());
    while taken.len() < 2 || (taken.len() < 500 && began.elapsed() < Duration::from_millis(500)) {
        let start = Instant::now();
        let at = (taken.len() % BLOCKS * BLOCK.len()) as u64;
        file.seek(SeekFrom::Start(at))
            .and_then(|_| file.write_all(&BLOCK))
            .and_then(|()| file.sync_data())
            .map_err(failed())?;
        taken.push(micros(start.elapsed()));
    }
    fs::remove_file(&path).map_err(failed())?;
    taken.sort_by(f64::total_cmp);
    let at = |share: f64| taken.get((taken.len() as f64 * share) as usize).copied().unwrap_or_default();
    Ok(SyncProbe { writes: taken.len(), median_us: at(0.5), p99_us: at(0.99), max_us: at(1.0 - f64::EPSILON) })
}

/// Asks the kernel to forget its copies of every file under `folder`, so that reading them again means reading the disk.
///
/// # Errors
/// A file cannot be opened or synced.
pub fn forget_cached(folder: &Path) -> Result<(), Error> {
    let failed = |what: &Path| Error::machine(format!("forget {}", what.display()));
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        if path.is_dir() {
            forget_cached(&path)?;
            continue;
        }
        let file = File::open(&path).map_err(failed(&path))?;
        file.sync_all().map_err(failed(&path))?;
        fadvise(&file, 0, None, Advice::DontNeed).map_err(|error| failed(&path)(error.into()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_folder_goes_away_and_one_in_memory_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        if Filesystem::of(parent.path()).unwrap().is_memory() {
            assert!(matches!(Scratch::create("t", Some(parent.path()), false), Err(Error::Unsuited(_))));
            return;
        }
        let scratch = Scratch::create("t", Some(parent.path()), false).unwrap();
        let path = scratch.path().to_path_buf();
        fs::write(scratch.folder("inner").unwrap().join("file"), b"x").unwrap();
        forget_cached(&path).unwrap();
        let probe = probe_sync(&path).unwrap();
        assert!(probe.writes >= 2 && probe.median_us <= probe.p99_us);
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn memory_is_told_by_its_magic_number() {
        assert!(Filesystem { kind: kind_of(0x0102_1994), free_bytes: 1 }.is_memory());
        assert!(!Filesystem { kind: kind_of(0xEF53), free_bytes: 1 }.is_memory());
        assert_eq!(kind_of(0x1234), "0x1234");
    }
}
