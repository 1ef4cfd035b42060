//! Heap allocations of one message in decode + verify + transition.

use clearway::domain::{Event, Leg, Outcome, Timing, transition};
use clearway_codec::limits::SIGNATURE_BYTES_MAX;
use clearway_codec::{Decoder, decode_signature};
use clearway_crypto::{Backends, VerifyJob, VerifyingKey};

use super::row::Goal;
use super::{Bench, Row};
use crate::allocation::{allocations_of, is_counting};
use crate::error::Error;
use crate::samples::{INSTITUTION_KEY_PEM, QUERY_301, REFUND_205, REQUEST_201, START_US, accepted};

/// Rounds over all samples: one that allocates only now and then is found too.
const ROUNDS: u64 = 200;

pub(super) fn measure(_: &Bench) -> Result<Vec<Row>, Error> {
    if !is_counting() {
        return Err(Error::Unsuited("this program's allocator does not count".into()));
    }
    let per_message = allocations_per_message()?;
    let row = Row::new("allocations_per_message", "allocations", per_message, None, Goal::ValueAtMost(0.0));
    let note = format!(
        "{} messages: decode, check, base64, verify (P-256), one transition; Rust's heap, not what C code inside aws-lc takes",
        ROUNDS * 3
    );
    Ok(vec![row.with_note(note)])
}

/// The mean over the sample messages, from the very first on.
pub(super) fn allocations_per_message() -> Result<f64, Error> {
    let key = VerifyingKey::from_spki_pem(INSTITUTION_KEY_PEM)?;
    let (backends, timing) = (Backends::default(), Timing::default());
    let payment = accepted(1, &timing);
    let mut decoder = Decoder::new();
    let samples = [REQUEST_201, REFUND_205, QUERY_301];
    let mut all_good = true;
    let allocations = allocations_of(|| {
        for _ in 0..ROUNDS {
            for sample in samples {
                all_good &= receive(&mut decoder, &backends, &key, sample);
                let outcome = transition(&payment, Event::LegSucceeded(Leg::One), START_US + 1, &timing);
                all_good &= matches!(std::hint::black_box(outcome), Outcome::Changed { .. });
            }
        }
    });
    if !all_good {
        return Err(Error::Unsuited("a sample message is not taken".into()));
    }
    Ok(allocations as f64 / (ROUNDS * samples.len() as u64) as f64)
}

/// What a receiver does before it decides. Whether the message is good.
fn receive(decoder: &mut Decoder, backends: &Backends, key: &VerifyingKey, bytes: &[u8]) -> bool {
    let Ok(message) = decoder.decode(bytes) else { return false };
    let mut signature = [0; SIGNATURE_BYTES_MAX];
    let decoded = message.signature_text().map(|text| decode_signature(text, &mut signature));
    let Some(Ok(len)) = decoded else { return false };
    let job = VerifyJob { key, message: message.signed_bytes(), signature: signature.get(..len).unwrap_or_default() };
    backends.verify(&job) && message.check().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The unit tests of this crate run with the counting allocator.
    #[test]
    fn the_hot_path_does_not_allocate() {
        assert!(is_counting());
        assert_eq!(allocations_per_message().unwrap(), 0.0);
    }
}
