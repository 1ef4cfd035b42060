//! Certificates as a test needs them: good ones, and every bad one.
//!
//! Invariant: made here with a library of its own, by nothing of the node; whoever holds an [`Authority`] can issue any name with any
//! term. Keys are P-256, made anew for each certificate.

use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
};
use time::OffsetDateTime;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Somebody who issues certificates.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
}

/// A certificate and its key.
#[derive(Clone, Debug)]
pub struct Paper {
    /// The certificate, PEM.
    pub certificate_pem: String,
    /// Its private key, PKCS#8 PEM.
    pub key_pem: String,
    /// Its number.
    pub serial: SerialNumber,
}

/// When a certificate is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// From yesterday for a year.
    Now,
    /// Until an hour ago.
    Over,
    /// From tomorrow.
    Later,
}

impl Authority {
    /// A new one.
    ///
    /// # Panics
    /// If the library makes no certificate of it.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = params(name, &[], Term::Now);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate_pem = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: Issuer::new(params, key), certificate_pem }
    }

    /// Its own certificate, PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.certificate_pem
    }

    /// A certificate for these DNS names, for both directions.
    ///
    /// # Panics
    /// If a name is no DNS name.
    #[must_use]
    pub fn issue(&self, names: &[&str], term: Term) -> Paper {
        let key = KeyPair::generate().expect("a key");
        let mut params = params(names.first().copied().unwrap_or("nobody"), names, term);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        // What the key has drawn serves as the number, too: nobody has it twice.
        let serial = SerialNumber::from_slice(&[&[1], &key.public_key_raw()[1..16]].concat());
        params.serial_number = Some(serial.clone());
        let certificate_pem = params.signed_by(&key, &self.issuer).expect("a certificate").pem();
        Paper { certificate_pem, key_pem: key.serialize_pem(), serial }
    }

    /// A list that revokes these; PEM.
    ///
    /// # Panics
    /// If the library makes no list of it.
    #[must_use]
    pub fn revoke(&self, papers: &[&Paper]) -> String {
        let now = SystemTime::now();
        let revoked = |paper: &&Paper| RevokedCertParams {
            serial_number: paper.serial.clone(),
            revocation_time: OffsetDateTime::from(now - DAY),
            reason_code: None,
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: OffsetDateTime::from(now - DAY),
            next_update: OffsetDateTime::from(now + 30 * DAY),
            crl_number: SerialNumber::from(papers.len() as u64 + 1),
            issuing_distribution_point: None,
            revoked_certs: papers.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).expect("a list").pem().expect("PEM")
    }
}

fn params(common_name: &str, names: &[&str], term: Term) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("DNS names");
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    let now = SystemTime::now();
    let (from, until) = match term {
        Term::Now => (now - DAY, now + 365 * DAY),
        Term::Over => (now - 30 * DAY, now - DAY / 24),
        Term::Later => (now + DAY, now + 365 * DAY),
    };
    (params.not_before, params.not_after) = (OffsetDateTime::from(from), OffsetDateTime::from(until));
    params
}
