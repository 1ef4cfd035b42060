//! Against the `openssl` command, both ways, for every suite: its keys and signatures are ours, ours
//! are its.

use std::path::{Path, PathBuf};
use std::process::Command;

use clearway_crypto::{SignJob, SigningKey, Suite, VerifyingKey};
use tempfile::TempDir;

use crate::fixtures::{backends, fixed_key, only, random_bytes, seeded, verifies};

const MESSAGES: usize = 3;

/// A folder in which the command works.
pub(crate) struct Bench {
    folder: TempDir,
}

impl Bench {
    /// Skips, with a clear line, where the command or its SM2 is missing.
    pub(crate) fn open() -> Option<Self> {
        let bench = Self { folder: TempDir::new().expect("folder") };
        let there = Command::new("openssl")
            .args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"])
            .output()
            .is_ok_and(|output| output.status.success());
        if there {
            return Some(bench);
        }
        assert!(
            std::env::var_os("CLEARWAY_REQUIRE_TOOLS").is_none_or(|value| value != "1"),
            "needs the openssl command, version 3 with SM2"
        );
        println!("SKIPPED: needs the openssl command, version 3 with SM2");
        None
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        std::fs::write(self.path(name), bytes).expect("written");
        self.path(name)
    }

    /// Runs the command; whether it succeeded.
    pub(crate) fn run(&self, arguments: &str, files: &[(&str, &Path)]) -> bool {
        let mut command = Command::new("openssl");
        command.args(arguments.split_ascii_whitespace());
        for (option, file) in files {
            command.arg(option).arg(file);
        }
        let output = command.output().expect("openssl runs");
        output.status.success()
    }

    fn sign(&self, suite: Suite, key: &Path, message: &Path) -> Vec<u8> {
        let out = self.path("signature");
        let arguments = format!("pkeyutl -sign -rawin {}", options(suite));
        let signed = self.run(&arguments, &[("-inkey", key), ("-in", message), ("-out", &out)]);
        assert!(signed, "{suite}: openssl does not sign");
        std::fs::read(out).expect("signature")
    }

    fn verifies(&self, suite: Suite, key: &Path, message: &Path, signature: &[u8]) -> bool {
        let signature = self.write("signature", signature);
        let arguments = format!("pkeyutl -verify -pubin -rawin {}", options(suite));
        let files: [(&str, &Path); 3] = [("-inkey", key), ("-in", message), ("-sigfile", &signature)];
        self.run(&arguments, &files)
    }
}

fn options(suite: Suite) -> &'static str {
    match suite {
        Suite::Rsa2048Sha256 => "-digest sha256 -pkeyopt rsa_padding_mode:pkcs1",
        Suite::EcdsaP256Sha256 => "-digest sha256",
        Suite::Ed25519 => "",
        Suite::Sm2Sm3 => "-digest sm3 -pkeyopt distid:1234567812345678",
    }
}

fn generation(suite: Suite) -> &'static str {
    match suite {
        Suite::Rsa2048Sha256 => "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
        Suite::EcdsaP256Sha256 => "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        Suite::Ed25519 => "genpkey -algorithm ED25519",
        Suite::Sm2Sm3 => "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2",
    }
}

/// What openssl signs with its key, every backend verifies; what every backend signs with that key,
/// openssl verifies; and neither accepts another message.
fn exchange(bench: &Bench, suite: Suite, private: &Path, key: &SigningKey) {
    let mut rng = seeded("openssl");
    let public = bench.write("public.pem", key.verifying_key().to_spki_pem().as_bytes());
    for _ in 0..MESSAGES {
        // Never empty: openssl 3.0 does not sign an empty file.
        let bytes = [random_bytes(&mut rng, 3000), vec![0]].concat();
        let message = bench.write("message", &bytes);
        let theirs = bench.sign(suite, private, &message);
        let other = bench.write("other", b"another message");
        for backend in backends(suite) {
            let name = backend.name;
            let accepts = |message: &[u8]| verifies(backend, key.verifying_key(), message, &theirs);
            assert!(accepts(&bytes), "{suite}: {name} refuses openssl's {theirs:02x?}");
            assert!(!accepts(b"another message"), "{suite} {name}");

            let job = SignJob { key, message: &bytes };
            let ours = only(backend).sign(&job).expect("signed");
            let accepts = |message: &Path| bench.verifies(suite, &public, message, ours.as_bytes());
            assert!(accepts(&message), "{suite}: openssl refuses {name}'s {ours:?}");
            assert!(!accepts(&other), "{suite} {name}");
        }
    }
}

#[test]
fn keys_made_by_openssl() {
    let Some(bench) = Bench::open() else { return };
    for suite in Suite::ALL {
        let private = bench.path("private.pem");
        assert!(bench.run(generation(suite), &[("-out", &private)]), "{suite}");
        let pem = std::fs::read_to_string(&private).expect("key");
        let key = SigningKey::from_pkcs8_pem(&pem).expect("openssl's key");
        assert_eq!(key.suite(), suite);
        let public = bench.path("their-public.pem");
        let files: [(&str, &Path); 2] = [("-in", &private), ("-out", &public)];
        assert!(bench.run("pkey -pubout", &files), "{suite}");
        let pem = std::fs::read_to_string(public).expect("key");
        let theirs = VerifyingKey::from_spki_pem(&pem).expect("openssl's public key");
        assert_eq!(&theirs, key.verifying_key());
        assert_eq!(theirs.to_spki_pem(), pem, "{suite}: the same text");
        exchange(&bench, suite, &private, &key);
    }
}

#[test]
fn keys_made_here() {
    let Some(bench) = Bench::open() else { return };
    for suite in Suite::ALL {
        let generated = SigningKey::generate(suite).expect("key");
        for key in [generated, fixed_key(suite)] {
            let private = bench.write("private.pem", key.to_pkcs8_pem().as_bytes());
            let checked = bench.run("pkey -noout -check", &[("-in", &private)]);
            assert!(checked || suite == Suite::Ed25519, "{suite}: pkey -check");
            exchange(&bench, suite, &private, &key);
        }
    }
}
