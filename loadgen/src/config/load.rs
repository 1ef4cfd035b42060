//! From the file to a [`Config`]: every key is read and checked, the first fault is named with file and key.

use super::{
    AGREEMENTS, Bank, Config, EnvelopeKeys, FORMAT, Identity, Institution, LINKS_MAX, LinkAddress, Node, NodeEnvelope,
};
use crate::error::Error;
use crate::tls::TlsIdentity;
use clearway_codec::{InstitutionId, SerialNumber};
use clearway_crypto::envelope::{CipherMode, DecryptionKey, EncryptionKey};
use clearway_crypto::transport::{Credentials, Trust};
use clearway_crypto::{SigningKey, Suite, VerifyingKey};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    format: u32,
    target: String,
    suite: String,
    agreements: Option<u32>,
    node: NodeEntry,
    tls: Option<TlsEntry>,
    institution: Vec<InstitutionEntry>,
    bank: Vec<BankEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeEntry {
    id: String,
    serial: String,
    public_key: PathBuf,
    encryption_serial: Option<String>,
    encryption_key: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsEntry {
    ca: PathBuf,
    node_name: String,
    #[serde(default)]
    revocation_lists: Vec<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InstitutionEntry {
    id: String,
    name: String,
    serial: String,
    key: PathBuf,
    suite: Option<String>,
    encryption_serial: Option<String>,
    decryption_key: Option<PathBuf>,
    #[serde(default)]
    cipher_mode: CipherMode,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    listen: Option<SocketAddr>,
    #[serde(default)]
    link: Vec<LinkEntry>,
    reserve_bank: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BankEntry {
    id: String,
    name: String,
    serial: String,
    key: PathBuf,
    encryption_serial: Option<String>,
    decryption_key: Option<PathBuf>,
    #[serde(default)]
    cipher_mode: CipherMode,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    listen: Option<SocketAddr>,
    #[serde(default)]
    link: Vec<LinkEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkEntry {
    name: String,
    listen: SocketAddr,
}

impl Document {
    pub(super) fn suite(&self, path: &Path) -> Result<Suite, Error> {
        let fault = |message| Error::Config { path: path.into(), message };
        if self.format != FORMAT {
            return Err(fault(format!("format = {}: this program reads format {FORMAT}", self.format)));
        }
        self.suite.parse().map_err(|error| fault(format!("suite: {error}")))
    }
}

pub(super) fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::File { path: path.into(), source })
}

pub(super) struct Loader<'a> {
    pub(super) path: &'a Path,
    pub(super) folder: &'a Path,
    pub(super) suite: Suite,
}

/// The keys of one party as the file names them.
struct PartyKeys<'a> {
    id: &'a str,
    serial: &'a str,
    key: &'a Path,
    /// Where it is not that of the file.
    suite: Option<&'a str>,
    encryption_serial: Option<&'a str>,
    decryption_key: Option<&'a Path>,
    cipher_mode: CipherMode,
    tls_certificate: Option<&'a Path>,
    tls_key: Option<&'a Path>,
}

/// What the keys of every party are read with.
struct Ground {
    /// How to encrypt for the node.
    envelope: Option<NodeEnvelope>,
    tls: Option<TlsGround>,
}

/// Whom every party believes.
struct TlsGround {
    trust: Trust,
    node_name: String,
}

impl InstitutionEntry {
    fn keys(&self) -> PartyKeys<'_> {
        PartyKeys {
            id: &self.id,
            serial: &self.serial,
            key: &self.key,
            suite: self.suite.as_deref(),
            encryption_serial: self.encryption_serial.as_deref(),
            decryption_key: self.decryption_key.as_deref(),
            cipher_mode: self.cipher_mode,
            tls_certificate: self.tls_certificate.as_deref(),
            tls_key: self.tls_key.as_deref(),
        }
    }
}

impl BankEntry {
    fn keys(&self) -> PartyKeys<'_> {
        PartyKeys {
            id: &self.id,
            serial: &self.serial,
            key: &self.key,
            suite: None,
            encryption_serial: self.encryption_serial.as_deref(),
            decryption_key: self.decryption_key.as_deref(),
            cipher_mode: self.cipher_mode,
            tls_certificate: self.tls_certificate.as_deref(),
            tls_key: self.tls_key.as_deref(),
        }
    }
}

impl Loader<'_> {
    pub(super) fn load(&self, document: &Document) -> Result<Config, Error> {
        let tls = document.tls.as_ref().map(|entry| self.tls(entry)).transpose()?;
        let ground = Ground { envelope: self.node_envelope(&document.node)?, tls };
        let banks = document.bank.iter().map(|entry| self.bank(entry, &ground)).collect::<Result<Vec<_>, _>>()?;
        let institutions = document
            .institution
            .iter()
            .map(|entry| self.institution(entry, &banks, &ground))
            .collect::<Result<_, _>>()?;
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
        let scheme = if config.is_tls() { "https://" } else { "http://" };
        if !config.target.starts_with(scheme) {
            let with = if config.is_tls() { "with" } else { "without" };
            return Err(self.fault(format!("target = {:?}: {with} [tls] it begins with {scheme}", config.target)));
        }
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
        self.check_suite("node.public_key", key.suite(), self.suite)?;
        Ok(Node { id: self.id("node.id", &entry.id)?, serial: self.serial("node.serial", &entry.serial)?, key })
    }

    /// How to encrypt for the node.
    fn node_envelope(&self, entry: &NodeEntry) -> Result<Option<NodeEnvelope>, Error> {
        match (&entry.encryption_serial, &entry.encryption_key) {
            (None, None) => Ok(None),
            (Some(serial), Some(file)) => {
                let key = EncryptionKey::from_spki_pem(&read(&self.folder.join(file))?)
                    .map_err(|error| self.fault(format!("node.encryption_key: {error}")))?;
                Ok(Some(NodeEnvelope { serial: self.serial("node.encryption_serial", serial)?, key }))
            }
            _ => Err(self.fault("node: encryption_serial and encryption_key go together".into())),
        }
    }

    fn institution(&self, entry: &InstitutionEntry, banks: &[Bank], ground: &Ground) -> Result<Institution, Error> {
        let reserve = banks.iter().position(|bank| bank.identity.id.as_str() == entry.reserve_bank);
        let reserve = reserve.ok_or_else(|| {
            self.fault(format!("institution {}: reserve_bank {} is no bank here", entry.id, entry.reserve_bank))
        });
        Ok(Institution {
            identity: self.identity(&entry.keys(), ground)?,
            name: entry.name.clone(),
            links: self.links(&entry.id, entry.listen, &entry.link)?,
            reserve_bank: reserve?,
        })
    }

    fn bank(&self, entry: &BankEntry, ground: &Ground) -> Result<Bank, Error> {
        Ok(Bank {
            identity: self.identity(&entry.keys(), ground)?,
            name: entry.name.clone(),
            links: self.links(&entry.id, entry.listen, &entry.link)?,
        })
    }

    /// One link by `listen`, or all that are listed.
    fn links(&self, id: &str, listen: Option<SocketAddr>, listed: &[LinkEntry]) -> Result<Vec<LinkAddress>, Error> {
        let fault = |what: &str| Err(self.fault(format!("{id}: {what}")));
        match (listen, listed) {
            (Some(listen), []) => return Ok(vec![LinkAddress::main(listen)]),
            (Some(_), _) => return fault("listen and link exclude each other"),
            (None, []) => return fault("listen is missing"),
            (None, listed) if listed.len() > LINKS_MAX => return fault("has too many links: 16 are possible"),
            (None, _) => {}
        }
        let mut names: Vec<&str> = listed.iter().map(|link| link.name.as_str()).collect();
        names.sort_unstable();
        if let Some(name) = names.iter().find(|name| name.is_empty() || name.contains('/')) {
            return fault(&format!("link {name:?}: a name is not empty and has no /"));
        }
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return fault(&format!("link {} appears twice", pair[0]));
        }
        Ok(listed.iter().map(|link| LinkAddress { name: link.name.clone(), listen: link.listen }).collect())
    }

    fn identity(&self, keys: &PartyKeys<'_>, ground: &Ground) -> Result<Identity, Error> {
        let PartyKeys { id, serial, key, .. } = *keys;
        let pem = read(&self.folder.join(key))?;
        let signing = SigningKey::from_pkcs8_pem(&pem)
            .map_err(|error| self.fault(format!("{id}: key {}: {error}", key.display())))?;
        let named = keys.suite.map(|name| name.parse().map_err(|error| self.fault(format!("{id}: suite: {error}"))));
        self.check_suite(id, signing.suite(), named.transpose()?.unwrap_or(self.suite))?;
        Ok(Identity {
            id: self.id("id", id)?,
            serial: self.serial(id, serial)?,
            key: Arc::new(signing),
            envelope: self.envelope(keys, ground.envelope.as_ref())?.map(Arc::new),
            tls: self.tls_identity(keys, ground.tls.as_ref())?.map(Arc::new),
        })
    }

    fn tls(&self, entry: &TlsEntry) -> Result<TlsGround, Error> {
        let read_lists = |file: &PathBuf| read(&self.folder.join(file));
        let lists = entry.revocation_lists.iter().map(read_lists).collect::<Result<Vec<_>, _>>()?;
        let trust = Trust::from_pem(read(&self.folder.join(&entry.ca))?.as_bytes(), &lists)
            .map_err(|error| self.fault(format!("tls.ca {}: {error}", entry.ca.display())))?;
        Ok(TlsGround { trust, node_name: entry.node_name.clone() })
    }

    fn tls_identity(&self, keys: &PartyKeys<'_>, ground: Option<&TlsGround>) -> Result<Option<TlsIdentity>, Error> {
        let id = keys.id;
        let (ground, certificate, key) = match (ground, keys.tls_certificate, keys.tls_key) {
            (None, None, None) => return Ok(None),
            (Some(ground), Some(certificate), Some(key)) => (ground, certificate, key),
            (None, ..) => return Err(self.fault(format!("{id}: tls_certificate and tls_key need [tls]"))),
            (Some(_), ..) => return Err(self.fault(format!("{id}: tls_certificate and tls_key are needed with [tls]"))),
        };
        let files = [certificate, key].map(|file| read(&self.folder.join(file)));
        let [certificates, private] = files;
        let credentials = Credentials::from_pem(certificates?.as_bytes(), private?.as_bytes())
            .map_err(|error| self.fault(format!("{id}: tls_certificate {}: {error}", certificate.display())))?;
        let identity = TlsIdentity::new(&credentials, &ground.trust, &ground.node_name);
        identity.map(Some).map_err(|error| self.fault(format!("tls.node_name: {error}")))
    }

    fn envelope(&self, keys: &PartyKeys<'_>, node: Option<&NodeEnvelope>) -> Result<Option<EnvelopeKeys>, Error> {
        let id = keys.id;
        let (serial, file, node) = match (keys.encryption_serial, keys.decryption_key, node) {
            (None, None, _) => return Ok(None),
            (Some(serial), Some(file), Some(node)) => (serial, file, node.clone()),
            _ => {
                let what = "encryption_serial and decryption_key go together, and with the node's encryption_key";
                return Err(self.fault(format!("{id}: {what}")));
            }
        };
        let decryption = DecryptionKey::from_pkcs8_pem(&read(&self.folder.join(file))?)
            .map_err(|error| self.fault(format!("{id}: decryption_key {}: {error}", file.display())))?;
        Ok(Some(EnvelopeKeys { serial: self.serial(id, serial)?, decryption, mode: keys.cipher_mode, node }))
    }

    fn check_suite(&self, whose: &str, suite: Suite, expected: Suite) -> Result<(), Error> {
        if suite == expected {
            Ok(())
        } else {
            Err(self.fault(format!("{whose}: key is {suite}, the suite here is {expected}")))
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
