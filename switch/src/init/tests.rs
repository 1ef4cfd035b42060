//! What `init` writes, loads; and it writes over nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clearway_crypto::envelope::{CipherMode, DecryptionKey, EncryptionKey, EnvelopeAlgorithm};
use clearway_crypto::transport::{Credentials, ServerName, Trust, UnixTime, peer_names};
use clearway_crypto::{SigningKey, Suite, VerifyingKey};

use super::counterparties::Counterparties;
use super::*;
use crate::config::{
    AdminTls, BooksSection, ClientFiles, Compression, Config, FileDigest, FileEncryption, JournalDriver, KeySource,
    LimitsSection, ListenTransport, OperatorRule, ParticipantKind, Right, TimingSection,
};
use crate::constants;

const NOW: u64 = 1_790_000_000;

fn small(suite: Suite) -> Options {
    Options { institutions: 2, banks: 3, suite, envelope: Some(EnvelopeAlgorithm::Sm2Sm4), ..Options::new(NOW) }
}

fn read_counterparties(written: &Written) -> Counterparties {
    toml::from_str(&fs::read_to_string(&written.loadgen).unwrap()).unwrap()
}

fn tree(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push((path.clone(), fs::read(path).unwrap())) }
        }
    }
    files.sort();
    files
}

#[test]
fn the_written_configuration_loads_with_the_documented_defaults() {
    let dir = tempfile::tempdir().unwrap();
    let options = small(Suite::EcdsaP256Sha256);
    let written = write(dir.path(), &options).unwrap();
    let config = Config::load(&written.config).unwrap();
    assert_eq!(config.listen, options.listen);
    assert_eq!(config.admin, options.admin);
    assert_eq!(config.timing, TimingSection::default());
    assert_eq!(config.timing.query_schedule_ms, constants::QUERY_SCHEDULE_MS);
    assert_eq!(config.limits, LimitsSection::default());
    assert_eq!(config.checkpoint, options.checkpoint);
    assert_eq!(config.journal.dir, dir.path().join("journal"));
    assert_eq!(config.books, BooksSection { dir: dir.path().join("books"), ..BooksSection::default() });
    assert_eq!(config.node.id.as_str(), "G4000311000018");
    let kinds: Vec<_> = config.participants.iter().map(|participant| participant.kind).collect();
    assert_eq!(kinds, [[ParticipantKind::Institution; 2].as_slice(), &[ParticipantKind::Bank; 3]].concat());
    assert_eq!(written.files.len(), tree(dir.path()).len());
}

#[test]
fn every_section_that_is_given_is_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = small(Suite::Ed25519);
    options.workers = 2;
    options.pin_cores = vec![0, 1];
    options.admin.address = "10.0.0.1:7000".parse().unwrap();
    let operator = |name: &str, right| OperatorRule { name: name.to_owned(), right };
    options.admin.tls = Some(AdminTls {
        certificate: "/tls/door.crt.pem".into(),
        private_key: "/tls/door.key.pem".into(),
        ca: "/tls/ca.crt.pem".into(),
        revocation_lists: vec!["/tls/ca.crl.pem".into()],
        operators: vec![operator("li.wei", Right::Change), operator("wang", Right::Read)],
        name: Some("door.internal".to_owned()),
        client: Some(ClientFiles { certificate: "/tls/li.crt.pem".into(), private_key: "/tls/li.key.pem".into() }),
    });
    options.journal.driver = JournalDriver::Pwrite;
    options.journal.dir = "with \"quotes\" and \\".into();
    options.journal.linger_us = 250;
    options.timing.query_schedule_ms = vec![100, 200];
    options.limits.in_flight_max = 77;
    options.checkpoint.interval_s = 5;
    options.crypto.backends.insert(Suite::Ed25519, "ring".to_owned());
    options.books = BooksSection {
        dir: "accounts".into(),
        compression: Compression::Zstd,
        digest: FileDigest::Sm3,
        encryption: FileEncryption::Aes256,
        rows_max: 7,
        file_servers: vec!["one.example:22".into(), "[::1]:2022".into()],
        threads: 3,
        interest_ppm: 9,
        accounting_cut_hour: 0,
        hvps_close_hour: 20,
        journal_days: 400,
    };
    let config = Config::load(&write(dir.path(), &options).unwrap().config).unwrap();
    assert_eq!((config.node.workers, config.node.pin_cores), (2, vec![0, 1]));
    assert_eq!(config.admin, options.admin);
    assert_eq!(config.journal.dir, dir.path().join(&options.journal.dir));
    assert_eq!((config.journal.driver, config.journal.linger_us), (JournalDriver::Pwrite, 250));
    assert_eq!(config.books, BooksSection { dir: dir.path().join("accounts"), ..options.books });
    assert_eq!(
        (config.timing, config.limits, config.checkpoint, config.crypto),
        (options.timing, options.limits, options.checkpoint, options.crypto)
    );
}

/// The door behind certificates that clearway.toml shows in a comment opens once the comment is taken away.
#[test]
fn the_door_of_the_comment_opens() {
    let dir = tempfile::tempdir().unwrap();
    let written = write(dir.path(), &small(Suite::Ed25519)).unwrap();
    let text = fs::read_to_string(&written.config).unwrap();
    let at = text.find("# [admin.tls]").unwrap();
    let (before, behind) = text.split_at(at);
    let (section, after) = behind.split_once("\n\n").unwrap();
    let section: String = section.lines().map(|line| format!("{}\n", line.strip_prefix("# ").unwrap())).collect();
    fs::write(&written.config, format!("{before}{section}\n{after}")).unwrap();
    let config = Config::load(&written.config).unwrap();
    let (clock, _) = crate::clock::Clock::settable(NOW * 1_000_000);
    crate::admin::Entrance::open(&config.admin, &clock).unwrap();
    let tls = config.admin.tls.unwrap();
    let rights: Vec<_> = tls.operators.iter().map(|one| (one.name.as_str(), one.right)).collect();
    assert_eq!(rights, [("chief", Right::Change), ("watch", Right::Read)]);
    assert!(tls.client.is_some_and(|client| client.certificate.exists() && client.private_key.exists()));
}

/// The comments of participants.toml, made into keys, are what the loader takes; what they call the default is the
/// default.
#[test]
fn the_optional_keys_of_a_participant_are_as_documented() {
    let dir = tempfile::tempdir().unwrap();
    let written = write(dir.path(), &small(Suite::Ed25519)).unwrap();
    let path = dir.path().join("participants.toml");
    let text = fs::read_to_string(&path).unwrap();
    let behind = |mark: &str| text.lines().filter_map(|line| line.strip_prefix(mark)).collect::<Vec<_>>().join("\n");
    let (keys, sections) = (behind("#   "), behind("#: "));
    let defaults = keys.lines().take(2).collect::<Vec<_>>().join("\n");

    let plain = Config::load(&written.config).unwrap();
    let bank = |config: &Config| config.participants.iter().last().unwrap().clone();
    fs::write(&path, format!("{text}{defaults}\n")).unwrap();
    assert_eq!(bank(&Config::load(&written.config).unwrap()), bank(&plain));

    let institution = plain.participants.iter().next().unwrap().id;
    let other = plain.participants.iter().find(|one| one.kind == ParticipantKind::Bank).unwrap().id;
    let keys = keys.replace("C1...", other.as_str());
    let sections = sections.replace("C1...", bank(&plain).id.as_str()).replace("Z2...", institution.as_str());
    fs::write(&path, format!("{text}{keys}\n{sections}\n")).unwrap();
    let config = Config::load(&written.config).unwrap();
    let all = bank(&config);
    assert_eq!(all.admission.businesses, Some(vec!["agreement-payment".to_owned()]));
    assert_eq!((all.admission.rate_per_s, all.admission.rate_burst), (Some(2_000), Some(2_000)));
    assert_eq!((all.limits.day_count, all.card_limits.day_count), (Some(10_000_000), Some(50)));
    assert_eq!(all.operations_path.as_deref(), Some("/uopsSvr"));
    assert_eq!(config.participants.get(config.participants.clearing_bank_of(all.index)).unwrap().id, other);
    assert_eq!((config.pair_limits.len(), config.maintenance.len()), (1, 1));
    assert_eq!(config.maintenance[0].text, "moving to another hall");
}

#[test]
fn both_sides_hold_the_halves_of_the_same_keys_in_every_suite() {
    for suite in Suite::ALL {
        let dir = tempfile::tempdir().unwrap();
        let written = write(dir.path(), &small(suite)).unwrap();
        let config = Config::load(&written.config).unwrap();
        let keys = config.keys.load().unwrap();
        let other_side = read_counterparties(&written);
        let folder = written.loadgen.parent().unwrap();
        let node_key =
            VerifyingKey::from_spki_pem(&fs::read_to_string(folder.join(&other_side.node.public_key)).unwrap())
                .unwrap();
        assert_eq!(node_key.to_spki_pem(), keys.signing.verifying_key().to_spki_pem());
        assert_eq!(other_side.suite, suite.name());

        let institutions = other_side.institution.iter().map(|one| (&one.id, &one.serial, &one.key, one.listen));
        let banks = other_side.bank.iter().map(|one| (&one.id, &one.serial, &one.key, one.listen));
        for ((id, serial, key, listen), participant) in institutions.chain(banks).zip(config.participants.iter()) {
            assert_eq!(id, participant.id.as_str());
            assert_eq!(participant.endpoint().authority(), listen.to_string());
            let private = SigningKey::from_pkcs8_pem(&fs::read_to_string(folder.join(key)).unwrap()).unwrap();
            let public =
                keys.ring.lookup(participant.id.as_bytes(), serial.as_bytes().try_into().unwrap(), NOW).unwrap();
            assert_eq!(private.verifying_key().to_spki_pem(), public.to_spki_pem());
            assert_eq!(private.suite(), suite);
        }
        assert!(
            other_side.institution.iter().all(|one| other_side.bank.iter().any(|bank| bank.id == one.reserve_bank))
        );
    }
}

/// Institutions sign with suites of their own where that was asked for; banks and node with the one of all.
#[test]
fn institutions_take_their_suites_in_turn() {
    let (ed, sm2, p256) = (Suite::Ed25519, Suite::Sm2Sm3, Suite::EcdsaP256Sha256);
    let dir = tempfile::tempdir().unwrap();
    let options = Options { institutions: 3, institution_suites: vec![p256, sm2], ..small(ed) };
    let written = write(dir.path(), &options).unwrap();
    let (keys, other_side) =
        (Config::load(&written.config).unwrap().keys.load().unwrap(), read_counterparties(&written));
    let suite_of = |id: &str, serial: &str| {
        let (id, serial) = (id.as_bytes().try_into().unwrap(), serial.as_bytes().try_into().unwrap());
        keys.ring.lookup(id, serial, NOW).unwrap().suite()
    };
    let institutions = other_side.institution.iter();
    let found: Vec<_> = institutions.map(|one| (suite_of(&one.id, &one.serial), one.suite.as_deref())).collect();
    assert_eq!(found, [(p256, Some(p256.name())), (sm2, Some(sm2.name())), (p256, Some(p256.name()))]);
    assert!(other_side.bank.iter().all(|one| suite_of(&one.id, &one.serial) == ed));
    assert_eq!((keys.signing.suite(), other_side.suite.as_str()), (ed, ed.name()));
}

/// The algorithm that follows from the suite, and one that was asked for.
#[test]
fn both_sides_can_encrypt_for_each_other() {
    use EnvelopeAlgorithm::{RsaAes256, Sm2Sm4};
    for (suite, asked, algorithm, cipher_mode) in [
        (Suite::Sm2Sm3, None, Sm2Sm4, CipherMode::Cbc),
        (Suite::Ed25519, None, RsaAes256, CipherMode::Cbc),
        (Suite::Ed25519, Some(Sm2Sm4), Sm2Sm4, CipherMode::Ecb),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { institutions: 1, banks: 1, suite, envelope: asked, cipher_mode, ..Options::new(NOW) };
        let written = write(dir.path(), &options).unwrap();
        let keys = Config::load(&written.config).unwrap().keys.load_envelope_keys().unwrap();
        let other_side = read_counterparties(&written);
        let read = |file: &Path| fs::read_to_string(written.loadgen.parent().unwrap().join(file)).unwrap();

        let for_node = EncryptionKey::from_spki_pem(&read(&other_side.node.encryption_key)).unwrap();
        assert_eq!(for_node.algorithm(), algorithm);
        let (serial, own) = &keys.decryption[0];
        assert_eq!(serial.as_str(), other_side.node.encryption_serial);
        assert_eq!(own.encryption_key(), &for_node);

        let (institution, bank) = (&other_side.institution[0], &other_side.bank[0]);
        let parties = [
            (&institution.id, &institution.encryption_serial, &institution.decryption_key, institution.cipher_mode),
            (&bank.id, &bank.encryption_serial, &bank.decryption_key, bank.cipher_mode),
        ];
        for (id, serial, file, mode) in parties {
            let record = keys.encryption.find(id.as_bytes().try_into().unwrap()).unwrap();
            assert_eq!((record.serial.as_slice(), record.mode), (serial.as_bytes(), mode));
            assert_eq!(mode, cipher_mode);
            let theirs = DecryptionKey::from_pkcs8_pem(&read(file)).unwrap();
            assert_eq!(theirs.encryption_key(), &record.key);
        }
    }
}

#[test]
fn private_keys_are_their_owners_alone() {
    let dir = tempfile::tempdir().unwrap();
    let written = write(dir.path(), &small(Suite::Ed25519)).unwrap();
    let is_private =
        |path: &&PathBuf| [".key.pem", "digest.key"].iter().any(|end| path.to_string_lossy().ends_with(end));
    let (private, open): (Vec<&PathBuf>, Vec<_>) = written.files.iter().partition(is_private);
    assert_eq!(private.len(), 22, "three of everybody, the digest key, two operators and the authority");
    for path in private {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
    }
    for path in open {
        assert!(!fs::read_to_string(path).unwrap().contains("PRIVATE"), "{path:?}");
    }
}

#[test]
fn nothing_is_written_over_without_force() {
    for reserved in ["clearway.toml", "participants.toml", "keys", "tls", "counterparties"] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(reserved), "mine").unwrap();
        let before = tree(dir.path());
        let error = write(dir.path(), &small(Suite::Ed25519)).unwrap_err();
        assert!(error.to_string().contains(reserved) && error.to_string().contains("--force"), "{error}");
        assert_eq!(tree(dir.path()), before);
    }
}

#[test]
fn force_replaces_configuration_and_keys_and_mends_their_mode() {
    let dir = tempfile::tempdir().unwrap();
    let first = write(dir.path(), &small(Suite::Ed25519)).unwrap();
    let key = dir.path().join("keys/node.key.pem");
    let old = fs::read(&key).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let again = write(dir.path(), &Options { force: true, ..small(Suite::Ed25519) }).unwrap();
    assert_eq!(again, first);
    assert_ne!(fs::read(&key).unwrap(), old);
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(Config::load(&again.config).unwrap().keys, KeySource::Files(_)));
}

#[test]
fn counts_and_addresses_are_checked_before_anything_is_written() {
    let local = |ports: &[u16]| Some(ports.iter().map(|port| ([127, 0, 0, 1], *port).into()).collect());
    let refused = [
        ("no bank", Options { banks: 0, ..Options::new(NOW) }),
        ("no institution", Options { institutions: 0, ..Options::new(NOW) }),
        ("too many", Options { banks: 10_000, ..Options::new(NOW) }),
        ("too many for made-up ports", Options { banks: 4_500, ..Options::new(NOW) }),
        ("addresses missing", Options { banks: 2, bank_addresses: local(&[5]), ..Options::new(NOW) }),
        ("port 0", Options { banks: 2, bank_addresses: local(&[5, 0]), ..Options::new(NOW) }),
        (
            "port 0 of an institution",
            Options { institutions: 1, institution_addresses: local(&[0]), ..Options::new(NOW) },
        ),
    ];
    for (name, options) in refused {
        let dir = tempfile::tempdir().unwrap();
        assert!(write(dir.path(), &options).is_err(), "{name}");
        assert!(tree(dir.path()).is_empty(), "{name}");
    }
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        banks: 2,
        bank_addresses: local(&[31_001, 31_002]),
        institutions: 1,
        institution_addresses: local(&[31_003]),
        envelope: Some(EnvelopeAlgorithm::Sm2Sm4),
        ..Options::new(NOW)
    };
    let written = write(dir.path(), &options).unwrap();
    assert_eq!(read_counterparties(&written).bank[1].listen.port(), 31_002);
}

#[test]
fn both_sides_believe_each_other_and_prove_the_names_that_are_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let written = write(dir.path(), &small(Suite::Ed25519)).unwrap();
    let config = Config::load(&written.config).unwrap();
    let (node, now) = (config.tls.unwrap().load().unwrap(), UnixTime::since_unix_epoch(Duration::from_secs(NOW)));
    let (other_side, folder) = (read_counterparties(&written), written.loadgen.parent().unwrap());
    let tls = other_side.tls.unwrap();
    assert!(other_side.target.starts_with("https://"));
    let trust = Trust::from_pem(&fs::read(folder.join(tls.ca)).unwrap(), &[[]; 0]).unwrap();
    let name = ServerName::try_from(tls.node_name.as_str()).unwrap();
    trust.check_server(node.credentials.chain(), &name, now).unwrap();
    let institutions = other_side.institution.iter().map(|one| (&one.tls_certificate, &one.tls_key));
    let banks = other_side.bank.iter().map(|one| (&one.tls_certificate, &one.tls_key));
    for ((certificate, key), participant) in institutions.chain(banks).zip(config.participants.iter()) {
        let read = |file: &Option<PathBuf>| fs::read(folder.join(file.as_ref().unwrap())).unwrap();
        let shown = Credentials::from_pem(&read(certificate), &read(key)).unwrap();
        assert_eq!(peer_names(shown.certificate()).unwrap(), [participant.tls_name.as_str()]);
        node.trust.check_client(shown.chain(), now).unwrap();
        let name = ServerName::try_from(participant.tls_name.as_str()).unwrap();
        node.trust.check_server(shown.chain(), &name, now).unwrap();
    }
    for operator in ["chief", "watch"] {
        let read = |end: &str| fs::read(dir.path().join(format!("tls/{operator}.{end}.pem"))).unwrap();
        let shown = Credentials::from_pem(&read("cert"), &read("key")).unwrap();
        assert_eq!(peer_names(shown.certificate()).unwrap(), [format!("{operator}.operator.internal")]);
        node.trust.check_client(shown.chain(), now).unwrap();
    }
}

#[test]
fn plain_http_is_written_in_as_many_words_and_without_certificates() {
    let dir = tempfile::tempdir().unwrap();
    let written = write(dir.path(), &Options { plain_http: true, ..small(Suite::Ed25519) }).unwrap();
    let config = Config::load(&written.config).unwrap();
    assert_eq!((config.listen.transport, config.links.plain_http), (ListenTransport::PlainHttp, true));
    assert!(config.tls.is_none() && !dir.path().join("tls").exists());
    let other_side = read_counterparties(&written);
    assert!(other_side.tls.is_none() && other_side.target.starts_with("http://"));
}
