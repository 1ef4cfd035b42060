//! A record read back: borrowed, checked once, never trusted before.

use super::{
    ATTACHMENT_HEAD_BYTES, ATTACHMENTS_MAX, Attachment, FLAG_IMAGES, FLAG_ORIGINAL, IMAGES_BYTES_MAX,
    MESSAGE_BYTES_MAX, RECORD_VERSION, RecordKind, Role,
};
use crate::domain::link::LinkNumber;
use crate::domain::transaction::{Corrupt, PAYMENT_BYTES, Party, Payment, Phase};

/// One record of the journal.
#[derive(Clone, Copy, Debug)]
pub struct RecordView<'a> {
    /// Why it was written.
    pub kind: RecordKind,
    /// When, microseconds.
    pub at_us: u64,
    /// The link of its participant over which what happened came; none where that means nothing.
    pub link: LinkNumber,
    /// The payment after the change.
    pub payment: Payment,
    /// The refund's original after the change, when it changed too.
    pub original: Option<Payment>,
    /// The register images that changed with it, one after the other; empty when none did.
    pub images: &'a [u8],
    heads: &'a [[u8; ATTACHMENT_HEAD_BYTES]],
    messages: &'a [u8],
}

impl<'a> RecordView<'a> {
    /// Reads one record, all of `bytes`.
    ///
    /// # Errors
    /// [`Corrupt`] when the bytes are no record of this version, or its payments cannot be.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Corrupt> {
        let mut rest = Cursor(bytes);
        let [version, event, detail, count, flags, link, zero @ ..] = rest.take::<8>("head")?;
        if version != RECORD_VERSION || flags & !(FLAG_ORIGINAL | FLAG_IMAGES) != 0 || zero != [0; 2] {
            return Err(Corrupt("version or flags"));
        }
        let link = LinkNumber::new(link).ok_or(Corrupt("link"))?;
        let at_us = u64::from_le_bytes(rest.take("head")?);
        let kind = RecordKind::from_code((event, detail, rest.take("head")?)).ok_or(Corrupt("event"))?;
        let payment = Payment::from_bytes(&rest.take::<PAYMENT_BYTES>("payment")?)?;
        let original = match flags & FLAG_ORIGINAL {
            0 => None,
            _ => Some(Payment::from_bytes(&rest.take::<PAYMENT_BYTES>("original")?)?),
        };
        if original.is_some_and(|original| original.trx_id != payment.original) {
            return Err(Corrupt("original of another refund"));
        }
        let images = match flags & FLAG_IMAGES {
            0 => &[],
            _ => rest.take_images()?,
        };
        let (heads, messages) = split_attachments(usize::from(count), rest.0)?;
        Ok(Self { kind, at_us, link, payment, original, images, heads, messages })
    }

    /// The messages, in the order in which they were attached.
    pub fn attachments(&self) -> impl Iterator<Item = Attachment<'a>> + use<'a> {
        let mut messages = self.messages;
        self.heads.iter().filter_map(move |head| {
            let (role, party, length, at_us) = read_head(head).ok()?;
            let message;
            (message, messages) = messages.split_at_checked(length)?;
            Some(Attachment { role, party, at_us, message })
        })
    }

    /// The payment with the positions that this record itself gives: it holds the request, or the final receipt.
    pub fn payment_at(&self, position: u64) -> Payment {
        place(&self.payment, self.attachments().map(|attachment| (attachment.role, attachment.party)), position)
    }
}

/// A payment whose record stands at `position`, with these messages attached.
pub(super) fn place(payment: &Payment, attached: impl Iterator<Item = (Role, Party)>, position: u64) -> Payment {
    let mut payment = *payment;
    for attached in attached {
        match attached {
            (Role::Request, _) => payment.request_position = position,
            (Role::Receipt, _) if payment.is_final() => payment.receipt_position = position,
            // The answer that made leg 1 succeed, or rest: a restart reads from it what the bank said.
            (Role::LegAnswer | Role::QueryAnswer | Role::Report, Party::Bank1)
                if matches!(payment.phase, Phase::Leg2Sent | Phase::Waiting) =>
            {
                payment.receipt_position = position;
            }
            _ => {}
        }
    }
    payment
}

type Attachments<'a> = (&'a [[u8; ATTACHMENT_HEAD_BYTES]], &'a [u8]);

fn split_attachments(count: usize, rest: &[u8]) -> Result<Attachments<'_>, Corrupt> {
    if count > ATTACHMENTS_MAX {
        return Err(Corrupt("attachment count"));
    }
    let (heads, messages) = rest.split_at_checked(count * ATTACHMENT_HEAD_BYTES).ok_or(Corrupt("attachment heads"))?;
    let (heads, _) = heads.as_chunks::<ATTACHMENT_HEAD_BYTES>();
    let mut total = 0;
    for head in heads {
        let (_, _, length, _) = read_head(head)?;
        total += length;
    }
    if total != messages.len() {
        return Err(Corrupt("attachment lengths"));
    }
    Ok((heads, messages))
}

fn read_head(head: &[u8; ATTACHMENT_HEAD_BYTES]) -> Result<(Role, Party, usize, u64), Corrupt> {
    let mut rest = Cursor(head);
    let [role, party, zero @ ..] = rest.take::<4>("attachment head")?;
    let role = Role::from_code(role).ok_or(Corrupt("attachment role"))?;
    let party = Party::from_code(party).ok_or(Corrupt("attachment party"))?;
    let length = u32::from_le_bytes(rest.take("attachment head")?) as usize;
    if zero != [0; 2] || length > MESSAGE_BYTES_MAX {
        return Err(Corrupt("attachment head"));
    }
    Ok((role, party, length, u64::from_le_bytes(rest.take("attachment head")?)))
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take_images(&mut self) -> Result<&'a [u8], Corrupt> {
        let length = u32::from_le_bytes(self.take("images")?) as usize;
        if length == 0 || length > IMAGES_BYTES_MAX {
            return Err(Corrupt("images"));
        }
        let (images, rest) = self.0.split_at_checked(length).ok_or(Corrupt("images"))?;
        self.0 = rest;
        Ok(images)
    }

    fn take<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], Corrupt> {
        let (field, rest) = self.0.split_first_chunk().ok_or(Corrupt(what))?;
        self.0 = rest;
        Ok(*field)
    }
}
