//! Prints what one signature and one verification cost on this machine, for every backend and suite, and what one
//! digital envelope costs:
//!
//! ```text
//! cargo run --release -p clearway-crypto --example suite_costs
//! ```
//!
//! One thread, a message of 2 KB, microseconds per operation, the best of seven rounds (the best, not
//! the mean: whatever else the machine does can only add). `*` marks the backend that
//! [`Backends::default`] chooses. Also SHA-256 and the batch interface's own share.

use std::hint::black_box;
use std::time::{Duration, Instant};

use clearway_crypto::envelope::{CipherMode, DecryptionKey, EnvelopeAlgorithm};
use clearway_crypto::{Backend, Backends, Error, SignJob, Signature, SigningKey, Suite, VerifyJob, backend, sha256};

const MESSAGE_BYTES: usize = 2048;
const ROUNDS: usize = 7;
const ROUND_TIME: Duration = Duration::from_millis(120);
/// Jobs per call of the batch interface.
const BURST: usize = 8;

fn main() -> Result<(), Error> {
    let message: Vec<u8> = (0..MESSAGE_BYTES).map(|at| (at % 251) as u8).collect();
    println!("{:<18} {:<16} {:>9} {:>9} {:>12}", "suite", "backend", "sign us", "verify us", "3 + 3 us");
    for suite in Suite::ALL {
        let key = SigningKey::generate(suite)?;
        for candidate in backend::ALL.into_iter().filter(|b| b.serves(suite)) {
            print_costs(candidate, &key, &message)?;
        }
    }
    print_envelope_costs()?;
    println!(
        "\nsha256 of {MESSAGE_BYTES} bytes: {:.2} us",
        best_us(1, || {
            black_box(sha256(black_box(&message)));
        })
    );
    Ok(())
}

fn print_costs(candidate: &'static Backend, key: &SigningKey, message: &[u8]) -> Result<(), Error> {
    let suite = key.suite();
    let backends = Backends::only(candidate.name)?;
    let sign_jobs = [SignJob { key, message }; BURST];
    let mut signatures = [Signature::default(); BURST];
    backends.sign_batch(&sign_jobs, &mut signatures)?;
    let sign_us = best_us(BURST, || {
        let made = backends.sign_batch(black_box(&sign_jobs), &mut signatures);
        assert!(made.is_ok(), "{} cannot sign", candidate.name);
    });
    let verify_jobs = signatures.each_ref().map(|signature| VerifyJob {
        key: key.verifying_key(),
        message,
        signature: signature.as_bytes(),
    });
    let mut valid = [false; BURST];
    let verify_us = best_us(BURST, || {
        backends.verify_batch(black_box(&verify_jobs), &mut valid);
        assert_eq!(valid, [true; BURST], "{}", candidate.name);
    });
    let mark = if Backends::default().name_of(suite) == candidate.name { "*" } else { " " };
    let payment_us = 3.0 * (sign_us + verify_us);
    let name = candidate.name;
    println!("{suite:<18} {name:<15}{mark} {sign_us:>9.1} {verify_us:>9.1} {payment_us:>12.0}");
    Ok(())
}

/// One envelope with five values of 19 bytes, as in a 101: sealed, and opened.
fn print_envelope_costs() -> Result<(), Error> {
    const VALUES: usize = 5;
    println!("\n{:<18} {:>16} {:>9} {:>9}", "envelope", "", "seal us", "open us");
    for algorithm in EnvelopeAlgorithm::ALL {
        let key = DecryptionKey::generate(algorithm)?;
        let seal = || -> Result<(String, String), Error> {
            let sealing = key.encryption_key().seal(CipherMode::Cbc)?;
            let mut sealed = String::new();
            for _ in 0..VALUES {
                sealed = sealing.seal(black_box("6222020200112233445"))?;
            }
            Ok((sealing.into_envelope(), sealed))
        };
        let (envelope, sealed) = seal()?;
        let seal_us = best_us(1, || assert!(seal().is_ok(), "{algorithm} cannot seal"));
        let open_us = best_us(1, || {
            let opening = key.open(black_box(&envelope), CipherMode::Cbc);
            assert!((0..VALUES).all(|_| opening.open(black_box(&sealed)).is_ok()), "{algorithm} cannot open");
        });
        println!("{algorithm:<18} {:>16} {seal_us:>9.1} {open_us:>9.1}", "");
    }
    Ok(())
}

/// Microseconds per operation when each `call` does `operations`.
fn best_us(operations: usize, mut call: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (begin, mut calls) = (Instant::now(), 0_usize);
        while begin.elapsed() < ROUND_TIME {
            call();
            calls += 1;
        }
        let per_operation = begin.elapsed().as_secs_f64() * 1e6 / (calls * operations) as f64;
        best = best.min(per_operation);
    }
    best
}
