//! A second link for every bank, written into what `init` has written.
//!
//! ```text
//!  participants.toml   url = "U"      -->  [[participant.link]] main, active, "U"      [[participant.link]] standby, "V"
//!  loadgen.toml        listen = "A"   -->  [[bank.link]] main, "A"                     [[bank.link]] standby, "B"
//! ```
//!
//! Invariant: the n-th standby address is the n-th bank's in both files.

use std::net::SocketAddr;
use std::path::Path;

use toml::{Table, Value};

use crate::error::Error;

/// Name of the link that takes everything while it works.
pub const ACTIVE: &str = "main";
/// Name of the link that takes over.
pub const STANDBY: &str = "standby";

/// Gives every bank a standby link beside its own.
///
/// # Errors
/// A file cannot be read or written, or is not what `init` writes.
pub(super) fn add_standbys(participants: &Path, loadgen: &Path, standbys: &[SocketAddr]) -> Result<(), Error> {
    let is_bank = |entry: &Table| entry.get("kind").and_then(Value::as_str) == Some("bank");
    change(participants, "participant", is_bank, standbys, |bank, standby| {
        let active = take_text(bank, "url")?;
        let moved = move_to(&active, standby)?;
        let link = |name: &str, url: String| {
            Value::Table(Table::from_iter([
                text("name", name),
                ("url".into(), url.into()),
                text("role", role_of(name)),
            ]))
        };
        bank.insert("link".into(), Value::Array(vec![link(ACTIVE, active), link(STANDBY, moved)]));
        Some(())
    })?;
    change(
        loadgen,
        "bank",
        |_| true,
        standbys,
        |bank, standby| {
            let active = take_text(bank, "listen")?;
            let link = |name: &str, listen: String| {
                Value::Table(Table::from_iter([text("name", name), ("listen".into(), listen.into())]))
            };
            bank.insert("link".into(), Value::Array(vec![link(ACTIVE, active), link(STANDBY, standby.to_string())]));
            Some(())
        },
    )
}

/// Changes the entries of one list of a file that are meant, each with its standby address.
fn change(
    file: &Path,
    list: &'static str,
    is_meant: impl Fn(&Table) -> bool,
    standbys: &[SocketAddr],
    mut work: impl FnMut(&mut Table, SocketAddr) -> Option<()>,
) -> Result<(), Error> {
    let unlike = || Error::Unsuited(format!("{}: not as `init` writes it", file.display()));
    let told = std::fs::read_to_string(file).map_err(Error::machine(format!("read {}", file.display())))?;
    let mut document: Table = toml::from_str(&told).map_err(Error::failed("read what init has written"))?;
    let entries = document.get_mut(list).and_then(Value::as_array_mut).ok_or_else(unlike)?;
    let meant = entries.iter_mut().filter_map(Value::as_table_mut).filter(|entry| is_meant(entry));
    let mut changed = 0;
    for (entry, standby) in meant.zip(standbys) {
        work(entry, *standby).ok_or_else(unlike)?;
        changed += 1;
    }
    if changed != standbys.len() {
        return Err(unlike());
    }
    let text = toml::to_string(&document).map_err(Error::failed("write the links"))?;
    std::fs::write(file, text).map_err(Error::machine(format!("write {}", file.display())))
}

fn role_of(name: &str) -> &'static str {
    if name == ACTIVE { "active" } else { "standby" }
}

fn text(key: &str, value: &str) -> (String, Value) {
    (key.to_owned(), Value::String(value.to_owned()))
}

fn take_text(entry: &mut Table, key: &str) -> Option<String> {
    match entry.remove(key)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// The same URL on another address.
fn move_to(url: &str, address: SocketAddr) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    Some(format!("{scheme}://{address}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bank_gets_a_standby_in_both_files() {
        let folder = tempfile::tempdir().unwrap();
        let (participants, loadgen) = (folder.path().join("participants.toml"), folder.path().join("loadgen.toml"));
        let party = |index: u8, kind: &str| {
            format!("[[participant]]\nindex = {index}\nkind = \"{kind}\"\nurl = \"https://127.0.0.1:{index}/epcc\"\n")
        };
        std::fs::write(&participants, party(1, "institution") + &party(2, "bank") + &party(3, "bank")).unwrap();
        let banks = ["2", "3"].map(|port| format!("[[bank]]\nid = \"{port}\"\nlisten = \"127.0.0.1:{port}\"\n"));
        std::fs::write(&loadgen, "format = 2\n".to_owned() + &banks.concat()).unwrap();
        let standbys: Vec<SocketAddr> = ["127.0.0.1:12", "127.0.0.1:13"].map(|text| text.parse().unwrap()).to_vec();
        add_standbys(&participants, &loadgen, &standbys).unwrap();
        let (participants, loadgen) =
            [participants.clone(), loadgen.clone()].map(|file| std::fs::read_to_string(file).unwrap()).into();
        for (port, standby) in [("2", "12"), ("3", "13")] {
            assert!(participants.contains(&format!("url = \"https://127.0.0.1:{standby}/epcc\"")), "{participants}");
            assert!(loadgen.contains(&format!("listen = \"127.0.0.1:{standby}\"")), "{loadgen}");
            assert!(loadgen.contains(&format!("listen = \"127.0.0.1:{port}\"")), "{loadgen}");
        }
        assert_eq!(participants.matches("role = \"standby\"").count(), 2, "{participants}");
        assert!(participants.contains("url = \"https://127.0.0.1:1/epcc\""), "{participants}");
        let unlike =
            add_standbys(folder.path().join("participants.toml").as_path(), &folder.path().join("none"), &standbys);
        assert!(unlike.is_err());
    }
}
