//! What simulated institutions and banks seal and open sensitive values with.

use clearway_codec::SerialNumber;
use clearway_crypto::envelope::{CipherMode, DecryptionKey, EncryptionKey};

/// How to encrypt for the node.
#[derive(Debug, Clone)]
pub struct NodeEnvelope {
    /// Serial number of its encryption certificate.
    pub serial: SerialNumber,
    /// Its public key.
    pub key: EncryptionKey,
}

/// The envelope keys of one counterparty.
#[derive(Debug)]
pub struct EnvelopeKeys {
    /// Serial number of its encryption certificate.
    pub serial: SerialNumber,
    /// Its private key.
    pub decryption: DecryptionKey,
    /// How it encrypts, and the node for it.
    pub mode: CipherMode,
    /// The node's.
    pub node: NodeEnvelope,
}
