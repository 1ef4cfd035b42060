//! The messages that one burst writes: composed into one buffer, signed together, handed out as slices of it.
//!
//! One allocation for a whole burst, and one call into the signer, so that a backend that works on eight at a time
//! gets them. Invariant: a draft can be taken only after [`Drafts::sign`].

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use clearway_crypto::{Backends, SignJob, Signature, SigningKey};

/// Room kept behind each document for `\n{S:` + base64 of the longest signature (RSA-2048: 344 characters) + `}`.
const SIGNATURE_ROOM: usize = 352;

/// What a burst usually needs.
const BUFFER_BYTES: usize = 32 * 1024;

/// Names a draft within its burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DraftId(usize);

#[derive(Debug)]
struct Draft {
    start: usize,
    signed: Range<usize>,
    end: usize,
}

/// Messages on their way to being signed.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    buffer: BytesMut,
    drafts: Vec<Draft>,
    signatures: Vec<Signature>,
    block: BytesMut,
}

/// The signed messages of one burst.
#[derive(Debug)]
pub(crate) struct Signed {
    whole: Bytes,
    drafts: Vec<Range<usize>>,
}

impl Drafts {
    /// Composes one message; `write` returns the span to be signed.
    pub(crate) fn add(
        &mut self,
        write: impl FnOnce(&mut BytesMut) -> Result<Range<usize>, clearway_codec::Error>,
    ) -> Result<DraftId, clearway_codec::Error> {
        if self.buffer.capacity() == 0 {
            self.buffer.reserve(BUFFER_BYTES);
        }
        let start = self.buffer.len();
        let signed = write(&mut self.buffer).inspect_err(|_| self.buffer.truncate(start))?;
        let end = self.buffer.len();
        self.buffer.resize(end + SIGNATURE_ROOM, 0);
        self.drafts.push(Draft { start, signed, end });
        Ok(DraftId(self.drafts.len() - 1))
    }

    /// Signs all drafts at once and starts anew.
    pub(crate) fn sign(&mut self, backends: &Backends, key: &SigningKey) -> Result<Signed, clearway_crypto::Error> {
        let jobs: Vec<SignJob<'_>> = self
            .drafts
            .iter()
            .map(|draft| SignJob { key, message: self.buffer.get(draft.signed.clone()).unwrap_or_default() })
            .collect();
        self.signatures.clear();
        self.signatures.resize_with(jobs.len(), Signature::default);
        backends.sign_batch(&jobs, &mut self.signatures)?;
        for (draft, signature) in self.drafts.iter_mut().zip(&self.signatures) {
            self.block.clear();
            clearway_codec::append_signature(&mut self.block, signature.as_bytes());
            let end = draft.end + self.block.len();
            self.buffer[draft.end..end].copy_from_slice(&self.block);
            draft.end = end;
        }
        let drafts = self.drafts.drain(..).map(|draft| draft.start..draft.end).collect();
        Ok(Signed { whole: self.buffer.split().freeze(), drafts })
    }
}

impl Signed {
    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        u64::try_from(self.drafts.len()).unwrap_or(u64::MAX)
    }

    /// One signed message, without copying it.
    pub(crate) fn get(&self, id: DraftId) -> Bytes {
        self.drafts.get(id.0).map_or_else(Bytes::new, |range| self.whole.slice(range.clone()))
    }
}
