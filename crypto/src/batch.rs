//! Verifies and signs bursts of messages: what the hot path calls.
//!
//! Invariant: result `i` depends on job `i` alone, whatever the others are. A burst may mix suites;
//! each backend gets the longest run of neighbouring jobs that it serves, in one call, so a backend
//! with eight lanes fills them. Nobody should wait for an eighth message: a burst is what is there.

use crate::backend::{self, Backend};
use crate::error::Error;
use crate::key::{SigningKey, VerifyingKey};
use crate::signature::Signature;
use crate::suite::Suite;

/// One signature to verify.
#[derive(Clone, Copy, Debug)]
pub struct VerifyJob<'a> {
    /// The signer's public key; its suite decides the algorithm.
    pub key: &'a VerifyingKey,
    /// The exact signed bytes.
    pub message: &'a [u8],
    /// The raw signature, already decoded from base64.
    pub signature: &'a [u8],
}

/// One message to sign.
#[derive(Clone, Copy, Debug)]
pub struct SignJob<'a> {
    /// Our private key; its suite decides the algorithm.
    pub key: &'a SigningKey,
    /// The exact bytes to sign.
    pub message: &'a [u8],
}

/// Which backend serves which suite. A value, not a global: pass it where it is needed.
///
/// ```
/// use clearway_crypto::{Backends, SignJob, SigningKey, Suite, VerifyJob};
///
/// let backends = Backends::default();
/// let key = SigningKey::generate(Suite::Sm2Sm3)?;
/// let signature = backends.sign(&SignJob { key: &key, message: b"<root/>" })?;
/// assert!(backends.verify(&VerifyJob {
///     key: key.verifying_key(),
///     message: b"<root/>",
///     signature: signature.as_bytes(),
/// }));
/// # Ok::<(), clearway_crypto::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Backends {
    by_suite: [Option<&'static Backend>; Suite::ALL.len()],
}

impl Default for Backends {
    /// The fastest of each suite: aws-lc-rs, and efficient-sm2 for SM2 (measured by
    /// `examples/suite_costs.rs`).
    fn default() -> Self {
        let none = Self { by_suite: [None; Suite::ALL.len()] };
        none.preferring(&backend::AWS_LC_RS).preferring(&backend::EFFICIENT_SM2)
    }
}

impl Backends {
    /// One backend for every suite that it has, and nothing for the others: their signatures do not
    /// verify and signing with them fails.
    ///
    /// # Errors
    /// [`Error::UnknownBackend`] when no backend has this name.
    pub fn only(name: &str) -> Result<Self, Error> {
        let backend = backend::by_name(name).ok_or_else(|| Error::UnknownBackend(name.to_owned()))?;
        let none = Self { by_suite: [None; Suite::ALL.len()] };
        Ok(none.preferring(backend))
    }

    /// The same choice, but `backend` for every suite that it has.
    #[must_use]
    pub fn preferring(mut self, backend: &'static Backend) -> Self {
        for suite in backend.suites {
            self.by_suite[suite.index()] = Some(backend);
        }
        self
    }

    /// The same choice, but `backend` for `suite`.
    ///
    /// # Errors
    /// [`Error::NoSuchSuite`] when the backend does not have the suite.
    pub fn with(mut self, suite: Suite, backend: &'static Backend) -> Result<Self, Error> {
        if !backend.serves(suite) {
            return Err(Error::NoSuchSuite { backend: backend.name, suite });
        }
        self.by_suite[suite.index()] = Some(backend);
        Ok(self)
    }

    /// Name of the backend that serves `suite`, for logs and reports; `"none"` without one.
    #[must_use]
    pub fn name_of(&self, suite: Suite) -> &'static str {
        self.serving(suite).map_or("none", |backend| backend.name)
    }

    /// How many jobs of `suite` are computed at once: a burst of a multiple of this costs least.
    #[must_use]
    pub fn lanes(&self, suite: Suite) -> usize {
        self.serving(suite).map_or(1, |backend| backend.lanes)
    }

    /// Whether the signature is valid.
    #[must_use]
    pub fn verify(&self, job: &VerifyJob<'_>) -> bool {
        let mut valid = [false];
        self.verify_batch(std::slice::from_ref(job), &mut valid);
        valid[0]
    }

    /// Writes into `valid[i]` whether job `i`'s signature is valid.
    ///
    /// # Panics
    /// When the two slices differ in length: a mistake of the caller, not of a sender.
    pub fn verify_batch(&self, jobs: &[VerifyJob<'_>], valid: &mut [bool]) {
        assert_eq!(jobs.len(), valid.len(), "one verdict per job");
        let (mut jobs, mut valid) = (jobs, valid);
        while let Some(first) = jobs.first() {
            let backend = self.serving(first.key.suite());
            let run = self.run_length(backend, jobs.iter().map(|job| job.key.suite()));
            let (run_jobs, later_jobs) = jobs.split_at(run);
            let (run_valid, later_valid) = valid.split_at_mut(run);
            match backend {
                Some(backend) => (backend.verify)(run_jobs, run_valid),
                None => run_valid.fill(false),
            }
            (jobs, valid) = (later_jobs, later_valid);
        }
    }

    /// Signs one message.
    ///
    /// # Errors
    /// [`Error::NoBackend`] or [`Error::Signing`].
    pub fn sign(&self, job: &SignJob<'_>) -> Result<Signature, Error> {
        let mut out = [Signature::default()];
        self.sign_batch(std::slice::from_ref(job), &mut out)?;
        Ok(out[0])
    }

    /// Signs every job into `out`; every one is tried, and one that fails leaves its signature empty.
    ///
    /// # Errors
    /// That of the first job that failed: [`Error::NoBackend`] or [`Error::Signing`].
    ///
    /// # Panics
    /// When the two slices differ in length: a mistake of the caller.
    pub fn sign_batch(&self, jobs: &[SignJob<'_>], out: &mut [Signature]) -> Result<(), Error> {
        assert_eq!(jobs.len(), out.len(), "one signature per job");
        let (mut jobs_left, mut out_left) = (jobs, &mut *out);
        while let Some(first) = jobs_left.first() {
            let backend = self.serving(first.key.suite());
            let run = self.run_length(backend, jobs_left.iter().map(|job| job.key.suite()));
            let (run_jobs, later_jobs) = jobs_left.split_at(run);
            let (run_out, later_out) = out_left.split_at_mut(run);
            match backend {
                Some(backend) => (backend.sign)(run_jobs, run_out),
                None => run_out.iter_mut().for_each(Signature::clear),
            }
            (jobs_left, out_left) = (later_jobs, later_out);
        }
        match jobs.iter().zip(&*out).find(|(_, made)| made.is_empty()) {
            None => Ok(()),
            Some((job, _)) => Err(self.signing_error(job.key.suite())),
        }
    }

    fn signing_error(&self, suite: Suite) -> Error {
        match self.serving(suite) {
            Some(_) => Error::Signing(suite),
            None => Error::NoBackend(suite),
        }
    }

    fn serving(&self, suite: Suite) -> Option<&'static Backend> {
        self.by_suite[suite.index()]
    }

    /// How many jobs from the front belong to the same backend.
    fn run_length(&self, backend: Option<&'static Backend>, suites: impl Iterator<Item = Suite>) -> usize {
        let name = backend.map(|backend| backend.name);
        suites.take_while(|suite| self.serving(*suite).map(|backend| backend.name) == name).count()
    }
}
