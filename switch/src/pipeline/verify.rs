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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use bytes::Bytes;
    use clearway_codec::Decoder;
    use clearway_codec::value::InstitutionId;

    use super::*;
    use crate::config::{Participant, ParticipantKind};
    use crate::net::Exchange;
    use crate::pipeline::decode::decode;

    const PAYMENT: &[u8] = include_bytes!("../../../codec/tests/vectors/pay-201.ed25519.msg");

    /// The issuer of [`PAYMENT`] as participant 4, unless it is nobody; somebody else as participant 5.
    fn participants(issuer: &InstitutionId, is_known: bool) -> Participants {
        let other = InstitutionId::parse(b"Z2007933000010").unwrap();
        let one = |index, id| {
            Participant::new(index, id, ParticipantKind::Institution, "https://127.0.0.1:1/".parse().unwrap())
        };
        let mut list = vec![one(5, other)];
        list.extend(is_known.then(|| one(4, *issuer)));
        Participants::new(list).unwrap()
    }

    #[test]
    fn a_message_comes_under_its_issuers_certificate_or_it_is_an_impostors() {
        for (identity, is_known, is_impostor) in [
            (Identity::Anyone, true, false),
            (Identity::One(4), true, false),
            (Identity::One(5), true, true),
            (Identity::Several([4, 5].into()), true, false),
            (Identity::Several([5, 6].into()), true, true),
            // Whoever it is, its signature is not known here: that is what it is told.
            (Identity::One(5), false, false),
        ] {
            let (exchange, _waiting) = Exchange::open(Instant::now(), identity.clone());
            let mut burst = [Arrival::new(Bytes::from_static(PAYMENT), Origin::Request(exchange))];
            decode(&mut Decoder::new(), &mut burst);
            let issuer = burst[0].message().unwrap().header().issuer;
            let found = expose_impostors(&participants(&issuer, is_known), &mut burst);
            assert_eq!(found, u64::from(is_impostor), "{identity:?}");
            assert_eq!(matches!(burst[0].fault, Some(Fault::Impostor)), is_impostor, "{identity:?}");
        }
    }
}
