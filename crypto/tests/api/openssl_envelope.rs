//! The digital envelope against the `openssl` command, both ways: `pkeyutl` for the envelope, `enc` for the values.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clearway_crypto::envelope::{CipherMode, DecryptionKey, EnvelopeAlgorithm};

use crate::envelope::fixed_decryption_key;
use crate::openssl::Bench;

const MODES: [CipherMode; 2] = [CipherMode::Cbc, CipherMode::Ecb];
const CLEAR: [&str; 4] = ["6222020200112233445", "张三", "0123456789abcdef", "x"];

struct Side<'b> {
    bench: &'b Bench,
    algorithm: EnvelopeAlgorithm,
    mode: CipherMode,
}

impl Side<'_> {
    fn label(&self) -> &'static [u8] {
        match self.algorithm {
            EnvelopeAlgorithm::RsaAes256 => b"01|",
            EnvelopeAlgorithm::Sm2Sm4 => b"02|",
        }
    }

    fn padding(&self) -> &'static str {
        match self.algorithm {
            EnvelopeAlgorithm::RsaAes256 => "-pkeyopt rsa_padding_mode:pkcs1",
            EnvelopeAlgorithm::Sm2Sm4 => "",
        }
    }

    /// Options of `enc` for one key and IV.
    fn cipher(&self, key: &[u8], iv: &[u8]) -> String {
        let name = match self.algorithm {
            EnvelopeAlgorithm::RsaAes256 => "aes-256",
            EnvelopeAlgorithm::Sm2Sm4 => "sm4",
        };
        match self.mode {
            CipherMode::Cbc => format!("enc -{name}-cbc -K {} -iv {}", hex(key), hex(iv)),
            CipherMode::Ecb => format!("enc -{name}-ecb -K {}", hex(key)),
        }
    }

    fn iv_bytes(&self) -> usize {
        if self.mode == CipherMode::Cbc { 16 } else { 0 }
    }

    fn run(&self, arguments: &str, input: &[u8], extra: &[(&str, &Path)]) -> Vec<u8> {
        let [input, output] = [self.bench.write("in", input), self.bench.path("out")];
        let files: Vec<(&str, &Path)> = extra.iter().copied().chain([("-in", &*input), ("-out", &*output)]).collect();
        assert!(self.bench.run(arguments, &files), "openssl {arguments}");
        std::fs::read(output).expect("output")
    }

    fn seals_for_us(&self, key: &DecryptionKey) {
        let session_key = match self.algorithm {
            EnvelopeAlgorithm::RsaAes256 => b"abcdefghijklmnopqrstuvwxyz012345".to_vec(),
            EnvelopeAlgorithm::Sm2Sm4 => (0xf0..=0xff).collect(),
        };
        let public = self.bench.write("public.pem", key.encryption_key().to_spki_pem().as_bytes());
        let text = [self.label(), &session_key].concat();
        let arguments = format!("pkeyutl -encrypt -pubin {}", self.padding());
        let envelope = self.run(&arguments, &text, &[("-inkey", &public)]);
        let opening = key.open(&STANDARD.encode(envelope), self.mode);
        let iv: Vec<u8> = (0..self.iv_bytes() as u8).collect();
        for clear in CLEAR {
            let blocks = self.run(&self.cipher(&session_key, &iv), clear.as_bytes(), &[]);
            let opened = opening.open(&STANDARD.encode([&*iv, &*blocks].concat())).expect("opens");
            assert_eq!(*opened, clear);
        }
    }

    fn opens_ours(&self, key: &DecryptionKey) {
        let private = self.bench.write("private.pem", key.to_pkcs8_pem().as_bytes());
        let sealing = key.encryption_key().seal(self.mode).expect("sealed");
        let envelope = STANDARD.decode(sealing.envelope()).expect("base64");
        let arguments = format!("pkeyutl -decrypt {}", self.padding());
        let text = self.run(&arguments, &envelope, &[("-inkey", &private)]);
        let session_key = text.strip_prefix(self.label()).expect("label");
        if self.algorithm == EnvelopeAlgorithm::RsaAes256 {
            assert!(session_key.iter().all(u8::is_ascii_graphic), "{session_key:?} is no text");
        }
        for clear in CLEAR {
            let sealed = STANDARD.decode(sealing.seal(clear).expect("sealed")).expect("base64");
            let (iv, blocks) = sealed.split_at(self.iv_bytes());
            let opened = self.run(&format!("{} -d", self.cipher(session_key, iv)), blocks, &[]);
            assert_eq!(opened, clear.as_bytes());
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn envelopes_are_exchanged_both_ways() {
    let Some(bench) = Bench::open() else { return };
    for algorithm in EnvelopeAlgorithm::ALL {
        for mode in MODES {
            let side = Side { bench: &bench, algorithm, mode };
            for key in [fixed_decryption_key(algorithm), DecryptionKey::generate(algorithm).expect("key")] {
                side.seals_for_us(&key);
                side.opens_ours(&key);
            }
        }
    }
}
