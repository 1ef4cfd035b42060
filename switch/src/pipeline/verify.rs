//! Stage 2: whose message is it, and did they sign it? The whole burst in one call to the verifier.

use clearway_crypto::{Backends, KeyRing, VerifyJob};

use super::arrival::{Arrival, Fault};

/// Verifies every message of the burst that is still without fault, with the key that it names and its issuer owns.
pub(crate) fn verify(
    backends: &Backends,
    ring: &KeyRing,
    now_unix_secs: u64,
    burst: &mut [Arrival],
    valid: &mut Vec<bool>,
) {
    let mut jobs = Vec::with_capacity(burst.len());
    let mut faults = Vec::new();
    for (index, arrival) in burst.iter().enumerate().filter(|(_, arrival)| arrival.fault.is_none()) {
        let (Some(message), Some(signature)) = (arrival.message(), arrival.signature.as_ref()) else { continue };
        let header = message.header();
        match ring.lookup(header.issuer.as_bytes(), header.sign_sn.as_bytes(), now_unix_secs) {
            Ok(key) => {
                jobs.push((index, VerifyJob { key, message: message.signed_bytes(), signature: signature.as_bytes() }))
            }
            Err(error) => faults.push((index, Fault::Key(error))),
        }
    }
    let (indexes, jobs): (Vec<usize>, Vec<VerifyJob<'_>>) = jobs.into_iter().unzip();
    valid.clear();
    valid.resize(jobs.len(), false);
    backends.verify_batch(&jobs, valid);
    drop(jobs);
    let forged =
        indexes.into_iter().zip(valid.iter()).filter(|(_, valid)| !**valid).map(|(index, _)| (index, Fault::Signature));
    for (index, fault) in forged.chain(faults) {
        if let Some(arrival) = burst.get_mut(index) {
            arrival.fault = Some(fault);
        }
    }
}
