//! Makes keys and files in order; the work of `clearway init`.

use std::path::{Path, PathBuf};

use clearway_codec::value::{InstitutionId, SerialNumber};
use clearway_crypto::{ManifestEntry, SigningKey};

use super::counterparties::{BankIdentity, Counterparties, FORMAT, InstitutionIdentity, NodeIdentity};
use super::documents::{node_document, participants_document};
use super::folder::{Folder, Secrecy};
use super::identity::{Identity, NODE_ID, NODE_SERIAL};
use super::options::Options;
use crate::error::{Error, Fault};

const NODE_FILE: &str = "clearway.toml";
const PARTICIPANTS_FILE: &str = "participants.toml";
const KEYS: &str = "keys";
const COUNTERPARTIES: &str = "counterparties";

/// What was written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// `clearway.toml`: for `clearway serve --config`.
    pub config: PathBuf,
    /// `counterparties/loadgen.toml`: for `clearway-loadgen`.
    pub loadgen: PathBuf,
    /// All files, in order of writing.
    pub files: Vec<PathBuf>,
}

/// Writes a complete configuration with new keys into `dir`:
///
/// ```text
/// clearway.toml   participants.toml
/// keys/           node.key.pem (0600)   manifest.toml   ID.pub.pem of every participant
/// counterparties/ loadgen.toml          keys/ID.key.pem (0600) of every participant, node.pub.pem
/// ```
///
/// # Errors
/// One of these is there already and `force` is not set, counts or addresses out of range, a disk that refuses.
pub fn write(dir: &Path, options: &Options) -> Result<Written, Error> {
    let identities = |make: fn(usize, std::net::SocketAddr) -> Identity, addresses: Vec<_>| -> Vec<Identity> {
        addresses.into_iter().enumerate().map(|(at, address)| make(at + 1, address)).collect()
    };
    let institutions = identities(Identity::institution, options.institution_addresses()?);
    let banks = identities(Identity::bank, options.bank_addresses()?);
    let mut folder = Folder::claim(dir, &[NODE_FILE, PARTICIPANTS_FILE, KEYS, COUNTERPARTIES], options.force)?;
    write_keys(&mut folder, options, institutions.iter().chain(&banks))?;
    let counterparties = counterparties(options, &institutions, &banks);
    let loadgen = folder.write(&format!("{COUNTERPARTIES}/loadgen.toml"), &counterparties.to_toml(), Secrecy::Open)?;
    folder.write(PARTICIPANTS_FILE, &participants_document(&institutions, &banks), Secrecy::Open)?;
    // Last, so that a configuration that was broken off cannot be started.
    let config = folder.write(NODE_FILE, &node_document(options), Secrecy::Open)?;
    Ok(Written { config, loadgen, files: folder.written() })
}

fn write_keys<'a>(
    folder: &mut Folder,
    options: &Options,
    participants: impl Iterator<Item = &'a Identity>,
) -> Result<(), Error> {
    let node = generate(options)?;
    folder.write(&format!("{KEYS}/node.key.pem"), &node.to_pkcs8_pem(), Secrecy::Private)?;
    folder.write(&format!("{COUNTERPARTIES}/keys/node.pub.pem"), &node.verifying_key().to_spki_pem(), Secrecy::Open)?;
    let mut manifest = String::from(
        "# Public keys of the participants. Several keys of one participant may be valid at once; POST /keys/reload reads this file again.\n",
    );
    for participant in participants {
        let key = generate(options)?;
        let public = format!("{}.pub.pem", participant.id);
        folder.write(&format!("{KEYS}/{public}"), &key.verifying_key().to_spki_pem(), Secrecy::Open)?;
        folder.write(
            &format!("{COUNTERPARTIES}/{}", private_key(participant)),
            &key.to_pkcs8_pem(),
            Secrecy::Private,
        )?;
        manifest.push('\n');
        manifest.push_str(&manifest_entry(participant, public, options)?.to_toml());
    }
    folder.write(&format!("{KEYS}/manifest.toml"), &manifest, Secrecy::Open).map(drop)
}

fn generate(options: &Options) -> Result<SigningKey, Error> {
    SigningKey::generate(options.suite)
        .map_err(|error| Error::new(Fault::Environment, error.to_string()).caused_by(error))
}

fn manifest_entry(participant: &Identity, file: String, options: &Options) -> Result<ManifestEntry, Error> {
    let malformed =
        |what: &str| Error::new(Fault::Caller, format!("made-up {what} is malformed")).at(participant.id.clone());
    Ok(ManifestEntry {
        institution: *InstitutionId::parse(participant.id.as_bytes()).map_err(|_| malformed("id"))?.as_bytes(),
        serial: *SerialNumber::parse(participant.serial.as_bytes()).map_err(|_| malformed("serial"))?.as_bytes(),
        suite: options.suite,
        file,
        valid_from_unix_secs: options.valid_from_unix_secs,
        valid_until_unix_secs: options.valid_until_unix_secs,
    })
}

/// Relative to the folder of the counterparties.
fn private_key(participant: &Identity) -> String {
    format!("keys/{}.key.pem", participant.id)
}

fn counterparties(options: &Options, institutions: &[Identity], banks: &[Identity]) -> Counterparties {
    let reserve_bank = |at: usize| banks[at % banks.len()].id.clone();
    Counterparties {
        format: FORMAT,
        target: format!("http://{}/preSvr", options.listen.address),
        suite: options.suite.name().to_owned(),
        node: NodeIdentity {
            id: NODE_ID.to_owned(),
            serial: NODE_SERIAL.to_owned(),
            public_key: "keys/node.pub.pem".into(),
        },
        institution: institutions
            .iter()
            .enumerate()
            .map(|(at, identity)| InstitutionIdentity {
                id: identity.id.clone(),
                name: identity.name.clone(),
                serial: identity.serial.clone(),
                key: private_key(identity).into(),
                listen: identity.address,
                reserve_bank: reserve_bank(at),
            })
            .collect(),
        bank: banks
            .iter()
            .map(|identity| BankIdentity {
                id: identity.id.clone(),
                name: identity.name.clone(),
                serial: identity.serial.clone(),
                key: private_key(identity).into(),
                listen: identity.address,
            })
            .collect(),
    }
}
