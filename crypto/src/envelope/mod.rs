//! The digital envelope: account numbers, names and the like, encrypted for one receiver.
//!
//! ```text
//! header   DgtlEnvlp = base64( receiver's public key ( "01|" + session key ) )
//!          NcrptnSN  = serial number of that public key
//! body     SgnAcctId = base64( IV + session key ( clear text, PKCS#7 ) )      every value with an IV of its own
//!
//! algorithm     envelope                              session key           values
//! rsa-aes256    RSA-2048, PKCS#1 v1.5, 256 bytes      "01|" + 32 letters    AES-256
//! sm2-sm4       SM2, DER { x, y, SM3 hash, cipher }   "02|" + 16 bytes      SM4
//! ```
//!
//! Sources: wire.md 2.4; cipher mode, padding, the IV's place and the number 02 are ours (2.5). CBC with a random IV
//! is the rule; ECB, without IV, is there for a participant that has nothing else: equal texts of one message are
//! then equal on the wire.
//!
//! The RSA form needs a key that is text. Its 32 letters are drawn from an alphabet of 64 (A-Z a-z 0-9 - _) with the
//! system's random generator: 192 bits, so AES-256 is as strong as AES-192 there, which no attack comes near.
//!
//! Invariant: what cannot be read says nothing about why. A wrong envelope (PKCS#1 v1.5 invites Bleichenbacher's
//! attack), a wrong session key, wrong padding and bad UTF-8 all end in the one [`Unreadable`], at the first value and
//! after the same work: an envelope that does not open is given a random session key, and values are tried with it.
//! Nothing here proves who wrote a value or that it was not changed; the signature of the whole message does.
//!
//! Session keys and clear texts are wiped. SM4's tables are looked up by secret bytes: do not share a core with code
//! you do not trust. Called by the switch once per message with encrypted values, and by simulated participants.

mod algorithm;
mod cipher;
mod opening;
mod public;
mod sealing;
mod secret;
mod session_key;

pub use algorithm::{CipherMode, EnvelopeAlgorithm};
pub use opening::{Opening, Unreadable};
pub use public::EncryptionKey;
pub use sealing::Sealing;
pub use secret::DecryptionKey;

/// The longest clear text of one value, in bytes. The longest of the wire is a name of 60 characters, 240 bytes.
pub const VALUE_BYTES_MAX: usize = 512;
/// The longest base64 text of an envelope that is looked at: an RSA-2048 cipher text has 344 characters.
pub const ENVELOPE_CHARS_MAX: usize = 512;
