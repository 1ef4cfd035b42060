//! loadgen.toml: what is read, and how each slip is told.

mod mini_switch;

use clearway_crypto::envelope::{CipherMode, DecryptionKey, EnvelopeAlgorithm};
use clearway_crypto::{SigningKey, Suite};
use clearway_loadgen::Config;
use clearway_loadgen::config::LinkAddress;
use mini_switch::{config, write_config};

#[test]
fn what_was_written_is_read() {
    for suite in Suite::ALL {
        let (written, _) = config(2, 3, suite);
        let folder = tempfile::tempdir().unwrap();
        let read = Config::load(&write_config(&written, folder.path())).unwrap();
        assert_eq!(read.roster(), written.roster());
        assert_eq!((read.suite, read.target, read.node.id), (suite, written.target, written.node.id));
        assert_eq!(read.node.key, written.node.key);
        assert_eq!(read.institutions[1].reserve_bank, 1);
        assert_eq!(read.banks[2].identity.key.verifying_key(), written.banks[2].identity.key.verifying_key());
    }
}

#[test]
fn every_slip_names_the_file_and_the_key() {
    let table = [
        ("format = 2", "format = 1", "format"),
        ("suite = \"ed25519\"", "suite = \"rot13\"", "suite"),
        ("suite = \"ed25519\"", "suite = \"sm2-sm3\"", "the suite here is sm2-sm3"),
        ("reserve_bank = \"C1000000000000\"", "reserve_bank = \"C1999999999999\"", "reserve_bank"),
        ("id = \"C1000000000001\"", "id = \"C1000000000000\"", "C1000000000000"),
        ("serial = \"4200000001\"", "serial = \"42\"", "serial"),
        ("[node]", "[node]\nport = 1", "port"),
        ("listen = \"127.0.0.1:0\"", "listen = \"somewhere\"", "listen"),
        ("public_key = \"keys/node.pub.pem\"", "public_key = \"keys/other.pem\"", "other.pem"),
    ];
    let (written, _) = config(1, 2, Suite::Ed25519);
    let folder = tempfile::tempdir().unwrap();
    let path = write_config(&written, folder.path());
    let good = std::fs::read_to_string(&path).unwrap();
    for (from, to, named) in table {
        let broken = good.replacen(from, to, 1);
        assert_ne!(broken, good, "{from} does not occur");
        std::fs::write(&path, broken).unwrap();
        let error = Config::load(&path).unwrap_err().to_string();
        assert!(error.contains(named), "{to}: {error}");
    }
}

#[test]
fn a_list_of_links_stands_in_the_place_of_listen() {
    let (written, _) = config(1, 2, Suite::Ed25519);
    let folder = tempfile::tempdir().unwrap();
    let path = write_config(&written, folder.path());
    let good = std::fs::read_to_string(&path).unwrap();
    let link = |name: &str| format!("[[bank.link]]\nname = \"{name}\"\nlisten = \"127.0.0.1:0\"\n");
    // The last bank's, at the end of the file.
    let end = good.rfind("listen").unwrap();
    let read = |links: &str| {
        std::fs::write(&path, good[..end].to_owned() + links).unwrap();
        Config::load(&path)
    };
    let config = read(&(link("main") + &link("standby"))).unwrap();
    let names = |links: &[LinkAddress]| links.iter().map(|link| link.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&config.banks[1].links), ["main", "standby"]);
    assert_eq!(names(&config.banks[0].links), ["main"]);
    for (links, named) in [
        (String::new(), "C1000000000001: listen is missing"),
        (good[end..].to_owned() + &link("main"), "C1000000000001: listen and link exclude each other"),
        (link("main") + &link("main"), "C1000000000001: link main appears twice"),
        (link(""), "a name is not empty"),
        (link("a/b"), "has no /"),
        ((0..17).map(|number| link(&format!("link-{number}"))).collect(), "too many links"),
        (link("main").replace("listen", "address"), "address"),
    ] {
        let error = read(&links).unwrap_err().to_string();
        assert!(error.contains(named), "{links}: {error}");
    }
}

/// A bank with encryption keys beside an institution without.
#[test]
fn encryption_keys_may_be_there() {
    let (written, _) = config(1, 1, Suite::Ed25519);
    let folder = tempfile::tempdir().unwrap();
    let path = write_config(&written, folder.path());
    let [node, bank] = [(); 2].map(|()| DecryptionKey::generate(EnvelopeAlgorithm::Sm2Sm4).unwrap());
    std::fs::write(folder.path().join("node.pem"), node.encryption_key().to_spki_pem()).unwrap();
    std::fs::write(folder.path().join("bank.pem"), bank.to_pkcs8_pem().as_bytes()).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let text =
        text.replacen("[node]\n", "[node]\nencryption_serial = \"4500000001\"\nencryption_key = \"node.pem\"\n", 1);
    let bank_keys = "encryption_serial = \"4700000001\"\ndecryption_key = \"bank.pem\"\ncipher_mode = \"ecb\"\n";
    let good = text.replacen("[[bank]]\n", &format!("[[bank]]\n{bank_keys}"), 1);
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        Config::load(&path)
    };
    let config = read(&good).unwrap();
    assert!(config.institutions[0].identity.envelope.is_none());
    let keys = config.banks[0].identity.envelope.as_ref().unwrap();
    assert_eq!((keys.serial.as_str(), keys.mode), ("4700000001", CipherMode::Ecb));
    assert_eq!((keys.node.serial.as_str(), &keys.node.key), ("4500000001", node.encryption_key()));
    assert_eq!(keys.decryption.encryption_key(), bank.encryption_key());
    for (from, to, named) in [
        ("encryption_key = \"node.pem\"\n", "", "node: encryption_serial and encryption_key go together"),
        ("encryption_serial = \"4500000001\"\nencryption_key = \"node.pem\"\n", "", "with the node's encryption_key"),
        ("encryption_serial = \"4700000001\"\n", "", "encryption_serial and decryption_key go together"),
        ("\"4700000001\"", "\"47\"", "serial 47"),
        ("\"bank.pem\"", "\"node.pem\"", "decryption_key node.pem"),
        ("\"ecb\"", "\"ctr\"", "ctr"),
    ] {
        let error = read(&good.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(named), "{from}: {error}");
    }
}

/// An institution signs with a suite of its own when its entry says so, and only then.
#[test]
fn an_institution_may_name_its_suite() {
    let (mut written, _) = config(2, 1, Suite::Ed25519);
    written.institutions[1].identity.key = SigningKey::generate(Suite::Sm2Sm3).unwrap().into();
    let folder = tempfile::tempdir().unwrap();
    let path = write_config(&written, folder.path());
    let text = std::fs::read_to_string(&path).unwrap();
    let key = format!("key = \"keys/{}", written.institutions[1].identity.id);
    let read = |suite: &str| {
        std::fs::write(&path, text.replacen(&key, &format!("suite = \"{suite}\"\n{key}"), 1)).unwrap();
        Config::load(&path).map_err(|error| error.to_string())
    };
    let config = read("sm2-sm3").unwrap();
    let suites = config.institutions.iter().map(|institution| institution.identity.key.suite());
    assert_eq!(suites.collect::<Vec<_>>(), [Suite::Ed25519, Suite::Sm2Sm3]);
    assert!(read("ed25519").unwrap_err().contains("key is sm2-sm3, the suite here is ed25519"));
    assert!(read("rot13").unwrap_err().contains("rot13"));
    std::fs::write(&path, &text).unwrap();
    assert!(Config::load(&path).unwrap_err().to_string().contains("the suite here is ed25519"));
}
