//! The register: which index has ever stood for which participant, kept beside the journal.
//!
//! Payments in the journal name participants by index. If somebody renumbered participants.toml, the money of
//! unfinished payments would go to the wrong bank. So the node compares the file with the register before it opens
//! the journal, and adds what is new.
//!
//! ```text
//! participants.register     one line each:  INDEX ID\n     rising indexes
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use super::participants::Participants;
use crate::error::{Error, Fault};

/// Name of the register in the journal's folder.
const FILE_NAME: &str = "participants.register";

impl Participants {
    /// Compares the participants with the register in `journal_dir` (made if missing) and adds the new ones,
    /// durably. Call before the journal is opened.
    ///
    /// # Errors
    /// An index that stands for another participant, or a participant that is gone; a register that cannot be read
    /// or written.
    pub fn confirm_register(&self, journal_dir: &Path) -> Result<(), Error> {
        let path = journal_dir.join(FILE_NAME);
        let known = read(&path)?;
        for (index, id) in &known {
            self.confirm_entry(*index, id).map_err(|error| error.at(path.display().to_string()))?;
        }
        let present: BTreeMap<u16, String> =
            self.iter().map(|participant| (participant.index, participant.id.as_str().to_owned())).collect();
        if present == known { Ok(()) } else { replace(journal_dir, &path, &text_of(&present)) }
    }

    fn confirm_entry(&self, index: u16, id: &str) -> Result<(), Error> {
        match self.get(index) {
            Some(participant) if participant.id.as_str() == id => Ok(()),
            Some(participant) => {
                let what = format!("index {index} is {id} in the journal, but {} in the configuration", participant.id);
                Err(Error::new(Fault::Configuration, what)
                    .remedy("give every participant the index it had; a new participant gets a new index"))
            }
            None => {
                let what = format!("{id} (index {index}) is in the journal, but not in the configuration");
                Err(Error::new(Fault::Configuration, what)
                    .remedy("keep its entry; once all its payments are final, its line here may be deleted"))
            }
        }
    }
}

fn read(path: &Path) -> Result<BTreeMap<u16, String>, Error> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(Error::file("read", path, error)),
    };
    let entry = |line: &str| line.split_once(' ').and_then(|(index, id)| Some((index.parse().ok()?, id.to_owned())));
    let damaged = || Error::new(Fault::Data, "a line is not INDEX ID").at(path.display().to_string());
    text.lines().map(|line| entry(line).ok_or_else(damaged)).collect()
}

fn text_of(entries: &BTreeMap<u16, String>) -> String {
    entries.iter().map(|(index, id)| format!("{index} {id}\n")).collect()
}

/// Replaces a small file of the journal's folder: new file, sync, rename, sync of the folder.
pub(super) fn replace(journal_dir: &Path, path: &Path, text: &str) -> Result<(), Error> {
    let new = path.with_added_extension("new");
    let replace = || {
        fs::create_dir_all(journal_dir)?;
        let mut file = File::create(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        File::open(journal_dir)?.sync_all()
    };
    replace().map_err(|error| Error::file("write", path, error))
}
