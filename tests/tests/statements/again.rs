//! `clearway books statements` and `clearway books decrypt`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use clearway::books::archive::{Writing, write};
use clearway::books::statement::day_folder;
use clearway::books::{NoSteps, Silent};
use clearway::config::FileEncryption;

use crate::NODE;
use crate::source::{BATCH, Books, Lines, batch};

fn clearway(arguments: &[&str]) -> Output {
    Command::new(NODE).arg("books").args(arguments).output().expect("clearway runs")
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Path below `folder` -> bytes, of every file.
pub(crate) fn files_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files_of(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, fs::read(&path).expect("a file"));
        }
    }
    found
}

/// A configuration file with this line in `[books]`.
fn configure(books: &Books, key: &str, value: &str) {
    let path = books.folder.path().join("clearway.toml");
    let text = fs::read_to_string(&path).expect("a configuration");
    let line = |line: &str| {
        let is_it = line.starts_with(&format!("{key} = "));
        if is_it { format!("{key} = {value}\n") } else { format!("{line}\n") }
    };
    fs::write(&path, text.lines().map(line).collect::<String>()).expect("written");
}

#[test]
fn statements_made_again_from_the_archive_are_the_same_bytes() {
    let books = Books::new(&std::env::temp_dir());
    let config = books.folder.path().join("clearway.toml");
    let config = config.to_str().expect("UTF-8");
    let missing = clearway(&["statements", BATCH, "--config", config]);
    assert!(!missing.status.success() && told(&missing).contains("is not archived"), "{}", told(&missing));

    let manifest = books.write();
    let archive = books.config.books.dir.join("archive");
    let name_of = |index| books.id(index);
    let writing = Writing { dir: &archive, batch: batch(), provisional: false, name_of: &name_of, threads: 1 };
    write(&Lines, &writing, &Silent, &NoSteps).expect("an archive");
    let out = books.folder.path().join("again");
    let again = clearway(&["statements", BATCH, "--config", config, "--out", out.to_str().expect("UTF-8"), "--json"]);
    assert!(again.status.success(), "{}", told(&again));
    let said: serde_json::Value = serde_json::from_slice(&again.stdout).expect("JSON");
    assert_eq!(said["digest"], manifest.digest());
    assert_eq!(said["manifest"]["files"].as_array().map(Vec::len), Some(manifest.files.len()));
    assert!(files_of(&books.config.books.dir.join("statements")) == files_of(&out.join("statements")));
}

#[test]
fn a_participant_decrypts_its_file_with_the_command() {
    let mut books = Books::new(&std::env::temp_dir());
    books.config.books.encryption = FileEncryption::Aes256;
    configure(&books, "encryption", "\"aes-256\"");
    books.write();
    let statements = books.statements();
    let handed_out = statements.hand_out_keys(batch().date(), &books.keys.envelope.encryption, &NoSteps);
    assert_eq!(handed_out.expect("keys").written, 5);

    let id = books.config.participants.get(2).expect("a bank").id;
    let folder = day_folder(&books.config.books.dir, &id, batch().date());
    let path = |name: String| folder.join(name).to_str().expect("UTF-8").to_owned();
    let sealed = path(format!("{id}_{BATCH}_DTL_001.txt.gz.enc"));
    let key = path(format!("{id}-20261120.key"));
    let private = |id: &str| {
        let file = books.folder.path().join(format!("counterparties/keys/{id}.enc.key.pem"));
        file.to_str().expect("UTF-8").to_owned()
    };
    let good = clearway(&["decrypt", &sealed, "--key", &key, "--private-key", &private(id.as_str())]);
    assert!(good.status.success(), "{}", told(&good));
    let unpacked = Command::new("gzip").args(["-dc", sealed.strip_suffix(".enc").expect("its name")]).output();
    let text = String::from_utf8(unpacked.expect("gzip runs").stdout).expect("UTF-8");
    assert!(text.lines().count() > 1_000 && text.lines().last().is_some_and(|line| line.starts_with("END|")));

    let other = clearway(&["decrypt", &sealed, "--key", &key, "--private-key", &private(&books.id(3))]);
    assert_eq!(other.status.code(), Some(5), "{}", told(&other));
}
