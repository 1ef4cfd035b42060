//! Makes keys and files in order; the work of `clearway init`.

use std::path::{Path, PathBuf};

use super::authority::{certificate, certificate_key, node_name, write_certificates};
use super::counterparties::{BankIdentity, Counterparties, FORMAT, InstitutionIdentity, NodeIdentity, TlsIdentity};
use super::documents::{node_document, participants_document};
use super::folder::{Folder, Secrecy};
use super::identity::{Identity, NODE_ENCRYPTION_SERIAL, NODE_ID, NODE_SERIAL};
use super::keys::{decryption_key, private_key, write_keys};
use super::options::Options;
use crate::error::Error;

const NODE_FILE: &str = "clearway.toml";
const PARTICIPANTS_FILE: &str = "participants.toml";
pub(super) const KEYS: &str = "keys";
pub(super) const TLS: &str = "tls";
pub(super) const COUNTERPARTIES: &str = "counterparties";

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
/// keys/           node.key.pem  node.enc.key.pem  digest.key (0600)   manifest.toml
///                 ID.pub.pem  ID.enc.pub.pem of every participant
/// tls/            ca.cert.pem  node.cert.pem  chief.cert.pem  watch.cert.pem, and NAME.key.pem (0600) of each;
///                 chief and watch are operators who may change things and who may look
/// counterparties/ loadgen.toml   keys/ID.key.pem  keys/ID.enc.key.pem (0600) of every participant
///                 keys/node.pub.pem  keys/node.enc.pub.pem
///                 tls/ca.cert.pem  tls/ID.cert.pem  tls/ID.key.pem (0600) of every participant
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
    let mut folder = Folder::claim(dir, &[NODE_FILE, PARTICIPANTS_FILE, KEYS, TLS, COUNTERPARTIES], options.force)?;
    let of_institutions = institutions.iter().enumerate().map(|(at, of)| (of, options.institution_suite(at)));
    let of_banks = banks.iter().map(|of| (of, options.suite));
    write_keys(&mut folder, options, of_institutions.chain(of_banks))?;
    if !options.plain_http {
        write_certificates(&mut folder, options, institutions.iter().chain(&banks))?;
    }
    let counterparties = counterparties(options, &institutions, &banks);
    let loadgen = folder.write(&format!("{COUNTERPARTIES}/loadgen.toml"), &counterparties.to_toml(), Secrecy::Open)?;
    folder.write(PARTICIPANTS_FILE, &participants_document(options, &institutions, &banks), Secrecy::Open)?;
    // Last, so that a configuration that was broken off cannot be started.
    let config = folder.write(NODE_FILE, &node_document(options), Secrecy::Open)?;
    Ok(Written { config, loadgen, files: folder.written() })
}

fn counterparties(options: &Options, institutions: &[Identity], banks: &[Identity]) -> Counterparties {
    let reserve_bank = |at: usize| banks[at % banks.len()].id.clone();
    let shown = |file: fn(&Identity) -> String, of: &Identity| (!options.plain_http).then(|| file(of).into());
    Counterparties {
        format: FORMAT,
        target: format!("{}://{}/preSvr", options.scheme(), options.listen.address),
        suite: options.suite.name().to_owned(),
        node: NodeIdentity {
            id: NODE_ID.to_owned(),
            serial: NODE_SERIAL.to_owned(),
            public_key: "keys/node.pub.pem".into(),
            encryption_serial: NODE_ENCRYPTION_SERIAL.to_owned(),
            encryption_key: "keys/node.enc.pub.pem".into(),
        },
        tls: (!options.plain_http).then(|| TlsIdentity { ca: "tls/ca.cert.pem".into(), node_name: node_name() }),
        institution: institutions
            .iter()
            .enumerate()
            .map(|(at, identity)| InstitutionIdentity {
                id: identity.id.clone(),
                name: identity.name.clone(),
                serial: identity.serial.clone(),
                key: private_key(identity).into(),
                suite: Some(options.institution_suite(at))
                    .filter(|suite| *suite != options.suite)
                    .map(|suite| suite.name().to_owned()),
                encryption_serial: identity.encryption_serial.clone(),
                decryption_key: decryption_key(identity).into(),
                cipher_mode: options.cipher_mode,
                tls_certificate: shown(certificate, identity),
                tls_key: shown(certificate_key, identity),
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
                encryption_serial: identity.encryption_serial.clone(),
                decryption_key: decryption_key(identity).into(),
                cipher_mode: options.cipher_mode,
                tls_certificate: shown(certificate, identity),
                tls_key: shown(certificate_key, identity),
                listen: identity.address,
            })
            .collect(),
    }
}
