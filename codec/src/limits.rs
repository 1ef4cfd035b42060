//! Every limit on what a stranger can send.
//!
//! Invariant: nothing in this crate grows with the input beyond these numbers, so no message can
//! cost more than one linear pass over [`MESSAGE_BYTES_MAX`] bytes. Read by the scanner, the
//! envelope, the encoder and by whoever sits at the socket.

use crate::catalogue::FIELD_COUNT;

/// Largest message in bytes, signature block included (wire rule; larger ones are answered 413).
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// Deepest nesting of elements; `root` is level 1. The catalogue's own messages need 4.
pub const DEPTH_MAX: usize = 16;

/// Most elements in one message, containers and unknown ones included. A 201 has 41.
pub const ELEMENT_COUNT_MAX: usize = 512;

/// Most attributes on one tag. Real messages carry one: `xmlns` on `root`.
pub const ATTRIBUTE_COUNT_MAX: usize = 16;

/// Longest name of an element or attribute, in bytes. The longest of the catalogue has 16.
pub const NAME_BYTES_MAX: usize = 64;

/// Largest raw signature in bytes. RSA-2048 needs 256; room for RSA-4096.
pub const SIGNATURE_BYTES_MAX: usize = 512;

/// Longest base64 text of a signature, line breaks and spaces included, in bytes.
pub const SIGNATURE_TEXT_BYTES_MAX: usize = 1024;

/// Largest amount in fen: 9,999,999,999.99 yuan (ours; sixteen characters on the wire).
pub const AMOUNT_FEN_MAX: u64 = 999_999_999_999;

/// Most control numbers in one answer (ours).
pub const CONTROL_NUMBERS_MAX: u16 = 100;

/// Longest path kept in an error, in bytes; a longer one is cut.
pub const PATH_BYTES_MAX: usize = 80;

// Value spans are a 16-bit offset and a 16-bit length: the last byte of the largest message must
// have an offset that fits.
const _: () = assert!(MESSAGE_BYTES_MAX <= u16::MAX as usize + 1);
// Attribute names are compared pair by pair, so the square must stay small.
const _: () = assert!(ATTRIBUTE_COUNT_MAX * ATTRIBUTE_COUNT_MAX <= 256);
// A block's children are counted in a 64-bit mask, and every known field must fit in a message.
const _: () = assert!(FIELD_COUNT + (CONTROL_NUMBERS_MAX as usize) < ELEMENT_COUNT_MAX);
// Base64 makes four characters of three bytes; wrapped text needs a line break now and then.
const _: () = assert!(SIGNATURE_BYTES_MAX.div_ceil(3) * 4 < SIGNATURE_TEXT_BYTES_MAX);
// A path of DEPTH_MAX catalogue names must not lose its first three levels.
const _: () = assert!(PATH_BYTES_MAX >= 3 * (16 + 1));
