//! Certificates for tests: an authority that issues what a test needs, at times that the test sets.

use std::sync::Arc;

use clearway_crypto::transport::{Credentials, Material, Trust, Versions};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
};
use time::OffsetDateTime;

use super::tls::Tls;
use crate::clock::Clock;

/// 2026-01-01, when every certificate begins.
pub(crate) const BEGIN_S: u64 = 1_767_225_600;
pub(crate) const DAY_S: u64 = 86_400;

/// Issues certificates.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key, PEM.
pub(crate) struct Issued {
    pub(crate) certificate: String,
    pub(crate) private_key: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    /// A certificate with these DNS names and number, for `days` from [`BEGIN_S`].
    pub(crate) fn issue(&self, names: &[&str], serial: u64, days: u64) -> Issued {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.serial_number = Some(SerialNumber::from(serial));
        params.not_before = moment(BEGIN_S);
        params.not_after = moment(BEGIN_S + days * DAY_S);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Issued { certificate, private_key: key.serialize_pem() }
    }

    /// A list that revokes these numbers, PEM.
    pub(crate) fn revoke(&self, serials: &[u64]) -> String {
        let revoked = serials.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: moment(BEGIN_S),
            reason_code: None,
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: moment(BEGIN_S),
            next_update: moment(BEGIN_S + 7 * DAY_S),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.issuer).unwrap().pem().unwrap()
    }

    /// Its own certificate, PEM.
    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    pub(crate) fn trust(&self, revoked: &[u64]) -> Trust {
        let lists: Vec<String> = (!revoked.is_empty()).then(|| self.revoke(revoked)).into_iter().collect();
        Trust::from_pem(self.pem().as_bytes(), &lists).unwrap()
    }

    /// TLS of somebody who shows `issued` and believes this authority.
    pub(crate) fn tls(&self, issued: &Issued, versions: Versions, clock: &Clock) -> Arc<Tls> {
        let material = Material { credentials: issued.credentials(), trust: self.trust(&[]), versions };
        Tls::new(material, clock.clone()).unwrap()
    }
}

impl Issued {
    pub(crate) fn credentials(&self) -> Credentials {
        Credentials::from_pem(self.certificate.as_bytes(), self.private_key.as_bytes()).unwrap()
    }
}

fn moment(unix_s: u64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(i64::try_from(unix_s).unwrap()).unwrap()
}
