//! `clearway-bench capacity --verify`: the files of a report beside what its raw files give.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::difference;
use crate::error::Error;

/// Larger files are not of our making.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// What a verification has found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verification {
    /// Numbers in the JSON files that were derived again.
    pub figures: usize,
    /// Files that were compared, by name.
    pub files: Vec<String>,
    /// One line for each file that differs, saying where first; empty = all are the same byte for byte.
    pub differences: Vec<String>,
}

impl Verification {
    /// Sets `derived`, names and contents, beside the files of these names in `folder`.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn of(derived: &[(&'static str, String)], folder: &Path) -> Result<Self, Error> {
        let mut found = Self::default();
        for (name, text) in derived {
            let stands = read(&folder.join(name))?;
            found.files.push((*name).to_owned());
            found.figures += serde_json::from_str(text).map_or(0, |value| numbers(&value));
            found.differences.extend(difference::first(text, &stands).map(|place| format!("{name}: {place}")));
        }
        Ok(found)
    }

    /// Whether the report is what its raw files give.
    pub fn is_good(&self) -> bool {
        self.differences.is_empty()
    }
}

impl std::fmt::Display for Verification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { figures, files, differences } = self;
        if self.is_good() {
            let files = files.join(", ");
            return write!(
                f,
                "verified: {figures} figures derived again from the raw files; {files}: the same byte for byte"
            );
        }
        differences.iter().try_for_each(|difference| writeln!(f, "DIFFERS  {difference}"))?;
        write!(f, "NOT verified: {} of {} files differ", differences.len(), files.len())
    }
}

fn numbers(value: &Value) -> usize {
    match value {
        Value::Number(_) => 1,
        Value::Array(items) => items.iter().map(numbers).sum(),
        Value::Object(fields) => fields.values().map(numbers).sum(),
        Value::Null | Value::Bool(_) | Value::String(_) => 0,
    }
}

fn read(path: &Path) -> Result<String, Error> {
    let failed = || Error::machine(format!("read {}", path.display()));
    let bytes = fs::metadata(path).map_err(failed())?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(Error::Unsuited(format!("{} has {bytes} bytes: no file of a report", path.display())));
    }
    fs::read_to_string(path).map_err(failed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_verified_file_by_file() {
        let folder = tempfile::tempdir().unwrap();
        let derived = [("a.json", "{\"x\": [1, 2.5], \"y\": \"7\"}".to_owned()), ("b.html", "<p>1</p>".to_owned())];
        for (name, text) in &derived {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let found = Verification::of(&derived, folder.path()).unwrap();
        assert!(
            found.is_good() && found.figures == 2 && found.to_string().starts_with("verified: 2 figures"),
            "{found}"
        );

        fs::write(folder.path().join("a.json"), "{\"x\": [1, 2.6], \"y\": \"7\"}").unwrap();
        let found = Verification::of(&derived, folder.path()).unwrap();
        assert_eq!(found.differences, ["a.json: x[1]: derived 2.5, stands 2.6"]);
        assert!(found.to_string().contains("1 of 2 files differ"));

        fs::remove_file(folder.path().join("b.html")).unwrap();
        assert!(Verification::of(&derived, folder.path()).is_err());
    }
}
