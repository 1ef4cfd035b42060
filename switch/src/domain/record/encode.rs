//! A record on its way into the journal.

use super::decode::place;
use super::{
    ATTACHMENTS_MAX, Attachment, FLAG_IMAGES, FLAG_ORIGINAL, IMAGES_BYTES_MAX, MESSAGE_BYTES_MAX, RECORD_VERSION,
    RecordKind,
};
use crate::domain::link::LinkNumber;
use crate::domain::transaction::Payment;

/// One change to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Why.
    pub kind: RecordKind,
    /// When, microseconds.
    pub at_us: u64,
    /// The link of its participant over which what happened came; none where that means nothing.
    pub link: LinkNumber,
    /// The payment after the change.
    pub payment: &'a Payment,
    /// A refund's original after the change, when it changed too.
    pub original: Option<&'a Payment>,
    /// The register images that change with it, encoded; at most [`IMAGES_BYTES_MAX`].
    pub images: &'a [u8],
    /// The messages to keep, at most [`ATTACHMENTS_MAX`] of at most [`MESSAGE_BYTES_MAX`] bytes.
    pub attachments: &'a [Attachment<'a>],
}

impl Record<'_> {
    /// Appends everything but the messages. The record is these bytes followed by the messages in order, so that the
    /// journal can gather the messages from where they lie.
    ///
    /// # Panics
    /// When there are too many attachments or one is too long: both are bounded long before.
    pub fn encode_head(&self, out: &mut Vec<u8>) {
        assert!(self.attachments.len() <= ATTACHMENTS_MAX, "too many attachments");
        let (event, detail, argument) = self.kind.to_code();
        assert!(self.images.len() <= IMAGES_BYTES_MAX, "too many images");
        let original = if self.original.is_some() { FLAG_ORIGINAL } else { 0 };
        let flags = original | if self.images.is_empty() { 0 } else { FLAG_IMAGES };
        out.extend_from_slice(&[
            RECORD_VERSION,
            event,
            detail,
            self.attachments.len() as u8,
            flags,
            self.link.get(),
            0,
            0,
        ]);
        out.extend_from_slice(&self.at_us.to_le_bytes());
        out.extend_from_slice(&argument);
        out.extend_from_slice(&self.payment.to_bytes());
        if let Some(original) = self.original {
            out.extend_from_slice(&original.to_bytes());
        }
        if !self.images.is_empty() {
            out.extend_from_slice(&(self.images.len() as u32).to_le_bytes());
            out.extend_from_slice(self.images);
        }
        for attachment in self.attachments {
            assert!(attachment.message.len() <= MESSAGE_BYTES_MAX, "message too long");
            out.extend_from_slice(&[attachment.role as u8, attachment.party.code(), 0, 0]);
            out.extend_from_slice(&(attachment.message.len() as u32).to_le_bytes());
            out.extend_from_slice(&attachment.at_us.to_le_bytes());
        }
    }

    /// Appends the whole record. Allocates only when `out` must grow.
    ///
    /// # Panics
    /// As [`Record::encode_head`].
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.encode_head(out);
        for attachment in self.attachments {
            out.extend_from_slice(attachment.message);
        }
    }

    /// The payment as the table keeps it once the journal has put this record at `position`; replay makes the same.
    pub fn payment_at(&self, position: u64) -> Payment {
        place(self.payment, self.attachments.iter().map(|attachment| (attachment.role, attachment.party)), position)
    }
}
