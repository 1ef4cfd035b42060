//! The libraries that compute signatures, each as one const struct of functions.
//!
//! Invariant: a backend is handed only jobs whose suite is in its `suites`, at most as many results
//! as jobs, and never panics on what a stranger sent. Chosen and called by
//! [`crate::Backends`].
//!
//! ```text
//! const            name             suites                   how
//! RING             ring             RSA, P-256, Ed25519      one at a time
//! AWS_LC_RS        aws-lc-rs        RSA, P-256, Ed25519      one at a time
//! EFFICIENT_SM2    efficient-sm2    SM2                      one at a time
//! RUSTCRYPTO_SM2   rustcrypto-sm2   SM2                      one at a time, second opinion
//! ```
//!
//! A backend's functions take a burst, not one job, so that one which computes eight signatures in
//! the lanes of a vector register is a further file here (`multi_buffer.rs`), a row of [`ALL`] and, if
//! it needs its own key form, a field of the key forms; nothing else changes.

mod aws_lc;
mod ring;
mod rustcrypto_sm2;
mod single;
mod sm;
pub(crate) mod sm2_der;

use std::fmt;

use crate::batch::{SignJob, VerifyJob};
use crate::signature::Signature;
use crate::suite::Suite;

pub use aws_lc::AWS_LC_RS;
pub use ring::RING;
pub use rustcrypto_sm2::RUSTCRYPTO_SM2;
pub use sm::EFFICIENT_SM2;

/// Every backend of this build.
pub const ALL: [&Backend; 4] = [&AWS_LC_RS, &RING, &EFFICIENT_SM2, &RUSTCRYPTO_SM2];

/// One library that signs and verifies.
pub struct Backend {
    /// The name used in configuration, metrics and reports.
    pub name: &'static str,
    /// The suites it has.
    pub suites: &'static [Suite],
    /// How many jobs it computes at once; 1 for every single-shot library.
    pub lanes: usize,
    /// Writes one verdict per job. Both slices have the same length.
    pub(crate) verify: fn(&[VerifyJob<'_>], &mut [bool]),
    /// Writes one signature per job, empty where signing failed. Both slices have the same length.
    pub(crate) sign: fn(&[SignJob<'_>], &mut [Signature]),
}

impl Backend {
    /// Whether this backend has `suite`.
    #[must_use]
    pub fn serves(&self, suite: Suite) -> bool {
        self.suites.contains(&suite)
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend")
            .field("name", &self.name)
            .field("suites", &self.suites)
            .field("lanes", &self.lanes)
            .finish_non_exhaustive()
    }
}

/// The backend of this name, if there is one.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Backend> {
    ALL.into_iter().find(|backend| backend.name == name)
}
