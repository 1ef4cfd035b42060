//! Cryptography of the payment switch: signatures of four suites through several backends, the digital envelope of
//! sensitive values, keyed digests, a key ring.
//!
//! **What it is:** bytes and a key in, a signature or a verdict out, for bursts of messages; values and a key in, an
//! [`envelope`] and base64 texts out. Pure: no files, no sockets, no clock, no threads, no global state.
//!
//! **What it is not:** it knows no message format (a message is a `&[u8]`, a signature is raw bytes; the
//! `{S:...}` block is the codec's), it is no certificate checker (a key is trusted because the
//! manifest lists it). TLS between peers is [`transport`]: certificates and rules, no sockets.
//!
//! ```text
//!  manifest + PEM ---> KeyRing --lookup(institution, serial, now)--> &VerifyingKey | KeyError
//!                                                                         |
//!  burst of VerifyJob { key, message, signature } ---> Backends ---> [bool]
//!  burst of SignJob   { key, message }            ---> Backends ---> [Signature]
//!                                                         |
//!                 runs of neighbours with one backend     v
//!                    aws-lc-rs*   RSA  P-256  Ed25519        * = default
//!                    ring         RSA  P-256  Ed25519
//!                    efficient-sm2*   SM2
//!                    rustcrypto-sm2   SM2
//! ```
//!
//! ```
//! use clearway_crypto::{Backends, KeyRing, SignJob, SigningKey, Suite, VerifyJob};
//!
//! // A bank signs ...
//! let backends = Backends::default();
//! let bank = SigningKey::generate(Suite::EcdsaP256Sha256)?;
//! let message = b"<root>...</root>";
//! let signature = backends.sign(&SignJob { key: &bank, message })?;
//!
//! // ... and the switch finds its key and verifies.
//! let ring = KeyRing::builder()
//!     .add(*b"C1030844001362", *b"4000000022", bank.verifying_key().clone(), 0, u64::MAX)
//!     .build()?;
//! let key = ring.lookup(b"C1030844001362", b"4000000022", 1_795_000_000).expect("known and valid");
//! let jobs = [VerifyJob { key, message, signature: signature.as_bytes() }];
//! let mut valid = [false];
//! backends.verify_batch(&jobs, &mut valid);
//! assert_eq!(valid, [true]);
//! # Ok::<(), clearway_crypto::Error>(())
//! ```
//!
//! # Limits
//!
//! * RSA keys have exactly 2048 bits and an odd exponent of 65537 or more; points are uncompressed and on
//!   their curve; Ed25519 keys of small order and SM2 private keys outside `1 ..= n - 2` are refused.
//! * Signatures: at most [`SIGNATURE_BYTES_MAX`] bytes, DER in its one strict form. ECDSA's `(r, n - s)`
//!   beside `(r, s)` is accepted, as the standard has it: do not use a signature as an identity.
//! * SM2's user id is always `1234567812345678`.
//! * Private keys are wiped when dropped, except ring's copies, which exist only after ring has signed.
//!   Nobody wipes what a computation leaves on the stack.
//! * Signing with efficient-sm2 looks tables up by secret bits: see its module before sharing a machine.
//!
//! # Memory per job
//!
//! Keys are parsed once. What the libraries still take from the heap for each job, at most, as measured (Rust's
//! share is pinned by `tests/memory.rs`; "C" counts calls of malloc and calloc inside aws-lc):
//!
//! | backend | suite | sign: Rust / C | verify: Rust / C |
//! | --- | --- | --: | --: |
//! | aws-lc-rs | RSA | 1 / 38 | 0 / 25 |
//! | aws-lc-rs | P-256 | 2 / 11 | 0 / 17 |
//! | aws-lc-rs | Ed25519 | 1 / 1 | 0 / 1 |
//! | ring | RSA | 9 / 0 | 5 / 0 |
//! | ring | P-256, Ed25519 | 0 / 0 | 0 / 0 |
//! | efficient-sm2, rustcrypto-sm2 | SM2 | 0 / 0 | 0 / 0 |
//!
//! # Speed
//!
//! `cargo run --release -p clearway-crypto --example suite_costs` measures every backend here. Build
//! efficient-sm2 without overflow checks: its limb arithmetic does not overflow (the tests run it with
//! the checks on) and is 2.6 times as fast without; with them, rustcrypto-sm2 is the faster of the two.

pub mod backend;
mod batch;
mod digest;
mod digest_key;
pub mod envelope;
mod error;
mod file_digest;
pub mod file_seal;
mod key;
mod keyring;
mod signature;
mod suite;
pub mod transport;

pub use backend::Backend;
pub use batch::{Backends, SignJob, VerifyJob};
pub use digest::sha256;
pub use digest_key::DigestKey;
pub use error::{Error, KeyError};
pub use file_digest::{Digester, FileDigest};
pub use key::{SigningKey, VerifyingKey};
pub use keyring::{
    EncryptionEntry, EncryptionRecord, EncryptionRing, KeyRecord, KeyRing, KeyRingBuilder, ManifestEntry,
};
pub use signature::Signature;
pub use suite::{SIGNATURE_BYTES_MAX, Suite};
