//! RustCrypto `sm2`: half as fast as [`super::EFFICIENT_SM2`], on formally verified field arithmetic;
//! the second opinion.
//!
//! It computes its own ZA and parses the signature's DER itself, so that a mistake in ours shows. It
//! signs with deterministic nonces (RFC 6979). Its private key form is not wiped by the library, so a
//! [`crate::SigningKey`] makes it only when this backend is used for the first time, and wipes it.

use sm2::dsa::signature::{Signer, Verifier};

use super::Backend;
use super::single::{sign_each, verify_each};
use crate::batch::{SignJob, VerifyJob};
use crate::key::{PublicForms, SecretForms};
use crate::signature::Signature;
use crate::suite::Suite;

/// The RustCrypto `sm2` library.
pub const RUSTCRYPTO_SM2: Backend = Backend {
    name: "rustcrypto-sm2",
    suites: &[Suite::Sm2Sm3],
    lanes: 1,
    verify: |jobs, valid| verify_each(jobs, valid, verify_one),
    sign: |jobs, out| sign_each(jobs, out, sign_one),
};

fn verify_one(job: &VerifyJob<'_>) -> bool {
    let PublicForms::Sm2(key) = job.key.forms() else {
        return false;
    };
    let Ok(signature) = sm2::dsa::Signature::from_der(job.signature) else {
        return false;
    };
    key.rustcrypto.verify(job.message, &signature).is_ok()
}

fn sign_one(job: &SignJob<'_>, signature: &mut Signature) {
    let SecretForms::Sm2(key) = job.key.forms() else {
        return;
    };
    let Some(secret) = key.rustcrypto() else {
        return;
    };
    if let Ok(made) = secret.try_sign(job.message) {
        let made: sm2::dsa::Signature = made;
        signature.set(made.to_der().as_bytes());
    }
}
