//! What the switch answered, believed only with its signature.

use clearway_codec::limits::SIGNATURE_BYTES_MAX;
use clearway_codec::{
    Checked, Decoder, Direction, Field, InstitutionId, MessageType, SerialNumber, TrxStatus, decode_signature,
};
use clearway_crypto::{Backends, VerifyJob, VerifyingKey};
use clearway_loadgen::config::{EnvelopeKeys, OpenedValues};

/// A signed answer of the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// All bytes of it.
    pub bytes: Vec<u8>,
}

/// Reads and verifies one message of `signer`.
///
/// # Errors
/// Why it is not to be believed, in words.
pub fn verify(bytes: &[u8], signer: (InstitutionId, SerialNumber), key: &VerifyingKey) -> Result<(), String> {
    let mut decoder = Decoder::new();
    let message = decoder.decode(bytes).map_err(|error| error.to_string())?;
    let header = message.header();
    if (header.issuer, header.sign_sn) != signer {
        return Err(format!("signed by {} with {}", header.issuer, header.sign_sn));
    }
    let mut signature = [0; SIGNATURE_BYTES_MAX];
    let text = message.signature_text().ok_or("no signature")?;
    let len = decode_signature(text, &mut signature).map_err(|error| error.to_string())?;
    let job = VerifyJob { key, message: message.signed_bytes(), signature: &signature[..len] };
    if !Backends::default().verify(&job) {
        return Err("the signature does not verify".to_owned());
    }
    message.check().map(drop).map_err(|error| error.to_string())
}

impl Answer {
    /// Its type.
    #[must_use]
    pub fn message_type(&self) -> MessageType {
        self.with(|message| message.message_type())
    }

    /// Its direction.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.with(|message| message.header().direction)
    }

    /// How many values a repeated element has.
    #[must_use]
    pub fn items(&self, field: Field) -> Vec<String> {
        self.with(|message| message.items(field).map(|item| String::from_utf8_lossy(item).into_owned()).collect())
    }

    /// A value as text.
    #[must_use]
    pub fn text(&self, field: Field) -> Option<String> {
        self.with(|message| message.text(field).map(std::borrow::Cow::into_owned))
    }

    /// `TrxStatus`, if it has one.
    #[must_use]
    pub fn status(&self) -> Option<TrxStatus> {
        self.text(Field::TrxStatus).and_then(|text| TrxStatus::parse(text.as_bytes()).ok())
    }

    /// The values that it carries sealed; nothing if it carries none.
    ///
    /// # Panics
    /// If they do not open with these keys.
    #[must_use]
    pub fn open(&self, keys: &EnvelopeKeys) -> OpenedValues {
        self.with(|message| keys.open(message)).expect("what the node sealed can be opened")
    }

    /// The code that a client acts on: BizStsCd or OriBizStsCd when present, else SysRtnCd (wire.md 4).
    #[must_use]
    pub fn code(&self) -> String {
        let known =
            [Field::BizStsCd, Field::OriBizStsCd, Field::SysRtnCd].into_iter().find_map(|field| self.text(field));
        known.unwrap_or_default()
    }

    fn with<T>(&self, read: impl FnOnce(&Checked<'_>) -> T) -> T {
        let mut decoder = Decoder::new();
        let message = decoder.decode(&self.bytes).and_then(|message| message.check());
        read(&message.expect("an answer was verified before"))
    }
}
