//! Opens a signed message: first what it says, then whether its signature holds.
//!
//! Invariant: facts leave a [`Sealed`] only through [`Sealed::authenticate`], so that nothing unsigned is believed, but
//! for the share of signatures that a desk was told not to check.
//! Facts are taken out before the signature is checked because the check may wait for others at the desk, and a decoder
//! serves one message at a time.

use super::desk::Desk;
use bytes::Bytes;
use clearway_codec::limits::SIGNATURE_BYTES_MAX;
use clearway_codec::{
    Checked, Decoder, Error, ErrorKind, Header, InstitutionId, MessageType, SerialNumber, decode_signature,
};
use clearway_crypto::VerifyingKey;

/// Why a message is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No document, or one that the schema refuses.
    Unreadable(ErrorKind),
    /// No signature block.
    Unsigned,
    /// The signature does not verify.
    BadSignature,
    /// It is not from whom it should be.
    Impostor,
}

impl Fault {
    /// Name in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::Unsigned => "unsigned",
            Self::BadSignature => "bad_signature",
            Self::Impostor => "impostor",
        }
    }
}

/// A decoder with its scratch memory, one per thread.
#[derive(Default)]
pub(crate) struct Reader(Decoder);

/// A message that was read, not yet believed.
pub(crate) struct Sealed<T> {
    /// Its type.
    pub(crate) message_type: MessageType,
    header: Header,
    facts: T,
    signed: Bytes,
    signature: [u8; SIGNATURE_BYTES_MAX],
    signature_len: usize,
}

impl Reader {
    /// Reads and checks a document and takes out of it what the caller wants to know.
    pub(crate) fn open<T>(
        &mut self,
        body: &Bytes,
        extract: impl FnOnce(&Checked<'_>) -> Result<T, Error>,
    ) -> Result<Sealed<T>, Fault> {
        let message = self.0.decode(body).map_err(|error| Fault::Unreadable(error.kind))?;
        let signature_text = message.signature_text().ok_or(Fault::Unsigned)?;
        let mut signature = [0; SIGNATURE_BYTES_MAX];
        let signature_len = decode_signature(signature_text, &mut signature).map_err(|_| Fault::BadSignature)?;
        let signed = body.slice_ref(message.signed_bytes());
        let checked = message.check().map_err(|error| Fault::Unreadable(error.kind))?;
        let facts = extract(&checked).map_err(|error| Fault::Unreadable(error.kind))?;
        Ok(Sealed {
            message_type: checked.message_type(),
            header: checked.header(),
            facts,
            signed,
            signature,
            signature_len,
        })
    }
}

impl<T> Sealed<T> {
    /// The facts, if the message is the named sender's and its signature holds.
    pub(crate) async fn authenticate(
        self,
        desk: &Desk,
        sender: InstitutionId,
        serial: SerialNumber,
        key: &VerifyingKey,
    ) -> Result<T, Fault> {
        if self.header.issuer != sender || self.header.sign_sn != serial {
            return Err(Fault::Impostor);
        }
        let signature = self.signature.get(..self.signature_len).unwrap_or_default();
        if desk.verify(key, &self.signed, signature).await { Ok(self.facts) } else { Err(Fault::BadSignature) }
    }

    /// The facts of a message whose very bytes were verified before.
    pub(crate) fn trust(self) -> T {
        self.facts
    }
}
