//! The lines of a site: proxies before banks, several links of one bank, and changes of what `init` wrote.
//!
//! Invariant: everything here changes files of the site's folder, so it holds for nodes that are started afterwards.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::proxy::FaultProxy;
use crate::site::Site;

/// A link of a bank as its participant is told to have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Laid<'a> {
    /// Its name.
    pub name: &'a str,
    /// `active`, `standby` or `shared`.
    pub role: &'a str,
    /// The centre that owns it.
    pub centre: &'a str,
}

/// An active line and its standby.
pub const ACTIVE_AND_STANDBY: [Laid<'static>; 2] = [
    Laid { name: "main", role: "active", centre: "shanghai" },
    Laid { name: "spare", role: "standby", centre: "shenzhen" },
];

impl Site {
    /// Puts a line that can be disturbed between the node and the bank at `place`.
    ///
    /// # Panics
    /// If there is no such bank.
    #[must_use]
    pub fn interpose(&self, place: usize) -> FaultProxy {
        let (proxy, url) = self.line_to(place);
        self.change_participant(place, |participant| {
            participant.insert("url".to_owned(), Value::String(url));
        });
        proxy
    }

    /// Gives the bank at `place` these links, each through a line that can be disturbed, all of them to the same books.
    ///
    /// # Panics
    /// If there is no such bank.
    #[must_use]
    pub fn lay(&self, place: usize, links: &[Laid<'_>]) -> Vec<FaultProxy> {
        let (proxies, urls): (Vec<_>, Vec<_>) = links.iter().map(|_| self.line_to(place)).unzip();
        let table = |(link, url): (&Laid<'_>, String)| {
            let pairs = [("name", link.name), ("url", &url), ("role", link.role), ("centre", link.centre)];
            Value::Table(
                pairs.into_iter().map(|(key, text)| (key.to_owned(), Value::String(text.to_owned()))).collect(),
            )
        };
        let tables = links.iter().zip(urls).map(table).collect();
        self.change_participant(place, |participant| {
            participant.remove("url");
            participant.insert("link".to_owned(), Value::Array(tables));
        });
        proxies
    }

    /// Sets keys of a section of the node's configuration.
    ///
    /// # Panics
    /// If the section is something else.
    pub fn configure(&self, section: &str, keys: impl IntoIterator<Item = (&'static str, Value)>) {
        change(self.config(), |document| {
            let section = document.entry(section).or_insert_with(|| Value::Table(Table::new()));
            let section = section.as_table_mut().expect("a section");
            section.extend(keys.into_iter().map(|(key, value)| (key.to_owned(), value)));
        });
    }

    /// A proxy before the bank, and the bank's URL with the proxy's address in it.
    fn line_to(&self, place: usize) -> (FaultProxy, String) {
        let proxy = FaultProxy::before(self.counterparties().bank_addresses()[place]);
        let mut url = String::new();
        self.change_participant(place, |participant| {
            let old = participant["url"].as_str().expect("it has one link yet");
            let (scheme, rest) = old.split_once("://").expect("a URL");
            let path = rest.find('/').map_or("/", |at| &rest[at..]);
            url = format!("{scheme}://{}{path}", proxy.address());
        });
        (proxy, url)
    }

    fn change_participant(&self, place: usize, with: impl FnOnce(&mut Table)) {
        let id = self.parties().banks[place].identity.id.to_string();
        change(&self.participants(), |document| {
            let participants = document["participant"].as_array_mut().expect("participants");
            let of_bank = |entry: &&mut Value| entry["id"].as_str() == Some(&id);
            let participant = participants.iter_mut().find(of_bank).expect("the bank is a participant");
            with(participant.as_table_mut().expect("a participant"));
        });
    }

    fn participants(&self) -> std::path::PathBuf {
        self.dir().join("participants.toml")
    }
}

fn change(path: &Path, with: impl FnOnce(&mut Table)) {
    let text = fs::read_to_string(path).expect("init wrote it");
    let mut document: Table = text.parse().expect("what init wrote is TOML");
    with(&mut document);
    fs::write(path, toml::to_string(&document).expect("a document")).expect("it can be written");
}
