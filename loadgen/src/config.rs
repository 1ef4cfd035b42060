//! Who the counterparties are, where they listen and what they sign with: `counterparties/loadgen.toml`.
//!
//! ```toml
//! format = 2
//! target = "http://127.0.0.1:9201/preSvr"
//! suite = "ecdsa-p256-sha256"
//! agreements = 100
//! [node]
//! id = "G4000311000018"
//! serial = "4000000001"
//! public_key = "keys/node.pub.pem"
//! encryption_serial = "4500000001"
//! encryption_key = "keys/node.enc.pub.pem"
//! [[institution]]
//! id = "Z2000133000017"
//! name = "Institution 1"
//! serial = "4100000001"
//! key = "keys/Z2000133000017.key.pem"
//! encryption_serial = "4600000001"
//! decryption_key = "keys/Z2000133000017.enc.key.pem"
//! cipher_mode = "cbc"
//! listen = "127.0.0.1:24001"
//! reserve_bank = "C1000111000015"
//! [[bank]]
//! id = "C1000111000015"
//! name = "Bank 1"
//! serial = "4200000001"
//! key = "keys/C1000111000015.key.pem"
//! encryption_serial = "4700000001"
//! decryption_key = "keys/C1000111000015.enc.key.pem"
//! cipher_mode = "cbc"
//! listen = "127.0.0.1:20001"
//! ```
//!
//! `suite` is that of all keys; an institution may name another one for its own: `suite = "sm2-sm3"` in its entry.
//! `listen` gives a participant one link, named `main`. Several are a list in its place, one ledger behind all of them:
//!
//! ```toml
//! [[bank.link]]
//! name = "main"
//! listen = "127.0.0.1:20001"
//! [[bank.link]]
//! name = "standby"
//! listen = "127.0.0.1:20101"
//! ```
//!
//! Without `[tls]` everything is plain HTTP. With it everything is mutual TLS: `target` begins with `https://`, and every
//! participant has a certificate for both sides of its connections:
//!
//! ```toml
//! [tls]
//! ca = "tls/ca.pem"                              # whose certificates count
//! node_name = "g4000311000018.switch.internal"   # DNS name in the node's certificate
//! revocation_lists = []                          # optional, PEM
//! [[bank]]
//! tls_certificate = "tls/C1000111000015.pem"     # with those between it and the CA
//! tls_key = "tls/C1000111000015.key.pem"
//! ```
//!
//! Invariant: a loaded configuration is complete. Every key was read and is of its suite, every reserve bank is one of
//! the banks, no id appears twice. The encryption keys may be left out; who has none cannot take part in a business with
//! sensitive values. Paths are relative to the file; an unknown key is an error, so that a slip is seen.

mod load;

use crate::error::Error;
use crate::roster::Roster;
use crate::target::Target;
use crate::tls::TlsIdentity;
use clearway_codec::{InstitutionId, SerialNumber};
use clearway_crypto::{SigningKey, Suite, VerifyingKey};
use load::{Document, Loader, read};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

pub use crate::wire::{EnvelopeKeys, NodeEnvelope, OpenedValues, SealedValues};

const FORMAT: u32 = 2;

/// A loaded configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where requests go, `http://host:port/path`.
    pub target: String,
    /// Suite of all keys but those of institutions that name another one.
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

/// Who a counterparty is, and its keys.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Institution id.
    pub id: InstitutionId,
    /// Serial number of its signing certificate.
    pub serial: SerialNumber,
    /// Its private key.
    pub key: Arc<SigningKey>,
    /// What it seals and opens sensitive values with.
    pub envelope: Option<Arc<EnvelopeKeys>>,
    /// What it speaks TLS with; either all identities have it or none.
    pub tls: Option<Arc<TlsIdentity>>,
}

/// A payment institution.
#[derive(Debug, Clone)]
pub struct Institution {
    /// Who it is.
    pub identity: Identity,
    /// Name for people.
    pub name: String,
    /// Where it takes terminal notices: 1 to [`LINKS_MAX`], with distinct names.
    pub links: Vec<LinkAddress>,
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
    /// Where it takes legs, queries and notices: 1 to [`LINKS_MAX`], with distinct names.
    pub links: Vec<LinkAddress>,
}

/// One of a participant's listeners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkAddress {
    /// Its name; its own among the links of the participant.
    pub name: String,
    /// Where it listens.
    pub listen: SocketAddr,
}

/// Name of the only link of a participant that names none.
pub const MAIN_LINK: &str = "main";

/// Most links of a participant.
pub const LINKS_MAX: usize = 16;

impl LinkAddress {
    /// The only link of a participant that names none.
    pub fn main(listen: SocketAddr) -> Self {
        Self { name: MAIN_LINK.to_owned(), listen }
    }
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

    /// Names of the suites that institutions sign with, each once, in their order.
    pub fn suite_names(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for institution in &self.institutions {
            let name = institution.identity.key.suite().name();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    }

    /// Whether all connections are mutual TLS.
    pub fn is_tls(&self) -> bool {
        self.institutions.iter().any(|institution| institution.identity.tls.is_some())
    }

    /// Checks that `target` is spoken to as this configuration does: `https://` with `[tls]`, `http://` without.
    ///
    /// # Errors
    /// [`Error::Target`].
    pub fn check_target(&self, target: &Target) -> Result<(), Error> {
        if target.is_https() == self.is_tls() {
            return Ok(());
        }
        let why = "https:// goes with [tls] in the configuration, http:// without it";
        Err(Error::Target(target.address().to_string(), why.into()))
    }

    /// The counterparties by place.
    pub fn roster(&self) -> Roster {
        Roster {
            institutions: self.institutions.iter().map(|institution| institution.identity.id).collect(),
            banks: self.banks.iter().map(|bank| bank.identity.id).collect(),
        }
    }
}
