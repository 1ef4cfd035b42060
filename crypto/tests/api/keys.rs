//! Which keys are accepted, which are refused, and that none is printed.

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clearway_crypto::{Backends, Error, SignJob, SigningKey, Suite, VerifyJob, VerifyingKey};

use crate::fixtures::{fixed_key, read_text};

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const SM2: &[u8] = &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const X25519: &[u8] = &[0x2b, 0x65, 0x6e];

/// One DER element.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        len @ 0..=0x7f => out.push(len as u8),
        len @ 0x80..=0xff => out.extend([0x81, len as u8]),
        len => out.extend([0x82, (len >> 8) as u8, len as u8]),
    }
    out.extend_from_slice(content);
    out
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn unsigned(value: &[u8]) -> Vec<u8> {
    let mut content = vec![0; usize::from(value.first().is_some_and(|b| *b >= 0x80))];
    content.extend_from_slice(value);
    tlv(0x02, &content)
}

fn spki(algorithm: &[Vec<u8>], bits: &[u8]) -> Vec<u8> {
    let mut bit_string = vec![0];
    bit_string.extend_from_slice(bits);
    sequence(&[sequence(algorithm), tlv(0x03, &bit_string)])
}

fn rsa_spki(n: &[u8], e: &[u8]) -> Vec<u8> {
    let algorithm = [tlv(0x06, RSA), tlv(0x05, &[])];
    spki(&algorithm, &sequence(&[unsigned(n), unsigned(e)]))
}

fn point_spki(curve: &[u8], point: &[u8]) -> Vec<u8> {
    spki(&[tlv(0x06, EC), tlv(0x06, curve)], point)
}

fn ed25519_spki(point: &[u8]) -> Vec<u8> {
    spki(&[tlv(0x06, ED25519)], point)
}

fn pkcs8(algorithm: &[Vec<u8>], secret: &[u8]) -> Vec<u8> {
    let version = tlv(0x02, &[0]);
    sequence(&[version, sequence(algorithm), tlv(0x04, secret)])
}

fn sm2_pkcs8(scalar: &[u8], public: Option<&[u8]>) -> Vec<u8> {
    let mut fields = vec![tlv(0x02, &[1]), tlv(0x04, scalar)];
    if let Some(point) = public {
        let mut bits = vec![0];
        bits.extend_from_slice(point);
        fields.push(tlv(0xa1, &tlv(0x03, &bits)));
    }
    pkcs8(&[tlv(0x06, EC), tlv(0x06, SM2)], &sequence(&fields))
}

fn refusal(der: &[u8]) -> Error {
    VerifyingKey::from_spki_der(der).expect_err("must be refused")
}

/// A number of `bits` bits, odd.
fn odd(bits: usize) -> Vec<u8> {
    let mut value = vec![0xa5; bits / 8];
    value[0] = 0x80;
    *value.last_mut().expect("bytes") |= 1;
    value
}

#[test]
fn both_halves_survive_a_round_trip() {
    for suite in Suite::ALL {
        for key in [SigningKey::generate(suite).expect("key"), fixed_key(suite)] {
            let pem = key.to_pkcs8_pem();
            let again = SigningKey::from_pkcs8_pem(&pem).expect("own text");
            assert_eq!(*pem, *again.to_pkcs8_pem(), "{suite}");
            assert_eq!(again.suite(), suite);
            let public = VerifyingKey::from_spki_pem(&key.verifying_key().to_spki_pem());
            assert_eq!(&public.expect("own text"), again.verifying_key());
        }
        let file = format!("keys/{suite}-Z2000000000088.pub.pem");
        assert_eq!(fixed_key(suite).verifying_key().to_spki_pem(), read_text(&file));
    }
}

#[test]
fn text_around_the_section_and_other_line_ends_are_read() {
    let key = fixed_key(Suite::Sm2Sm3);
    let pem = key.verifying_key().to_spki_pem();
    let one_line = {
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
    };
    for text in [format!("subject=CN = test\n\n{pem}trailing words"), pem.replace('\n', "\r\n"), one_line] {
        assert_eq!(&VerifyingKey::from_spki_pem(&text).expect("key"), key.verifying_key());
    }
    let private = key.to_pkcs8_pem().replace('\n', "\r\n");
    assert!(SigningKey::from_pkcs8_pem(&private).is_ok());
}

#[test]
fn rsa_keys_have_2048_bits_and_a_usual_exponent() {
    let usual = [1, 0, 1];
    assert!(VerifyingKey::from_spki_der(&rsa_spki(&odd(2048), &usual)).is_ok());
    let mut even = odd(2048);
    even[255] = 0xa4;
    let mut short = odd(2048);
    short[0] = 0x7f;
    let cases: [(&str, Vec<u8>, &[u8]); 11] = [
        ("1024 bits", odd(1024), &usual),
        ("2040 bits", odd(2040), &usual),
        ("2047 bits", short, &usual),
        ("2056 bits", odd(2056), &usual),
        ("4096 bits", odd(4096), &usual),
        ("even modulus", even, &usual),
        ("exponent 1", odd(2048), &[1]),
        ("exponent 3", odd(2048), &[3]),
        ("even exponent", odd(2048), &[1, 0, 2]),
        ("34 bits", odd(2048), &[2, 0, 0, 0, 1]),
        ("endless exponent", odd(2048), &[7; 200]),
    ];
    for (case, n, e) in cases {
        let error = refusal(&rsa_spki(&n, e));
        assert!(matches!(error, Error::KeyRefused { suite: Suite::Rsa2048Sha256, .. }), "{case}: {error}");
    }
}

#[test]
fn an_rsa_private_key_of_another_size_is_refused() {
    let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa3072).expect("key");
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).expect("der");
    let error = SigningKey::from_pkcs8_der(der.as_ref()).expect_err("3072 bits");
    assert!(matches!(error, Error::KeyRefused { .. }), "{error}");
}

#[test]
fn points_lie_on_their_curve_uncompressed() {
    for (suite, curve) in [(Suite::EcdsaP256Sha256, P256), (Suite::Sm2Sm3, SM2)] {
        let key = fixed_key(suite);
        let der = key.verifying_key().spki_der();
        let point = &der[der.len() - 65..];
        assert_eq!(der, point_spki(curve, point), "the builder builds what openssl does");
        let mut off_curve = point.to_vec();
        off_curve[64] ^= 1;
        let mut compressed = point[..33].to_vec();
        compressed[0] = 2 + (point[64] & 1);
        let mut hybrid = point.to_vec();
        hybrid[0] = 6 + (point[64] & 1);
        let mut not_reduced = vec![4];
        not_reduced.extend([0xff; 64]);
        let mut zero = vec![4];
        zero.extend([0; 64]);
        let cases = [off_curve, compressed, hybrid, not_reduced, zero, vec![0], vec![]];
        for wrong in cases {
            let error = refusal(&point_spki(curve, &wrong));
            assert!(matches!(error, Error::KeyRefused { .. }), "{suite} {wrong:02x?}: {error}");
        }
        // The same point on the other curve.
        let other = if curve == P256 { SM2 } else { P256 };
        assert!(matches!(refusal(&point_spki(other, point)), Error::KeyRefused { .. }));
    }
}

/// Encodings of the eight Ed25519 points whose order divides 8.
static SMALL_ORDER: LazyLock<Vec<[u8; 32]>> = LazyLock::new(|| {
    let hex = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    ];
    let byte = |text: &str, at: usize| u8::from_str_radix(&text[at * 2..][..2], 16).expect("hex");
    hex.iter().map(|text| std::array::from_fn(|at| byte(text, at))).collect()
});

/// Why small orders are refused: under such a key one constant is a signature of many messages. The
/// libraries accept it, so the key itself must not get in.
#[test]
fn ed25519_keys_of_small_order_are_refused() {
    let mut forged = [0; 64];
    forged[0] = 1; // R = the neutral point, S = 0
    for point in SMALL_ORDER.iter() {
        let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, point);
        let accepted = (0_u8..=255).filter(|message| key.verify(&[*message], &forged).is_ok()).count();
        assert!(accepted > 0, "{point:02x?} has no small order");
        let error = refusal(&ed25519_spki(point));
        assert!(matches!(error, Error::KeyRefused { .. }), "{error}");
    }
}

#[test]
fn ed25519_keys_are_points_in_their_one_encoding() {
    // Whether y is that of a point, computed apart from this crate.
    let off_curve = [2, 7, 8, 11, 12, 13, 17, 20, 22, 31, 34, 36, 38];
    for y in 2_u8..40 {
        for sign in [0, 0x80] {
            let mut point = [0; 32];
            (point[0], point[31]) = (y, sign);
            let accepted = VerifyingKey::from_spki_der(&ed25519_spki(&point)).is_ok();
            assert_eq!(accepted, !off_curve.contains(&y), "y = {y}");
        }
    }
    // p + 3 is a second encoding of y = 3; and lengths that are none.
    let mut not_reduced = [0xff; 32];
    (not_reduced[0], not_reduced[31]) = (0xf0, 0x7f);
    for wrong in [&not_reduced[..], &[3; 31], &[3; 33], &[]] {
        assert!(matches!(refusal(&ed25519_spki(wrong)), Error::KeyRefused { .. }));
    }
}

#[test]
fn an_sm2_private_key_is_in_range_and_belongs_to_its_public_key() {
    let order = *b"\xff\xff\xff\xfe\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
        \x72\x03\xdf\x6b\x21\xc6\x05\x2b\x53\xbb\xf4\x09\x39\xd5\x41\x23";
    let below = |distance: u8| {
        let mut scalar = order;
        scalar[31] -= distance;
        scalar
    };
    let small = |value: u8| {
        let mut scalar = [0; 32];
        scalar[31] = value;
        scalar
    };
    for good in [small(1), small(2), below(3), below(2)] {
        let key = SigningKey::from_pkcs8_der(&sm2_pkcs8(&good, None)).expect("in range");
        let backends = Backends::default();
        let signature = backends.sign(&SignJob { key: &key, message: b"message" }).expect("signed");
        assert!(backends.verify(&VerifyJob {
            key: key.verifying_key(),
            message: b"message",
            signature: signature.as_bytes(),
        }));
    }
    // For n - 1 the signing formula divides by zero.
    for wrong in [small(0), below(1), order, [0xff; 32]] {
        let error = SigningKey::from_pkcs8_der(&sm2_pkcs8(&wrong, None)).expect_err("range");
        assert!(matches!(error, Error::KeyRefused { suite: Suite::Sm2Sm3, .. }), "{error}");
    }
    let other = fixed_key(Suite::Sm2Sm3);
    let der = other.verifying_key().spki_der();
    let stranger = sm2_pkcs8(&small(2), Some(&der[der.len() - 65..]));
    assert!(SigningKey::from_pkcs8_der(&stranger).is_err());
}

#[test]
fn algorithms_of_no_suite_are_named() {
    let cases = [
        point_spki(P384, &[4; 97]),
        spki(&[tlv(0x06, X25519)], &[9; 32]),
        spki(&[tlv(0x06, EC)], &[4; 65]),
        // RSA without the NULL, Ed25519 with one.
        spki(&[tlv(0x06, RSA)], &[]),
        spki(&[tlv(0x06, ED25519), tlv(0x05, &[])], &[3; 32]),
    ];
    for der in cases {
        let error = refusal(&der);
        assert!(matches!(error, Error::UnknownAlgorithm(_)), "{error}");
    }
    let x25519 = pkcs8(&[tlv(0x06, X25519)], &tlv(0x04, &[9; 32]));
    let error = SigningKey::from_pkcs8_der(&x25519).expect_err("X25519");
    assert_eq!(error.to_string(), "key algorithm 1.3.101.110 belongs to no known suite");
}

#[test]
fn text_without_the_wanted_section_is_refused() {
    let key = fixed_key(Suite::Ed25519);
    let (private, public) = (key.to_pkcs8_pem(), key.verifying_key().to_spki_pem());
    let sec1 = private.replace("PRIVATE KEY", "EC PRIVATE KEY");
    let encrypted = private.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    for text in ["", "no key", &public, &sec1, &encrypted, &private[..60]] {
        let error = SigningKey::from_pkcs8_pem(text).expect_err(text);
        assert!(matches!(error, Error::Pem { wanted: "PRIVATE KEY" }), "{error}");
    }
    for text in ["", "no key", &private, &public[..60]] {
        let error = VerifyingKey::from_spki_pem(text).expect_err(text);
        assert!(matches!(error, Error::Pem { wanted: "PUBLIC KEY" }), "{error}");
    }
}

/// Truncated and flipped files: an error, or a working key, never a panic.
#[test]
fn damaged_der_never_panics() {
    for suite in Suite::ALL {
        let key = fixed_key(suite);
        let pem = key.to_pkcs8_pem();
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let private = STANDARD.decode(body).expect("base64");
        let public = key.verifying_key().spki_der();
        for len in 0..private.len() {
            assert!(SigningKey::from_pkcs8_der(&private[..len]).is_err());
        }
        for len in 0..public.len() {
            assert!(VerifyingKey::from_spki_der(&public[..len]).is_err());
        }
        // Checking an RSA key takes a while: a sample of its bytes.
        let step = if suite == Suite::Rsa2048Sha256 { 29 } else { 1 };
        for at in (0..private.len()).step_by(step) {
            let mut damaged = private.clone();
            damaged[at] ^= 0x81;
            let _ = SigningKey::from_pkcs8_der(&damaged);
        }
        let trailing = [&private[..], &[0]].concat();
        assert!(SigningKey::from_pkcs8_der(&trailing).is_err(), "{suite}");
        let trailing = [public, &[0]].concat();
        assert!(VerifyingKey::from_spki_der(&trailing).is_err(), "{suite}");
    }
}

#[test]
fn no_secret_is_printed() {
    for suite in Suite::ALL {
        let key = fixed_key(suite);
        let job = SignJob { key: &key, message: b"" };
        let printed = format!("{key:?}");
        assert_eq!(printed, format!("SigningKey({suite}, secret redacted)"));
        assert!(format!("{job:?}").contains("redacted"));
        let public = format!("{:?}", key.verifying_key());
        assert!(public.starts_with(&format!("VerifyingKey({suite}, sha256 ")), "{public}");
    }
}

#[test]
fn keys_cross_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<SigningKey>();
    shared::<VerifyingKey>();
    shared::<Backends>();
    shared::<clearway_crypto::KeyRing>();
    shared::<Error>();
}
