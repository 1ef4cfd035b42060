//! The signature of every sample, verified by the `openssl` command: the codec and the crypto crate cannot agree with themselves alone.

use std::fs;
use std::process::Command;

use clearway_codec::limits::SIGNATURE_BYTES_MAX;
use clearway_codec::{Decoder, MessageType, decode_signature};
use clearway_tests::catalogue::FOLDER;
use clearway_tests::requirement::{find, skip, tools_are_required};

use crate::workspace;

#[test]
fn openssl_verifies_every_sample() {
    if find("openssl").is_none() {
        assert!(!tools_are_required(), "needs openssl");
        return skip("the signatures of the samples", "openssl");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (signed, raw) = (folder.path().join("signed"), folder.path().join("raw"));
    for message_type in MessageType::ALL {
        let sample = fs::read(workspace().join(FOLDER).join(format!("samples/{message_type}.msg"))).expect("a sample");
        // The span without the codec: from the root's start to its end.
        let text = std::str::from_utf8(&sample).expect("UTF-8");
        let start = text.find("<root").expect("a root");
        let end = text.rfind("</root>").expect("its end") + "</root>".len();
        fs::write(&signed, &text[start..end]).expect("written");
        let mut decoder = Decoder::new();
        let message = decoder.decode(&sample).expect("it is read");
        let mut signature = [0; SIGNATURE_BYTES_MAX];
        let len = decode_signature(message.signature_text().expect("it is signed"), &mut signature).expect("base64");
        fs::write(&raw, &signature[..len]).expect("written");
        let key = format!("codec/tests/vectors/keys/rsa-2048-sha256-{}.pub.pem", message.header().issuer.as_str());
        let output = Command::new("openssl")
            .args(["dgst", "-sha256", "-verify"])
            .arg(workspace().join(key))
            .arg("-signature")
            .args([&raw, &signed])
            .output()
            .expect("openssl runs");
        assert!(output.status.success(), "{message_type}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
