//! `ring`: RSA, P-256 and Ed25519; the second opinion beside aws-lc-rs.
//!
//! Its public interface has no parsed public keys: RSA verification builds its modulus anew in every
//! call (and allocates for it). Its private keys are not wiped, so a [`crate::SigningKey`] makes them
//! only when this backend is used for the first time.

use ::ring::rand::SystemRandom;
use ::ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey,
};

use super::Backend;
use super::single::{sign_each, verify_each};
use crate::batch::{SignJob, VerifyJob};
use crate::key::{PublicForms, RingSecret};
use crate::signature::Signature;
use crate::suite::Suite;

/// The `ring` library.
pub const RING: Backend = Backend {
    name: "ring",
    suites: &[Suite::Rsa2048Sha256, Suite::EcdsaP256Sha256, Suite::Ed25519],
    lanes: 1,
    verify: |jobs, valid| verify_each(jobs, valid, verify_one),
    sign: |jobs, out| sign_each(jobs, out, sign_one),
};

fn verify_one(job: &VerifyJob<'_>) -> bool {
    let verdict = match job.key.forms() {
        PublicForms::Rsa(key) => key.ring.verify(&RSA_PKCS1_2048_8192_SHA256, job.message, job.signature),
        PublicForms::P256(key) => {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &key.point).verify(job.message, job.signature)
        }
        PublicForms::Ed25519(key) => UnparsedPublicKey::new(&ED25519, &key.point).verify(job.message, job.signature),
        PublicForms::Sm2(_) => return false,
    };
    verdict.is_ok()
}

fn sign_one(job: &SignJob<'_>, signature: &mut Signature) {
    let rng = SystemRandom::new();
    match job.key.ring_secret() {
        Some(RingSecret::Rsa(key)) => {
            signature.fill_with(|room| key.sign(&RSA_PKCS1_SHA256, &rng, job.message, room));
        }
        Some(RingSecret::P256(key)) => {
            if let Ok(made) = key.sign(&rng, job.message) {
                signature.set(made.as_ref());
            }
        }
        Some(RingSecret::Ed25519(key)) => signature.set(key.sign(job.message).as_ref()),
        None => {}
    }
}
