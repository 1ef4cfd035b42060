//! The authority of a test: issues the certificates of node, participants and operators.
//!
//! In earnest certificates come from an authority that is not on this machine; what is written here shows their form.

use clearway_codec::value::InstitutionId;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use time::OffsetDateTime;

use super::folder::{Folder, Secrecy};
use super::identity::{Identity, NODE_ID};
use super::options::Options;
use super::write::{COUNTERPARTIES, TLS};
use crate::config::Participant;
use crate::error::{Error, Fault};

/// The operator who may change things, and the one who may look: `NAME.operator.internal`.
const OPERATORS: [&str; 2] = ["chief", "watch"];

/// Relative to the folder of the counterparties.
pub(super) fn certificate(participant: &Identity) -> String {
    format!("tls/{}.cert.pem", participant.id)
}

/// Relative to the folder of the counterparties.
pub(super) fn certificate_key(participant: &Identity) -> String {
    format!("tls/{}.key.pem", participant.id)
}

/// The DNS name in the node's certificate.
pub(super) fn node_name() -> String {
    format!("{}.switch.internal", NODE_ID.to_ascii_lowercase())
}

/// Writes the authority and all certificates. The authority's own key is among them, so that more can be issued.
pub(super) fn write_certificates<'a>(
    folder: &mut Folder,
    options: &Options,
    participants: impl Iterator<Item = &'a Identity>,
) -> Result<(), Error> {
    let authority = Authority::new(options)?;
    folder.write(&format!("{TLS}/ca.cert.pem"), &authority.issuer.pem(), Secrecy::Open)?;
    folder.write(&format!("{TLS}/ca.key.pem"), &authority.issuer.key().serialize_pem(), Secrecy::Private)?;
    folder.write(&format!("{COUNTERPARTIES}/tls/ca.cert.pem"), &authority.issuer.pem(), Secrecy::Open)?;
    authority.write(folder, &format!("{TLS}/node"), node_name())?;
    for name in OPERATORS {
        authority.write(folder, &format!("{TLS}/{name}"), format!("{name}.operator.internal"))?;
    }
    for participant in participants {
        let id = InstitutionId::parse(participant.id.as_bytes())
            .map_err(|_| Error::new(Fault::Caller, "made-up id is malformed").at(participant.id.clone()))?;
        let name = Participant::default_tls_name(&id);
        authority.write(folder, &format!("{COUNTERPARTIES}/tls/{id}"), name)?;
    }
    Ok(())
}

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    from: OffsetDateTime,
    until: OffsetDateTime,
}

impl Authority {
    fn new(options: &Options) -> Result<Self, Error> {
        let (from, until) = (moment(options.valid_from_unix_secs)?, moment(options.valid_until_unix_secs)?);
        let mut params = CertificateParams::new(Vec::new()).map_err(unmade)?;
        params.distinguished_name.push(DnType::CommonName, "Clearway test CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (params.not_before, params.not_after) = (from, until);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().map_err(unmade)?).map_err(unmade)?;
        Ok(Self { issuer, from, until })
    }

    /// Writes `STEM.cert.pem` and `STEM.key.pem` of somebody who goes by `name`, as a client and as a server.
    fn write(&self, folder: &mut Folder, stem: &str, name: String) -> Result<(), Error> {
        let mut params = CertificateParams::new(vec![name.clone()]).map_err(unmade)?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) = (self.from, self.until);
        let key = KeyPair::generate().map_err(unmade)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(unmade)?;
        folder.write(&format!("{stem}.cert.pem"), &certificate.pem(), Secrecy::Open)?;
        folder.write(&format!("{stem}.key.pem"), &key.serialize_pem(), Secrecy::Private).map(drop)
    }
}

fn moment(unix_secs: u64) -> Result<OffsetDateTime, Error> {
    let parsed = i64::try_from(unix_secs).ok().and_then(|secs| OffsetDateTime::from_unix_timestamp(secs).ok());
    parsed.ok_or_else(|| Error::new(Fault::Caller, format!("{unix_secs} is no time that a certificate can hold")))
}

fn unmade(error: rcgen::Error) -> Error {
    Error::new(Fault::Environment, "a certificate cannot be made").caused_by(error)
}
