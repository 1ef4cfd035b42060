//! The example messages, made and signed by OpenSSL alone: every backend must judge each as the
//! manifest says. The signed span is found here by plain search, so that this crate stays free of the
//! codec.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clearway_crypto::{Suite, VerifyingKey};
use serde_json::Value;

use crate::fixtures::{backends, read, read_text, verifies};

/// From `<root` to `</root>`, and the text of the last `{S:...}` block after it.
fn envelope(message: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    const END: &[u8] = b"</root>";
    let begin = find(message, b"<root")?;
    let end = message.windows(END.len()).rposition(|w| w == END)? + END.len();
    let tail = message.get(end..)?;
    let text = find(tail, b"{S:").and_then(|at| {
        let text = &tail[at + 3..];
        Some(&text[..text.iter().rposition(|b| *b == b'}')?])
    });
    Some((message.get(begin..end)?, text))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|w| w == wanted)
}

/// Base64 that may be broken over lines; nothing when it is no base64.
fn decode(text: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    STANDARD.decode(text).unwrap_or_default()
}

fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().expect(name)
}

/// What a receiver finds with `key` and one backend at a time; all must agree.
fn judge(suite: Suite, key: &VerifyingKey, message: &[u8]) -> &'static str {
    let Some((span, signature)) = envelope(message) else {
        return "malformed";
    };
    let Some(signature) = signature else {
        return "signature_missing";
    };
    let signature = decode(signature);
    let verdicts: Vec<bool> = backends(suite).map(|backend| verifies(backend, key, span, &signature)).collect();
    assert!(verdicts.len() >= 2, "{suite}: no second opinion");
    match verdicts.iter().all(|valid| *valid == verdicts[0]) {
        true if verdicts[0] => "ok",
        true => "bad_signature",
        false => "backends disagree",
    }
}

#[test]
fn every_vector_through_every_backend_is_judged_as_the_manifest_says() {
    let manifest: Value = serde_json::from_slice(&read("manifest.json")).expect("JSON");
    let vectors = manifest["vectors"].as_array().expect("vectors");
    assert!(vectors.len() >= 76);
    for vector in vectors {
        let suite: Suite = text(vector, "suite").parse().expect("suite");
        let key = VerifyingKey::from_spki_pem(&read_text(text(vector, "public_key"))).expect("public key");
        assert_eq!(key.suite(), suite);
        let file = text(vector, "file");
        assert_eq!(judge(suite, &key, &read(file)), text(vector, "expect"), "{file}");
    }
}
