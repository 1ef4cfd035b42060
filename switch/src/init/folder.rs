//! The folder that `init` fills.
//!
//! Invariant: without `force` nothing is written over; private keys are never readable by others, not even for the
//! moment between creation and a change of mode.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::{Error, Fault};

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secrecy {
    /// Whoever the umask lets.
    Open,
    /// Its owner: mode 0600.
    Private,
}

#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    force: bool,
    written: Vec<PathBuf>,
}

impl Folder {
    /// Takes `root` after making sure that none of `reserved` is in it, or that `force` allows writing over.
    pub(super) fn claim(root: &Path, reserved: &[&str], force: bool) -> Result<Self, Error> {
        for name in reserved {
            let path = root.join(name);
            if !force && path.symlink_metadata().is_ok() {
                let fault = Error::new(Fault::Configuration, "is there already").at(path.display().to_string());
                return Err(fault.remedy("choose an empty folder, or say --force to replace configuration and keys"));
            }
        }
        Ok(Self { root: root.to_owned(), force, written: Vec::new() })
    }

    /// Writes one file, its folder included; private files go into private folders.
    pub(super) fn write(&mut self, name: &str, text: &str, secrecy: Secrecy) -> Result<PathBuf, Error> {
        let path = self.root.join(name);
        let write = || {
            if let Some(parent) = path.parent() {
                let mode = if secrecy == Secrecy::Private { 0o700 } else { 0o755 };
                DirBuilder::new().recursive(true).mode(mode).create(parent)?;
            }
            if self.force {
                remove_if_there(&path)?;
            }
            let mode = if secrecy == Secrecy::Private { 0o600 } else { 0o644 };
            let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| Error::file("write", &path, error))?;
        self.written.push(path.clone());
        Ok(path)
    }

    pub(super) fn written(self) -> Vec<PathBuf> {
        self.written
    }
}

/// A new file gets the right mode; an old one would keep the mode it had.
fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
