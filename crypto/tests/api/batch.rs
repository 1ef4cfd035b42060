//! A burst gives what its jobs give one by one, in any mix of suites and faults.

use clearway_crypto::{Backends, Error, SignJob, Signature, SigningKey, Suite, VerifyJob, backend};
use rand::Rng;

use crate::fixtures::{fixed_key, random_bytes, seeded};

const BURSTS: usize = 40;
const BURST_JOBS_MAX: usize = 24;

struct Case {
    key: usize,
    message: Vec<u8>,
    signature: Vec<u8>,
    good: bool,
}

/// Messages signed by random keys, some of them broken afterwards.
fn burst(rng: &mut impl Rng, keys: &[SigningKey], backends: &Backends) -> Vec<Case> {
    let jobs = rng.next_u32() as usize % (BURST_JOBS_MAX + 1);
    let mut case = || {
        let key = rng.next_u32() as usize % keys.len();
        let message = rng.next_u64().to_le_bytes().to_vec();
        let job = SignJob { key: &keys[key], message: &message };
        let mut signature = backends.sign(&job).expect("signed").as_bytes().to_vec();
        let fault = rng.next_u32() % 6;
        match fault {
            0 => signature.clear(),
            1 => {
                let at = rng.next_u32() as usize % signature.len();
                signature[at] ^= 0x10;
            }
            2 => signature.extend_from_slice(&[0; 300]),
            _ => {}
        }
        Case { key, message, signature, good: fault > 2 }
    };
    (0..jobs).map(|_| case()).collect()
}

#[test]
fn a_batch_verifies_as_its_jobs_one_by_one() {
    let mut rng = seeded("batch verify");
    let keys: Vec<SigningKey> = Suite::ALL.map(fixed_key).into_iter().collect();
    let backends = Backends::default();
    for _ in 0..BURSTS {
        let cases = burst(&mut rng, &keys, &backends);
        let jobs: Vec<VerifyJob<'_>> = cases
            .iter()
            .map(|case| VerifyJob {
                key: keys[case.key].verifying_key(),
                message: &case.message,
                signature: &case.signature,
            })
            .collect();
        // Stale verdicts of an earlier burst must not shine through.
        let mut valid = vec![true; jobs.len()];
        backends.verify_batch(&jobs, &mut valid);
        for ((case, job), verdict) in cases.iter().zip(&jobs).zip(valid) {
            assert_eq!(verdict, case.good, "{:?}", job.key);
            assert_eq!(verdict, backends.verify(job), "{:?}", job.key);
        }
    }
}

#[test]
fn a_batch_signs_every_job() {
    let mut rng = seeded("batch sign");
    let keys: Vec<SigningKey> = Suite::ALL.map(fixed_key).into_iter().collect();
    let backends = Backends::default();
    for _ in 0..BURSTS / 4 {
        let messages: Vec<Vec<u8>> = (0..BURST_JOBS_MAX).map(|_| random_bytes(&mut rng, 100)).collect();
        let jobs: Vec<SignJob<'_>> = messages
            .iter()
            .map(|message| SignJob { key: &keys[rng.next_u32() as usize % keys.len()], message })
            .collect();
        let mut signatures = vec![Signature::default(); jobs.len()];
        backends.sign_batch(&jobs, &mut signatures).expect("signed");
        for (job, signature) in jobs.iter().zip(&signatures) {
            let check =
                VerifyJob { key: job.key.verifying_key(), message: job.message, signature: signature.as_bytes() };
            assert!(backends.verify(&check), "{:?}", job.key);
        }
    }
}

/// SM2 has no backend in "only ring": its jobs fail, their neighbours do not.
#[test]
fn one_bad_job_harms_no_other() {
    let backends = Backends::only("ring").expect("ring");
    assert_eq!(backends.name_of(Suite::Sm2Sm3), "none");
    let keys = [fixed_key(Suite::Ed25519), fixed_key(Suite::Sm2Sm3), fixed_key(Suite::EcdsaP256Sha256)];
    let jobs = keys.each_ref().map(|key| SignJob { key, message: b"message" });
    let mut signatures = [Signature::default(); 3];
    let refused = backends.sign_batch(&jobs, &mut signatures);
    assert!(matches!(refused, Err(Error::NoBackend(Suite::Sm2Sm3))));
    assert!(signatures[1].is_empty());

    let sm2 = Backends::default().sign(&jobs[1]).expect("signed");
    signatures[1] = sm2;
    let checks = [0, 1, 2].map(|at| VerifyJob {
        key: keys[at].verifying_key(),
        message: b"message",
        signature: signatures[at].as_bytes(),
    });
    let mut valid = [false, true, false];
    backends.verify_batch(&checks, &mut valid);
    assert_eq!(valid, [true, false, true]);
    Backends::default().verify_batch(&checks, &mut valid);
    assert_eq!(valid, [true; 3]);
}

#[test]
fn backends_are_chosen_by_suite_and_name() {
    let default = Backends::default();
    assert_eq!(default.name_of(Suite::Rsa2048Sha256), "aws-lc-rs");
    assert_eq!(default.name_of(Suite::EcdsaP256Sha256), "aws-lc-rs");
    assert_eq!(default.name_of(Suite::Ed25519), "aws-lc-rs");
    assert_eq!(default.name_of(Suite::Sm2Sm3), "efficient-sm2");
    assert!(Suite::ALL.iter().all(|suite| default.lanes(*suite) == 1));

    let mixed =
        default.with(Suite::Ed25519, &backend::RING).expect("ring has Ed25519").preferring(&backend::RUSTCRYPTO_SM2);
    assert_eq!(mixed.name_of(Suite::Ed25519), "ring");
    assert_eq!(mixed.name_of(Suite::Rsa2048Sha256), "aws-lc-rs");
    assert_eq!(mixed.name_of(Suite::Sm2Sm3), "rustcrypto-sm2");

    let lacking = default.with(Suite::Sm2Sm3, &backend::RING);
    assert!(matches!(lacking, Err(Error::NoSuchSuite { backend: "ring", suite: Suite::Sm2Sm3 })));
    assert!(matches!(Backends::only("openssl"), Err(Error::UnknownBackend(_))));
    for suite in Suite::ALL {
        assert_eq!(suite.name().parse::<Suite>().expect("own name"), suite);
        assert_eq!(Suite::ALL[suite.index()], suite);
    }
    assert!("rsa-1024".parse::<Suite>().is_err());
}

#[test]
#[should_panic(expected = "one verdict per job")]
fn a_wrong_number_of_verdicts_is_a_bug() {
    Backends::default().verify_batch(&[], &mut [false]);
}
