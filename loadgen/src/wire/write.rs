//! Makes signed messages: document first, signature when the desk or a burst gives it.

use crate::config::Identity;
use crate::constants::PREPARE_BURST;
use crate::error::Error;
use bytes::{Bytes, BytesMut};
use clearway_codec::{BeijingTime, Direction, Field, Header, MessageType, Values, append_signature, encode};
use clearway_crypto::{Backends, SignJob, Signature, SigningKey};
use std::ops::Range;

/// Enough for the largest message that this crate writes, so that a buffer never grows.
const DRAFT_BYTES: usize = 2_560;

/// A document without its signature.
#[derive(Debug)]
pub(crate) struct Draft {
    bytes: BytesMut,
    signed: Range<usize>,
}

impl Draft {
    /// Writes a document.
    pub(crate) fn write(message_type: MessageType, header: &Header, values: &Values<'_>) -> Result<Self, Error> {
        let mut bytes = BytesMut::with_capacity(DRAFT_BYTES);
        match encode(&mut bytes, message_type, header, values) {
            Ok(signed) => Ok(Self { bytes, signed }),
            Err(error) => Err(Error::Compose(message_type.code(), error.to_string())),
        }
    }

    /// The bytes that a signature must cover.
    pub(crate) fn signed(&self) -> &[u8] {
        self.bytes.get(self.signed.clone()).unwrap_or_default()
    }

    /// The whole message.
    pub(crate) fn seal(mut self, signature: &[u8]) -> Bytes {
        append_signature(&mut self.bytes, signature);
        self.bytes.freeze()
    }
}

/// Signs up to [`PREPARE_BURST`] drafts in one call and seals them in order.
pub(crate) fn sign_all(backends: &Backends, drafts: Vec<(&SigningKey, Draft)>) -> Result<Vec<Bytes>, Error> {
    assert!(drafts.len() <= PREPARE_BURST, "a burst is at most {PREPARE_BURST}");
    let jobs: Vec<_> = drafts.iter().map(|(key, draft)| SignJob { key, message: draft.signed() }).collect();
    let mut signatures = [Signature::default(); PREPARE_BURST];
    backends.sign_batch(&jobs, &mut signatures[..jobs.len()]).map_err(|error| Error::Sign(error.to_string()))?;
    drop(jobs);
    Ok(drafts.into_iter().zip(signatures).map(|((_, draft), signature)| draft.seal(signature.as_bytes())).collect())
}

/// The header of an answer by `identity`.
pub(crate) fn answer_header(
    message_type: MessageType,
    identity: &Identity,
    direction: Direction,
    now: BeijingTime,
) -> Header {
    Header { message_type, issuer: identity.id, direction, sign_sn: identity.serial, sent_at: now }
}

/// SysRtnInf with a code and its text.
pub(crate) fn set_system<'a>(values: &mut Values<'a>, code: &'a [u8], description: &'a str, time: &'a [u8]) {
    values.set(Field::SysRtnCd, code);
    values.set_text(Field::SysRtnDesc, description);
    values.set(Field::SysRtnTm, time);
}
