//! `aws-lc-rs`: RSA, P-256 and Ed25519; the default, as it signs RSA and Ed25519 twice as fast as ring.
//!
//! Keys are parsed once. Each call makes a digest context in C; signing also returns its result in a
//! short-lived vector.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;

use super::Backend;
use super::single::{sign_each, verify_each};
use crate::batch::{SignJob, VerifyJob};
use crate::key::{PublicForms, SecretForms};
use crate::signature::Signature;
use crate::suite::Suite;

/// The `aws-lc-rs` library.
pub const AWS_LC_RS: Backend = Backend {
    name: "aws-lc-rs",
    suites: &[Suite::Rsa2048Sha256, Suite::EcdsaP256Sha256, Suite::Ed25519],
    lanes: 1,
    verify: |jobs, valid| verify_each(jobs, valid, verify_one),
    sign: |jobs, out| sign_each(jobs, out, sign_one),
};

fn verify_one(job: &VerifyJob<'_>) -> bool {
    let key = match job.key.forms() {
        PublicForms::Rsa(key) => &key.aws_lc,
        PublicForms::P256(key) => &key.aws_lc,
        PublicForms::Ed25519(key) => &key.aws_lc,
        PublicForms::Sm2(_) => return false,
    };
    key.verify_sig(job.message, job.signature).is_ok()
}

fn sign_one(job: &SignJob<'_>, signature: &mut Signature) {
    let rng = SystemRandom::new();
    match job.key.forms() {
        SecretForms::Rsa(key) => {
            signature.fill_with(|room| key.sign(&RSA_PKCS1_SHA256, &rng, job.message, room));
        }
        SecretForms::P256(key) => {
            if let Ok(made) = key.sign(&rng, job.message) {
                signature.set(made.as_ref());
            }
        }
        SecretForms::Ed25519(key) => {
            if let Ok(made) = key.try_sign(job.message) {
                signature.set(made.as_ref());
            }
        }
        SecretForms::Sm2(_) => {}
    }
}
