//! A world of three clearing banks for tests: batches that are sealed or not, a clock, a large-value system.

mod crashes;
mod hvps;
mod property;
mod sequences;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use clearway_codec::value::{BatchId, BeijingTime, InstitutionId};

use super::{Batches, Did, Judgement, OrderEntry, Refused, Settlement, Terms};
use crate::books::case::cases;
use crate::books::{BatchEntry, CaseKind, Desk, Kept, NoSteps, Space, Steps};
use crate::config::{BooksSection, Participant, ParticipantKind, Participants};
use crate::domain::calendar::{Calendar, WORKING_DAYS_CN};
use crate::domain::clearing::{BatchName, BatchPhase, OrderName, OrderState, Positions};
use crate::domain::register::{BookEntry, Image};
use crate::error::{Error, Fault};
use crate::registers::Registers;

/// Ids of the switch and of the three banks.
const SWITCH: &str = "G4000311000018";
const BANKS: [&str; 3] = ["C1000000000001", "C1000000000002", "C1000000000003"];
const MINUTE_US: u64 = 60_000_000;

struct World {
    dir: tempfile::TempDir,
    calendar: Calendar,
    participants: Participants,
    registers: Registers,
    now_us: Cell<u64>,
    first: Cell<Option<BatchId>>,
    awaited: RefCell<BTreeSet<BatchName>>,
    /// The journal refuses the record after so many.
    records_left: Cell<usize>,
}

impl Batches for World {
    fn first(&self) -> Option<BatchId> {
        self.first.get()
    }

    fn is_awaited(&self, batch: BatchName) -> bool {
        self.awaited.borrow().contains(&batch)
    }
}

fn at(text: &str) -> u64 {
    BeijingTime::parse(text.as_bytes()).expect("a time").unix_micros()
}

fn batch(text: &str) -> BatchName {
    text.parse().expect("a batch")
}

fn order(text: &str) -> OrderName {
    text.parse().expect("an order")
}

impl World {
    fn new() -> Self {
        let endpoint = || "http://127.0.0.1:9/epcc".parse().expect("an endpoint");
        let bank = |(index, id): (usize, &&str)| {
            let id = InstitutionId::parse(id.as_bytes()).expect("an id");
            Participant::new(index as u16, id, ParticipantKind::Bank, endpoint())
        };
        Self {
            // In memory where there is such a place: what is tested is the order of steps, not the disk.
            dir: tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder"),
            calendar: Calendar::from_csv(WORKING_DAYS_CN).expect("the calendar that comes with the program"),
            participants: Participants::new(BANKS.iter().enumerate().map(bank).collect()).expect("participants"),
            registers: Registers::new(0),
            now_us: Cell::new(0),
            first: Cell::new(None),
            awaited: RefCell::default(),
            records_left: Cell::new(usize::MAX),
        }
    }

    fn dir(&self) -> &Path {
        self.dir.path()
    }

    fn open(&self) -> Settlement {
        Settlement::open(&self.registers).expect("readable entries")
    }

    fn terms(&self) -> Terms<'_> {
        let switch = InstitutionId::parse(SWITCH.as_bytes()).expect("an id");
        Terms::new(&self.calendar, &BooksSection::default(), switch)
    }

    /// A batch with what the banks are owed.
    fn batch(&self, name: &str, phase: BatchPhase, nets_fen: [i128; 3]) {
        let name = batch(name);
        let nets_fen: BTreeMap<u16, i128> = (0..).zip(nets_fen).filter(|(_, net)| *net != 0).collect();
        let first = self.first.get().map_or_else(|| name.hour(), |first| first.min(name.hour()));
        self.first.set(Some(first));
        let known = BatchEntry::find(&self.registers, name).expect("readable");
        let content =
            BatchEntry { phase, nets_fen, ..BatchEntry::closed(1, [0, 1], &Positions::default(), |bank| bank) };
        let fresh = Kept::new(Space::Batch, name.as_u64(), 1, content.clone());
        let kept = known.map_or(fresh, |known| known.next(1, content));
        self.registers.apply(&Image::Book(kept.entry().expect("short")));
    }

    fn sealed(&self, name: &str, nets_fen: [i128; 3]) {
        self.batch(name, BatchPhase::Sealed, nets_fen);
    }

    /// A turn with what `does` wants of the desk.
    fn with_desk<T>(&self, steps: &dyn Steps, does: impl FnOnce(&Desk<'_>) -> T) -> T {
        let record = |_: u64, entries: Vec<BookEntry>| {
            let left = self.records_left.get();
            self.records_left.set(left.checked_sub(1).ok_or_else(|| Error::new(Fault::Environment, "full"))?);
            entries.into_iter().for_each(|entry| {
                self.registers.apply(&Image::Book(entry));
            });
            Ok(())
        };
        does(&Desk {
            dir: self.dir(),
            participants: &self.participants,
            registers: &self.registers,
            record: &record,
            steps,
        })
    }

    fn turn_at(&self, settlement: &mut Settlement, now_us: u64) -> Did {
        self.now_us.set(now_us);
        let turn = |desk: &Desk<'_>| settlement.turn(desk, &self.terms(), self, now_us);
        self.with_desk(&NoSteps, turn).expect("a turn")
    }

    fn turn(&self, settlement: &mut Settlement, time: &str) -> Did {
        self.turn_at(settlement, at(time))
    }

    fn judge(&self, settlement: &mut Settlement, name: &str, judgement: Judgement) -> Result<(), Refused> {
        let now_us = self.now_us.get();
        let judge = |desk: &Desk<'_>| settlement.judge(desk, order(name), judgement, ["li", "by telephone"], now_us);
        self.with_desk(&NoSteps, judge).expect("judged")
    }

    fn order(&self, name: &str) -> OrderEntry {
        OrderEntry::find(&self.registers, order(name)).expect("readable").expect("an order").content
    }

    fn state(&self, name: &str) -> OrderState {
        self.order(name).state
    }

    /// MsgIds of the files that wait for the large-value system.
    fn out(&self) -> Vec<String> {
        files(&self.dir().join("settlement/out")).into_keys().collect()
    }

    fn answer(&self, file: &str, msg_id: &str, status: &str) {
        hvps::answer(self.dir(), file, msg_id, status);
    }

    fn cases(&self) -> Vec<(CaseKind, String)> {
        let open = cases(&self.registers, true).expect("readable");
        open.into_iter().map(|kept| (kept.content.kind, kept.content.subject)).collect()
    }
}

/// Names and bytes of the files of a folder, with those of its folders; none when it is not there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries.map(|entry| entry.expect("an entry")) {
        let name = entry.file_name().into_string().expect("a plain name");
        if entry.file_type().expect("a kind").is_dir() {
            found.extend(files(&entry.path()).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, fs::read(entry.path()).expect("a file"));
        }
    }
    found
}
