//! Who the counterparties are, where they listen and what they sign with: `counterparties/loadgen.toml`.
//!
//! ```toml
//! format = 1
//! target = "http://127.0.0.1:9201/preSvr"
//! suite = "ecdsa-p256-sha256"
//! agreements = 100
//! [node]
//! id = "G4000311000018"
//! serial = "4000000001"
//! public_key = "keys/node.pub.pem"
//! [[institution]]
//! id = "Z2000133000017"
//! name = "Institution 1"
//! serial = "4100000001"
//! key = "keys/Z2000133000017.key.pem"
//! listen = "127.0.0.1:24001"
//! reserve_bank = "C1000111000015"
//! [[bank]]
//! id = "C1000111000015"
//! name = "Bank 1"
//! serial = "4200000001"
//! key = "keys/C1000111000015.key.pem"
//! listen = "127.0.0.1:20001"
//! ```
//!
//! Invariant: a loaded configuration is complete. Every key was read and is of the suite, every reserve bank is one of
//! the banks, no id appears twice. Paths are relative to the file; an unknown key is an error, so that a slip is seen.

use crate::error::Error;
use crate::roster::Roster;
use clearway_codec::{InstitutionId, SerialNumber};
use clearway_crypto::{SigningKey, Suite, VerifyingKey};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const FORMAT: u32 = 1;

/// A loaded configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where requests go, `http://host:port/path`.
    pub target: String,
    /// Suite of all keys.
    pub suite: Suite,
    /// The node, as its counterparties know it.
    pub node: Node,
    /// Payment institutions.
    pub institutions: Vec<Institution>,
    /// Banks.
    pub banks: Vec<Bank>,
    /// Agreements of the direct-link time that customers of each bank have with each institution; payments draw from
    /// them, see [`imported_agreement`](crate::sgn_no::imported_agreement).
    pub agreements: u32,
}

/// Agreements of each pair when the file does not say.
const AGREEMENTS: u32 = 100;

/// The node: whose signature every answer must carry.
#[derive(Debug, Clone)]
pub struct Node {
    /// Institution id of the switch.
    pub id: InstitutionId,
    /// Serial number of its signing certificate.
    pub serial: SerialNumber,
    /// Its public key.
    pub key: VerifyingKey,
}

/// Who a counterparty is and what it signs with.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Institution id.
    pub id: InstitutionId,
    /// Serial number of its signing certificate.
    pub serial: SerialNumber,
    /// Its private key.
    pub key: Arc<SigningKey>,
}

/// A payment institution.
#[derive(Debug, Clone)]
pub struct Institution {
    /// Who it is.
    pub identity: Identity,
    /// Name for people.
    pub name: String,
    /// Where it takes terminal notices.
    pub listen: SocketAddr,
    /// Place of the bank that keeps its reserve account.
    pub reserve_bank: usize,
}

/// A bank.
#[derive(Debug, Clone)]
pub struct Bank {
    /// Who it is.
    pub identity: Identity,
    /// Name for people.
    pub name: String,
    /// Where it takes legs, queries and notices.
    pub listen: SocketAddr,
}

impl Config {
    /// Reads the file and every key that it names.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Config`], naming the file and what is wrong in it.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let text = read(path)?;
        let document: Document =
            toml::from_str(&text).map_err(|error| Error::Config { path: path.into(), message: error.to_string() })?;
        Loader { path, folder: path.parent().unwrap_or_else(|| Path::new(".")), suite: document.suite(path)? }
            .load(&document)
    }

    /// The counterparties by place.
    pub fn roster(&self) -> Roster {
        Roster {
            institutions: self.institutions.iter().map(|institution| institution.identity.id).collect(),
            banks: self.banks.iter().map(|bank| bank.identity.id).collect(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u32,
    target: String,
    suite: String,
    agreements: Option<u32>,
    node: NodeEntry,
    institution: Vec<InstitutionEntry>,
    bank: Vec<BankEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeEntry {
    id: String,
    serial: String,
    public_key: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InstitutionEntry {
    id: String,
    name: String,
    serial: String,
    key: PathBuf,
    listen: SocketAddr,
    reserve_bank: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BankEntry {
    id: String,
    name: String,
    serial: String,
    key: PathBuf,
    listen: SocketAddr,
}

impl Document {
    fn suite(&self, path: &Path) -> Result<Suite, Error> {
        let fault = |message| Error::Config { path: path.into(), message };
        if self.format != FORMAT {
            return Err(fault(format!("format = {}: this program reads format {FORMAT}", self.format)));
        }
        self.suite.parse().map_err(|error| fault(format!("suite: {error}")))
    }
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::File { path: path.into(), source })
}

struct Loader<'a> {
    path: &'a Path,
    folder: &'a Path,
    suite: Suite,
}

impl Loader<'_> {
    fn load(&self, document: &Document) -> Result<Config, Error> {
        let banks = document.bank.iter().map(|entry| self.bank(entry)).collect::<Result<Vec<_>, _>>()?;
        let institutions =
            document.institution.iter().map(|entry| self.institution(entry, &banks)).collect::<Result<_, _>>()?;
        let config = Config {
            target: document.target.clone(),
            suite: self.suite,
            node: self.node(&document.node)?,
            institutions,
            banks,
            agreements: document.agreements.unwrap_or(AGREEMENTS),
        };
        self.check(&config)?;
        Ok(config)
    }

    fn check(&self, config: &Config) -> Result<(), Error> {
        let roster = config.roster();
        let mut ids = [roster.institutions.clone(), roster.banks.clone(), vec![config.node.id]].concat();
        ids.sort_unstable();
        if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(self.fault(format!("id {} appears twice", pair[0])));
        }
        match (roster.institutions.len(), roster.banks.len()) {
            (1..=9_999, 1..=9_999) => Ok(()),
            (institutions, banks) => {
                Err(self.fault(format!("{institutions} institutions, {banks} banks: 1 to 9999 of each are possible")))
            }
        }
    }

    fn node(&self, entry: &NodeEntry) -> Result<Node, Error> {
        let pem = read(&self.folder.join(&entry.public_key))?;
        let key = VerifyingKey::from_spki_pem(&pem).map_err(|error| self.fault(format!("node.public_key: {error}")))?;
        self.check_suite("node.public_key", key.suite())?;
        Ok(Node { id: self.id("node.id", &entry.id)?, serial: self.serial("node.serial", &entry.serial)?, key })
    }

    fn institution(&self, entry: &InstitutionEntry, banks: &[Bank]) -> Result<Institution, Error> {
        let reserve = banks.iter().position(|bank| bank.identity.id.as_str() == entry.reserve_bank);
        let reserve = reserve.ok_or_else(|| {
            self.fault(format!("institution {}: reserve_bank {} is no bank here", entry.id, entry.reserve_bank))
        });
        Ok(Institution {
            identity: self.identity(&entry.id, &entry.serial, &entry.key)?,
            name: entry.name.clone(),
            listen: entry.listen,
            reserve_bank: reserve?,
        })
    }

    fn bank(&self, entry: &BankEntry) -> Result<Bank, Error> {
        Ok(Bank {
            identity: self.identity(&entry.id, &entry.serial, &entry.key)?,
            name: entry.name.clone(),
            listen: entry.listen,
        })
    }

    fn identity(&self, id: &str, serial: &str, key: &Path) -> Result<Identity, Error> {
        let pem = read(&self.folder.join(key))?;
        let signing = SigningKey::from_pkcs8_pem(&pem)
            .map_err(|error| self.fault(format!("{id}: key {}: {error}", key.display())))?;
        self.check_suite(id, signing.suite())?;
        Ok(Identity { id: self.id("id", id)?, serial: self.serial(id, serial)?, key: Arc::new(signing) })
    }

    fn check_suite(&self, whose: &str, suite: Suite) -> Result<(), Error> {
        if suite == self.suite {
            Ok(())
        } else {
            Err(self.fault(format!("{whose}: key is {suite}, the suite here is {}", self.suite)))
        }
    }

    fn id(&self, what: &str, text: &str) -> Result<InstitutionId, Error> {
        InstitutionId::parse(text.as_bytes()).map_err(|error| self.fault(format!("{what} {text}: {error}")))
    }

    fn serial(&self, what: &str, text: &str) -> Result<SerialNumber, Error> {
        SerialNumber::parse(text.as_bytes()).map_err(|error| self.fault(format!("{what}: serial {text}: {error}")))
    }

    fn fault(&self, message: String) -> Error {
        Error::Config { path: self.path.into(), message }
    }
}
