//! Stage 1: bytes to checked messages.

use clearway_codec::limits::SIGNATURE_BYTES_MAX;
use clearway_codec::{Decoder, Fields, decode_signature};

use super::arrival::{Arrival, Fault, RawSignature};

/// Decodes and checks every message of the burst.
pub(crate) fn decode(decoder: &mut Decoder, burst: &mut [Arrival]) {
    for arrival in burst {
        match decode_one(decoder, &arrival.bytes) {
            Ok((fields, signature)) => {
                arrival.fields = Some(fields);
                match signature {
                    Ok(signature) => arrival.signature = Some(signature),
                    Err(fault) => arrival.fault = Some(fault),
                }
            }
            Err(error) => arrival.fault = Some(Fault::Form(error)),
        }
    }
}

type Decoded = (Fields, Result<RawSignature, Fault>);

fn decode_one(decoder: &mut Decoder, bytes: &[u8]) -> Result<Decoded, clearway_codec::Error> {
    let checked = decoder.decode(bytes)?.check()?;
    let signature = checked.signature_text().ok_or(Fault::Unsigned).and_then(raw_signature);
    Ok((checked.fields(), signature))
}

fn raw_signature(text: &[u8]) -> Result<RawSignature, Fault> {
    let mut bytes = [0; SIGNATURE_BYTES_MAX];
    let len = decode_signature(text, &mut bytes).map_err(|_| Fault::Signature)?;
    Ok(RawSignature::new(bytes, len))
}
