//! The reference of the wire, made from the catalogue: a page, an XSD and a signed sample for every message, and an index.
//!
//! ```text
//! codec/src/catalogue --> documents() --> codec/reference/README.md, epcc.NNN.md, xsd/, samples/
//!                              '--------> compared with what is there: stale() (cargo catalogue --check, cargo verify)
//! ```
//!
//! Invariant: the same catalogue gives the same bytes, on any machine and at any time; so what is committed can be compared.

mod form;
mod index;
mod page;
mod sample;
mod table;
mod xsd;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clearway_codec::MessageType;

/// Where the reference stands, below the workspace.
pub const FOLDER: &str = "codec/reference";
/// What in that folder is made, and so may be found to be superfluous.
const MADE: [&str; 3] = ["md", "xsd", "msg"];

/// One file of the reference.
#[derive(Debug)]
pub struct Document {
    /// Below [`FOLDER`].
    pub path: PathBuf,
    /// What stands in it.
    pub content: Vec<u8>,
}

impl Document {
    fn new(path: String, content: impl Into<Vec<u8>>) -> Self {
        Self { path: PathBuf::from(path), content: content.into() }
    }
}

/// Every file of the reference.
///
/// # Panics
/// If an example of the catalogue is refused by the codec, or the demonstration keys are not what they were: faults of this repository.
#[must_use]
pub fn documents() -> Vec<Document> {
    let mut documents = vec![Document::new("README.md".to_owned(), index::write())];
    for message_type in MessageType::ALL {
        let code = message_type.code();
        documents.push(Document::new(format!("epcc.{:03}.md", message_type.number()), page::write(*message_type)));
        documents.push(Document::new(format!("xsd/{code}.xsd"), xsd::write(*message_type)));
        documents.push(Document::new(format!("samples/{code}.msg"), sample::write(*message_type)));
    }
    documents
}

/// Writes what is new or different, and removes what no message has any more; returns what it touched.
///
/// # Errors
/// As the file system's.
pub fn update(workspace: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = workspace.join(FOLDER);
    let documents = documents();
    let touched = stale_of(&folder, &documents)?;
    for path in &touched {
        let whole = folder.join(path);
        match documents.iter().find(|document| document.path == *path) {
            Some(document) => {
                fs::create_dir_all(whole.parent().unwrap_or(&folder))?;
                fs::write(&whole, &document.content)?;
            }
            None => fs::remove_file(&whole)?,
        }
    }
    Ok(touched)
}

/// The files that differ from what the catalogue says, are missing, or are of no message.
///
/// # Errors
/// As the file system's.
pub fn stale(workspace: &Path) -> io::Result<Vec<PathBuf>> {
    stale_of(&workspace.join(FOLDER), &documents())
}

fn stale_of(folder: &Path, documents: &[Document]) -> io::Result<Vec<PathBuf>> {
    let mut stale = Vec::new();
    for document in documents {
        match fs::read(folder.join(&document.path)) {
            Ok(content) if content == document.content => {}
            Ok(_) => stale.push(document.path.clone()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => stale.push(document.path.clone()),
            Err(error) => return Err(error),
        }
    }
    for below in ["", "xsd", "samples"] {
        for path in made_in(folder, below)? {
            if documents.iter().all(|document| document.path != path) {
                stale.push(path);
            }
        }
    }
    stale.sort();
    Ok(stale)
}

/// The files in one folder of the reference that look as if they were made here.
fn made_in(folder: &Path, below: &str) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder.join(below)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut made = Vec::new();
    for entry in entries {
        let path = Path::new(below).join(entry?.file_name());
        if path.extension().is_some_and(|extension| MADE.iter().any(|known| extension == *known)) {
            made.push(path);
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_catalogue_gives_the_same_bytes() {
        let (first, second) = (documents(), documents());
        assert_eq!(first.len(), 1 + 3 * MessageType::ALL.len());
        for (one, other) in first.iter().zip(&second) {
            assert_eq!((&one.path, &one.content), (&other.path, &other.content));
        }
    }

    #[test]
    fn what_is_stale_is_listed_and_mended() {
        let workspace = tempfile::tempdir().expect("a folder");
        let all = update(workspace.path()).expect("written");
        assert_eq!(all.len(), documents().len(), "from nothing, everything is written");
        assert!(stale(workspace.path()).expect("read").is_empty());
        let folder = workspace.path().join(FOLDER);
        fs::write(folder.join("epcc.201.md"), "changed").expect("written");
        fs::write(folder.join("xsd/epcc.999.001.01.xsd"), "of no message").expect("written");
        fs::write(folder.join("samples/.gitattributes"), "not made here").expect("written");
        fs::remove_file(folder.join("samples/epcc.303.001.01.msg")).expect("removed");
        let expected: Vec<PathBuf> =
            ["epcc.201.md", "samples/epcc.303.001.01.msg", "xsd/epcc.999.001.01.xsd"].map(PathBuf::from).into();
        assert_eq!(stale(workspace.path()).expect("read"), expected);
        assert_eq!(update(workspace.path()).expect("written"), expected);
        assert!(stale(workspace.path()).expect("read").is_empty());
        assert!(folder.join("samples/.gitattributes").exists());
    }
}
