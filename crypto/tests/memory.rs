//! What the hot path allocates, and what private keys leave behind in freed memory.
//!
//! Measured with an allocator that counts per thread. It sees Rust's allocations only: aws-lc's C code
//! takes a few short-lived blocks of its own per call (see the crate's head), straight from the system.

#![allow(unsafe_code)] // a global allocator cannot be written without

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};

use clearway_crypto::envelope::{CipherMode, DecryptionKey, EnvelopeAlgorithm};
use clearway_crypto::{Backend, Backends, KeyRing, SignJob, Signature, SigningKey, Suite, VerifyJob, backend};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    /// Byte strings that must not be in a block when it is freed.
    static SECRETS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    static LEAKS: Cell<usize> = const { Cell::new(0) };
}

struct Watching;

// SAFETY: every request goes to the system allocator unchanged; the rest only reads the block.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are passed on. Zeroed, so that every byte may be read later.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller owns `layout.size()` bytes at `block`, set by `alloc`; nobody else uses
        // them now.
        unsafe { search(block, layout.size()) };
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// Counts one leak when the block holds a secret. Does nothing on a thread that watches none.
///
/// # Safety
/// `size` bytes at `block` must be readable.
unsafe fn search(block: *const u8, size: usize) {
    let _ = SECRETS.try_with(|secrets| {
        let Ok(secrets) = secrets.try_borrow() else {
            return;
        };
        let holds = |secret: &Vec<u8>| {
            (0..(size + 1).saturating_sub(secret.len())).any(|at| {
                secret.iter().enumerate().all(|(offset, byte)| {
                    // SAFETY: at + offset < size.
                    *byte == unsafe { block.add(at + offset).read_volatile() }
                })
            })
        };
        if secrets.iter().any(holds) {
            LEAKS.with(|leaks| leaks.set(leaks.get() + 1));
        }
    });
}

fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

/// Rust allocations of one (sign, verify), at most.
fn costs(candidate: &'static Backend, suite: Suite) -> (usize, usize) {
    let backends = Backends::only(candidate.name).expect("known");
    let key = SigningKey::generate(suite).expect("key");
    let jobs = [SignJob { key: &key, message: b"message" }];
    let mut made = [Signature::default()];
    // The first call makes lazy key forms and tables.
    backends.sign_batch(&jobs, &mut made).expect("signed");
    // The most of several: aws-lc-rs shrinks its vector when an ECDSA signature comes out short, which
    // it does three times in four.
    let sign = (0..32)
        .map(|_| allocations(|| backends.sign_batch(&jobs, &mut made).expect("signed")))
        .max()
        .expect("32 of them");
    let jobs = [VerifyJob { key: key.verifying_key(), message: b"message", signature: made[0].as_bytes() }];
    let mut valid = [false];
    backends.verify_batch(&jobs, &mut valid);
    let verify = allocations(|| backends.verify_batch(&jobs, &mut valid));
    assert_eq!(valid, [true]);
    (sign, verify)
}

/// The table of the crate's head. After an update of a library that changes it: change both.
#[test]
fn allocations_per_job_are_as_documented() {
    let mut measured = Vec::new();
    for candidate in backend::ALL {
        for suite in candidate.suites {
            let (sign, verify) = costs(candidate, *suite);
            measured.push((candidate.name, suite.name(), sign, verify));
        }
    }
    let documented = [
        ("aws-lc-rs", "rsa-2048-sha256", 1, 0),
        ("aws-lc-rs", "ecdsa-p256-sha256", 2, 0),
        ("aws-lc-rs", "ed25519", 1, 0),
        ("ring", "rsa-2048-sha256", 9, 5),
        ("ring", "ecdsa-p256-sha256", 0, 0),
        ("ring", "ed25519", 0, 0),
        ("efficient-sm2", "sm2-sm3", 0, 0),
        ("rustcrypto-sm2", "sm2-sm3", 0, 0),
    ];
    assert_eq!(measured, documented);
}

#[test]
fn looking_a_key_up_allocates_nothing() {
    let key = SigningKey::generate(Suite::Ed25519).expect("key");
    let ring = KeyRing::builder()
        .add(*b"Z2000000000088", *b"4000000088", key.verifying_key().clone(), 10, 20)
        .build()
        .expect("ring");
    let lookups = || {
        for now in [9, 10, 20] {
            let _ = ring.lookup(b"Z2000000000088", b"4000000088", now);
        }
        let _ = ring.lookup(b"Z2000000000088", b"4000000089", 10);
        let _ = ring.lookup(b"Z2000000000089", b"4000000088", 10);
    };
    assert_eq!(allocations(lookups), 0);
    assert_eq!(allocations(|| drop(key.verifying_key().clone())), 0);
}

/// The secret of an SM2 key in every form that it takes in memory: the scalar as bytes, as limbs, and
/// as efficient-sm2's limbs, multiplied by 2^256.
fn sm2_forms(scalar: &[u8; 32]) -> Vec<Vec<u8>> {
    use sm2::elliptic_curve::PrimeField;
    let limbs = |bytes: &[u8]| bytes.iter().rev().copied().collect::<Vec<u8>>();
    let value = sm2::Scalar::from_repr((*scalar).into()).unwrap();
    let shifted = (0..256).fold(value, |value, _| value.double());
    let shifted: [u8; 32] = shifted.to_repr().into();
    vec![scalar.to_vec(), limbs(scalar), limbs(&shifted)]
}

/// The 32 secret bytes of an elliptic key: in each of the three PKCS#8 forms they are the only OCTET
/// STRING of that length.
fn secret_bytes(pem: &str) -> [u8; 32] {
    use base64::Engine;
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = base64::engine::general_purpose::STANDARD.decode(body).expect("base64");
    let at = der.windows(2).position(|pair| pair == [0x04, 0x20]).expect("secret");
    der[at + 2..at + 34].try_into().expect("32 bytes")
}

#[test]
fn private_keys_leave_nothing_in_freed_memory() {
    for suite in [Suite::Sm2Sm3, Suite::EcdsaP256Sha256, Suite::Ed25519] {
        let key = SigningKey::generate(suite).expect("key");
        let secret = secret_bytes(&key.to_pkcs8_pem());
        let forms = match suite {
            Suite::Sm2Sm3 => sm2_forms(&secret),
            _ => vec![secret.to_vec()],
        };
        SECRETS.with(|secrets| *secrets.borrow_mut() = forms);
        // The search itself: a block that was not wiped is found.
        drop(secret.to_vec());
        assert_eq!(LEAKS.replace(0), 1, "{suite}: the search finds nothing");

        let pem = key.to_pkcs8_pem();
        drop(key);
        let key = SigningKey::from_pkcs8_pem(&pem).expect("key");
        let job = SignJob { key: &key, message: b"message" };
        for candidate in backend::ALL.into_iter().filter(|b| b.serves(suite)) {
            let backends = Backends::only(candidate.name).expect("known");
            backends.sign(&job).expect("signed");
        }
        drop((key, pem));
        let leaks = LEAKS.replace(0);
        SECRETS.with(|secrets| secrets.borrow_mut().clear());
        assert_eq!(leaks, 0, "{suite}: blocks freed with the secret in them");
    }
}

/// What `work` frees with one of `secrets` in it. The search must find a block that was not wiped.
fn leaks(secrets: Vec<Vec<u8>>, work: impl FnOnce()) -> usize {
    let first = secrets[0].clone();
    SECRETS.with(|place| *place.borrow_mut() = secrets);
    drop(first);
    assert_eq!(LEAKS.replace(0), 1, "the search finds nothing");
    work();
    let leaks = LEAKS.replace(0);
    SECRETS.with(|place| place.borrow_mut().clear());
    leaks
}

#[test]
fn decryption_keys_and_clear_values_leave_nothing_in_freed_memory() {
    // Static: a heap copy of it would be a leak of the test's own.
    const CLEAR: &str = "6222020200112233445";
    for algorithm in EnvelopeAlgorithm::ALL {
        let pem = DecryptionKey::generate(algorithm).expect("key").to_pkcs8_pem();
        let mut secrets = vec![CLEAR.as_bytes().to_vec()];
        if algorithm == EnvelopeAlgorithm::Sm2Sm4 {
            secrets.extend(sm2_forms(&secret_bytes(&pem)));
        }
        let leaks = leaks(secrets, || {
            let key = DecryptionKey::from_pkcs8_pem(&pem).expect("key");
            for mode in [CipherMode::Cbc, CipherMode::Ecb] {
                let sealing = key.encryption_key().seal(mode).expect("sealed");
                let sealed = sealing.seal(CLEAR).expect("sealed");
                let opening = key.open(sealing.envelope(), mode);
                assert_eq!(opening.open(&sealed).expect("opens").as_str(), CLEAR);
            }
        });
        assert_eq!(leaks, 0, "{algorithm}: blocks freed with a secret in them");
    }
}

#[test]
fn an_opened_session_key_leaves_nothing_in_freed_memory() {
    const TEXT: &[u8] = b"01|abcdefghijklmnopqrstuvwxyz012345";
    let key = DecryptionKey::generate(EnvelopeAlgorithm::RsaAes256).expect("key");
    let public = rustls_pki_types::pem::PemObject::from_pem_slice(key.encryption_key().to_spki_pem().as_bytes());
    let public: rustls_pki_types::SubjectPublicKeyInfoDer<'_> = public.expect("PEM");
    let public = aws_lc_rs::rsa::PublicEncryptingKey::from_der(&public).expect("key");
    let mut envelope = [0; 256];
    let cipher = aws_lc_rs::rsa::Pkcs1PublicEncryptingKey::new(public).expect("key");
    cipher.encrypt(TEXT, &mut envelope).expect("encrypted");
    let envelope = {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(envelope)
    };
    let leaks = leaks(vec![TEXT[3..].to_vec()], || {
        let opening = key.open(&envelope, CipherMode::Cbc);
        // Two random blocks: nearly always unreadable, under this key.
        let _ = opening.open(&envelope[..44]);
    });
    assert_eq!(leaks, 0, "blocks freed with the session key in them");
}
