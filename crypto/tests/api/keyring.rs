//! Who may sign, when: the ring's decisions and the manifest's form.

use std::io;

use clearway_crypto::envelope::{CipherMode, EnvelopeAlgorithm};
use clearway_crypto::{EncryptionEntry, EncryptionRing, Error, KeyError, KeyRing, ManifestEntry, Suite, VerifyingKey};

use crate::fixtures::{fixed_key, read_text};

const FROM: u64 = 1_767_196_800; // 2026-01-01T00:00:00+08:00
const UNTIL: u64 = 1_830_268_800; // 2028-01-01T00:00:00+08:00
const ALIPAY: &[u8; 14] = b"Z2007933000010";
const TENPAY: &[u8; 14] = b"Z2004944000010";

fn key(suite: Suite) -> VerifyingKey {
    fixed_key(suite).verifying_key().clone()
}

/// Institution, serial, now, and what is found.
type Row<'a> = (&'a [u8; 14], &'a [u8; 10], u64, Result<Suite, KeyError>);

/// Alipay has two keys, one from later on; Tenpay has one, whose serial Alipay also uses.
fn ring() -> KeyRing {
    KeyRing::builder()
        .add(*ALIPAY, *b"4000000001", key(Suite::Rsa2048Sha256), FROM, UNTIL)
        .add(*ALIPAY, *b"4000000002", key(Suite::Sm2Sm3), UNTIL, u64::MAX)
        .add(*TENPAY, *b"4000000001", key(Suite::Ed25519), 0, 1)
        .add(*TENPAY, *b"4000000009", key(Suite::EcdsaP256Sha256), FROM, UNTIL)
        .build()
        .expect("ring")
}

#[test]
fn a_key_is_found_by_owner_serial_and_time() {
    use KeyError::{Expired, NotYetValid, UnknownInstitution, UnknownSerial, WrongOwner};
    let nobody = b"Z2000000000000";
    let table: [Row<'_>; 18] = [
        (ALIPAY, b"4000000001", FROM, Ok(Suite::Rsa2048Sha256)),
        (ALIPAY, b"4000000001", FROM - 1, Err(NotYetValid)),
        (ALIPAY, b"4000000001", UNTIL - 1, Ok(Suite::Rsa2048Sha256)),
        (ALIPAY, b"4000000001", UNTIL, Err(Expired)),
        (ALIPAY, b"4000000001", u64::MAX, Err(Expired)),
        (ALIPAY, b"4000000001", 0, Err(NotYetValid)),
        (ALIPAY, b"4000000002", UNTIL - 1, Err(NotYetValid)),
        (ALIPAY, b"4000000002", UNTIL, Ok(Suite::Sm2Sm3)),
        (ALIPAY, b"4000000002", u64::MAX, Err(Expired)),
        (TENPAY, b"4000000001", 0, Ok(Suite::Ed25519)),
        (TENPAY, b"4000000001", 1, Err(Expired)),
        (TENPAY, b"4000000009", FROM, Ok(Suite::EcdsaP256Sha256)),
        (ALIPAY, b"4000000009", FROM, Err(WrongOwner)),
        (TENPAY, b"4000000002", UNTIL, Err(WrongOwner)),
        (ALIPAY, b"4000000003", FROM, Err(UnknownSerial)),
        (TENPAY, b"\0\0\0\0\0\0\0\0\0\0", FROM, Err(UnknownSerial)),
        (nobody, b"4000000001", FROM, Err(UnknownInstitution)),
        (nobody, b"4000000003", FROM, Err(UnknownInstitution)),
    ];
    let ring = ring();
    for (institution, serial, now, expected) in table {
        let found = ring.lookup(institution, serial, now).map(VerifyingKey::suite);
        let who = String::from_utf8_lossy(institution);
        let serial = String::from_utf8_lossy(serial);
        assert_eq!(found, expected, "{who}/{serial} at {now}");
    }
    assert_eq!(ring.len(), 4);
    let longest = ring.iter().map(|record| record.valid_until_unix_secs).max();
    assert_eq!(longest, Some(u64::MAX));
    let empty = KeyRing::default();
    assert!(empty.is_empty());
    assert_eq!(empty.lookup(ALIPAY, b"4000000001", FROM).expect_err("empty"), UnknownInstitution);
}

#[test]
fn a_ring_with_a_contradiction_is_not_built() {
    let twice = KeyRing::builder()
        .add(*ALIPAY, *b"4000000001", key(Suite::Sm2Sm3), 0, 1)
        .add(*ALIPAY, *b"4000000001", key(Suite::Ed25519), 1, 2)
        .build();
    assert_eq!(twice.expect_err("twice").to_string(), "key Z2007933000010/4000000001 is there twice");
    for (from, until) in [(5, 5), (6, 5)] {
        let empty = KeyRing::builder().add(*ALIPAY, *b"4000000001", key(Suite::Sm2Sm3), from, until).build();
        assert!(matches!(empty, Err(Error::EmptyValidity(_))), "{from}..{until}");
    }
}

/// Reads the examples' key files.
fn reader(file: &str) -> io::Result<String> {
    match file {
        "gone.pem" => Err(io::Error::from(io::ErrorKind::NotFound)),
        "bad.pem" => Ok("no key".to_owned()),
        _ => Ok(read_text(&format!("keys/{file}"))),
    }
}

#[test]
fn a_manifest_is_read_as_it_was_written() {
    let entries: Vec<ManifestEntry> = Suite::ALL
        .into_iter()
        .map(|suite| ManifestEntry {
            institution: *b"Z2000000000088",
            serial: format!("400000008{}", suite.index()).as_bytes().try_into().expect("10 digits"),
            suite,
            file: format!("{suite}-Z2000000000088.pub.pem"),
            valid_from_unix_secs: FROM,
            valid_until_unix_secs: UNTIL,
        })
        .collect();
    let text: String = entries.iter().map(ManifestEntry::to_toml).collect();
    let ring = KeyRing::from_manifest(&text, &mut reader).expect("manifest");
    assert_eq!(ring.len(), entries.len());
    for entry in &entries {
        let found = |now| ring.lookup(&entry.institution, &entry.serial, now);
        assert_eq!(found(FROM).expect("valid"), &key(entry.suite));
        assert_eq!(found(UNTIL - 1).expect("valid"), &key(entry.suite));
        assert_eq!(found(FROM - 1), Err(KeyError::NotYetValid));
        assert_eq!(found(UNTIL), Err(KeyError::Expired));
    }
}

/// The good entry that every case below changes in one place.
const GOOD: &str = r#"[[key]]
institution = "Z2000000000088"
serial = "4000000088"
suite = "ed25519"
file = "ed25519-Z2000000000088.pub.pem"
valid_from = 2026-01-01
valid_until = "2028-01-01T00:00:00+08:00"
"#;

#[test]
fn dates_have_every_documented_form() {
    for (from, first_second) in [
        ("2026-01-01", FROM),
        ("2026-01-01T00:00:00", FROM),
        ("2026-01-01T00:00:00+08:00", FROM),
        ("2025-12-31T16:00:00Z", FROM),
        ("2025-12-31 11:00:01-05:00", FROM + 1),
        ("1970-01-01T08:00:00", 0),
        ("2024-02-29T23:59:59", 1_709_222_399),
    ] {
        for written in [from.to_owned(), format!("\"{from}\"")] {
            let text = GOOD.replace("2026-01-01\n", &format!("{written}\n"));
            let ring = KeyRing::from_manifest(&text, &mut reader).expect(&text);
            let record = ring.iter().next().expect("one");
            assert_eq!(record.valid_from_unix_secs, first_second, "{written}");
            assert_eq!(record.valid_until_unix_secs, UNTIL);
        }
    }
}

#[test]
fn a_wrong_manifest_says_which_entry_and_file() {
    assert!(KeyRing::from_manifest(GOOD, &mut reader).is_ok());
    let cases = [
        ("Z2000000000088\"\n", "Z200000000008\"\n", "entry 1 (Z200000000008/4000000088): institution is not 14"),
        ("Z2000000000088\"\n", "Z20000000000-8\"\n", "institution is not 14 ASCII letters"),
        ("\"4000000088\"", "\"40000000880\"", "serial is not 10 digits"),
        ("\"4000000088\"", "\"400000008x\"", "serial is not 10 digits"),
        ("2026-01-01\n", "\"soon\"\n", "valid_from: \"soon\" is no RFC 3339 date"),
        ("2026-01-01\n", "12:00:00\n", "valid_from: 12:00:00 is no date from 1970 on"),
        ("2026-01-01\n", "1969-12-31\n", "is no date from 1970 on"),
        ("2026-01-01\n", "20260101\n", "valid_from: 20260101 is no date"),
        ("2026-01-01\n", "2029-01-01\n", "valid_from is not before valid_until"),
        ("ed25519-", "sm2-sm3-", "sm2-sm3-Z2000000000088.pub.pem holds a sm2-sm3 key, not ed25519"),
        ("ed25519-Z2000000000088.pub", "gone", "key file gone.pem (Z2000000000088/4000000088): "),
        ("ed25519-Z2000000000088.pub", "bad", "key file bad.pem (Z2000000000088/4000000088): no readable PEM"),
        ("suite = \"ed25519\"", "suite = \"ed448\"", "unknown variant `ed448`"),
        ("serial =", "serail =", "unknown field `serail`"),
        ("2026-01-01\n", "2026-02-30\n", "invalid"),
    ];
    for (good, wrong, said) in cases {
        let text = GOOD.replacen(good, wrong, 1);
        assert_ne!(text, GOOD, "{good}");
        let error = KeyRing::from_manifest(&text, &mut reader).expect_err(wrong).to_string();
        assert!(error.contains(said), "{wrong}: {error}");
    }
    let twice = [GOOD, GOOD].concat();
    let error = KeyRing::from_manifest(&twice, &mut reader).expect_err("twice");
    assert!(matches!(error, Error::DuplicateKey(_)), "{error}");
    let second = [GOOD, &GOOD.replace("\"4000000088\"", "\"1\"")].concat();
    let error = KeyRing::from_manifest(&second, &mut reader).expect_err("second");
    assert!(matches!(error, Error::ManifestEntry { entry: 2, .. }), "{error}");
}

fn encryption_entry(algorithm: EnvelopeAlgorithm, institution: &[u8; 14], mode: CipherMode) -> EncryptionEntry {
    let suite = match algorithm {
        EnvelopeAlgorithm::RsaAes256 => Suite::Rsa2048Sha256,
        EnvelopeAlgorithm::Sm2Sm4 => Suite::Sm2Sm3,
    };
    let file = format!("{suite}-Z2000000000088.pub.pem");
    EncryptionEntry { institution: *institution, serial: *b"4600000088", algorithm, mode, file }
}

#[test]
fn encryption_keys_stand_between_signature_keys() {
    use EnvelopeAlgorithm::{RsaAes256, Sm2Sm4};
    let [rsa, sm2] =
        [encryption_entry(RsaAes256, ALIPAY, CipherMode::Cbc), encryption_entry(Sm2Sm4, TENPAY, CipherMode::Ecb)];
    let text = [&rsa.to_toml(), GOOD, &sm2.to_toml()].concat();
    assert_eq!(KeyRing::from_manifest(&text, &mut reader).expect("signature keys").len(), 1);
    let ring = EncryptionRing::from_manifest(&text, &mut reader).expect("encryption keys");
    assert_eq!(ring.len(), 2);
    for (institution, entry) in [(ALIPAY, &rsa), (TENPAY, &sm2)] {
        let record = ring.find(institution).expect("there");
        assert_eq!((record.serial, record.mode, record.key.algorithm()), (entry.serial, entry.mode, entry.algorithm));
    }
    assert!(ring.find(b"Z2000000000088").is_none());
    assert!(EncryptionRing::from_manifest(GOOD, &mut reader).expect("none").is_empty());
    let unsaid = rsa.to_toml().replace("mode = \"cbc\"\n", "");
    let ring = EncryptionRing::from_manifest(&unsaid, &mut reader).expect("mode has a default");
    assert_eq!(ring.find(ALIPAY).expect("there").mode, CipherMode::Cbc);
}

#[test]
fn a_wrong_encryption_key_says_which_entry_and_file() {
    let good = encryption_entry(EnvelopeAlgorithm::RsaAes256, ALIPAY, CipherMode::Cbc).to_toml();
    let cases = [
        (
            "Z2007933000010\"",
            "Z200793300001\"",
            "entry 1 (Z200793300001/4600000088, for encryption): institution is not 14",
        ),
        ("4600000088", "460000008", "serial is not 10 digits"),
        ("\"rsa-aes256\"", "\"sm2-sm4\"", "holds a key for rsa-aes256, not sm2-sm4"),
        ("\"rsa-aes256\"", "\"des\"", "unknown variant `des`"),
        ("\"cbc\"", "\"gcm\"", "unknown variant `gcm`"),
        ("rsa-2048-sha256-Z2000000000088.pub", "ed25519-Z2000000000088.pub", "only RSA and SM2 keys encrypt"),
        ("rsa-2048-sha256-Z2000000000088.pub", "gone", "key file gone.pem (Z2007933000010/4600000088, for encryption)"),
        ("file =", "valid_from = 2026-01-01\nfile =", "unknown field `valid_from`"),
    ];
    for (from, to, said) in cases {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good, "{from}");
        let error = EncryptionRing::from_manifest(&text, &mut reader).expect_err(to).to_string();
        assert!(error.contains(said), "{to}: {error}");
    }
    let twice = [good.as_str(), &good.replace("4600000088", "4600000089")].concat();
    let error = EncryptionRing::from_manifest(&twice, &mut reader).expect_err("twice");
    assert_eq!(error.to_string(), "key Z2007933000010 for encryption is there twice");
}
