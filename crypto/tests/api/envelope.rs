//! The digital envelope: what is sealed opens, and nothing else does; whatever is wrong looks the same.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clearway_crypto::envelope::{
    CipherMode, DecryptionKey, ENVELOPE_CHARS_MAX, EncryptionKey, EnvelopeAlgorithm, Unreadable, VALUE_BYTES_MAX,
};
use clearway_crypto::{Error, SigningKey, Suite};
use rand::Rng;

use crate::fixtures::{fixed_key, random_bytes, seeded};

const MODES: [CipherMode; 2] = [CipherMode::Cbc, CipherMode::Ecb];

/// The example participant's key, which is the same in every run.
pub(crate) fn fixed_decryption_key(algorithm: EnvelopeAlgorithm) -> DecryptionKey {
    let suite = match algorithm {
        EnvelopeAlgorithm::RsaAes256 => Suite::Rsa2048Sha256,
        EnvelopeAlgorithm::Sm2Sm4 => Suite::Sm2Sm3,
    };
    DecryptionKey::from_pkcs8_pem(&fixed_key(suite).to_pkcs8_pem()).expect("example key")
}

/// Clear texts of every length around the block borders, of one, two, three and four bytes a character.
fn clear_texts() -> Vec<String> {
    let mut texts: Vec<String> = (0..=49).map(|length| "6222020200112233".repeat(4)[..length].to_owned()).collect();
    texts.extend(["张三".to_owned(), "é".repeat(20), "\u{20000}".repeat(60), "x".repeat(VALUE_BYTES_MAX)]);
    texts
}

#[test]
fn what_is_sealed_opens_in_both_algorithms_and_modes() {
    for algorithm in EnvelopeAlgorithm::ALL {
        let key = fixed_decryption_key(algorithm);
        for mode in MODES {
            let sealing = key.encryption_key().seal(mode).expect("sealed");
            let opening = key.open(sealing.envelope(), mode);
            for text in clear_texts() {
                let sealed = sealing.seal(&text).expect("sealed");
                let bytes = STANDARD.decode(&sealed).expect("base64").len();
                let iv_bytes = if mode == CipherMode::Cbc { 16 } else { 0 };
                assert_eq!(bytes, iv_bytes + (text.len() / 16 + 1) * 16, "{algorithm} {mode:?} {text}");
                assert_eq!(*opening.open(&sealed).expect("opens"), text, "{algorithm} {mode:?}");
            }
        }
    }
}

#[test]
fn equal_texts_are_equal_on_the_wire_only_without_an_iv() {
    for algorithm in EnvelopeAlgorithm::ALL {
        let key = fixed_decryption_key(algorithm);
        for (mode, equal) in [(CipherMode::Cbc, false), (CipherMode::Ecb, true)] {
            let sealing = key.encryption_key().seal(mode).expect("sealed");
            assert_eq!(sealing.seal("李").expect("sealed") == sealing.seal("李").expect("sealed"), equal);
            let other = key.encryption_key().seal(mode).expect("sealed");
            assert_ne!(other.envelope(), sealing.envelope());
            assert_ne!(
                other.seal("李").expect("sealed"),
                sealing.seal("李").expect("sealed"),
                "a session key is used twice"
            );
        }
    }
}

#[test]
fn keys_are_read_as_they_were_written_and_only_rsa_and_sm2_encrypt() {
    for algorithm in EnvelopeAlgorithm::ALL {
        let key = DecryptionKey::generate(algorithm).expect("key");
        assert_eq!((key.algorithm(), key.encryption_key().algorithm()), (algorithm, algorithm));
        let again = DecryptionKey::from_pkcs8_pem(&key.to_pkcs8_pem()).expect("key");
        let public = EncryptionKey::from_spki_pem(&key.encryption_key().to_spki_pem()).expect("key");
        assert_eq!((again.encryption_key(), &public), (key.encryption_key(), key.encryption_key()));
        let sealing = public.seal(CipherMode::Cbc).expect("sealed");
        let sealed = sealing.seal("1").expect("sealed");
        assert_eq!(
            again.open(sealing.envelope(), CipherMode::Cbc).open(&sealed).as_deref().map(String::as_str),
            Ok("1")
        );
        assert_eq!(algorithm.name().parse::<EnvelopeAlgorithm>().expect("name"), algorithm);
    }
    assert!(matches!("des".parse::<EnvelopeAlgorithm>(), Err(Error::UnknownEnvelope(_))));
    for suite in [Suite::Ed25519, Suite::EcdsaP256Sha256] {
        let key = SigningKey::generate(suite).expect("key");
        assert!(matches!(DecryptionKey::from_pkcs8_pem(&key.to_pkcs8_pem()), Err(Error::KeyRefused { .. })));
        let public = key.verifying_key().to_spki_pem();
        assert!(matches!(EncryptionKey::from_spki_pem(&public), Err(Error::KeyRefused { .. })));
    }
}

#[test]
fn what_is_too_long_is_refused_unread() {
    let key = fixed_decryption_key(EnvelopeAlgorithm::Sm2Sm4);
    let sealing = key.encryption_key().seal(CipherMode::Cbc).expect("sealed");
    assert!(matches!(sealing.seal(&"x".repeat(VALUE_BYTES_MAX + 1)), Err(Error::ValueTooLong)));
    let opening = key.open(sealing.envelope(), CipherMode::Cbc);
    assert_eq!(opening.open(&STANDARD.encode(vec![0; VALUE_BYTES_MAX + 48])), Err(Unreadable));
    let sealed = sealing.seal("1").expect("sealed");
    assert_eq!(key.open(&"A".repeat(ENVELOPE_CHARS_MAX + 4), CipherMode::Cbc).open(&sealed), Err(Unreadable));
}

#[test]
fn another_key_opens_nothing() {
    for algorithm in EnvelopeAlgorithm::ALL {
        let [mine, other] = [fixed_decryption_key(algorithm), DecryptionKey::generate(algorithm).expect("key")];
        let sealing = mine.encryption_key().seal(CipherMode::Cbc).expect("sealed");
        let sealed = sealing.seal("6222020200112233445").expect("sealed");
        assert_eq!(other.open(sealing.envelope(), CipherMode::Cbc).open(&sealed), Err(Unreadable));
        let foreign = other.encryption_key().seal(CipherMode::Cbc).expect("sealed").into_envelope();
        assert_eq!(mine.open(&foreign, CipherMode::Cbc).open(&sealed), Err(Unreadable));
        assert!(mine.open(sealing.envelope(), CipherMode::Cbc).open(&sealed).is_ok());
    }
}

/// An envelope that cannot be opened is answered with a random key, under which one value in 256 has good padding;
/// none may come through.
#[test]
fn no_value_comes_through_a_broken_envelope() {
    for algorithm in EnvelopeAlgorithm::ALL {
        let key = fixed_decryption_key(algorithm);
        let sealed = key.encryption_key().seal(CipherMode::Ecb).expect("sealed").seal("1").expect("sealed");
        for _ in 0..40 {
            let opening = key.open("AAAA", CipherMode::Ecb);
            // Every block value there is for the last byte: one of them is good padding under any key, nearly always.
            for last in 0..=255_u8 {
                let mut bytes = STANDARD.decode(&sealed).expect("base64");
                bytes[15] ^= last;
                assert_eq!(opening.open(&STANDARD.encode(bytes)), Err(Unreadable));
            }
        }
    }
}

/// Random changes of an envelope or a value: never a panic, and either the old clear text (a change that means the
/// same) or the one error or, where only the value was changed, any text at all: integrity is the signature's.
#[test]
fn changed_and_random_texts_never_panic() {
    let mut rng = seeded("changed envelopes");
    for algorithm in EnvelopeAlgorithm::ALL {
        let key = fixed_decryption_key(algorithm);
        let sealing = key.encryption_key().seal(CipherMode::Cbc).expect("sealed");
        let sealed = sealing.seal("6222020200112233445").expect("sealed");
        let rounds = if algorithm == EnvelopeAlgorithm::RsaAes256 { 150 } else { 600 };
        for _ in 0..rounds {
            let envelope = disturb(&mut rng, sealing.envelope());
            if envelope != sealing.envelope() {
                assert_eq!(key.open(&envelope, CipherMode::Cbc).open(&sealed), Err(Unreadable), "{envelope}");
            }
        }
        let opening = key.open(sealing.envelope(), CipherMode::Cbc);
        for _ in 0..3_000 {
            let _ = opening.open(&disturb(&mut rng, &sealed));
            let _ = opening.open(&STANDARD.encode(random_bytes(&mut rng, 80)));
        }
    }
}

/// The bytes of a base64 text with one bit changed, some cut off or some added; or the text itself garbled.
fn disturb(rng: &mut rand_chacha::ChaCha8Rng, text: &str) -> String {
    let mut bytes = STANDARD.decode(text).expect("base64");
    let at = rng.next_u64() as usize % bytes.len();
    match rng.next_u64() % 4 {
        0 => bytes[at] ^= 1 << (rng.next_u64() % 8),
        1 => bytes.truncate(at),
        2 => bytes.extend(random_bytes(rng, 20)),
        _ => return text[..at].to_owned() + "\u{e9}=",
    }
    STANDARD.encode(bytes)
}

#[test]
fn a_session_key_of_the_other_kind_or_length_is_refused() {
    // Sealed with the library directly, as a careless peer would.
    let key = fixed_decryption_key(EnvelopeAlgorithm::RsaAes256);
    let public =
        aws_lc_rs::rsa::PublicEncryptingKey::from_der(fixed_key(Suite::Rsa2048Sha256).verifying_key().spki_der());
    let public = aws_lc_rs::rsa::Pkcs1PublicEncryptingKey::new(public.expect("key")).expect("key");
    let session_key = "k".repeat(32);
    let sealed = seal_ecb(session_key.as_bytes(), b"6222");
    for (text, opens) in [
        (format!("01|{session_key}"), true),
        (format!("02|{session_key}"), false),
        (format!("01|{session_key}k"), false),
        (format!("01|{}", &session_key[1..]), false),
        (session_key.clone(), false),
        (String::new(), false),
    ] {
        let mut room = vec![0; 256];
        public.encrypt(text.as_bytes(), &mut room).expect("encrypted");
        let opened = key.open(&STANDARD.encode(room), CipherMode::Ecb).open(&STANDARD.encode(&sealed));
        assert_eq!(opened.as_deref().map(String::as_str).ok(), opens.then_some("6222"), "{text}");
    }
}

fn seal_ecb(key: &[u8], clear: &[u8]) -> Vec<u8> {
    use aws_lc_rs::cipher::{AES_256, PaddedBlockEncryptingKey, UnboundCipherKey};
    let cipher =
        PaddedBlockEncryptingKey::ecb_pkcs7(UnboundCipherKey::new(&AES_256, key).expect("key")).expect("cipher");
    let mut bytes = clear.to_vec();
    cipher.encrypt(&mut bytes).expect("encrypted");
    bytes
}

#[test]
fn nothing_secret_is_printed() {
    for algorithm in EnvelopeAlgorithm::ALL {
        let key = DecryptionKey::generate(algorithm).expect("key");
        let sealing = key.encryption_key().seal(CipherMode::Cbc).expect("sealed");
        let opening = key.open(sealing.envelope(), CipherMode::Cbc);
        let shown = format!("{key:?} {sealing:?} {opening:?} {:?}", key.encryption_key());
        assert_eq!(shown.matches("redacted").count(), 3, "{shown}");
        assert!(shown.len() < 250, "{shown}");
        assert_eq!(format!("{:?}", key.open("", CipherMode::Cbc)), format!("{opening:?}"));
    }
}
