//! The signed vectors give what their manifest says, as far as form goes.

use std::fs;

use clearway_codec::limits::SIGNATURE_BYTES_MAX;
use clearway_codec::{Decoder, ErrorKind, decode_signature};
use serde::Deserialize;

use crate::samples::{vector, vector_dir};

#[derive(Deserialize)]
struct Manifest {
    vectors: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    file: String,
    suite: String,
    signer: String,
    sign_sn: String,
    expect: String,
}

fn manifest() -> Manifest {
    let text = fs::read(vector_dir().join("manifest.json")).expect("the manifest is there");
    serde_json::from_slice(&text).expect("the manifest is as described")
}

#[test]
fn every_vector_gives_what_its_manifest_says() {
    let rows = manifest().vectors;
    assert_eq!(rows.len(), 76);
    let mut decoder = Decoder::new();
    for row in &rows {
        let bytes = vector(&row.file);
        let decoded = decoder.decode(&bytes);
        if row.expect == "malformed" {
            let error = decoded.expect_err(&row.file);
            assert!(error.kind.is_malformed(), "{}: {error}", row.file);
            assert_eq!(error.kind, ErrorKind::Truncated, "{}", row.file);
            continue;
        }
        let message = decoded.unwrap_or_else(|error| panic!("{}: {error}", row.file));
        assert_eq!(message.header().issuer.as_str(), row.signer, "{}", row.file);
        assert_eq!(message.header().sign_sn.as_str(), row.sign_sn, "{}", row.file);
        assert_eq!(message.signed_bytes(), document(&bytes), "{}", row.file);
        message.check().unwrap_or_else(|error| panic!("{}: {error}", row.file));
        check_signature(row, message.signature_text());
    }
}

/// Missing, unusable, or of the size its suite makes.
fn check_signature(row: &Row, text: Option<&[u8]>) {
    if row.expect == "signature_missing" {
        assert_eq!(text, None, "{}", row.file);
        return;
    }
    let text = text.unwrap_or_else(|| panic!("{} has a block", row.file));
    let mut signature = [0; SIGNATURE_BYTES_MAX];
    let decoded = decode_signature(text, &mut signature);
    if row.file.starts_with("signature-empty") || row.file.starts_with("signature-not-base64") {
        assert_eq!(decoded, Err(ErrorKind::SignatureNotBase64), "{}", row.file);
        return;
    }
    let len = decoded.unwrap_or_else(|error| panic!("{}: {error}", row.file));
    match row.suite.as_str() {
        "rsa-2048-sha256" => assert_eq!(len, 256, "{}", row.file),
        "ed25519" => assert_eq!(len, 64, "{}", row.file),
        // DER: a sequence of two integers of up to 33 bytes.
        _ => assert!(signature[0] == 0x30 && usize::from(signature[1]) + 2 == len && len <= 72),
    }
}

/// From the first `<root` to the last `</root>`, found without the codec.
fn document(bytes: &[u8]) -> &[u8] {
    let text = std::str::from_utf8(bytes).expect("vectors are UTF-8");
    let end = text.rfind("</root>").expect("an end") + "</root>".len();
    &bytes[text.find("<root").expect("a start")..end]
}

#[test]
fn a_brace_in_a_value_is_text() {
    let bytes = vector("brace-in-text.ed25519.msg");
    let mut decoder = Decoder::new();
    let whole = decoder.decode(&bytes).expect("it reads").signature_text().map(<[u8]>::len);
    assert_eq!(whole, Some(88));
    // Without its own block, the one in the value must not be taken for the signature.
    let end = bytes.len() - bytes.iter().rev().position(|byte| *byte == b'\n').expect("a line");
    let message = decoder.decode(&bytes[..end]).expect("it reads");
    assert_eq!(message.signature_text(), None);
}
