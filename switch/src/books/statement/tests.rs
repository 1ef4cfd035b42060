//! Statements as a participant reads them: unpacked with other code, added up again, and the same bytes whoever makes them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use clearway_crypto::envelope::{CipherMode, DecryptionKey, EnvelopeAlgorithm};
use clearway_crypto::{EncryptionRecord, EncryptionRing, FileDigest};
use proptest::prelude::*;

use super::samples::{Lines, batch, master, participants, section};
use super::{
    KeysHandedOut, Manifest, SEALED_ENDING, Statements, day_folder, decrypt, key_name, open_key_file, summary_name,
};
use crate::books::{LineSource, NoSteps, Progress, Silent, Steps};
use crate::config::{self, BooksSection, Compression, FileEncryption};
use crate::domain::clearing::{BatchName, Side, Sum};
use crate::domain::statement::{Line, Names, Row, RowWriter, Summary, TRAILER, Trailer};
use crate::error::{Error, Fault};

/// Name -> bytes of every file below a folder.
type Files = BTreeMap<String, Vec<u8>>;

fn write(section: &BooksSection, lines: &dyn LineSource) -> Manifest {
    let statements = Statements::new(section, &participants(), &master());
    statements.write(batch(), lines, &Silent, &NoSteps).expect("statements")
}

fn files_of(folder: &Path) -> Files {
    let mut found = Files::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files_of(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, fs::read(&path).expect("a file"));
        }
    }
    found
}

/// The rows that each participant should have, with no code of the maker's but the row itself.
fn expected(lines: &dyn LineSource) -> BTreeMap<u16, Vec<u8>> {
    let names = Names::new(participants().iter().map(|one| (one.index, one.id)));
    let (mut rows, mut expected) = (RowWriter::new(&names), BTreeMap::<u16, Vec<u8>>::new());
    let mut each = |line: &Line<'_>| {
        let row = rows.write(line);
        for (party, side) in line.parties() {
            row.push_to(side, expected.entry(party).or_default());
        }
        Ok(())
    };
    lines.for_each(batch(), &Silent, &mut each).expect("lines");
    expected
}

fn unpack(compression: Compression, bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    match compression {
        // One member: a reader of the first alone must see everything.
        Compression::Gzip => flate2::read::GzDecoder::new(bytes).read_to_end(&mut text),
        Compression::Zstd => zstd::stream::read::Decoder::new(bytes).expect("zstd").read_to_end(&mut text),
    }
    .expect("unpacked");
    text
}

/// Reads one participant's statements as its own program would; its rows.
fn read_statements(section: &BooksSection, digest: FileDigest, participant: u16) -> Vec<u8> {
    let participants = participants();
    let id = participants.get(participant).expect("a participant").id;
    let folder = day_folder(&section.dir, &id, batch().date());
    let text = fs::read_to_string(folder.join(summary_name(&id, batch()))).expect("a summary");
    let (summary, trailer) = Summary::parse(batch(), &text).expect("a sound summary");
    let before = text.rfind(TRAILER).expect("a trailer");
    assert_eq!(trailer.digest, digest.of(&text.as_bytes()[..before]));
    let (mut rows, mut sums) = (Vec::new(), Summary::new(batch()));
    for file in &summary.files {
        let bytes = fs::read(folder.join(&file.name)).expect("a detail file");
        assert_eq!((file.bytes, &file.digest), (bytes.len() as u64, &digest.of(&bytes)), "{}", file.name);
        let text = unpack(section.compression, &bytes);
        let (body, last) =
            text.split_at(text[..text.len() - 1].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
        let trailer = Trailer::parse(last.strip_suffix(b"\n").expect("an end of line")).expect("a trailer");
        assert_eq!(trailer.digest, digest.of(body), "{}", file.name);
        let read = add_up(body, &mut sums);
        assert_eq!(
            (read, file.rows, file.amount_fen),
            (Sum { count: trailer.count, amount_fen: trailer.amount_fen }, read.count, read.amount_fen)
        );
        assert!(read.count > 0 && read.count <= section.rows_max, "{}", file.name);
        rows.extend_from_slice(body);
    }
    assert_eq!(sums.sums, summary.sums, "the sums are those of the rows");
    rows
}

fn add_up(body: &[u8], sums: &mut Summary) -> Sum {
    let mut all = Sum::default();
    for line in body.strip_suffix(b"\n").unwrap_or_default().split(|byte| *byte == b'\n') {
        let row = Row::parse(line).expect("a row");
        let sum = Sum { count: 1, amount_fen: row.amount_fen };
        let category = String::from_utf8_lossy(row.columns[2]).into_owned();
        let total = sums.sums.entry((row.side, category, row.status.code())).or_default();
        *total = total.plus(sum);
        all = all.plus(sum);
    }
    all
}

#[test]
fn every_participant_reads_its_rows_in_order_in_every_form() {
    let lines = Lines { seed: 1, count: 3_000 };
    let expected = expected(&lines);
    for (compression, digest, of, rows_max) in [
        (Compression::Gzip, config::FileDigest::Sha256, FileDigest::Sha256, 1_000_000),
        (Compression::Gzip, config::FileDigest::Sm3, FileDigest::Sm3, 1_000),
        (Compression::Zstd, config::FileDigest::Sha256, FileDigest::Sha256, 7),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let section = BooksSection { compression, digest, rows_max, ..section(dir.path()) };
        let manifest = write(&section, &lines);
        assert_eq!(manifest.lines, lines.count);
        for participant in 0..6 {
            let rows = read_statements(&section, of, participant);
            let wanted = expected.get(&participant).cloned().unwrap_or_default();
            assert!(rows == wanted, "participant {participant}, {compression:?}, {rows_max} rows a file");
        }
        let files = files_of(&dir.path().join("statements"));
        assert_eq!(files.len(), manifest.files.len());
        assert!(files.keys().all(|name| !name.contains("writing")), "nothing unfinished: {:?}", files.keys());
        assert_eq!(manifest.bytes(), files.values().map(|bytes| bytes.len() as u64).sum::<u64>());
    }
}

#[test]
fn made_again_by_any_number_of_threads_the_bytes_are_the_same() {
    let lines = Lines { seed: 2, count: 4_000 };
    for compression in [Compression::Gzip, Compression::Zstd] {
        let dir = tempfile::tempdir().expect("a folder");
        let mut first: Option<(Manifest, Files)> = None;
        for threads in [1, 2, 5, 1] {
            let section = BooksSection { compression, threads, rows_max: 1_500, ..section(dir.path()) };
            let made = (write(&section, &lines), files_of(dir.path()));
            assert_eq!(first.get_or_insert_with(|| made.clone()), &made, "{threads} threads");
        }
    }
}

#[test]
fn who_has_done_nothing_has_a_summary_and_no_detail_file() {
    let dir = tempfile::tempdir().expect("a folder");
    let manifest = write(&section(dir.path()), &Lines { seed: 3, count: 0 });
    let files = files_of(&dir.path().join("statements"));
    assert_eq!((manifest.files.len(), files.len()), (6, 6));
    let text = files.get("C1000111000013/20261120/trans/C1000111000013_B202611200011_SUM.txt").expect("a summary");
    assert_eq!(text, format!("END|0|0|{}\n", FileDigest::Sha256.of(b"")).as_bytes());
}

#[test]
fn files_of_an_earlier_making_do_not_stay() {
    let dir = tempfile::tempdir().expect("a folder");
    let lines = Lines { seed: 4, count: 50 };
    write(&BooksSection { rows_max: 2, ..section(dir.path()) }, &lines);
    let folder = day_folder(dir.path(), &participants().get(0).expect("a bank").id, batch().date());
    for other in ["C1000111000010_B202611200012_SUM.txt", "C1000111000010-20261121.key"] {
        fs::write(folder.join(other), "x").expect("a file");
    }
    fs::write(folder.join("C1000111000010_B202611200011_DTL_999.txt.gz.writing"), "half").expect("a file");
    let manifest = write(&section(dir.path()), &lines);
    let files = files_of(&dir.path().join("statements"));
    assert_eq!(files.len(), manifest.files.len() + 2, "{:?}", files.keys());
    read_statements(&section(dir.path()), FileDigest::Sha256, 0);
}

#[test]
fn summaries_name_the_file_servers_in_turn() {
    let dir = tempfile::tempdir().expect("a folder");
    let file_servers = vec!["one.example:22".to_owned(), "two.example:2022".to_owned()];
    write(&BooksSection { rows_max: 5, file_servers, ..section(dir.path()) }, &Lines { seed: 5, count: 100 });
    let id = participants().get(0).expect("a bank").id;
    let path = day_folder(dir.path(), &id, batch().date()).join(summary_name(&id, batch()));
    let (summary, _) = Summary::parse(batch(), &fs::read_to_string(path).expect("a file")).expect("a summary");
    let places: Vec<_> = summary.files.iter().take(3).map(|file| file.place.as_str()).collect();
    let served = |server: &str| format!("{server}/{id}/20261120/trans");
    assert_eq!(places, [served("one.example:22"), served("two.example:2022"), served("one.example:22")]);
}

/// A ring in which the participants of these indexes have this key.
fn ring(indexes: &[u16], key: &DecryptionKey, serial: [u8; 10]) -> EncryptionRing {
    let participants = participants();
    let record = |index: &u16| {
        let id = participants.get(*index).expect("a participant").id;
        (*id.as_bytes(), EncryptionRecord { serial, key: key.encryption_key().clone(), mode: CipherMode::Cbc })
    };
    EncryptionRing::new(indexes.iter().map(record)).expect("a ring")
}

#[test]
fn encrypted_files_open_with_the_key_that_was_handed_out_and_no_other() {
    let lines = Lines { seed: 8, count: 3_000 };
    let private = DecryptionKey::generate(EnvelopeAlgorithm::Sm2Sm4).expect("a key");
    for encryption in [FileEncryption::Aes256, FileEncryption::Sm4] {
        let (clear, dir) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        write(&section(clear.path()), &lines);
        let section = BooksSection { encryption, ..section(dir.path()) };
        let first = write(&section, &lines);
        assert_eq!(first, write(&BooksSection { threads: 3, ..section.clone() }, &lines), "the same bytes");
        let statements = Statements::new(&section, &participants(), &master());
        statements.hand_out_keys(batch().date(), &ring(&[0, 1], &private, *b"4000000001"), &NoSteps).expect("keys");
        let folder_of =
            |dir: &Path, index| day_folder(dir, &participants().get(index).expect("one").id, batch().date());
        let key_of = |index| {
            let id = participants().get(index).expect("one").id;
            open_key_file(&folder_of(dir.path(), index).join(key_name(&id, batch().date())), &private).expect("a key")
        };
        let id = participants().get(0).expect("a bank").id;
        let name = format!("{id}_B202611200011_DTL_001.txt.gz");
        let (sealed, opened) =
            (folder_of(dir.path(), 0).join(format!("{name}{SEALED_ENDING}")), dir.path().join("open"));
        decrypt(&sealed, &key_of(0), &opened, &Silent).expect("opened");
        let plain = fs::read(folder_of(clear.path(), 0).join(&name)).expect("a file");
        assert!(fs::read(&opened).expect("a file") == plain, "{encryption:?}");
        let other = decrypt(&sealed, &key_of(1), &dir.path().join("other"), &Silent);
        assert_eq!(other.expect_err("another's key").fault(), Fault::Data);
        assert!(!dir.path().join("other").exists(), "nothing is given out");
    }
}

#[test]
fn a_key_file_stays_until_its_certificate_changes() {
    let dir = tempfile::tempdir().expect("a folder");
    let section = BooksSection { encryption: FileEncryption::Aes256, ..section(dir.path()) };
    let statements = Statements::new(&section, &participants(), &master());
    let private = DecryptionKey::generate(EnvelopeAlgorithm::Sm2Sm4).expect("a key");
    let hand_out =
        |serial| statements.hand_out_keys(batch().date(), &ring(&[0], &private, serial), &NoSteps).expect("keys");
    let without: Vec<_> = participants().iter().skip(1).map(|one| one.id).collect();
    let done = |written, kept| KeysHandedOut { written, kept, without: without.clone() };
    assert_eq!(hand_out(*b"4000000001"), done(1, 0));
    let first = files_of(dir.path());
    assert_eq!((hand_out(*b"4000000001"), files_of(dir.path())), (done(0, 1), first.clone()));
    assert_eq!(hand_out(*b"4000000002"), done(1, 0));
    assert_ne!(files_of(dir.path()), first);
    let plain =
        Statements::new(&BooksSection { encryption: FileEncryption::None, ..section }, &participants(), &master());
    let none = plain.hand_out_keys(batch().date(), &EncryptionRing::default(), &NoSteps).expect("nothing to do");
    assert_eq!(none, KeysHandedOut::default());
}

#[test]
fn what_is_no_key_file_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("x.key");
    let private = DecryptionKey::generate(EnvelopeAlgorithm::Sm2Sm4).expect("a key");
    let long = "x".repeat(20_000);
    for text in
        ["", "Mode=cbc\n", "Mode=ofb\nDgtlEnvlp=\nKey=\n", "Mode=cbc\nDgtlEnvlp=AAAA\nKey=AAAA\n", long.as_str()]
    {
        fs::write(&path, text).expect("a file");
        assert_eq!(open_key_file(&path, &private).expect_err("no key").fault(), Fault::Data, "{text:.40}");
    }
}

/// Fails after some lines, or brings one of another batch.
struct Faulty {
    after: u64,
    strays: bool,
}

impl LineSource for Faulty {
    fn for_each(
        &self,
        of: BatchName,
        progress: &dyn Progress,
        each: &mut dyn FnMut(&Line<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let other = "B202611200012".parse().expect("a batch");
        let (mut at, good) = (0, Lines { seed: 6, count: 2_000 });
        good.for_each(of, progress, &mut |line| {
            at += 1;
            match at > self.after {
                true if self.strays => each(&Line { batch: other, ..*line }),
                true => Err(Error::new(Fault::Data, "a torn page")),
                false => each(line),
            }
        })
    }
}

#[test]
fn a_source_that_fails_leaves_no_summary_and_no_thread() {
    for (strays, said) in [(false, "a torn page"), (true, "a line of B202611200012 among those of B202611200011")] {
        for (after, threads) in [(0, 1), (1_500, 1), (1_500, 4)] {
            let dir = tempfile::tempdir().expect("a folder");
            let statements = Statements::new(
                &BooksSection { threads, rows_max: 10, ..section(dir.path()) },
                &participants(),
                &master(),
            );
            let failed = statements.write(batch(), &Faulty { after, strays }, &Silent, &NoSteps);
            assert_eq!(failed.expect_err("a fault").what(), said);
            let files = if dir.path().join("statements").exists() { files_of(dir.path()) } else { Files::new() };
            assert!(files.keys().all(|name| !name.contains("SUM") && !name.contains("writing")), "{:?}", files.keys());
        }
    }
}

#[test]
fn a_disk_that_fails_is_told() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("statements"), "in the way").expect("a file");
    for threads in [1, 3] {
        let statements = Statements::new(&BooksSection { threads, ..section(dir.path()) }, &participants(), &master());
        let failed = statements.write(batch(), &Lines { seed: 7, count: 5_000 }, &Silent, &NoSteps);
        assert_eq!(failed.expect_err("a fault").fault(), Fault::Environment, "{threads} threads");
    }
}

/// Ends the work at the n-th step, as a process that is stopped there.
struct StopAt {
    step: u64,
    taken: AtomicU64,
}

impl Steps for StopAt {
    fn taken(&self, _: &'static str) {
        if self.taken.fetch_add(1, Ordering::Relaxed) + 1 == self.step {
            // Not a panic of ours: no message.
            panic::resume_unwind(Box::new("stopped"));
        }
    }
}

#[test]
fn stopped_at_any_step_every_file_is_whole_and_the_next_try_makes_the_same() {
    let lines = Lines { seed: 9, count: 12 };
    let undisturbed = tempfile::tempdir().expect("a folder");
    write(&BooksSection { rows_max: 8, ..section(undisturbed.path()) }, &lines);
    let whole = files_of(undisturbed.path());
    let count = StopAt { step: 0, taken: AtomicU64::new(0) };
    let of = |dir: &Path, threads| BooksSection { rows_max: 8, threads, ..section(dir) };
    let made = Statements::new(&of(undisturbed.path(), 1), &participants(), &master());
    made.write(batch(), &lines, &Silent, &count).expect("statements");
    for step in 1..=count.taken.into_inner() {
        let dir = tempfile::tempdir().expect("a folder");
        let section = of(dir.path(), 1 + step as usize % 2);
        let (statements, stop) =
            (Statements::new(&section, &participants(), &master()), StopAt { step, taken: AtomicU64::new(0) });
        let stopped = panic::catch_unwind(AssertUnwindSafe(|| statements.write(batch(), &lines, &Silent, &stop)));
        assert!(stopped.is_err(), "step {step}");
        let named = files_of(dir.path()).into_iter().filter(|(name, _)| !name.ends_with(".writing"));
        for (name, bytes) in named {
            assert!(whole.get(&name) == Some(&bytes), "step {step}: {name} is not whole");
        }
        write(&section, &lines);
        assert!(files_of(dir.path()) == whole, "step {step}: the second try");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_statements_of_the_sides_agree_line_by_line(seed: u8, count in 0_u64..400, rows_max in 1_u64..200, threads in 1_usize..4) {
        let dir = tempfile::tempdir().expect("a folder");
        let section = BooksSection { rows_max, threads, ..section(dir.path()) };
        let lines = Lines { seed, count };
        write(&section, &lines);
        // Text of a row without its flag -> flags under which it was found.
        let mut seen = BTreeMap::<Vec<Vec<u8>>, Vec<Side>>::new();
        for participant in 0..6 {
            let rows = read_statements(&section, FileDigest::Sha256, participant);
            for line in rows.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                let row = Row::parse(line).expect("a row");
                let mut columns = row.columns.map(<[u8]>::to_vec).to_vec();
                columns.remove(9);
                seen.entry(columns).or_default().push(row.side);
            }
        }
        prop_assert_eq!(seen.len() as u64, count);
        for (_, mut sides) in seen {
            sides.sort_unstable();
            // The credit side is nobody's where the payment named a bank that nobody knows.
            prop_assert!(sides == Side::ALL || sides == Side::ALL[..2]);
        }
    }
}
