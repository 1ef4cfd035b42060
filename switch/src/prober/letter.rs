//! The words of a probe: 991 out, 992 in.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use clearway_codec::catalogue::{Field, MessageType};
use clearway_codec::limits::SIGNATURE_BYTES_MAX;
use clearway_codec::value::{BeijingTime, Direction, InstitutionId, SerialNumber};
use clearway_codec::{Checked, Decoder, Header, Values, append_signature, decode_signature, encode};
use clearway_crypto::{Backends, KeyRing, SignJob, SigningKey, VerifyJob};

use crate::config::{Participant, ParticipantKind};
use crate::domain::link::Observation;

/// Signs probes, and verifies what is answered.
pub struct Voice {
    /// The node.
    pub from: InstitutionId,
    /// The serial number of its key.
    pub serial: SerialNumber,
    /// Its key.
    pub key: Arc<SigningKey>,
    /// How to sign and verify.
    pub backends: Backends,
    /// The keys of the participants that are in force.
    pub ring: Box<dyn Fn() -> Arc<KeyRing> + Send + Sync>,
}

impl Voice {
    /// A signed 991 with this nonce; none if it cannot be signed.
    pub(super) fn ask(&self, to: &Participant, nonce: u64, now_us: u64) -> Option<Bytes> {
        let direction = match to.kind {
            ParticipantKind::Bank => Direction::SWITCH_TO_PAYER_BANK,
            ParticipantKind::Institution => Direction::SWITCH_TO_PI,
        };
        let header = Header {
            message_type: MessageType::Epcc991,
            issuer: self.from,
            direction,
            sign_sn: self.serial,
            sent_at: BeijingTime::from_unix_micros(now_us),
        };
        let nonce = nonce_text(nonce);
        let mut values = Values::new();
        values.set(Field::InstgId, self.from.as_bytes()).set(Field::Nonce, nonce.as_bytes());
        let mut out = BytesMut::new();
        let signed = encode(&mut out, MessageType::Epcc991, &header, &values).ok()?;
        let message = out.get(signed)?;
        let signature = self.backends.sign(&SignJob { key: &self.key, message }).ok()?;
        append_signature(&mut out, signature.as_bytes());
        Some(out.freeze())
    }

    /// What the body of an HTTP 200 says.
    pub(super) fn judge(&self, of: &Participant, nonce: u64, body: &[u8], now_us: u64) -> Observation {
        let mut decoder = Decoder::new();
        let Ok(Ok(message)) = decoder.decode(body).map(|message| message.check()) else {
            return Observation::ProbeErring;
        };
        if message.header().issuer != of.id || !self.is_signed(&message, now_us) {
            return Observation::ProbeErring;
        }
        let is_answer = message.message_type() == MessageType::Epcc992;
        let is_ours = message.field(Field::Nonce) == Some(nonce_text(nonce).as_bytes());
        // An old answer, played again, would say nothing of now.
        if is_answer && !is_ours { Observation::ProbeErring } else { Observation::ProbeGood }
    }

    fn is_signed(&self, message: &Checked<'_>, now_us: u64) -> bool {
        let mut raw = [0; SIGNATURE_BYTES_MAX];
        let header = message.header();
        let Some(Ok(len)) = message.signature_text().map(|text| decode_signature(text, &mut raw)) else { return false };
        let ring = (self.ring)();
        let Ok(key) = ring.lookup(header.issuer.as_bytes(), header.sign_sn.as_bytes(), now_us / 1_000_000) else {
            return false;
        };
        let signature = raw.get(..len).unwrap_or_default();
        self.backends.verify(&VerifyJob { key, message: message.signed_bytes(), signature })
    }
}

impl std::fmt::Debug for Voice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Voice").field("from", &self.from).finish_non_exhaustive()
    }
}

fn nonce_text(nonce: u64) -> String {
    format!("{nonce:016x}")
}
