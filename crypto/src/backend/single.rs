//! Turns a library's one-job functions into the burst functions of a [`super::Backend`].
//!
//! Invariant: job `i` decides result `i` and nothing else. Used by every single-shot backend.

use crate::batch::{SignJob, VerifyJob};
use crate::signature::Signature;

/// Runs `verify_one` over the burst.
pub(super) fn verify_each(jobs: &[VerifyJob<'_>], valid: &mut [bool], verify_one: impl Fn(&VerifyJob<'_>) -> bool) {
    for (job, verdict) in jobs.iter().zip(valid) {
        *verdict = could_be_valid(job) && verify_one(job);
    }
}

/// Whether a signature of this length exists in the suite; the libraries see no other.
fn could_be_valid(job: &VerifyJob<'_>) -> bool {
    (1..=job.key.suite().signature_bytes_max()).contains(&job.signature.len())
}

/// Runs `sign_one` over the burst; it leaves the signature empty when it fails.
pub(super) fn sign_each(jobs: &[SignJob<'_>], out: &mut [Signature], sign_one: impl Fn(&SignJob<'_>, &mut Signature)) {
    for (job, signature) in jobs.iter().zip(out) {
        signature.clear();
        sign_one(job, signature);
    }
}
