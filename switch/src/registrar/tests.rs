use std::sync::Arc;

use super::*;
use crate::admission::samples::{BANK, INSTITUTION, NOON_US, OTHER_BANK, config};
use crate::config::Config;
use crate::domain::agreement::State;
use crate::domain::record::Entry;
use crate::journal::Options;

/// A journal in a folder of its own, and a registrar over it.
struct Office {
    dir: tempfile::TempDir,
    config: Config,
    journal: Arc<Journal>,
    registrar: Registrar,
}

fn digest(text: &str) -> u64 {
    text.bytes().fold(7_u64, |digest, byte| digest.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

impl Office {
    fn open() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let (journal, _) = Journal::open(options(dir.path())).expect("a journal");
        let journal = Arc::new(journal);
        let registrar = Registrar::new(Arc::new(Registers::new(1_000)), Arc::clone(&journal));
        Self { dir, config: config(|_, _| {}), journal, registrar }
    }

    fn import(&self, text: impl AsRef<[u8]>) -> (Imported, String) {
        let mut rejects = Vec::new();
        let names = Names { participants: &self.config.participants, digest: &digest };
        let import = Import { registrar: &self.registrar, names, at_us: NOON_US };
        let done = import.run(text.as_ref(), &mut rejects).expect("no failure");
        assert_eq!(done.lines, done.imported + done.known + done.rejected);
        (done, String::from_utf8_lossy(&rejects).into_owned())
    }

    /// What a restart finds.
    fn restored(self) -> Registers {
        let Self { dir, journal, registrar, .. } = self;
        drop((journal, registrar));
        let (journal, recovered) = Journal::open(options(dir.path())).expect("a journal");
        let registers = Registers::new(1_000);
        let replayed = journal.replay(recovered.oldest, &mut |_, payload| {
            let entry = Entry::decode(payload).expect("a register entry");
            registers.load(entry.images()).expect("images");
            Ok(())
        });
        replayed.expect("a sound journal");
        registers
    }
}

fn options(dir: &std::path::Path) -> Options {
    Options { segment_bytes: 8 << 20, reserve_bytes: 1 << 20, ..Options::new(dir) }
}

fn line(number: &str, rest: &str) -> String {
    format!("{number},,{INSTITUTION},{BANK},{rest}")
}

#[test]
fn a_line_becomes_agreement_alias_and_sharing_and_survives_a_restart() {
    let office = Office::open();
    let old = "8".repeat(60);
    let text = format!(
        "number,old number,institution,bank,account,customer,merchants,starts,ends\n# a comment\n\n\
         EPTEN1,{old},{INSTITUTION},{BANK},6222020200012345678,110101199003074514,M1;M2,20260101,20281231\r\n\
         {}",
        line("EPTEN2", "#00000000000000ff,,,,")
    );
    assert_eq!(office.import(&text), (Imported { lines: 2, imported: 2, known: 0, rejected: 0 }, String::new()));
    let live = Arc::clone(&office.registrar.registers);
    for registers in [&*live, &office.restored()] {
        let found = registers.find_agreement(old.as_bytes()).expect("by its old number");
        assert_eq!(found.number.as_str(), "EPTEN1");
        assert_eq!((found.account, found.customer), (digest("6222020200012345678"), digest("110101199003074514")));
        assert_eq!((found.institution, found.bank, found.state, found.changed_by), (0, 1, State::Live, 0));
        // 2026-01-01T00:00:00 and 2029-01-01T00:00:00 in Beijing.
        assert_eq!((found.starts_at_s, found.ends_at_s), (1_767_196_800, 1_861_891_200));
        let merchants = registers.sharing(&found.number).expect("two merchants").merchants;
        assert!(found.shared && merchants.iter().map(|one| one.as_str()).eq(["M1", "M2"]));
        let second = registers.find_agreement(b"EPTEN2").expect("there");
        assert_eq!((second.account, second.customer, second.shared), (0xff, 0, false));
    }
}

#[test]
fn a_file_may_be_imported_twice_and_revives_nothing() {
    let office = Office::open();
    let text: String = (0..50).map(|n| line(&format!("EPTEN{n}"), &format!("{n},C{n},,,\n"))).collect();
    assert_eq!(office.import(&text).0, Imported { lines: 50, imported: 50, known: 0, rejected: 0 });
    let ended = office.registrar.registers().find_agreement(b"EPTEN7").expect("there");
    let ended = crate::domain::agreement::Agreement {
        state: State::Ended,
        ended_by: crate::domain::agreement::EndedBy::Bank,
        version: 2,
        ..ended
    };
    office.registrar.registers().apply(&Image::Agreement(ended));
    let length = office.journal.checkpoint_position();
    assert_eq!(office.import(&text).0, Imported { lines: 50, imported: 0, known: 50, rejected: 0 });
    assert_eq!(office.journal.checkpoint_position(), length, "nothing is written for what is known");
    assert_eq!(office.registrar.registers().find_agreement(b"EPTEN7"), Some(ended));
}

#[test]
fn every_fault_has_its_reason_and_the_mended_rejects_go_in() {
    let office = Office::open();
    let good = "6222,C1,,,";
    office.import(format!("EPKNOWN,OLD1,{INSTITUTION},{BANK},1,C1,M1,,"));
    let seventeen = vec!["M"; 17].join(";");
    let rows = [
        ("EPTEN1".to_owned(), LineFault::Columns),
        (format!("EPTEN1,,{INSTITUTION},{BANK},6222,C1,,,,"), LineFault::Columns),
        (line("", good), LineFault::Number),
        (line(&"7".repeat(35), good), LineFault::Number),
        (format!("EPTEN1,{},{INSTITUTION},{BANK},{good}", "8".repeat(65)), LineFault::OldNumber),
        (format!("EPTEN1,,{BANK},{BANK},{good}"), LineFault::Institution),
        (format!("EPTEN1,,{INSTITUTION},{INSTITUTION},{good}"), LineFault::Bank),
        (format!("EPTEN1,,{INSTITUTION},nobody,{good}"), LineFault::Bank),
        (line("EPTEN1", ",C1,,,"), LineFault::Account),
        (line("EPTEN1", "62a2,C1,,,"), LineFault::Account),
        (line("EPTEN1", "#00ff,C1,,,"), LineFault::Account),
        (line("EPTEN1", "#0000000000000000,C1,,,"), LineFault::Account),
        (line("EPTEN1", "#+0000000000000ff,C1,,,"), LineFault::Account),
        (line("EPTEN1", "1,#x,,,"), LineFault::Customer),
        (line("EPTEN1", &format!("1,{},,,", "9".repeat(35))), LineFault::Customer),
        (line("EPTEN1", &format!("1,C1,{seventeen},,")), LineFault::Merchants),
        (line("EPTEN1", "1,C1,M1;;M2,,"), LineFault::Merchants),
        (line("EPTEN1", "1,C1,,20260230,"), LineFault::Days),
        (line("EPTEN1", "1,C1,,20270102,20270101"), LineFault::Days),
        (line("EPTEN1", "1,C1,,,20261119"), LineFault::Expired),
        (line("EPKNOWN", "2,C1,M1,,"), LineFault::Taken),
        (line("EPKNOWN", "1,C2,M1,,"), LineFault::Taken),
        (line("EPKNOWN", "1,C1,,,"), LineFault::Taken),
        (line("EPKNOWN", "1,C1,M2,,"), LineFault::Taken),
        (format!("EPKNOWN,,{INSTITUTION},{OTHER_BANK},1,C1,M1,,"), LineFault::Taken),
        (format!("EPTEN1,OLD1,{INSTITUTION},{BANK},{good}"), LineFault::OldNumberTaken),
    ];
    for (text, fault) in &rows {
        let (done, rejects) = office.import(text);
        assert_eq!((done.rejected, rejects), (1, format!("# line 1: {fault}\n{text}\n")), "{text}");
    }
    assert!(office.registrar.registers().find_agreement(b"EPTEN1").is_none());
    let mended = "# line 1: the bank is no participant of that kind\n".to_owned() + &line("EPTEN1", good);
    assert_eq!(office.import(&mended).0.imported, 1);
}

#[test]
fn a_line_without_end_costs_no_memory_and_no_neighbour() {
    let office = Office::open();
    let (giant, longest) = ("9".repeat(3 * LINE_BYTES_MAX), "8".repeat(LINE_BYTES_MAX));
    let text = format!("{giant}\n{longest}\n{}\n{giant}", line("EPTEN1", "1,,,,"));
    let (done, rejects) = office.import(&text);
    assert_eq!(done, Imported { lines: 4, imported: 1, known: 0, rejected: 3 });
    let reasons: Vec<_> = rejects.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(
        reasons,
        ["# line 1: the line is too long", "# line 2: a line has nine columns", "# line 4: the line is too long"]
    );
    assert!(rejects.lines().all(|line| line.len() <= LINE_BYTES_MAX + 1));
    for hostile in [b"EP\xff,,\n".as_slice(), b"EP\x1b[2J,,\n", b"EP\0\n"] {
        let (done, rejects) = office.import(hostile);
        assert_eq!((done.rejected, rejects.lines().next()), (1, Some("# line 1: the line is not plain text")));
    }
    assert_eq!(office.import(""), (Imported::default(), String::new()));
}

#[test]
fn many_hands_import_the_same_file() {
    let office = Office::open();
    let text: String = (0..200).map(|n| line(&format!("EPTEN{n}"), &format!("{n},,,,\n"))).collect();
    let imported: u64 = std::thread::scope(|scope| {
        let hands: Vec<_> = (0..4).map(|_| scope.spawn(|| office.import(&text).0)).collect();
        hands.into_iter().map(|hand| hand.join().expect("no panic")).map(|done| done.imported).sum()
    });
    assert_eq!((imported, office.registrar.registers().agreements()), (200, 200));
    assert_eq!(office.restored().agreements(), 200);
}

/// The console closes a case in the moment in which the keeper opens it again: one of them is told, not both.
#[test]
fn an_entry_of_the_books_follows_the_one_that_is_known_or_is_refused_whole() {
    let office = Office::open();
    let entry = |key, version| BookEntry { key, version, bytes: vec![version as u8] };
    let record = |entries| office.registrar.record_books(NOON_US, entries);
    record(vec![entry(1, 1), entry(1, 2)]).expect("the versions that follow");
    for refused in [vec![entry(1, 2)], vec![entry(1, 4)], vec![entry(2, 1), entry(1, 2)]] {
        record(refused).expect_err("changed meanwhile");
    }
    assert_eq!(office.registrar.registers().book_entries(0..=9), [entry(1, 2)]);
    record(vec![entry(2, 1), entry(1, 3)]).expect("the next of both");
    assert_eq!(office.restored().book_entries(0..=9), [entry(1, 3), entry(2, 1)]);
}
