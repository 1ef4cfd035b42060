//! Encrypted detail files decrypted with the `openssl` command alone, as `switch/statements.md` describes them: a participant's
//! decoder has nothing of ours.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use clearway_crypto::file_seal::{CHUNK_BYTES, FileCipher, FileKey, FileSealer};
use clearway_tests::requirement::{find, skip, tools_are_required};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const NAME: &str = "C1000111000015_B202611200011_DTL_001.txt.gz.enc";

fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("openssl");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("openssl starts");
    child.stdin.take().expect("its input").write_all(input).expect("written");
    let output = child.wait_with_output().expect("openssl ends");
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// HMAC under a key in hexadecimal digits.
fn hmac(digest: &str, key: &str, input: &[u8]) -> Vec<u8> {
    openssl(&["dgst", digest, "-mac", "HMAC", "-macopt", &format!("hexkey:{key}"), "-binary"], input)
}

/// The decoder of the manual.
fn decode(file: &[u8]) -> Vec<u8> {
    let (header, mut rest) = file.split_at(16);
    assert_eq!(&header[..8], b"CLWYFILE");
    let (digest, cipher, key_bytes) = match header[8] {
        1 => ("-sha256", "-aes-256-ctr", 32),
        2 => ("-sm3", "-sm4-ctr", 16),
        other => panic!("cipher {other}"),
    };
    let chunk_bytes = u32::from_be_bytes([header[12], header[13], header[14], header[15]]) as usize;
    let derive = |purpose: &str| hmac(digest, KEY, format!("{purpose}\0{NAME}").as_bytes());
    let (cipher_key, mac_key) = (hex(&derive("encrypt")[..key_bytes]), hex(&derive("authenticate")));
    let (mut clear, mut number) = (Vec::new(), 0_u64);
    while !rest.is_empty() {
        let (chunk, behind) = rest.split_at(rest.len().min(16 + chunk_bytes));
        let (tag, sealed) = chunk.split_at(16);
        let text = openssl(&["enc", "-d", cipher, "-K", &cipher_key, "-iv", &hex(tag)], sealed);
        let last = u8::from(behind.is_empty());
        let proved = [header, &number.to_be_bytes(), &[last], &text].concat();
        assert_eq!(&hmac(digest, &mac_key, &proved)[..16], tag, "chunk {number}");
        clear.extend_from_slice(&text);
        (rest, number) = (behind, number + 1);
    }
    clear
}

#[test]
fn openssl_decrypts_what_we_encrypt() {
    if find("openssl").is_none() {
        assert!(!tools_are_required(), "needs openssl");
        return skip("files decrypted by another program", "openssl");
    }
    let key = FileKey::from_hex(KEY).expect("a key");
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../switch/statements.md");
    assert!(fs::read_to_string(manual).expect("the manual").contains("CLWYFILE"));
    for cipher in FileCipher::ALL {
        for length in [0, 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 77] {
            let clear: Vec<u8> = (0..length).map(|at| (at % 253) as u8).collect();
            let (mut sealer, mut file) = (FileSealer::new(cipher, &key, NAME).expect("a sealer"), Vec::new());
            sealer.seal(&clear, &mut file).expect("sealed");
            sealer.finish(&mut file).expect("sealed");
            assert!(decode(&file) == clear, "{cipher}, {length} bytes");
        }
    }
}
