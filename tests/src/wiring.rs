//! The lines of a site: proxies before banks, several links of one bank, and changes of what `init` wrote.
//!
//! Invariant: everything here changes files of the site's folder, so it holds for nodes that are started afterwards.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use clearway_codec::InstitutionId;
use toml::{Table, Value};

use crate::proxy::FaultProxy;
use crate::site::Site;

/// A link of a bank as the node is told to have it.
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

/// Two lines that share the load.
pub const SHARED: [Laid<'static>; 2] = [
    Laid { name: "north", role: "shared", centre: "beijing" },
    Laid { name: "south", role: "shared", centre: "shenzhen" },
];

impl Site {
    /// Puts a line that can be disturbed between the node and the bank at `place`.
    ///
    /// # Panics
    /// If there is no such bank, or it has several links.
    #[must_use]
    pub fn interpose(&self, place: usize) -> FaultProxy {
        let Url { scheme, address, .. } = self.bank_url(place);
        let proxy = FaultProxy::before(address);
        self.move_bank(place, &scheme, proxy.address());
        proxy
    }

    /// Gives the bank at `place` these links, each through a line that can be disturbed, all of them to the same books.
    ///
    /// # Panics
    /// If there is no such bank, or it has several links already.
    #[must_use]
    pub fn lay(&self, place: usize, links: &[Laid<'_>]) -> Vec<FaultProxy> {
        let url = self.bank_url(place);
        let proxies: Vec<_> = links.iter().map(|_| FaultProxy::before(url.address)).collect();
        let table = |(link, proxy): (&Laid<'_>, &FaultProxy)| {
            let url = url.at(&url.scheme, proxy.address());
            let pairs = [("name", link.name), ("url", &url), ("role", link.role), ("centre", link.centre)];
            Value::Table(
                pairs.into_iter().map(|(key, text)| (key.to_owned(), Value::String(text.to_owned()))).collect(),
            )
        };
        let tables = links.iter().zip(&proxies).map(table).collect();
        self.change_participant(self.parties().banks[place].identity.id, |participant| {
            participant.remove("url");
            participant.insert("link".to_owned(), Value::Array(tables));
        });
        proxies
    }

    /// Lets the node find the bank at `place` somewhere else, under the same path.
    ///
    /// # Panics
    /// As [`interpose`](Self::interpose).
    pub fn move_bank(&self, place: usize, scheme: &str, address: SocketAddr) {
        self.move_participant(self.parties().banks[place].identity.id, scheme, address);
    }

    /// The same for an institution's notice desk.
    ///
    /// # Panics
    /// As [`interpose`](Self::interpose).
    pub fn move_institution(&self, place: usize, scheme: &str, address: SocketAddr) {
        self.move_participant(self.parties().institutions[place].identity.id, scheme, address);
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

    fn bank_url(&self, place: usize) -> Url {
        let mut url = None;
        self.change_participant(self.parties().banks[place].identity.id, |participant| {
            url = participant["url"].as_str().and_then(Url::parse);
        });
        url.expect("it has one link yet")
    }

    fn move_participant(&self, id: InstitutionId, scheme: &str, address: SocketAddr) {
        self.change_participant(id, |participant| {
            let url = participant["url"].as_str().and_then(Url::parse).expect("it has one link yet");
            participant.insert("url".to_owned(), Value::String(url.at(scheme, address)));
        });
    }

    fn change_participant(&self, id: InstitutionId, with: impl FnOnce(&mut Table)) {
        change(&self.dir().join("participants.toml"), |document| {
            let participants = document["participant"].as_array_mut().expect("participants");
            let is_it = |entry: &&mut Value| entry["id"].as_str() == Some(id.as_str());
            let participant = participants.iter_mut().find(is_it).expect("it is a participant");
            with(participant.as_table_mut().expect("a participant"));
        });
    }
}

/// The parts of a participant's URL.
#[derive(Clone, Debug)]
struct Url {
    scheme: String,
    address: SocketAddr,
    path: String,
}

impl Url {
    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (address, path) = rest.split_at(rest.find('/')?);
        Some(Self { scheme: scheme.to_owned(), address: address.parse().ok()?, path: path.to_owned() })
    }

    fn at(&self, scheme: &str, address: SocketAddr) -> String {
        format!("{scheme}://{address}{}", self.path)
    }
}

fn change(path: &Path, with: impl FnOnce(&mut Table)) {
    let text = fs::read_to_string(path).expect("init wrote it");
    let mut document: Table = text.parse().expect("what init wrote is TOML");
    with(&mut document);
    fs::write(path, toml::to_string(&document).expect("a document")).expect("it can be written");
}
