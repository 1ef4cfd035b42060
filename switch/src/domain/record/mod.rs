//! What the journal keeps of one change: the event, the after-images, and the messages that are its evidence.
//!
//! ```text
//!  little-endian
//!   0 version = 2   1 event   2 detail   3 attachments   4 flags (1 = original follows, 2 = images follow)
//!   5 link over which it came (0 = none)   6 zero x 2
//!   8 at_us u64    16 argument [8] (return code or fen)
//!  24 payment [144]     168 original [144], if flagged
//!   . length u32, so many bytes of register images, if flagged
//!   . per attachment: role u8, party u8, zero x 2, length u32, at_us u64
//!   . the messages, one after the other, to the very end
//! ```
//!
//! A change of registers that no transaction made (an import, an operator's call) is an entry of its own:
//!
//! ```text
//!   0 version = 3   1 zero x 7   8 at_us u64   16 register images, to the very end
//! ```
//!
//! Invariant: decoding takes any bytes without panic and without allocation; what it accepts encodes to the same bytes.
//! Replay is `table.apply(view.payment_at(position))`, then the same for the original. Called by commit, recovery, audit.

mod decode;
mod encode;
mod entry;
mod kind;

pub use decode::RecordView;
pub use encode::Record;
pub use entry::{Entry, encode_registers};
pub use kind::{Attachment, RecordKind, Role};

/// Version of the layout.
pub const RECORD_VERSION: u8 = 2;
/// Version of the layout of an entry that holds register images alone.
pub const REGISTERS_VERSION: u8 = 3;
/// Most attachments of one record.
pub const ATTACHMENTS_MAX: usize = 8;
/// Bytes before the first payment.
pub const RECORD_HEAD_BYTES: usize = 24;
/// Most bytes of register images in one record.
pub const IMAGES_BYTES_MAX: usize = 1 << 20;
/// Bytes that describe one attachment.
pub const ATTACHMENT_HEAD_BYTES: usize = 16;
/// Longest message that can be attached.
pub const MESSAGE_BYTES_MAX: usize = 1 << 20;

const FLAG_ORIGINAL: u8 = 1;
const FLAG_IMAGES: u8 = 2;

#[cfg(test)]
mod tests;
