//! Why a peer is not believed, in the few kinds that people and counters care about.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};

/// Why a handshake ended without a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The peer showed no certificate.
    NoCertificate,
    /// Its certificate leads to none of our authorities, or its signature does not hold.
    UnknownAuthority,
    /// Its certificate, or one above it, is past its end or before its beginning.
    Expired,
    /// It is on a revocation list, or no list covers it where lists are configured.
    Revoked,
    /// It is good, but of somebody else.
    WrongName,
    /// It is no usable certificate for this purpose.
    Unusable,
    /// The peer refused our own certificate.
    OwnRefused,
    /// Something else than TLS, no common version or algorithm, or the connection ended.
    Protocol,
    /// It took too long.
    TimedOut,
    /// Too many handshakes were under way already.
    Busy,
}

impl Refusal {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::NoCertificate,
        Self::UnknownAuthority,
        Self::Expired,
        Self::Revoked,
        Self::WrongName,
        Self::Unusable,
        Self::OwnRefused,
        Self::Protocol,
        Self::TimedOut,
        Self::Busy,
    ];

    /// Its name in logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoCertificate => "no_certificate",
            Self::UnknownAuthority => "unknown_authority",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::WrongName => "wrong_name",
            Self::Unusable => "unusable",
            Self::OwnRefused => "own_certificate_refused",
            Self::Protocol => "protocol",
            Self::TimedOut => "timed_out",
            Self::Busy => "busy",
        }
    }

    /// Whether it is about certificates, ours or the peer's; a person has to act then.
    #[must_use]
    pub const fn is_about_certificates(self) -> bool {
        !matches!(self, Self::Protocol | Self::TimedOut | Self::Busy)
    }

    /// The kind of the library's error.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        match error {
            Error::NoCertificatesPresented => Self::NoCertificate,
            Error::InvalidCertificate(error) => Self::of_certificate(error),
            Error::InvalidCertRevocationList(_) => Self::Revoked,
            Error::AlertReceived(alert) => Self::of_alert(*alert),
            _ => Self::Protocol,
        }
    }

    /// The kind of what ended a handshake on a socket.
    #[must_use]
    pub fn of_io(error: &io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(error) => Self::of(error),
            None if error.kind() == io::ErrorKind::TimedOut => Self::TimedOut,
            None => Self::Protocol,
        }
    }

    fn of_certificate(error: &CertificateError) -> Self {
        match error {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Self::Expired,
            CertificateError::Revoked
            | CertificateError::UnknownRevocationStatus
            | CertificateError::ExpiredRevocationList
            | CertificateError::ExpiredRevocationListContext { .. } => Self::Revoked,
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownAuthority,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Self::WrongName,
            _ => Self::Unusable,
        }
    }

    /// What the peer says of our certificate and its proof. These alerts end a handshake: a peer that sends one has read
    /// nothing that came after it.
    const fn of_alert(alert: AlertDescription) -> Self {
        match alert {
            AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::DecryptError
            | AlertDescription::AccessDenied
            | AlertDescription::CertificateRequired => Self::OwnRefused,
            _ => Self::Protocol,
        }
    }
}
