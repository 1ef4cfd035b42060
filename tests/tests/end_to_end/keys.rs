//! Keys of participants change while the node runs.

use std::fs::{self, OpenOptions};
use std::io::Write;

use clearway_codec::{SerialNumber, TrxStatus};
use clearway_crypto::{ManifestEntry, SigningKey, Suite};
use clearway_tests::site::Site;
use clearway_tests::{admin, wait};

use crate::NODE;

#[test]
fn a_new_key_is_used_after_a_reload_and_a_broken_manifest_changes_nothing() {
    let site = Site::new(NODE);
    let node = site.start();
    let institution = site.institution(0);
    let key = SigningKey::generate(Suite::Ed25519).expect("a key");
    let serial = SerialNumber::parse(b"4199999999").expect("a serial");
    let with_new_key = || {
        let mut payment = institution.payment(0, 100);
        payment.header.sign_sn = serial;
        institution.post(&payment.seal(&key))
    };
    assert_eq!(with_new_key().code(), "ES000021", "not known yet");

    let manifest = site.dir().join("keys/manifest.toml");
    let entry = ManifestEntry {
        institution: *institution.identity().id.as_bytes(),
        serial: *serial.as_bytes(),
        suite: Suite::Ed25519,
        file: "new.pub.pem".to_owned(),
        valid_from_unix_secs: 0,
        valid_until_unix_secs: 4_000_000_000,
    };
    let mut file = OpenOptions::new().append(true).open(&manifest).expect("the manifest");
    write!(file, "\n{}", entry.to_toml()).expect("written");
    let missing = admin::reload_keys(node.ready.admin);
    assert_eq!(missing.status, 500, "the file with the key is not there");
    assert_eq!(with_new_key().code(), "ES000021");

    fs::write(site.dir().join("keys/new.pub.pem"), key.verifying_key().to_spki_pem()).expect("written");
    let reloaded = admin::reload_keys(node.ready.admin);
    assert_eq!(reloaded.status, 200, "{reloaded:?}");
    wait::until("the new key at work", || (with_new_key().status() == Some(TrxStatus::Success)).then_some(()));
    let _ = institution.pay();

    fs::write(&manifest, "[[key]]\n").expect("written");
    assert_eq!(admin::reload_keys(node.ready.admin).status, 500);
    let _ = institution.pay();
    assert_eq!(with_new_key().status(), Some(TrxStatus::Success), "the old ring stays");
}
