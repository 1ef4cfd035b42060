//! A file that gets its name when it is whole.
//!
//! ```text
//!  name.writing --write--> sync --rename--> name, sync of the folder
//! ```
//!
//! Invariant: whoever looks sees the whole file or none; a crash leaves at most a `.writing`, which the next try replaces.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Steps;
use crate::error::{Error, Fault};

/// Behind the name of a file that is not whole yet.
const WRITING: &str = ".writing";

/// A file being written. Dropped unfinished it leaves nothing.
#[derive(Debug)]
pub struct Draft {
    file: Option<File>,
    writing: PathBuf,
    path: PathBuf,
}

impl Draft {
    /// Begins the file that will be `path`, in a folder that is made if it is missing.
    ///
    /// # Errors
    /// The disk's.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        fs::create_dir_all(folder).map_err(|error| failed("the folder cannot be made", folder, error))?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(WRITING);
        let writing = path.with_file_name(name);
        let file = File::create(&writing).map_err(|error| failed("the file cannot be made", &writing, error))?;
        Ok(Self { file: Some(file), writing, path: path.to_owned() })
    }

    /// Where it will be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it durable and gives it its name, in place of an older file.
    ///
    /// # Errors
    /// The disk's; there is no new file then.
    pub fn finish(mut self, steps: &dyn Steps) -> Result<(), Error> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let outcome = self.place(&file, steps);
        if outcome.is_err() {
            let _ = fs::remove_file(&self.writing);
        }
        outcome
    }

    fn place(&self, file: &File, steps: &dyn Steps) -> Result<(), Error> {
        steps.taken("file written");
        file.sync_all().map_err(|error| failed("the file cannot be made durable", &self.writing, error))?;
        steps.taken("file durable");
        fs::rename(&self.writing, &self.path).map_err(|error| failed("the file cannot be named", &self.path, error))?;
        steps.taken("file named");
        let folder =
            self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| failed("the folder cannot be made durable", folder, error))?;
        steps.taken("folder durable");
        Ok(())
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Ok(0), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // What cannot be removed is replaced by the next try.
            let _ = fs::remove_file(&self.writing);
        }
    }
}

fn failed(what: &str, path: &Path, error: io::Error) -> Error {
    Error::new(Fault::Environment, what).at(path.display().to_string()).caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::NoSteps;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("day/file.txt");
        let names = || -> Vec<_> {
            let entries = fs::read_dir(dir.path().join("day")).expect("the folder");
            entries.map(|entry| entry.expect("an entry").file_name()).collect()
        };
        let mut draft = Draft::create(&path).expect("a draft");
        draft.write_all(b"half").expect("written");
        assert_eq!(names(), ["file.txt.writing"]);
        drop(draft);
        assert!(names().is_empty(), "dropped, it leaves nothing");
        for text in [b"one".as_slice(), b"two"] {
            let mut draft = Draft::create(&path).expect("a draft");
            draft.write_all(text).expect("written");
            draft.finish(&NoSteps).expect("finished");
            assert_eq!(names(), ["file.txt"]);
            assert_eq!(fs::read(&path).expect("the file"), text);
        }
    }
}
