//! Backends against each other, on random messages: what one signs every other accepts, and nobody
//! accepts anything that was changed.

use clearway_crypto::{SignJob, Signature, SigningKey, Suite, VerifyingKey};
use rand::Rng;

use crate::fixtures::{backends, fixed_key, only, random_bytes, seeded, verifies};

const MESSAGES: usize = 24;
const MESSAGE_BYTES_MAX: usize = 4096;

fn sign(backend: &clearway_crypto::Backend, key: &SigningKey, message: &[u8]) -> Signature {
    only(backend).sign(&SignJob { key, message }).unwrap_or_else(|e| panic!("{}: {e}", backend.name))
}

#[test]
fn what_one_backend_signs_every_other_verifies() {
    let mut rng = seeded("cross");
    for suite in Suite::ALL {
        let fresh = SigningKey::generate(suite).expect("key");
        for key in [&fixed_key(suite), &fresh] {
            for round in 0..MESSAGES {
                // Also the empty message and the lengths around a digest block.
                let message = match round {
                    0..4 => vec![0x5a; [0, 1, 55, 64][round]],
                    _ => random_bytes(&mut rng, MESSAGE_BYTES_MAX),
                };
                for signer in backends(suite) {
                    let signature = sign(signer, key, &message);
                    for verifier in backends(suite) {
                        let public = key.verifying_key();
                        assert!(
                            verifies(verifier, public, &message, signature.as_bytes()),
                            "{suite}: {} refuses {}'s {signature:?} of {message:02x?} under {}",
                            verifier.name,
                            signer.name,
                            public.to_spki_pem(),
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_flipped_bit_of_the_message_refuses() {
    let mut rng = seeded("message flips");
    for suite in Suite::ALL {
        let key = fixed_key(suite);
        let message = random_bytes(&mut rng, 40);
        for backend in backends(suite) {
            let signature = sign(backend, &key, &message);
            for bit in 0..message.len() * 8 {
                let changed = flipped(&message, bit);
                let ok = verifies(backend, key.verifying_key(), &changed, signature.as_bytes());
                assert!(!ok, "{suite} {}: bit {bit}", backend.name);
            }
            let mut longer = message.clone();
            longer.push(0);
            let ok = verifies(backend, key.verifying_key(), &longer, signature.as_bytes());
            assert!(!ok, "{suite} {}: a byte more", backend.name);
        }
    }
}

#[test]
fn a_flipped_bit_of_the_signature_refuses() {
    for suite in Suite::ALL {
        let key = fixed_key(suite);
        for backend in backends(suite) {
            let signature = sign(backend, &key, b"message");
            for bit in 0..signature.as_bytes().len() * 8 {
                let changed = flipped(signature.as_bytes(), bit);
                let ok = verifies(backend, key.verifying_key(), b"message", &changed);
                assert!(!ok, "{suite} {}: bit {bit} of {signature:?}", backend.name);
            }
        }
    }
}

/// Every bit of the public key: either the changed key is refused, or it does not verify.
#[test]
fn a_flipped_bit_of_the_key_refuses() {
    for suite in Suite::ALL {
        let key = fixed_key(suite);
        let der = key.verifying_key().spki_der();
        let signatures: Vec<_> = backends(suite).map(|backend| (backend, sign(backend, &key, b"message"))).collect();
        for bit in 0..der.len() * 8 {
            let Ok(changed) = VerifyingKey::from_spki_der(&flipped(der, bit)) else {
                continue;
            };
            for (backend, signature) in &signatures {
                let ok = verifies(backend, &changed, b"message", signature.as_bytes());
                assert!(!ok, "{suite} {}: bit {bit}", backend.name);
            }
        }
    }
}

#[test]
fn a_signature_of_no_possible_length_refuses() {
    for suite in Suite::ALL {
        let key = fixed_key(suite);
        for backend in backends(suite) {
            let good = sign(backend, &key, b"message");
            let mut longer = good.as_bytes().to_vec();
            longer.push(0);
            let shorter = &good.as_bytes()[..good.as_bytes().len() - 1];
            let mut zero_first = vec![0];
            zero_first.extend_from_slice(good.as_bytes());
            let wrong: [&[u8]; 8] =
                [b"", &[0], &longer, shorter, &zero_first, &[0; 256], &[0xff; 257], &[0x30; 100_000]];
            for signature in wrong {
                let ok = verifies(backend, key.verifying_key(), b"message", signature);
                assert!(!ok, "{suite} {}: {} bytes", backend.name, signature.len());
            }
        }
    }
}

/// Bytes of a stranger: never a panic, never accepted, the backends agree.
#[test]
fn random_signatures_refuse() {
    let mut rng = seeded("random signatures");
    for suite in Suite::ALL {
        let key = fixed_key(suite);
        for _ in 0..64 {
            let mut signature = random_bytes(&mut rng, suite.signature_bytes_max() + 2);
            // Half of them look like DER at first.
            if rng.next_u32().is_multiple_of(2) && signature.len() > 4 {
                signature[0] = 0x30;
                signature[1] = (signature.len() - 2) as u8;
                signature[2] = 0x02;
            }
            for backend in backends(suite) {
                let ok = verifies(backend, key.verifying_key(), b"message", &signature);
                assert!(!ok, "{suite} {}: {signature:02x?}", backend.name);
            }
        }
    }
}

/// A signature of one suite under a key of another.
#[test]
fn keys_and_signatures_of_different_suites_do_not_mix() {
    for signed in Suite::ALL {
        let signer = backends(signed).next().expect("backend");
        let signature = sign(signer, &fixed_key(signed), b"message");
        for other in Suite::ALL.into_iter().filter(|other| *other != signed) {
            let key = fixed_key(other);
            for backend in backends(other) {
                let public = key.verifying_key();
                let ok = verifies(backend, public, b"message", signature.as_bytes());
                assert!(!ok, "{signed} signature under a {other} key: {}", backend.name);
            }
        }
    }
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[bit / 8] ^= 1 << (bit % 8);
    changed
}
