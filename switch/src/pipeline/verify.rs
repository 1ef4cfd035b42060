//! Stage 2: whose message is it, may it come this way, and did they sign it? The whole burst in one call to the verifier.

use clearway_crypto::{Backends, KeyRing, VerifyJob};

use super::arrival::{Arrival, Fault, Origin};
use crate::config::Participants;
use crate::net::transport::Identity;

/// Finds the requests that came under a certificate which does not speak for the issuer that they name. An issuer that
/// nobody knows is left to [`verify`]. Returns how many there are.
pub(crate) fn expose_impostors(participants: &Participants, burst: &mut [Arrival]) -> u64 {
    let mut found = 0;
    for arrival in burst {
        let Origin::Request(exchange) = &arrival.origin else { continue };
        if exchange.identity == Identity::Anyone || arrival.fault.is_some() {
            continue;
        }
        let issuer = arrival.message().and_then(|message| participants.index_of(&message.header().issuer));
        if issuer.is_some_and(|issuer| !exchange.identity.may_speak_for(issuer)) {
            arrival.fault = Some(Fault::Impostor);
            found += 1;
        }
    }
    found
}

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
