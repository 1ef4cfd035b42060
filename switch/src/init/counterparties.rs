//! `counterparties/loadgen.toml`: the other side of the wire, for the load generator or another team's simulator.
//!
//! ```toml
//! format = 2
//! target = "https://127.0.0.1:9201/preSvr"  # where institutions post; http where there is no [tls]
//! suite = "ecdsa-p256-sha256"               # all signature keys below are of this suite, unless an institution names another
//!
//! [node]                                    # whose signatures banks and institutions check
//! id = "G4000311000018"
//! serial = "4000000001"
//! public_key = "keys/node.pub.pem"          # SPKI PEM; every path is relative to the folder of this file
//! encryption_serial = "4500000001"          # what sensitive values are encrypted with for the node
//! encryption_key = "keys/node.enc.pub.pem"
//!
//! [tls]                                     # left out: plain HTTP everywhere
//! ca = "tls/ca.cert.pem"                    # whose certificates count
//! node_name = "g4000311000018.switch.internal"   # the DNS name that the node's certificate proves
//!
//! [[institution]]
//! id = "Z2000131000017"
//! name = "Institution 1"
//! serial = "4100000001"
//! key = "keys/Z2000131000017.key.pem"       # PKCS#8 PEM
//! encryption_serial = "4600000001"          # what the node encrypts with for it
//! decryption_key = "keys/Z2000131000017.enc.key.pem"
//! cipher_mode = "cbc"                       # how it encrypts, and the node for it: cbc or ecb
//! tls_certificate = "tls/Z2000131000017.cert.pem"   # what it shows on both sides; left out without [tls]
//! tls_key = "tls/Z2000131000017.key.pem"
//! listen = "127.0.0.1:24001"                # where notices arrive: https://LISTEN/epcc
//! reserve_bank = "C1000131000017"           # the bank that holds its reserve account; one of [[bank]]
//!
//! [[bank]]
//! id = "C1000131000017"
//! name = "Bank 1"
//! serial = "4200000001"
//! key = "keys/C1000131000017.key.pem"
//! encryption_serial = "4700000001"          # what the node encrypts with for it
//! decryption_key = "keys/C1000131000017.enc.key.pem"
//! cipher_mode = "cbc"                       # how it encrypts, and the node for it: cbc or ecb
//! tls_certificate = "tls/C1000131000017.cert.pem"
//! tls_key = "tls/C1000131000017.key.pem"
//! listen = "127.0.0.1:20001"                # where legs, queries and notices arrive: https://LISTEN/epcc
//! ```
//!
//! Invariant: the n-th bank and institution here are the n-th of their kind in the node's participants.toml. A
//! reader refuses unknown keys.

use std::net::SocketAddr;
use std::path::PathBuf;

use clearway_crypto::envelope::CipherMode;
use serde::{Deserialize, Serialize};

/// The number of this form of the file.
pub const FORMAT: u32 = 2;

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counterparties {
    /// [`FORMAT`].
    pub format: u32,
    /// URL that institutions post to.
    pub target: String,
    /// Name of the suite of all signature keys but those of institutions that name another one.
    pub suite: String,
    /// The node.
    pub node: NodeIdentity,
    /// Mutual TLS of all connections; none: plain HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsIdentity>,
    /// The institutions.
    pub institution: Vec<InstitutionIdentity>,
    /// The banks.
    pub bank: Vec<BankIdentity>,
}

/// How the node signs, and how to encrypt for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeIdentity {
    /// Its institution id.
    pub id: String,
    /// Serial number of its key.
    pub serial: String,
    /// Its public key.
    pub public_key: PathBuf,
    /// Serial number of its encryption certificate.
    pub encryption_serial: String,
    /// Its public encryption key.
    pub encryption_key: PathBuf,
}

/// Whom participants believe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsIdentity {
    /// Certificates of the authorities.
    pub ca: PathBuf,
    /// The DNS name that the node's certificate proves.
    pub node_name: String,
}

/// One payment institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstitutionIdentity {
    /// Its institution id.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// Serial number of its key.
    pub serial: String,
    /// Its private key.
    pub key: PathBuf,
    /// Suite of that key, when it is not that of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<String>,
    /// Serial number of its encryption certificate.
    pub encryption_serial: String,
    /// Its private encryption key.
    pub decryption_key: PathBuf,
    /// How it encrypts, and the node for it.
    pub cipher_mode: CipherMode,
    /// Its certificate, shown on both sides of its connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_certificate: Option<PathBuf>,
    /// The key of its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_key: Option<PathBuf>,
    /// Where it listens for notices.
    pub listen: SocketAddr,
    /// Id of the bank that holds its reserve account.
    pub reserve_bank: String,
}

/// One bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankIdentity {
    /// Its institution id.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// Serial number of its key.
    pub serial: String,
    /// Its private key.
    pub key: PathBuf,
    /// Serial number of its encryption certificate.
    pub encryption_serial: String,
    /// Its private encryption key.
    pub decryption_key: PathBuf,
    /// How it encrypts, and the node for it.
    pub cipher_mode: CipherMode,
    /// Its certificate, shown on both sides of its connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_certificate: Option<PathBuf>,
    /// The key of its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_key: Option<PathBuf>,
    /// Where it listens.
    pub listen: SocketAddr,
}

impl Counterparties {
    /// The file's text.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let body = toml::to_string(self).expect("strings and numbers are plain TOML");
        format!(
            "# The other side of the wire: simulated banks and institutions, with their private keys.\n\
             # Written by `clearway init`, read by `clearway-loadgen`. Paths are relative to this file's folder.\n\n{body}"
        )
    }
}
