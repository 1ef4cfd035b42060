//! Keys, randomness and backends that several tests use.

use std::path::PathBuf;

use clearway_crypto::{Backend, Backends, SigningKey, Suite, VerifyJob, VerifyingKey, backend};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The signed example messages, and the four participants' key pairs of each suite.
pub(crate) fn vectors() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../codec/tests/vectors"))
}

/// Reads one file below [`vectors`].
pub(crate) fn read(file: &str) -> Vec<u8> {
    let path = vectors().join(file);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub(crate) fn read_text(file: &str) -> String {
    String::from_utf8(read(file)).expect("UTF-8")
}

/// The private key of the payment institution of the examples: the same in every run.
pub(crate) fn fixed_key(suite: Suite) -> SigningKey {
    let pem = read_text(&format!("keys/{suite}-Z2000000000088.key.pem"));
    SigningKey::from_pkcs8_pem(&pem).expect("example key")
}

/// The backends that have `suite`.
pub(crate) fn backends(suite: Suite) -> impl Iterator<Item = &'static Backend> {
    backend::ALL.into_iter().filter(move |b| b.serves(suite))
}

pub(crate) fn only(backend: &Backend) -> Backends {
    Backends::only(backend.name).expect("known")
}

pub(crate) fn verifies(backend: &Backend, key: &VerifyingKey, message: &[u8], signature: &[u8]) -> bool {
    only(backend).verify(&VerifyJob { key, message, signature })
}

/// A generator whose seed is printed, so that a failure shows how to see it again:
/// `CLEARWAY_TEST_SEED=n cargo test`.
pub(crate) fn seeded(test: &str) -> ChaCha8Rng {
    let seed = match std::env::var("CLEARWAY_TEST_SEED") {
        Ok(text) => text.parse().expect("CLEARWAY_TEST_SEED is a number"),
        Err(_) => 0x00c1_ea12_3a11_u64,
    };
    println!("{test}: CLEARWAY_TEST_SEED={seed}");
    ChaCha8Rng::seed_from_u64(seed)
}

/// Random bytes, of a random length up to `bytes_max`.
pub(crate) fn random_bytes(rng: &mut ChaCha8Rng, bytes_max: usize) -> Vec<u8> {
    let mut bytes = vec![0; rng.next_u64() as usize % (bytes_max + 1)];
    rng.fill_bytes(&mut bytes);
    bytes
}
