//! Three signatures and three verifications: the least that one payment can cost.

use std::hint::black_box;
use std::time::Duration;

use clearway_crypto::{Backend, Backends, SignJob, Signature, SigningKey, Suite, VerifyJob, backend};
use serde::Serialize;

use crate::cpu::{micros, pin, thread_cpu};
use crate::error::Error;

/// Size of the signed message, in bytes.
const MESSAGE_BYTES: usize = 2048;
/// Jobs in one call: what a backend with eight lanes needs.
const BURST: usize = 8;
/// The best round counts: whatever else the machine does can only add.
const ROUNDS: usize = 5;

/// What signatures cost with the fastest backend of a suite.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct CryptoFloor {
    /// The backend.
    pub backend: &'static str,
    /// CPU of one signature, in microseconds.
    pub sign_us: f64,
    /// CPU of one verification, in microseconds.
    pub verify_us: f64,
}

impl CryptoFloor {
    /// Three of each, in microseconds.
    pub fn payment_us(&self) -> f64 {
        3.0 * (self.sign_us + self.verify_us)
    }
}

/// Measures every backend of `suite` on `core` and gives the fastest; takes about `ROUNDS * 2 * round` for each.
///
/// # Errors
/// No backend signs, or no thread can be made.
pub fn measure_crypto(suite: Suite, core: Option<usize>, round: Duration) -> Result<CryptoFloor, Error> {
    let work = move || {
        pin(core);
        let key = SigningKey::generate(suite)?;
        let mut best: Option<CryptoFloor> = None;
        for candidate in backend::ALL.into_iter().filter(|backend| backend.serves(suite)) {
            let floor = measure_backend(candidate, &key, round)?;
            if best.is_none_or(|best| floor.payment_us() < best.payment_us()) {
                best = Some(floor);
            }
        }
        best.ok_or_else(|| Error::Unsuited(format!("no backend has {suite}")))
    };
    let thread =
        std::thread::Builder::new().name("crypto-floor".into()).spawn(work).map_err(Error::machine("floor thread"))?;
    thread.join().map_err(|_| Error::Failed { what: "crypto floor", why: "the thread panicked".into() })?
}

fn measure_backend(candidate: &'static Backend, key: &SigningKey, round: Duration) -> Result<CryptoFloor, Error> {
    let backends = Backends::only(candidate.name)?;
    let message: Vec<u8> = (0..MESSAGE_BYTES).map(|at| (at % 251) as u8).collect();
    let sign_jobs = [SignJob { key, message: &message }; BURST];
    let mut signatures = [Signature::default(); BURST];
    backends.sign_batch(&sign_jobs, &mut signatures)?;
    let made = signatures;
    let verify_jobs = made.each_ref().map(|signature| VerifyJob {
        key: key.verifying_key(),
        message: &message,
        signature: signature.as_bytes(),
    });
    let mut valid = [false; BURST];
    backends.verify_batch(&verify_jobs, &mut valid);
    if valid != [true; BURST] {
        return Err(Error::Unsuited(format!("{} does not verify its own signatures", candidate.name)));
    }
    let (mut sign_us, mut verify_us) = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        sign_us = sign_us.min(cpu_us_per_job(round, || {
            drop(black_box(backends.sign_batch(black_box(&sign_jobs), &mut signatures)))
        }));
        verify_us = verify_us.min(cpu_us_per_job(round, || backends.verify_batch(black_box(&verify_jobs), &mut valid)));
    }
    Ok(CryptoFloor { backend: candidate.name, sign_us, verify_us })
}

fn cpu_us_per_job(round: Duration, mut burst: impl FnMut()) -> f64 {
    let (began, mut jobs) = (thread_cpu(), 0_usize);
    loop {
        burst();
        jobs += BURST;
        let spent = thread_cpu() - began;
        if spent >= round {
            return micros(spent) / jobs as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_has_a_floor() {
        for suite in Suite::ALL {
            let floor = measure_crypto(suite, None, Duration::from_micros(1)).unwrap();
            assert!(
                floor.sign_us > 0.0 && floor.verify_us > 0.0 && floor.payment_us() > 3.0 * floor.sign_us,
                "{suite}"
            );
        }
    }
}
