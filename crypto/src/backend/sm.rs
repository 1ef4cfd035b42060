//! `efficient-sm2`: the fastest single-shot SM2 in Rust, and the default.
//!
//! Only its arithmetic on digests is used; what it leaves out is done here:
//!
//! * the digest `SM3(ZA || message)`, with ZA computed once per key;
//! * strict DER, `r` and `s` in range, `r + s != n` ([`super::sm2_der`]);
//! * points and private keys checked at construction, by RustCrypto's decoding;
//! * nonces from aws-lc's generator; if that fails nothing is signed.
//!
//! Known limits, all far from honest signatures: it refuses a valid signature whose point has
//! `x >= n` (chance 2^-128) or for which `[s]G = [t]P` (needs the private key to construct). Its table lookups depend on the
//! secret nonce: do not share a core with code you do not trust. It never accepts what is invalid in
//! any test here, which compares it with RustCrypto and OpenSSL, edge scalars included.

use efficient_sm2::SecureRandom;
use sm3::{Digest, Sm3};

use super::Backend;
use super::single::{sign_each, verify_each};
use super::sm2_der::Scalars;
use crate::batch::{SignJob, VerifyJob};
use crate::key::{PublicForms, SecretForms};
use crate::signature::Signature;
use crate::suite::Suite;

/// The `efficient-sm2` library.
pub const EFFICIENT_SM2: Backend = Backend {
    name: "efficient-sm2",
    suites: &[Suite::Sm2Sm3],
    lanes: 1,
    verify: |jobs, valid| verify_each(jobs, valid, verify_one),
    sign: |jobs, out| sign_each(jobs, out, sign_one),
};

/// The e of GM/T 0003.2: `SM3(ZA || message)`.
fn message_digest(za: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let mut sm3 = Sm3::new_with_prefix(za);
    sm3.update(message);
    sm3.finalize().into()
}

fn verify_one(job: &VerifyJob<'_>) -> bool {
    let PublicForms::Sm2(key) = job.key.forms() else {
        return false;
    };
    let Some(scalars) = Scalars::from_der(job.signature) else {
        return false;
    };
    verify_digest(&key.efficient, &message_digest(&key.za, job.message), &scalars)
}

fn verify_digest(key: &efficient_sm2::PublicKey, digest: &[u8; 32], scalars: &Scalars) -> bool {
    efficient_sm2::Signature::new(&scalars.r, &scalars.s)
        .and_then(|signature| signature.verify_digest(key, digest))
        .is_ok()
}

fn sign_one(job: &SignJob<'_>, signature: &mut Signature) {
    let SecretForms::Sm2(key) = job.key.forms() else {
        return;
    };
    let digest = message_digest(&key.za, job.message);
    let Ok(made) = key.efficient().sign_digest(&mut NonceSource, &digest) else {
        return;
    };
    // The library skips the standard's "r = 0, s = 0 or r + k = n: start again". No honest run meets it.
    if let Some(scalars) = Scalars::new(made.r(), made.s()) {
        scalars.write_der(signature);
    }
}

/// Nonces for the library, whose interface cannot report that randomness failed.
struct NonceSource;

impl SecureRandom for NonceSource {
    fn fill(&mut self, dest: &mut [u8]) {
        if aws_lc_rs::rand::fill(dest).is_err() {
            // Above n, so the library rejects it, tries again and in the end refuses to sign: a
            // predictable nonce would give the private key away.
            dest.fill(0xff);
        }
    }
}

#[cfg(test)]
mod tests {
    //! The library's arithmetic against RustCrypto's where random messages never lead: signatures are
    //! made backwards from chosen `s` and `t = r + s`, so that small, large and patterned scalars reach
    //! its point multiplications.

    use sm2::dsa::signature::hazmat::PrehashVerifier;
    use sm2::elliptic_curve::PrimeField;
    use sm2::elliptic_curve::group::Group;
    use sm2::elliptic_curve::ops::{Invert, Reduce};
    use sm2::elliptic_curve::point::AffineCoordinates;
    use sm2::elliptic_curve::sec1::ToSec1Point;
    use sm2::{FieldBytes, ProjectivePoint, Scalar};

    use super::*;

    /// 0 < scalar < n around everything the multiplications treat specially: windows of 4 and 8 bits,
    /// limbs of 64 bits, the top.
    fn edge_scalars() -> Vec<Scalar> {
        let mut edges = Vec::new();
        for shift in [0_u32, 1, 3, 4, 7, 8, 9, 63, 64, 65, 127, 128, 191, 192, 248, 252, 255] {
            let power = (0..shift).fold(Scalar::ONE, |value, _| value.double());
            edges.extend([power, power - Scalar::ONE, power + Scalar::ONE, -power]);
        }
        let half = Scalar::from(2_u64).invert_vartime().unwrap();
        edges.extend([half, -half, Scalar::from(0x0101_0101_0101_0101_u64)]);
        edges.retain(|edge| *edge != Scalar::ZERO);
        edges
    }

    fn bytes(scalar: &Scalar) -> [u8; 32] {
        scalar.to_repr().into()
    }

    struct Crafted {
        digest: [u8; 32],
        scalars: Scalars,
    }

    /// The digest for which `(t - s, s)` is a signature under `public`; none if r or s were 0.
    fn craft(public: &ProjectivePoint, s: Scalar, t: Scalar) -> Option<Crafted> {
        let point = ProjectivePoint::generator() * s + *public * t;
        if bool::from(point.is_identity()) {
            return None;
        }
        let x = <Scalar as Reduce<FieldBytes>>::reduce(&point.to_affine().x());
        let r = t - s;
        Some(Crafted { digest: bytes(&(r - x)), scalars: Scalars::new(bytes(&r), bytes(&s))? })
    }

    fn rustcrypto_verifies(public: &ProjectivePoint, made: &Crafted) -> bool {
        let signature = sm2::dsa::Signature::from_scalars(made.scalars.r, made.scalars.s);
        let key = sm2::dsa::VerifyingKey::from_affine("any", public.to_affine());
        key.unwrap().verify_prehash(&made.digest, &signature.unwrap()).is_ok()
    }

    fn efficient_verifies(public: &ProjectivePoint, made: &Crafted) -> bool {
        let point = public.to_affine().to_sec1_point(false);
        let key = efficient_sm2::PublicKey::from_slice(&point.as_bytes()[1..]);
        verify_digest(&key, &made.digest, &made.scalars)
    }

    #[test]
    fn edge_scalars_verify_as_rustcrypto_says() {
        let private = Scalar::from(0x5bd1_e995_9d1b_58d3_u64).square();
        let public = ProjectivePoint::generator() * private;
        let edges = edge_scalars();
        let mut crafted = 0;
        for s in &edges {
            for t in edges.iter().step_by(3) {
                let Some(mut made) = craft(&public, *s, *t) else {
                    continue;
                };
                crafted += 1;
                assert!(rustcrypto_verifies(&public, &made));
                assert!(efficient_verifies(&public, &made), "s = {s:?}, t = {t:?}");
                made.digest[31] ^= 1;
                assert!(!rustcrypto_verifies(&public, &made));
                assert!(!efficient_verifies(&public, &made), "s = {s:?}, t = {t:?}");
            }
        }
        assert!(crafted > 1000, "{crafted}");
    }

    /// The documented limit: with `[s]G = [t]P` (only the key's owner can do that) a valid signature
    /// is refused. It must stay a refusal.
    #[test]
    fn equal_points_are_refused() {
        let private = Scalar::from(7_u64);
        let public = ProjectivePoint::generator() * private;
        let t = Scalar::from(0x1234_5678_9abc_def1_u64).square();
        let made = craft(&public, t * private, t).unwrap();
        assert!(rustcrypto_verifies(&public, &made));
        assert!(!efficient_verifies(&public, &made));
        // [s]G + [t]P = 0: no signature for anybody.
        assert!(craft(&public, -(t * private), t).is_none());
    }

    /// Signing with private keys at the ends of their range.
    #[test]
    fn edge_private_keys_sign_what_rustcrypto_verifies() {
        let mut privates = edge_scalars();
        privates.retain(|private| *private != -Scalar::ONE);
        for private in privates {
            let public = ProjectivePoint::generator() * private;
            let pair = efficient_sm2::KeyPair::new(&bytes(&private)).unwrap();
            for digest in [[0; 32], [0xff; 32], [0x5a; 32]] {
                let made = pair.sign_digest(&mut NonceSource, &digest).unwrap();
                let made = Crafted { digest, scalars: Scalars::new(made.r(), made.s()).unwrap() };
                assert!(rustcrypto_verifies(&public, &made), "{private:?}");
                assert!(efficient_verifies(&public, &made), "{private:?}");
            }
        }
    }

    /// A generator that failed must not lead to a known nonce.
    #[test]
    fn nothing_is_signed_without_randomness() {
        struct Broken;
        impl SecureRandom for Broken {
            fn fill(&mut self, dest: &mut [u8]) {
                dest.fill(0xff);
            }
        }
        let pair = efficient_sm2::KeyPair::new(&[0x42; 32]).unwrap();
        assert!(pair.sign_digest(&mut Broken, &[1; 32]).is_err());
    }
}
