//! What can be wrong with the files that TLS is made from.

/// Why certificates, keys or revocation lists cannot be used. Never names what a private key holds.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The text holds no PEM section of the wanted kind, or a broken one.
    #[error("no readable PEM section {wanted:?}")]
    Pem {
        /// The label looked for.
        wanted: &'static str,
    },
    /// The DER inside a PEM section is not what its label says.
    #[error("malformed {structure}")]
    Encoding {
        /// The structure that was expected.
        structure: &'static str,
    },
    /// The private key is of an algorithm that TLS here cannot sign with.
    #[error("the private key is of no usable kind: RSA from 2048 bits, P-256, P-384, P-521 and Ed25519 are")]
    PrivateKey,
    /// The private key does not belong to the certificate.
    #[error("the private key does not belong to the certificate")]
    KeyMismatch,
    /// A certificate of the CA file cannot be a root of trust.
    #[error("certificate {number} of the CA file cannot be trusted: {reason}")]
    Authority {
        /// Its number in the file, from 1.
        number: usize,
        /// The library's words.
        reason: String,
    },
    /// A revocation list cannot be used.
    #[error("a revocation list cannot be used: {0}")]
    RevocationList(String),
    /// The library refuses the configuration as a whole.
    #[error("the TLS configuration is refused: {0}")]
    Configuration(String),
    /// A text is no DNS name.
    #[error("{0:?} is no DNS name")]
    Name(String),
}
