//! Every fault of a configuration is found and named with file and key.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clearway_codec::value::{InstitutionId, SerialNumber};
use clearway_crypto::envelope::EnvelopeAlgorithm;
use clearway_crypto::{DigestKey, KeyRing, SigningKey, Suite};

use super::*;
use crate::constants;
use crate::error::Fault;
use crate::init;

/// A good configuration in its folder.
struct Files {
    dir: tempfile::TempDir,
    config: PathBuf,
}

fn files() -> Files {
    let dir = tempfile::tempdir().unwrap();
    let (suite, envelope) = (Suite::Ed25519, Some(EnvelopeAlgorithm::Sm2Sm4));
    let options = init::Options {
        institutions: 1,
        banks: 2,
        suite,
        envelope,
        plain_http: true,
        ..init::Options::new(1_790_000_000)
    };
    let config = init::write(dir.path(), &options).unwrap().config;
    Files { dir, config }
}

fn edit(path: &Path, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(path).unwrap();
    let changed = change(text.clone());
    assert_ne!(text, changed, "the edit of {} changed nothing", path.display());
    fs::write(path, changed).unwrap();
}

fn institution(text: &str) -> InstitutionId {
    InstitutionId::parse(text.as_bytes()).unwrap()
}

/// A configuration made in code: one bank, one institution.
fn in_code() -> Config {
    let key = || SigningKey::generate(Suite::Ed25519).unwrap();
    let (bank, payer) = (institution("C1000111000015"), institution("Z2000133000017"));
    let ring = KeyRing::builder()
        .add(*bank.as_bytes(), *b"4200000001", key().verifying_key().clone(), 0, u64::MAX)
        .add(*payer.as_bytes(), *b"4100000001", key().verifying_key().clone(), 0, u64::MAX);
    let keys = NodeKeys {
        signing: Arc::new(key()),
        ring: Arc::new(ring.build().unwrap()),
        retired: Vec::new(),
        envelope: EnvelopeKeys::default(),
        digest: Arc::new(DigestKey::generate().unwrap()),
    };
    let node = NodeSection {
        id: institution("G4000311000018"),
        serial: SerialNumber::parse(b"4000000001").unwrap(),
        workers: 1,
        pin_cores: Vec::new(),
    };
    let participants = vec![
        Participant::new(3, bank, ParticipantKind::Bank, "http://127.0.0.1:20001/epcc".parse().unwrap()),
        Participant::new(1, payer, ParticipantKind::Institution, "http://127.0.0.1:24001/epcc".parse().unwrap()),
    ];
    let participants = Participants::new(participants).unwrap();
    let mut config = Config::new(node, KeySource::Given(keys), participants, PathBuf::from("/nowhere/journal"));
    (config.listen.transport, config.links.plain_http) = (ListenTransport::PlainHttp, true);
    config
}

#[test]
fn faults_in_the_files_are_named_with_file_and_key() {
    let table: &[(&str, &str, &str, &str, &[&str])] = &[
        (
            "unknown key",
            "clearway.toml",
            "[limits]",
            "[limits]\nin_flight_maximum = 3",
            &["limits.in_flight_maximum", "line ", "unknown field"],
        ),
        ("unknown section", "clearway.toml", "[limits]", "[limit]", &["limit", "unknown field"]),
        ("wrong type", "clearway.toml", "workers = 1", "workers = \"one\"", &["node.workers", "invalid type"]),
        ("not TOML", "clearway.toml", "[limits]", "[limits", &["clearway.toml"]),
        ("missing key", "clearway.toml", "manifest =", "# manifest =", &["missing field `manifest`"]),
        (
            "bad id",
            "clearway.toml",
            "id = \"G4000311000018\"",
            "id = \"G40003110000\"",
            &["node.id", "14 letters and digits"],
        ),
        (
            "bad serial",
            "clearway.toml",
            "serial = \"4000000001\"",
            "serial = \"40000000AB\"",
            &["node.serial", "10 digits"],
        ),
        (
            "bad address",
            "clearway.toml",
            "address = \"127.0.0.1:9201\"",
            "address = \"127.0.0.1:99201\"",
            &["listen.address"],
        ),
        (
            "unknown driver",
            "clearway.toml",
            "driver = \"auto\"",
            "driver = \"mmap\"",
            &["journal.driver", "unknown variant"],
        ),
        ("no workers", "clearway.toml", "workers = 1", "workers = 0", &["node.workers", "from 1 to 64"]),
        ("cores do not fit workers", "clearway.toml", "pin_cores = []", "pin_cores = [0, 1]", &["node.pin_cores"]),
        ("same address twice", "clearway.toml", "127.0.0.1:9209", "127.0.0.1:9201", &["admin.address"]),
        (
            "admin for all the world",
            "clearway.toml",
            "127.0.0.1:9209",
            "0.0.0.0:9209",
            &["admin.address", "[admin.tls]"],
        ),
        (
            "odd segment",
            "clearway.toml",
            "segment_bytes = 67108864",
            "segment_bytes = 67108865",
            &["journal.segment_bytes", "4096"],
        ),
        (
            "segment too small",
            "clearway.toml",
            "segment_bytes = 67108864",
            "segment_bytes = 1048576",
            &["journal.segment_bytes", "groups in flight"],
        ),
        (
            "body too large",
            "clearway.toml",
            "body_bytes_max = 65536",
            "body_bytes_max = 65537",
            &["limits.body_bytes_max"],
        ),
        (
            "schedule falls",
            "clearway.toml",
            "[5000, 15000, 30000,",
            "[5000, 4000, 30000,",
            &["timing.query_schedule_ms", "rising"],
        ),
        (
            "schedule empty",
            "clearway.toml",
            "[5000, 15000, 60000, 300000, 900000, 3600000]",
            "[]",
            &["timing.notice_schedule_ms"],
        ),
        (
            "answer shorter than leg",
            "clearway.toml",
            "answer_timeout_ms = 60000",
            "answer_timeout_ms = 7000",
            &["timing.answer_timeout_ms"],
        ),
        (
            "negative time",
            "clearway.toml",
            "connect_timeout_ms = 1000",
            "connect_timeout_ms = -1",
            &["timing.connect_timeout_ms"],
        ),
        (
            "unknown backend",
            "clearway.toml",
            "[crypto]",
            "[crypto]\ned25519 = \"rot13\"",
            &["crypto.ed25519", "use one of: "],
        ),
        ("backend without the suite", "clearway.toml", "[crypto]", "[crypto]\nsm2-sm3 = \"ring\"", &["crypto.sm2-sm3"]),
        ("unknown suite", "clearway.toml", "[crypto]", "[crypto]\nmd5 = \"ring\"", &["crypto.md5"]),
        (
            "no such manifest",
            "clearway.toml",
            "keys/manifest.toml",
            "keys/none.toml",
            &["node.manifest", "none.toml", "cannot read"],
        ),
        (
            "no such key",
            "clearway.toml",
            "keys/node.key.pem",
            "keys/none.pem",
            &["node.key", "none.pem", "cannot read"],
        ),
        (
            "key is a public one",
            "clearway.toml",
            "keys/node.key.pem",
            "counterparties/keys/node.pub.pem",
            &["node.key", "PRIVATE KEY"],
        ),
        (
            "no such participants",
            "clearway.toml",
            "participants.toml",
            "nobody.toml",
            &["nobody.toml", "cannot read", "clearway init"],
        ),
        (
            "duplicate id",
            "participants.toml",
            "C1000244000024",
            "C1000131000017",
            &["participants.toml", "C1000131000017: id", "twice"],
        ),
        (
            "duplicate index",
            "participants.toml",
            "index = 2",
            "index = 1",
            &["participants.toml", "index", "belongs to"],
        ),
        (
            "bad url",
            "participants.toml",
            "http://127.0.0.1:20001/epcc",
            "127.0.0.1 20001",
            &["participants.toml", "url"],
        ),
        ("https", "participants.toml", "http://127.0.0.1:20001", "https://127.0.0.1:20001", &["url", "[tls]"]),
        (
            "scheme",
            "participants.toml",
            "http://127.0.0.1:20001",
            "ftp://127.0.0.1:20001",
            &["url", "https or plain http"],
        ),
        (
            "unknown kind",
            "participants.toml",
            "kind = \"bank\"",
            "kind = \"shop\"",
            &["participant.kind", "unknown variant"],
        ),
        (
            "quota of nothing",
            "participants.toml",
            "kind = \"bank\"",
            "kind = \"bank\"\nin_flight_max = 0",
            &["in_flight_max"],
        ),
        (
            "deadline of nothing",
            "participants.toml",
            "kind = \"bank\"",
            "kind = \"bank\"\nleg1_deadline_ms = 0",
            &["leg1_deadline_ms"],
        ),
        (
            "unknown participant key",
            "participants.toml",
            "kind = \"bank\"",
            "kind = \"bank\"\ncolour = 1",
            &["participants.toml", "colour"],
        ),
        (
            "pacing of an institution",
            "participants.toml",
            "kind = \"institution\"",
            "kind = \"institution\"\npacing_ms = 5",
            &["Z2000131000017: pacing_ms", "only legs to a bank"],
        ),
        (
            "burst without rate",
            "participants.toml",
            "kind = \"bank\"",
            "kind = \"bank\"\nrate_burst = 5",
            &["rate_burst", "needs rate_per_s"],
        ),
        (
            "business in capitals",
            "participants.toml",
            "kind = \"bank\"",
            "kind = \"bank\"\nbusinesses = [\"Refund\"]",
            &["businesses", "small letters"],
        ),
        (
            "limits of an institution",
            "participants.toml",
            "kind = \"institution\"",
            "kind = \"institution\"\nlimits.day_count = 5",
            &["limits", "[[limit]]"],
        ),
        (
            "limit of nothing",
            "participants.toml",
            "kind = \"bank\"",
            "kind = \"bank\"\nlimits.card_day_count = 0",
            &["day_count", "must be 1 to"],
        ),
        (
            "unknown limit",
            "participants.toml",
            "kind = \"bank\"",
            "kind = \"bank\"\nlimits.year_count = 5",
            &["year_count", "unknown field"],
        ),
        (
            "operations at a URL",
            "participants.toml",
            "kind = \"bank\"",
            "kind = \"bank\"\noperations_path = \"http://x/\"",
            &["operations_path", "/uopsSvr"],
        ),
        (
            "limit of a stranger",
            "participants.toml",
            "# The participants",
            "[[limit]]\ninstitution = \"Z2000131000017\"\nbank = \"C9999131000017\"\nday_count = 1\n#",
            &["limit.bank", "no participant"],
        ),
        (
            "limit without bounds",
            "participants.toml",
            "# The participants",
            "[[limit]]\ninstitution = \"Z2000131000017\"\nbank = \"C1000131000017\"\n#",
            &["limit", "bounds nothing"],
        ),
        (
            "maintenance of an institution",
            "participants.toml",
            "# The participants",
            "[[maintenance]]\nbank = \"Z2000131000017\"\nfrom = \"2026-11-21T01:00:00\"\nuntil = \"2026-11-21T02:00:00\"\n#",
            &["maintenance.bank", "is no bank"],
        ),
        (
            "maintenance without end",
            "participants.toml",
            "# The participants",
            "[[maintenance]]\nfrom = \"2026-11-21T01:00:00\"\nuntil = \"2026-11-21T01:00:00\"\n#",
            &["maintenance.until", "later than from"],
        ),
        (
            "maintenance at no time",
            "participants.toml",
            "# The participants",
            "[[maintenance]]\nfrom = \"midnight\"\nuntil = \"2026-11-21T01:00:00\"\n#",
            &["maintenance.from", "Beijing time"],
        ),
        (
            "the node as participant",
            "participants.toml",
            "C1000244000024",
            "G4000311000018",
            &["G4000311000018", "id of this node"],
        ),
        (
            "participant without key",
            "participants.toml",
            "C1000244000024",
            "C1999999999999",
            &["C1999999999999", "no key in the manifest"],
        ),
        (
            "manifest names no file",
            "keys/manifest.toml",
            "Z2000131000017.pub.pem",
            "none.pub.pem",
            &["manifest.toml", "none.pub.pem"],
        ),
        ("no digest key", "clearway.toml", "digest_key =", "# digest_key =", &["missing field `digest_key`"]),
        (
            "digest key of another form",
            "clearway.toml",
            "keys/digest.key",
            "keys/node.key.pem",
            &["node.digest_key", "64 hexadecimal digits"],
        ),
        (
            "decryption key that only signs",
            "clearway.toml",
            "keys/node.enc.key.pem",
            "keys/node.key.pem",
            &["node.decryption_keys", "node.key.pem", "only RSA and SM2 keys encrypt"],
        ),
        (
            "decryption key without a serial",
            "clearway.toml",
            "serial = \"4500000001\"",
            "serial = \"45\"",
            &["node.decryption_keys", "10 digits"],
        ),
        (
            "decryption key twice",
            "clearway.toml",
            "decryption_keys = [",
            "decryption_keys = [{ serial = \"4500000001\", file = \"keys/node.enc.key.pem\" }, ",
            &["node.decryption_keys", "4500000001 is there twice"],
        ),
        (
            "encryption key of nobody",
            "keys/manifest.toml",
            "Z2000131000017.enc.pub.pem",
            "none.enc.pub.pem",
            &["manifest.toml", "none.enc.pub.pem"],
        ),
        ("manifest with another suite", "keys/manifest.toml", "ed25519", "sm2-sm3", &["manifest.toml", "ed25519"]),
    ];
    for (name, file, from, to, expected) in table {
        let files = files();
        edit(&files.dir.path().join(file), |text| text.replacen(from, to, 1));
        let error = Config::load(&files.config).expect_err(name);
        let text = error.to_string();
        for part in *expected {
            assert!(text.contains(part), "{name}: no {part:?} in {text}");
        }
        assert!(text.contains(&files.dir.path().display().to_string()), "{name}: no file in {text}");
    }
}

#[test]
fn a_missing_configuration_names_the_command_that_writes_one() {
    let error = Config::load(Path::new("/nowhere/clearway.toml")).unwrap_err();
    assert_eq!(error.fault(), Fault::Environment);
    assert!(error.to_string().contains("clearway init"), "{error}");
}

#[test]
fn keys_left_out_have_the_documented_defaults() {
    let files = files();
    edit(&files.config, |text| {
        let start = text.split("[listen]").next().unwrap();
        format!("{start}[listen]\ntransport = \"plain-http\"\n[links]\nplain_http = true\n")
    });
    let config = Config::load(&files.config).unwrap();
    assert_eq!(config.listen.address, ListenSection::default().address);
    assert_eq!(config.links, LinksSection { plain_http: true, ..LinksSection::default() });
    assert_eq!((config.timing.leg1_deadline_ms, config.timing.leg2_deadline_ms), (8_000, 5_000));
    assert_eq!((config.timing.connect_timeout_ms, config.timing.receipt_deadline_ms), (1_000, 20_000));
    assert_eq!(config.timing.query_schedule_ms, [5, 15, 30, 60, 120, 300].map(|seconds| seconds * 1000));
    assert_eq!(config.timing.notice_schedule_ms, [5, 15, 60, 300, 900, 3600].map(|seconds| seconds * 1000));
    assert_eq!(config.limits.body_bytes_max, 64 * 1024);
}

#[test]
fn a_participant_overrides_what_the_node_says() {
    let files = files();
    edit(&files.config, |text| text.replace("leg1_deadline_ms = 8000", "leg1_deadline_ms = 7000"));
    edit(&files.dir.path().join("participants.toml"), |text| {
        text.replacen(
            "kind = \"bank\"",
            "kind = \"bank\"\nleg2_deadline_ms = 900\nin_flight_max = 9\nconnections_max = 4",
            1,
        )
    });
    let config = Config::load(&files.config).unwrap();
    let banks: Vec<_> = config.participants.iter().filter(|one| one.kind == ParticipantKind::Bank).collect();
    let facts =
        |one: &Participant| (one.leg1_deadline_ms, one.leg2_deadline_ms, one.in_flight_max, one.connections_max);
    assert_eq!(facts(banks[0]), (7_000, 900, 9, 4));
    assert_eq!(facts(banks[1]), (7_000, 5_000, 5_000, 256));
}

#[test]
fn retired_keys_are_loaded_by_serial() {
    let files = files();
    edit(&files.config, |text| {
        text.replace(
            "retired_keys = []",
            "retired_keys = [{ serial = \"4000000000\", public_key = \"counterparties/keys/node.pub.pem\" }]",
        )
    });
    let keys = Config::load(&files.config).unwrap().keys.load().unwrap();
    assert_eq!(keys.retired.len(), 1);
    assert_eq!(keys.retired[0].0.as_str(), "4000000000");
}

#[test]
fn a_ring_can_be_loaded_again_and_a_bad_manifest_is_an_error() {
    let files = files();
    let config = Config::load(&files.config).unwrap();
    assert_eq!(config.keys.load_ring().unwrap().len(), 3);
    edit(&files.dir.path().join("keys/manifest.toml"), |text| text.replacen("[[key]]", "[[kex]]", 1));
    assert!(config.keys.load_ring().unwrap_err().to_string().contains("manifest.toml"));
}

#[test]
fn envelope_keys_are_loaded_again_as_a_whole() {
    let files = files();
    let config = Config::load(&files.config).unwrap();
    let keys = config.keys.load_envelope_keys().unwrap();
    assert_eq!((keys.decryption.len(), keys.encryption.len()), (1, 3));
    assert_eq!(keys.decryption[0].0.as_str(), "4500000001");
    let manifest = files.dir.path().join("keys/manifest.toml");
    edit(&manifest, |text| text.replacen("mode = \"cbc\"", "mode = \"ecb\"", 1));
    let again = config.keys.load_envelope_keys().unwrap().encryption;
    let modes = |ring: &clearway_crypto::EncryptionRing| ring.find(b"Z2000131000017").map(|record| record.mode);
    assert_ne!(modes(&again), modes(&keys.encryption));
    edit(&manifest, |text| text.replacen("mode = \"ecb\"", "mode = \"ctr\"", 1));
    assert!(config.keys.load_envelope_keys().unwrap_err().to_string().contains("manifest.toml"));
}

/// Story: a node restored from a backup without its digest key would have started, and known no customer of any
/// agreement again.
#[test]
fn a_journal_keeps_its_digest_key() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let keys = in_code().keys.load().unwrap();
    keys.confirm_digest_key(&journal).unwrap();
    keys.confirm_digest_key(&journal).unwrap();
    let other = NodeKeys { digest: Arc::new(DigestKey::generate().unwrap()), ..keys.clone() };
    let error = other.confirm_digest_key(&journal).unwrap_err();
    assert_eq!(error.fault(), Fault::Configuration);
    assert!(error.to_string().contains("node.digest_key") && error.to_string().contains("digest-key.check"), "{error}");
    keys.confirm_digest_key(&journal).unwrap();
}

#[test]
fn nothing_secret_is_printed() {
    let files = files();
    let keys = Config::load(&files.config).unwrap().keys.load().unwrap();
    let digest = fs::read_to_string(files.dir.path().join("keys/digest.key")).unwrap();
    let shown = format!("{keys:?} {:?} {:?}", keys.envelope, keys.digest);
    assert!(shown.contains("redacted") && !shown.contains(&digest[..8]), "{shown}");
}

#[test]
fn a_configuration_made_in_code_is_checked_alike() {
    in_code().check().unwrap();
    let changed = |change: fn(&mut Config)| {
        let mut config = in_code();
        change(&mut config);
        config.check().map_err(|error| error.to_string())
    };
    assert!(changed(|config| config.node.workers = constants::WORKERS_MAX + 1).unwrap_err().contains("node.workers"));
    assert!(changed(|config| config.timing.query_schedule_ms = vec![1; 9]).unwrap_err().contains("query_schedule_ms"));
    assert!(changed(|config| config.node.id = institution("C1000111000015")).unwrap_err().contains("id of this node"));
    assert!(
        changed(|config| config.participants = Participants::new(Vec::new()).unwrap())
            .unwrap_err()
            .contains("there is none")
    );
    assert!(changed(|config| config.listen.address = "127.0.0.1:0".parse().unwrap()).is_ok());
}

#[test]
fn participants_are_found_by_id_and_by_index_and_gaps_stay_empty() {
    let participants = in_code().participants;
    let (bank, stranger) = (institution("C1000111000015"), institution("C1999911000015"));
    assert_eq!(participants.index_of(&bank), Some(3));
    assert_eq!(participants.find(&bank).map(|one| one.kind), Some(ParticipantKind::Bank));
    assert_eq!(participants.get(3).map(|one| one.id), Some(bank));
    assert!(
        participants.index_of(&stranger).is_none()
            && participants.get(0).is_none()
            && participants.get(u16::MAX).is_none()
    );
    assert_eq!(participants.metric_names(), ["", "Z2000133000017", "", "C1000111000015"]);
    assert_eq!((participants.len(), participants.iter().count()), (2, 2));
    let endpoint: Endpoint = "http://127.0.0.1:1/".parse().unwrap();
    assert!(Participants::new(vec![Participant::new(u16::MAX, bank, ParticipantKind::Bank, endpoint)]).is_err());
}

/// Story: payments name participants by index. A participants.toml that was sorted anew would send the queries and
/// notices of unfinished payments to other banks.
#[test]
fn an_index_in_the_journal_keeps_its_participant() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let list = |entries: &[(u16, &str)]| {
        let one = |(index, id): &(u16, &str)| {
            Participant::new(*index, institution(id), ParticipantKind::Bank, "http://127.0.0.1:1/".parse().unwrap())
        };
        Participants::new(entries.iter().map(one).collect()).unwrap()
    };
    let (first, second, third) = ("C1000111000015", "C1000211000022", "C1000311000039");
    list(&[(0, first), (1, second)]).confirm_register(&journal).unwrap();
    list(&[(1, second), (0, first)]).confirm_register(&journal).unwrap();
    list(&[(0, first), (1, second), (5, third)]).confirm_register(&journal).unwrap();
    let swapped = list(&[(0, second), (1, first), (5, third)]).confirm_register(&journal).unwrap_err().to_string();
    assert!(swapped.contains("index 0 is C1000111000015 in the journal, but C1000211000022"), "{swapped}");
    let gone = list(&[(0, first), (1, second)]).confirm_register(&journal).unwrap_err().to_string();
    assert!(gone.contains("C1000311000039 (index 5) is in the journal, but not"), "{gone}");
    fs::write(journal.join("participants.register"), "zero C1\n").unwrap();
    assert_eq!(list(&[(0, first)]).confirm_register(&journal).unwrap_err().fault(), Fault::Data);
}

#[test]
fn a_journal_section_that_passes_the_check_is_one_that_the_journal_takes() {
    use crate::journal::Options;
    let mut taken = 0;
    for segment_bytes in [1 << 20, 4 << 20, 64 << 20, 2 << 30] {
        for (group_bytes_max, groups_in_flight_max) in [(256 << 10, 1), (1 << 20, 3), (16 << 20, 1), (16 << 20, 16)] {
            for segments_ahead in [1, 16] {
                let mut config = in_code();
                let section = &mut config.journal;
                section.segment_bytes = segment_bytes;
                (section.group_bytes_max, section.groups_in_flight_max) = (group_bytes_max, groups_in_flight_max);
                section.segments_ahead = segments_ahead;
                let options = Options {
                    segment_bytes,
                    segments_ahead,
                    group_bytes_max,
                    groups_in_flight_max,
                    backlog_bytes_max: section.backlog_bytes_max(),
                    reserve_bytes: section.reserve_bytes(),
                    ..Options::new("journal")
                };
                assert_eq!(config.check().is_ok(), options.check().is_ok(), "{options:?}");
                taken += usize::from(options.check().is_ok());
            }
        }
    }
    assert!(taken > 10, "{taken}");
}

#[test]
fn nothing_goes_unprotected_that_was_not_meant_to() {
    let mut config = in_code();
    config.listen.transport = ListenTransport::Mtls;
    let text = config.check().unwrap_err().to_string();
    assert!(text.contains("listen.transport") && text.contains("[tls]") && text.contains("plain-http"), "{text}");
    config.listen.transport = ListenTransport::PlainHttp;
    config.check().unwrap();
    config.links.plain_http = false;
    let text = config.check().unwrap_err().to_string();
    assert!(text.contains("url: http://127.0.0.1") && text.contains("https") && text.contains("[links]"), "{text}");
    let bank = institution("C1000111000015");
    let secure = Participant::new(3, bank, ParticipantKind::Bank, "https://127.0.0.1:20001/epcc".parse().unwrap());
    config.participants = Participants::new(vec![secure]).unwrap();
    let text = config.check().unwrap_err().to_string();
    assert!(text.contains("C1000111000015: url") && text.contains("[tls]"), "{text}");
}

#[test]
fn certificates_are_checked_with_the_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let options = init::Options {
        institutions: 1,
        banks: 1,
        envelope: Some(EnvelopeAlgorithm::Sm2Sm4),
        ..init::Options::new(1_790_000_000)
    };
    let file = init::write(dir.path(), &options).unwrap().config;
    let config = Config::load(&file).unwrap();
    assert_eq!(config.listen.transport, ListenTransport::Mtls);
    assert!(config.participants.iter().all(|one| one.links.iter().all(|link| link.endpoint.is_tls())));
    let names: Vec<_> = config.participants.iter().map(|one| one.tls_name.clone()).collect();
    let default = |one: &Participant| format!("{}.participant.internal", one.id.as_str().to_ascii_lowercase());
    assert_eq!(names, config.participants.iter().map(default).collect::<Vec<_>>());
    let good = fs::read_to_string(&file).unwrap();
    for (what, from, to, words) in [
        ("no file", "tls/ca.cert.pem", "tls/nobody.pem", &["tls.ca", "nobody.pem", "cannot read"][..]),
        ("another's key", "tls/node.key.pem", "tls/ca.key.pem", &["tls.private_key", "ca.key.pem", "does not belong"]),
        ("no certificate", "tls/node.cert.pem", "tls/node.key.pem", &["tls.certificate", "CERTIFICATE"]),
        ("no list", "lists = []", "lists = [\"tls/ca.cert.pem\"]", &["tls.revocation_lists", "X509 CRL"]),
        ("version", "versions = \"both\"", "versions = \"1.1\"", &["clearway.toml", "1.1"]),
        ("no time", "timeout_ms = 3000 ", "timeout_ms = 0 ", &["tls.handshake_timeout_ms", "1 to 60000"]),
        ("unknown key", "handshakes_max", "handshakes_most", &["handshakes_most"]),
    ] {
        assert!(good.contains(from), "{what}");
        fs::write(&file, good.replacen(from, to, 1)).unwrap();
        let text = Config::load(&file).unwrap_err().to_string();
        assert!(words.iter().all(|word| text.contains(word)), "{what}: {text}");
    }
    fs::write(&file, &good).unwrap();
    let participants = dir.path().join("participants.toml");
    for (name, words) in [("not a name", "tls_name: is no DNS name"), ("10.1.2.3", "is no DNS name")] {
        edit(&participants, |text| {
            text.replacen("kind = \"bank\"", &format!("kind = \"bank\"\ntls_name = \"{name}\""), 1)
        });
        let text = Config::load(&file).unwrap_err().to_string();
        assert!(text.contains(words), "{text}");
        edit(&participants, |text| text.replacen(&format!("\ntls_name = \"{name}\""), "", 1));
    }
}
