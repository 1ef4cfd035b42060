//! The folder of raw files, written and read.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clearway_loadgen::output::{read_hlog, write_hlog};
use clearway_loadgen::record::Interval;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{CourseFile, RawRun};
use crate::books;
use crate::capacity::model::Request;
use crate::capacity::model::measurements::Floors;
use crate::cli::write_json;
use crate::error::Error;

/// Name of the folder within a report's.
const FOLDER: &str = "raw";
/// Larger files are not of our making.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// More runs are not of our making.
const RUNS_MAX: usize = 1_000;

const REQUEST: &str = "request";
const COURSE: &str = "course";
const FLOORS: &str = "floors";
const BOOKS: &str = "books";

/// Everything in the folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Raw {
    /// What was asked.
    pub request: Request,
    /// Where and how it was measured.
    pub course: CourseFile,
    /// What cannot be beaten.
    pub floors: Floors,
    /// A small hour, closed; `None` when it could not be.
    pub books: Option<books::Outcome>,
    /// Runs with their names, in their order.
    pub runs: Vec<(String, RawRun)>,
}

impl Raw {
    /// Reads the raw files of the report in `report`. Latencies come from the logs, value by value.
    ///
    /// # Errors
    /// A file is missing, too large, or says something else than it should; the message names it.
    pub fn read(report: &Path) -> Result<Self, Error> {
        let folder = report.join(FOLDER);
        let course: CourseFile = read(&folder, COURSE)?;
        check_names(&course.runs)?;
        let runs = course.runs.iter().map(|name| {
            let run: RawRun = read(&folder, name)?;
            let logged = read_hlog(&log(&folder, name))?;
            Ok((name.clone(), run.with_latencies(name, &logged)?))
        });
        Ok(Self {
            request: read(&folder, REQUEST)?,
            floors: read(&folder, FLOORS)?,
            books: file(&folder, BOOKS).exists().then(|| read(&folder, BOOKS)).transpose()?,
            runs: runs.collect::<Result<_, Error>>()?,
            course,
        })
    }
}

/// Names lead to files of the folder alone.
fn check_names(names: &[String]) -> Result<(), Error> {
    let is_plain = |name: &String| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    match names.iter().find(|name| !is_plain(name)) {
        Some(name) => Err(Error::Unsuited(format!("{COURSE}.json: {name:?} is no name of a run"))),
        None if names.len() > RUNS_MAX => Err(Error::Unsuited(format!("{COURSE}.json: more than {RUNS_MAX} runs"))),
        None => Ok(()),
    }
}

fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.json"))
}

fn log(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.hlog"))
}

fn read<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<T, Error> {
    let path = file(folder, name);
    let failed = || Error::machine(format!("read {}", path.display()));
    let bytes = fs::metadata(&path).map_err(failed())?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(Error::Unsuited(format!("{} has {bytes} bytes: no file of a report", path.display())));
    }
    let text = fs::read_to_string(&path).map_err(failed())?;
    serde_json::from_str(&text).map_err(|error| Error::Unsuited(format!("{}: {error}", path.display())))
}

/// Writes the folder while the course goes on.
#[derive(Debug)]
pub(in crate::capacity) struct Writer {
    folder: PathBuf,
    course: CourseFile,
}

impl Writer {
    /// Begins the raw files of a new report in `report`; those of an earlier one are removed.
    ///
    /// # Errors
    /// The folder cannot be made, or holds what is not ours.
    pub(in crate::capacity) fn begin(report: &Path, course: CourseFile) -> Result<Self, Error> {
        let folder = report.join(FOLDER);
        clear(&folder)?;
        fs::create_dir_all(&folder).map_err(Error::machine(format!("make {}", folder.display())))?;
        Ok(Self { folder, course })
    }

    /// Copies the raw files of another report, all but what was asked.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub(in crate::capacity) fn copy(from: &Path, report: &Path) -> Result<(), Error> {
        let (from, to) = (from.join(FOLDER), report.join(FOLDER));
        let is_same = from.canonicalize().ok().is_some_and(|from| Some(from) == to.canonicalize().ok());
        if is_same {
            return Ok(());
        }
        clear(&to)?;
        fs::create_dir_all(&to).map_err(Error::machine(format!("make {}", to.display())))?;
        for path in files(&from)? {
            let Some(name) = path.file_name() else { continue };
            fs::copy(&path, to.join(name)).map_err(Error::machine(format!("copy {}", path.display())))?;
        }
        Ok(())
    }

    /// Writes what was asked.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(in crate::capacity) fn write_request(report: &Path, request: &Request) -> Result<(), Error> {
        write_json(&file(&report.join(FOLDER), REQUEST), request)
    }

    /// Writes floors.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(in crate::capacity) fn write_floors(&self, floors: &Floors) -> Result<(), Error> {
        self.write(FLOORS, floors)
    }

    /// Writes an hour's books.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(in crate::capacity) fn write_books(&self, books: &books::Outcome) -> Result<(), Error> {
        self.write(BOOKS, books)
    }

    /// Writes a run and its latencies; gives its name.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(in crate::capacity) fn add(&mut self, run: &RawRun, intervals: &[Interval]) -> Result<String, Error> {
        let name = format!("{:02}-{}-{}", self.course.runs.len() + 1, run.axis.name(), run.value);
        self.write(&name, run)?;
        let path = log(&self.folder, &name);
        let write = || {
            let mut out = BufWriter::new(File::create(&path)?);
            write_hlog(&mut out, &run.record.report.started_at, intervals)?;
            out.flush()
        };
        write().map_err(Error::machine(format!("write {}", path.display())))?;
        self.course.runs.push(name.clone());
        Ok(name)
    }

    /// Takes down that something could not be measured.
    pub(in crate::capacity) fn skip(&mut self, what: &str, why: &str) {
        eprintln!("left out: {what}: {why}");
        self.course.skipped.push(format!("{what}: {why}"));
    }

    /// Takes down that the course is complete.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(in crate::capacity) fn finish(self) -> Result<(), Error> {
        self.write(COURSE, &self.course)
    }

    fn write(&self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        write_json(&file(&self.folder, name), value)
    }
}

/// Removes the raw files of an earlier report, and refuses to remove anything else.
fn clear(folder: &Path) -> Result<(), Error> {
    if !folder.exists() {
        return Ok(());
    }
    for path in files(folder)? {
        let is_ours = path.extension().is_some_and(|extension| extension == "json" || extension == "hlog");
        if !is_ours {
            return Err(Error::Unsuited(format!(
                "{} is no raw file of a report: name an empty folder",
                path.display()
            )));
        }
        fs::remove_file(&path).map_err(Error::machine(format!("remove {}", path.display())))?;
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = || Error::machine(format!("look into {}", folder.display()));
    let entries = fs::read_dir(folder).map_err(failed())?;
    let mut paths = entries.map(|entry| Ok(entry.map_err(failed())?.path())).collect::<Result<Vec<_>, Error>>()?;
    paths.sort();
    Ok(paths)
}
