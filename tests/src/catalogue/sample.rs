//! A signed message of each type, with every element the catalogue has for it.

use bytes::BytesMut;
use clearway_codec::catalogue::{Element, HEADER, Sender, schema};
use clearway_codec::{
    BeijingTime, Direction, Field, Header, InstitutionId, MessageType, SerialNumber, Values, append_signature, encode,
};
use clearway_crypto::{Backends, SignJob, SigningKey};

/// A made-up participant whose demonstration key is in the repository.
struct Signer {
    institution: &'static str,
    serial: &'static str,
    key_pem: &'static str,
}

/// The key of one of them: RSA with PKCS #1 v1.5, which signs the same bytes the same way every time.
macro_rules! signer {
    ($institution:literal, $serial:literal) => {
        Signer {
            institution: $institution,
            serial: $serial,
            key_pem: include_str!(concat!(
                "../../../codec/tests/vectors/keys/rsa-2048-sha256-",
                $institution,
                ".key.pem"
            )),
        }
    };
}

const INSTITUTION: Signer = signer!("Z2000000000088", "4000000088");
const BANK: Signer = signer!("C1000000000011", "4000000011");
const SWITCH: Signer = signer!("G4000311000018", "4000000018");

/// A whole message as it stands on the wire.
pub(super) fn write(message_type: MessageType) -> Vec<u8> {
    let schema = schema(message_type);
    let (signer, direction) = match schema.sender {
        Sender::Institution | Sender::Participant => (&INSTITUTION, Direction::PI_TO_SWITCH),
        Sender::Bank => (&BANK, Direction::PAYER_BANK_TO_SWITCH),
        Sender::Switch => (&SWITCH, Direction::SWITCH_TO_PI),
    };
    let header = Header {
        message_type,
        issuer: InstitutionId::parse(signer.institution.as_bytes()).expect("an institution"),
        direction,
        sign_sn: SerialNumber::parse(signer.serial.as_bytes()).expect("a serial number"),
        sent_at: BeijingTime::parse(example_of(&HEADER, Field::SndDt).as_bytes()).expect("a time"),
    };
    let mut values = Values::new();
    schema.walk(&mut |_, element| {
        if let Some(leaf) = element.leaf() {
            values.set(leaf.field, leaf.example.as_bytes());
        }
    });
    if schema.sender == Sender::Institution {
        // The switch fills them.
        values.set(Field::RPFlg, b"").set(Field::BatchId, b"");
    }
    if !schema.encrypted_fields().is_empty() {
        for field in [Field::NcrptnSN, Field::DgtlEnvlp] {
            values.set(field, example_of(&HEADER, field).as_bytes());
        }
    }
    let mut message = BytesMut::new();
    let signed = encode(&mut message, message_type, &header, &values).expect("examples are good");
    let key = SigningKey::from_pkcs8_pem(signer.key_pem).expect("a demonstration key");
    let signature = Backends::default().sign(&SignJob { key: &key, message: &message[signed] });
    append_signature(&mut message, signature.expect("a key signs").as_bytes());
    message.to_vec()
}

/// The catalogue's example of a field below `block`.
fn example_of(block: &'static Element, field: Field) -> &'static str {
    let leaves = block.children().iter().filter_map(Element::leaf);
    leaves.filter(|leaf| leaf.field == field).map(|leaf| leaf.example).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clearway_codec::{Decoder, decode_signature};
    use clearway_crypto::VerifyJob;

    use super::*;

    #[test]
    fn every_sample_is_read_and_verifies() {
        let mut decoder = Decoder::new();
        for message_type in MessageType::ALL {
            let sample = write(*message_type);
            let message = decoder.decode(&sample).unwrap_or_else(|error| panic!("{message_type}: {error}"));
            let pem = [&INSTITUTION, &BANK, &SWITCH]
                .into_iter()
                .find(|signer| signer.institution == message.header().issuer.as_str())
                .map(|signer| signer.key_pem)
                .expect("one of the three");
            let key = SigningKey::from_pkcs8_pem(pem).expect("a key");
            let mut signature = [0; clearway_codec::limits::SIGNATURE_BYTES_MAX];
            let text = message.signature_text().expect("a signature");
            let len = decode_signature(text, &mut signature).expect("base64");
            let job =
                VerifyJob { key: key.verifying_key(), message: message.signed_bytes(), signature: &signature[..len] };
            assert!(Backends::default().verify(&job), "{message_type}");
            let checked = message.check().unwrap_or_else(|error| panic!("{message_type}: {error}"));
            assert_eq!(checked.message_type(), *message_type);
        }
    }
}
