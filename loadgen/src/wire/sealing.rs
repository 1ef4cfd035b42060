//! What simulated institutions and banks seal and open sensitive values with.
//!
//! ```text
//! request    seal(&[(Field::SgnAcctId, "6222..")]) -> SealedValues --set_into--> Values --> encode
//! received   Checked --open--> OpenedValues --get(Field::SgnAcctId)--> "6222.."
//! ```
//!
//! Invariant: one envelope, with a session key of its own, for every message; clear values are printed by nothing in
//! here.

use clearway_codec::{Checked, Field, SerialNumber, Values, schema};
use clearway_crypto::envelope::{CipherMode, DecryptionKey, EncryptionKey, Unreadable};
use std::fmt;

use crate::error::Error;

/// How to encrypt for the node.
#[derive(Debug, Clone)]
pub struct NodeEnvelope {
    /// Serial number of its encryption certificate.
    pub serial: SerialNumber,
    /// Its public key.
    pub key: EncryptionKey,
}

/// The envelope keys of one counterparty.
#[derive(Debug)]
pub struct EnvelopeKeys {
    /// Serial number of its encryption certificate.
    pub serial: SerialNumber,
    /// Its private key.
    pub decryption: DecryptionKey,
    /// How it encrypts, and the node for it.
    pub mode: CipherMode,
    /// The node's.
    pub node: NodeEnvelope,
}

/// Values sealed for the node.
#[derive(Debug, Clone)]
pub struct SealedValues {
    serial: SerialNumber,
    envelope: String,
    values: Vec<(Field, String)>,
}

/// Values that the node had sealed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OpenedValues(Vec<(Field, String)>);

impl EnvelopeKeys {
    /// Encrypts values for the node under a new session key.
    ///
    /// # Errors
    /// [`Error::Seal`] for a value that is too long, or when randomness fails.
    pub fn seal(&self, clear: &[(Field, &str)]) -> Result<SealedValues, Error> {
        let fault = |error: clearway_crypto::Error| Error::Seal(error.to_string());
        let sealing = self.node.key.seal(self.mode).map_err(fault)?;
        let seal = |(field, text): &(Field, &str)| Ok((*field, sealing.seal(text).map_err(fault)?));
        let values = clear.iter().map(seal).collect::<Result<_, _>>()?;
        Ok(SealedValues { serial: self.node.serial, envelope: sealing.into_envelope(), values })
    }

    /// Decrypts what a message from the node carries sealed; nothing when it carries nothing sealed.
    ///
    /// # Errors
    /// [`Unreadable`] when the envelope is missing, for another key, or when it or a value does not open.
    pub fn open(&self, message: &Checked<'_>) -> Result<OpenedValues, Unreadable> {
        let fields = schema(message.message_type()).encrypted_fields();
        let sealed: Vec<_> = fields.iter().filter_map(|field| Some((*field, message.text(*field)?))).collect();
        if sealed.is_empty() {
            return Ok(OpenedValues::default());
        }
        let serial = message.text(Field::NcrptnSN).ok_or(Unreadable)?;
        let envelope = message.text(Field::DgtlEnvlp).ok_or(Unreadable)?;
        if serial != self.serial.as_str() {
            return Err(Unreadable);
        }
        let opening = self.decryption.open(&envelope, self.mode);
        let open = |(field, text): (Field, std::borrow::Cow<'_, str>)| Ok((field, opening.open(&text)?.to_string()));
        sealed.into_iter().map(open).collect::<Result<_, _>>().map(OpenedValues)
    }
}

impl SealedValues {
    /// Sets the values and the two header fields that belong to them.
    pub fn set_into<'a>(&'a self, values: &mut Values<'a>) {
        values.set(Field::NcrptnSN, self.serial.as_bytes());
        values.set(Field::DgtlEnvlp, self.envelope.as_bytes());
        for (field, text) in &self.values {
            values.set(*field, text.as_bytes());
        }
    }

    /// Serial number of the node's encryption certificate: `NcrptnSN`.
    #[must_use]
    pub fn serial(&self) -> SerialNumber {
        self.serial
    }

    /// The envelope: `DgtlEnvlp`.
    #[must_use]
    pub fn envelope(&self) -> &str {
        &self.envelope
    }

    /// The values in base64, by field.
    #[must_use]
    pub fn values(&self) -> &[(Field, String)] {
        &self.values
    }
}

impl OpenedValues {
    /// The clear text of `field`.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == field).map(|(_, text)| text.as_str())
    }

    /// All of them, as [`EnvelopeKeys::seal`] takes them: what a receipt echoes.
    #[must_use]
    pub fn to_clear(&self) -> Vec<(Field, &str)> {
        self.0.iter().map(|(field, text)| (*field, text.as_str())).collect()
    }
}

impl fmt::Debug for OpenedValues {
    /// Which fields, not what is in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenedValues")?;
        f.debug_set().entries(self.0.iter().map(|(field, _)| field)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::BytesMut;
    use clearway_codec::{BeijingTime, Decoder, Direction, Header, InstitutionId, MessageType, encode};
    use clearway_crypto::envelope::EnvelopeAlgorithm;

    /// Keys of a bank and, as seen by it, of the node; and the node's view of the same.
    fn two_sides(algorithm: EnvelopeAlgorithm) -> [EnvelopeKeys; 2] {
        let serials = [b"4700000001", b"4500000001"].map(|text| SerialNumber::parse(text).unwrap());
        let [bank, node] = [(); 2].map(|()| DecryptionKey::generate(algorithm).unwrap());
        let publics = [bank.encryption_key().clone(), node.encryption_key().clone()];
        let side = |own: usize, decryption| EnvelopeKeys {
            serial: serials[own],
            decryption,
            mode: CipherMode::Cbc,
            node: NodeEnvelope { serial: serials[1 - own], key: publics[1 - own].clone() },
        };
        [side(0, bank), side(1, node)]
    }

    /// A 102 with the values that `sealed` sets, as it arrives.
    fn arrived<T>(sealed: Option<&SealedValues>, then: impl FnOnce(&Checked<'_>) -> T) -> T {
        let mut values = Values::new();
        schema(MessageType::Epcc102).walk(&mut |_, element| {
            if let Some(leaf) = element.leaf().filter(|_| element.is_mandatory()) {
                values.set_text(leaf.field, leaf.example);
            }
        });
        if let Some(sealed) = sealed {
            sealed.set_into(&mut values);
        }
        let header = Header {
            message_type: MessageType::Epcc102,
            issuer: InstitutionId::parse(b"C1000000000016").unwrap(),
            direction: Direction::parse(b"12").unwrap(),
            sign_sn: SerialNumber::parse(b"4200000001").unwrap(),
            sent_at: BeijingTime::parse(b"2026-11-20T10:54:05").unwrap(),
        };
        let mut bytes = BytesMut::new();
        encode(&mut bytes, MessageType::Epcc102, &header, &values).unwrap();
        then(&Decoder::new().decode(&bytes).unwrap().check().unwrap())
    }

    #[test]
    fn what_one_side_seals_the_other_opens() {
        for algorithm in EnvelopeAlgorithm::ALL {
            let [bank, node] = two_sides(algorithm);
            let sealed = bank.seal(&[(Field::SgnAcctId, "6222020200112233445"), (Field::SgnAcctNm, "王小明")]).unwrap();
            let opened = arrived(Some(&sealed), |message| node.open(message)).unwrap();
            assert_eq!(opened.get(Field::SgnAcctId), Some("6222020200112233445"));
            assert_eq!((opened.get(Field::SgnAcctNm), opened.get(Field::InstgAcct)), (Some("王小明"), None));
            assert_eq!(opened.to_clear().len(), 2);
            assert_eq!(arrived(Some(&sealed), |message| bank.open(message)), Err(Unreadable), "for the node alone");
            let shown = format!("{opened:?} {sealed:?} {bank:?}");
            assert!(!shown.contains("6222") && !shown.contains("王"), "{shown}");
        }
    }

    #[test]
    fn nothing_sealed_needs_no_envelope() {
        let [bank, _] = two_sides(EnvelopeAlgorithm::Sm2Sm4);
        assert_eq!(arrived(None, |message| bank.open(message)), Ok(OpenedValues::default()));
        assert!(bank.seal(&[(Field::SgnAcctId, &"6".repeat(600))]).is_err());
    }
}
