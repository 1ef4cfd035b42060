//! Books for tests: a folder, registers that entries go into, and participants.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use clearway_codec::value::{BeijingTime, InstitutionId};
use tempfile::TempDir;

use super::{BatchSums, Desk, NoSteps, Steps};
use crate::config::{Endpoint, Participant, ParticipantKind, Participants};
use crate::domain::clearing::{BatchName, ReserveAccount, ReserveSum, Sum};
use crate::domain::register::{BookEntry, Image};
use crate::error::{Error, Fault};
use crate::registers::Registers;

/// Books of a node with these participants: banks 1 to 4, of which 4 clears into 3, and institutions 11 and 12.
pub(super) struct SampleBooks {
    pub(super) dir: TempDir,
    pub(super) registers: Registers,
    pub(super) participants: Participants,
    /// How many more calls of record succeed.
    pub(super) records_left: Cell<u64>,
}

impl SampleBooks {
    pub(super) fn new() -> Self {
        let banks = (1..=4).map(|index| (index, ParticipantKind::Bank, format!("C10{index:011}")));
        let institutions = (11..=12).map(|index| (index, ParticipantKind::Institution, format!("Z20{index:011}")));
        let participants = banks.chain(institutions).map(|(index, kind, id)| {
            let id = InstitutionId::parse(id.as_bytes()).expect("an id");
            let endpoint: Endpoint = "http://127.0.0.1:1/x".parse().expect("an address");
            let mut participant = Participant::new(index, id, kind, endpoint);
            participant.clearing_bank = (index == 4).then(|| InstitutionId::parse(b"C1000000000003").expect("an id"));
            participant
        });
        Self {
            dir: tempfile::tempdir().expect("a folder"),
            registers: Registers::new(0),
            participants: Participants::new(participants.collect()).expect("participants"),
            records_left: Cell::new(u64::MAX),
        }
    }

    /// Records as a node does: applied when the journal takes it.
    pub(super) fn record(&self, entries: Vec<BookEntry>) -> Result<(), Error> {
        let left = self.records_left.get().checked_sub(1);
        self.records_left.set(left.ok_or_else(|| Error::new(Fault::Stopped, "the journal has stopped"))?);
        for entry in entries {
            assert!(self.registers.apply(&Image::Book(entry)), "an entry is newer than the one before");
        }
        Ok(())
    }

    pub(super) fn with_desk<T>(&self, steps: &dyn Steps, work: impl FnOnce(&Desk<'_>) -> T) -> T {
        let record = |_, entries| self.record(entries);
        let (dir, participants, registers) = (self.dir.path(), &self.participants, &self.registers);
        work(&Desk { dir, participants, registers, record: &record, steps })
    }

    pub(super) fn desk<T>(&self, work: impl FnOnce(&Desk<'_>) -> T) -> T {
        self.with_desk(&NoSteps, work)
    }

    /// All files and their bytes.
    pub(super) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.dir.path(), self.dir.path(), &mut files);
        files
    }
}

/// Ends the work at a step, as a stop of the process does; whoever calls catches it.
pub(super) struct StopAt {
    left: AtomicU64,
}

impl StopAt {
    /// Runs `work` until it takes its `step`-th step, from 0; whether there was one.
    pub(super) fn run(step: u64, work: impl FnOnce(&Self)) -> bool {
        let steps = Self { left: AtomicU64::new(step) };
        catch_unwind(AssertUnwindSafe(|| work(&steps))).is_err_and(|cause| cause.is::<Stopped>())
    }
}

struct Stopped;

impl Steps for StopAt {
    fn taken(&self, _: &'static str) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 0 {
            // Without a word: no hook is called.
            resume_unwind(Box::new(Stopped));
        }
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below").display().to_string();
            files.insert(name, fs::read(&path).expect("a file"));
        }
    }
}

/// Sums of a batch in which these reserve accounts were paid into (above 0) or out of by one payment each, by customers of bank 1.
pub(super) fn reserve_sums(moves: &[(u16, u16, i64)]) -> BatchSums {
    let mut sums = BatchSums::default();
    for &(institution, bank, fen) in moves {
        let sum = Sum { count: 1, amount_fen: fen.unsigned_abs() };
        let is_in = fen > 0;
        let [paid_in, paid_out] = if is_in { [sum, Sum::default()] } else { [Sum::default(), sum] };
        sums.reserves.add(ReserveAccount { institution, bank }, ReserveSum { paid_in, paid_out });
        for (participant, is_credit) in [(bank, is_in), (1, !is_in)] {
            let known = sums.participants.entry(participant).or_default();
            known.clearing_bank = participant;
            let side = if is_credit { &mut known.credits } else { &mut known.debits };
            *side = side.plus(sum);
        }
    }
    sums
}

pub(super) fn batch(name: &str) -> BatchName {
    name.parse().expect("a batch")
}

/// Unix microseconds of a Beijing time.
pub(super) fn at(time: &str) -> u64 {
    BeijingTime::parse(time.as_bytes()).expect("a time").unix_micros()
}
