//! Files encrypted under a key that both sides have: the detail files of statements under a participant's key of the day.
//!
//! ```text
//!  file    header (16): "CLWYFILE", cipher u8 (1 aes-256, 2 sm4), 3 zeros, chunk length u32 big-endian
//!          chunks, each: tag (16) | cipher text, as long as the clear text; all but the last hold `chunk length` bytes
//!
//!  mac key     = HMAC( day key, "authenticate" 00 name )             name: that of the file, without folder
//!  cipher key  = HMAC( day key, "encrypt" 00 name )                  all 32 bytes for AES-256, the first 16 for SM4
//!  tag         = first 16 bytes of HMAC( mac key, header | number of the chunk u64 big-endian, from 0 | 01 if last, else 00 | clear text )
//!  cipher text = CTR( cipher key, first counter block = tag, clear text )       128 bits counted, big-endian
//! ```
//!
//! HMAC is with SHA-256 for aes-256 and with SM3 for sm4. This is the SIV construction (RFC 5297) with HMAC as its PRF: the tag is
//! both the proof and the nonce, so nothing random is needed, the same file gives the same bytes, and two different files under one
//! name (a statement made anew) do not share a key stream. What shows is the length, and whether two files of one name are equal.
//!
//! Invariant: nothing of a chunk is given out before its tag has been compared; a file that is cut off, or whose chunks were moved or
//! came from another file, is refused.

mod chunk;
mod cipher;
mod key;
mod opener;
mod sealer;
#[cfg(test)]
mod tests;

pub use cipher::FileCipher;
pub use key::FileKey;
pub use opener::FileOpener;
pub use sealer::FileSealer;

/// Length of the header.
pub const HEADER_BYTES: usize = 16;
/// Longest clear text of a chunk, as we write them.
pub const CHUNK_BYTES: usize = 64 * 1024;

const MAGIC: &[u8; 8] = b"CLWYFILE";
const TAG_BYTES: usize = 16;
/// Length of a day's key.
const KEY_BYTES: usize = 32;
/// Longest chunk that is read.
const CHUNK_BYTES_MAX: usize = 16 * 1024 * 1024;
