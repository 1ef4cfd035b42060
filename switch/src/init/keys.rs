//! Makes the keys and writes each half where it belongs.
//!
//! Invariant: every private key is in exactly one file, readable by its owner alone: the node's in its own folder, the
//! participants' on the other side.

use clearway_codec::value::{InstitutionId, SerialNumber};
use clearway_crypto::envelope::DecryptionKey;
use clearway_crypto::{DigestKey, EncryptionEntry, ManifestEntry, SigningKey, Suite};

use super::folder::{Folder, Secrecy};
use super::identity::Identity;
use super::options::Options;
use super::write::{COUNTERPARTIES, KEYS};
use crate::error::{Error, Fault};

/// Relative to the folder of the counterparties.
pub(super) fn private_key(participant: &Identity) -> String {
    format!("keys/{}.key.pem", participant.id)
}

/// Relative to the folder of the counterparties.
pub(super) fn decryption_key(participant: &Identity) -> String {
    format!("keys/{}.enc.key.pem", participant.id)
}

/// Writes all keys and the manifest.
pub(super) fn write_keys<'a>(
    folder: &mut Folder,
    options: &Options,
    participants: impl Iterator<Item = (&'a Identity, Suite)>,
) -> Result<(), Error> {
    write_node_keys(folder, options)?;
    let mut manifest = String::from(
        "# Public keys of the participants. Several signature keys of one participant may be valid at once, and it has one\n\
         # encryption key at most; clearway keys reload reads this file again.\n",
    );
    for (participant, suite) in participants {
        manifest.push('\n');
        manifest.push_str(&write_signing_key(folder, options, participant, suite)?.to_toml());
        manifest.push('\n');
        manifest.push_str(&write_encryption_key(folder, options, participant)?.to_toml());
    }
    folder.write(&format!("{KEYS}/manifest.toml"), &manifest, Secrecy::Open).map(drop)
}

fn write_node_keys(folder: &mut Folder, options: &Options) -> Result<(), Error> {
    let signing = SigningKey::generate(options.suite).map_err(ungenerated)?;
    let public = signing.verifying_key().to_spki_pem();
    folder.write(&format!("{KEYS}/node.key.pem"), &signing.to_pkcs8_pem(), Secrecy::Private)?;
    folder.write(&format!("{COUNTERPARTIES}/keys/node.pub.pem"), &public, Secrecy::Open)?;
    let decryption = DecryptionKey::generate(options.envelope()).map_err(ungenerated)?;
    let public = decryption.encryption_key().to_spki_pem();
    folder.write(&format!("{KEYS}/node.enc.key.pem"), &decryption.to_pkcs8_pem(), Secrecy::Private)?;
    folder.write(&format!("{COUNTERPARTIES}/keys/node.enc.pub.pem"), &public, Secrecy::Open)?;
    let digest = DigestKey::generate().map_err(ungenerated)?;
    folder.write(&format!("{KEYS}/digest.key"), &digest.to_hex(), Secrecy::Private).map(drop)
}

fn write_signing_key(
    folder: &mut Folder,
    options: &Options,
    participant: &Identity,
    suite: Suite,
) -> Result<ManifestEntry, Error> {
    let key = SigningKey::generate(suite).map_err(ungenerated)?;
    let file = format!("{}.pub.pem", participant.id);
    folder.write(&format!("{KEYS}/{file}"), &key.verifying_key().to_spki_pem(), Secrecy::Open)?;
    folder.write(&format!("{COUNTERPARTIES}/{}", private_key(participant)), &key.to_pkcs8_pem(), Secrecy::Private)?;
    Ok(ManifestEntry {
        institution: institution_of(participant)?,
        serial: serial_of(participant, &participant.serial)?,
        suite,
        file,
        valid_from_unix_secs: options.valid_from_unix_secs,
        valid_until_unix_secs: options.valid_until_unix_secs,
    })
}

fn write_encryption_key(
    folder: &mut Folder,
    options: &Options,
    participant: &Identity,
) -> Result<EncryptionEntry, Error> {
    let key = DecryptionKey::generate(options.envelope()).map_err(ungenerated)?;
    let file = format!("{}.enc.pub.pem", participant.id);
    folder.write(&format!("{KEYS}/{file}"), &key.encryption_key().to_spki_pem(), Secrecy::Open)?;
    folder.write(
        &format!("{COUNTERPARTIES}/{}", decryption_key(participant)),
        &key.to_pkcs8_pem(),
        Secrecy::Private,
    )?;
    Ok(EncryptionEntry {
        institution: institution_of(participant)?,
        serial: serial_of(participant, &participant.encryption_serial)?,
        algorithm: options.envelope(),
        mode: options.cipher_mode,
        file,
    })
}

fn institution_of(participant: &Identity) -> Result<[u8; 14], Error> {
    let id = InstitutionId::parse(participant.id.as_bytes()).map_err(|_| malformed(participant, "id"))?;
    Ok(*id.as_bytes())
}

fn serial_of(participant: &Identity, serial: &str) -> Result<[u8; 10], Error> {
    let serial = SerialNumber::parse(serial.as_bytes()).map_err(|_| malformed(participant, "serial"))?;
    Ok(*serial.as_bytes())
}

fn malformed(participant: &Identity, what: &str) -> Error {
    Error::new(Fault::Caller, format!("made-up {what} is malformed")).at(participant.id.clone())
}

fn ungenerated(error: clearway_crypto::Error) -> Error {
    Error::new(Fault::Environment, error.to_string()).caused_by(error)
}
