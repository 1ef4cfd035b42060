//! What a certificate says: whom it names, and from when until when.

use rustls_pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::error::TransportError;

/// From when until when a certificate holds, in unix seconds; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub not_before_s: u64,
    /// The last second.
    pub not_after_s: u64,
}

/// The DNS names of a certificate in lower case, as it lists them. Wildcards are left out: a name stands for one
/// participant. Empty if it has none; the subject does not count.
///
/// # Errors
/// [`TransportError::Encoding`] if the bytes are no certificate.
pub fn peer_names(certificate: &CertificateDer<'_>) -> Result<Vec<String>, TransportError> {
    let certificate = parse(certificate)?;
    let alternatives = certificate.subject_alternative_name().map_err(|_| malformed())?;
    let names = alternatives.map_or(&[][..], |extension| extension.value.general_names.as_slice());
    let dns = names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) if !name.contains('*') => Some(name.to_ascii_lowercase()),
        _ => None,
    });
    Ok(dns.collect())
}

/// The last second of a certificate's life, unix.
///
/// # Errors
/// [`TransportError::Encoding`] if the bytes are no certificate.
pub fn not_after(certificate: &CertificateDer<'_>) -> Result<u64, TransportError> {
    validity(certificate).map(|validity| validity.not_after_s)
}

/// From when until when a certificate holds. A date before 1970 reads as 0.
///
/// # Errors
/// [`TransportError::Encoding`] if the bytes are no certificate.
pub fn validity(certificate: &CertificateDer<'_>) -> Result<Validity, TransportError> {
    let certificate = parse(certificate)?;
    let seconds = |time: x509_parser::time::ASN1Time| u64::try_from(time.timestamp()).unwrap_or(0);
    let validity = certificate.validity();
    Ok(Validity { not_before_s: seconds(validity.not_before), not_after_s: seconds(validity.not_after) })
}

fn parse<'a>(certificate: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, TransportError> {
    match X509Certificate::from_der(certificate.as_ref()) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(malformed()),
    }
}

const fn malformed() -> TransportError {
    TransportError::Encoding { structure: "certificate" }
}
