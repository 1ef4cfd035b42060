//! The switch's own books around a clock of ours: live positions, entries of batches, sessions, reserve bookings, day-end, and a
//! large-value system that accepts what it gets.

use std::collections::BTreeSet;
use std::fs;

use clearway::books::agreement::AgreedBy;
use clearway::books::day_end::DayWork;
use clearway::books::reserve::ReserveWork;
use clearway::books::settlement::{Batches, Settlement, Terms};
use clearway::books::{Agreement, BatchEntry, BatchSums, Desk, Kept, NoSteps, Space};
use clearway::config::{Participant, ParticipantKind, Participants};
use clearway::domain::Payment;
use clearway::domain::calendar::{Calendar, WORKING_DAYS_CN};
use clearway::domain::clearing::{BatchEvent, BatchName, Positions, Reserves, Sessions};
use clearway::domain::register::{BookEntry, Image};
use clearway::error::Error;
use clearway::positions::Live;
use clearway::registers::Registers;
use clearway_codec::value::{BatchId, InstitutionId};
use clearway_crypto::FileDigest;

const SWITCH: &str = "G4000311000018";
const CUT_HOUR: u32 = 20;
const CLOSE_HOUR: u32 = 17;

/// Everything between two turns.
pub(crate) struct World {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) registers: Registers,
    pub(crate) live: Live,
    participants: Participants,
    calendar: Calendar,
    ppm: u32,
    /// Batches in which something happens, and that are not sealed.
    awaited: BTreeSet<BatchName>,
    first: BatchId,
    settlement: Settlement,
    reserve: ReserveWork,
    day_end: DayWork,
    /// Final payments by batch, for the reserve accounts.
    finals: Vec<Payment>,
}

/// What settlement asks of batches without an entry.
struct Awaited<'w>(&'w BTreeSet<BatchName>, BatchId);

impl Batches for Awaited<'_> {
    fn first(&self) -> Option<BatchId> {
        Some(self.1)
    }

    fn is_awaited(&self, batch: BatchName) -> bool {
        self.0.contains(&batch)
    }
}

impl World {
    /// A switch with so many institutions, and banks behind them in the numbering, each with the bank into which it clears; books in
    /// which these batches will happen.
    pub(crate) fn new(institutions: usize, clears_into: &[usize], ppm: u32, batches: BTreeSet<BatchName>) -> Self {
        let registers = Registers::new(0);
        Self {
            dir: tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder"),
            live: Live::new(1),
            participants: participants(institutions, clears_into),
            calendar: Calendar::from_csv(WORKING_DAYS_CN).expect("the calendar that comes with the program"),
            ppm,
            first: batches.first().expect("a batch").hour(),
            awaited: batches,
            settlement: Settlement::open(&registers).expect("nothing yet"),
            reserve: ReserveWork::open(&registers).expect("nothing yet"),
            day_end: DayWork::open(&registers).expect("nothing yet"),
            registers,
            finals: Vec::new(),
        }
    }

    pub(crate) fn accept(&self, payment: &Payment) {
        self.live.moved(0, None, payment, 1).expect("its batch is open");
    }

    pub(crate) fn finish(&mut self, before: &Payment, after: &Payment) {
        self.live.moved(0, Some(before), after, 2).expect("its batch knows it");
        self.finals.push(*after);
    }

    /// Closes and seals what is over by now and final; every bank agrees to it.
    pub(crate) fn seal(&mut self, now_us: u64) {
        let due: Vec<BatchName> = self.awaited.iter().copied().take_while(|batch| batch.ends_us() <= now_us).collect();
        for batch in due {
            if self.live.close(batch) == 0 {
                self.record_sealed(batch, now_us);
                self.awaited.remove(&batch);
            }
        }
    }

    fn record_sealed(&mut self, batch: BatchName, now_us: u64) {
        let (positions, reserves) = self.sums(batch);
        assert_eq!(positions.sum_fen(), 0, "{batch}");
        let clears_into = |bank| self.participants.clearing_bank_of(bank);
        let sums = BatchSums::of(&positions, reserves, clears_into);
        sums.store(self.dir.path(), batch, &NoSteps).expect("stored");
        let closed = BatchEntry::closed(now_us, [1, 2], &positions, clears_into);
        let sealed = closed.after(BatchEvent::Agreed, now_us).expect("both computations agree");
        let entry = Kept::new(Space::Batch, batch.as_u64(), now_us, sealed).entry().expect("short");
        self.registers.apply(&Image::Book(entry));
        for bank in sums.reserves.accounts().map(|(account, _)| account.bank).collect::<BTreeSet<u16>>() {
            let agreement = Agreement { batch, participant: bank, by: AgreedBy::Comparison { rows: 1 } };
            let entry = agreement.agree(now_us, &self.registers).expect("short");
            entry.into_iter().for_each(|entry| {
                self.registers.apply(&Image::Book(entry));
            });
        }
    }

    fn sums(&mut self, batch: BatchName) -> (Positions, Reserves) {
        let mut reserves = Reserves::default();
        let Some(disputes) = batch.dispute_batch() else {
            let of_batch = |payment: &Payment| payment.batch == batch.hour().as_u32();
            self.finals.extract_if(.., |payment| of_batch(payment)).for_each(|payment| reserves.book(&payment));
            return (self.live.positions(batch), reserves);
        };
        let mut positions = Positions::default();
        for adjusted in self.registers.adjusted(disputes) {
            positions.book_adjustment(&adjusted);
            reserves.book_adjustment(&adjusted);
        }
        (positions, reserves)
    }

    /// Does all that is due, and answers what was asked of the large-value system, until nothing is left.
    pub(crate) fn turn(&mut self, now_us: u64) {
        let Self { dir, registers, participants, calendar, ppm, awaited, first, .. } = self;
        let record = |_: u64, entries: Vec<BookEntry>| {
            entries.into_iter().for_each(|entry| {
                registers.apply(&Image::Book(entry));
            });
            Ok::<_, Error>(())
        };
        let (dir, registers) = (dir.path(), &*registers);
        let desk = Desk { dir, participants, registers, record: &record, steps: &NoSteps };
        let sessions = Sessions { calendar, close_hour: CLOSE_HOUR };
        let switch = InstitutionId::parse(SWITCH.as_bytes()).expect("an id");
        let terms = Terms { sessions, interest_ppm: *ppm, switch, digest: FileDigest::Sha256 };
        let is_over = |batch: BatchName| !awaited.contains(&batch);
        loop {
            let settled = self.settlement.turn(&desk, &terms, &Awaited(awaited, *first), now_us).expect("a turn");
            let booked = self.reserve.turn(&desk, now_us, &is_over).expect("a turn");
            let ended = self.day_end.turn(&desk, now_us, CUT_HOUR, &is_over).expect("a turn");
            let answered = answer_orders(dir);
            if settled.is_nothing() && booked.is_none() && ended.is_none() && answered == 0 {
                return;
            }
        }
    }
}

/// The large-value system accepts every order that waits for it; how many there were.
fn answer_orders(dir: &std::path::Path) -> usize {
    let (out, into) = (dir.join("settlement/out"), dir.join("settlement/in"));
    let Ok(files) = fs::read_dir(&out) else { return 0 };
    let mut answered = 0;
    for file in files.map(|file| file.expect("a file").path()) {
        let text = fs::read_to_string(&file).expect("an order");
        let (_, rest) = text.split_once("<MsgId>").expect("a MsgId");
        let (msg_id, _) = rest.split_once('<').expect("its end");
        let answer = format!(
            "<Document><CmonConf><OrgnlGrpHdr><OrgnlMsgId>{msg_id}</OrgnlMsgId></OrgnlGrpHdr>\
             <CmonConfInf><PrcSts>PR04</PrcSts></CmonConfInf></CmonConf></Document>"
        );
        fs::create_dir_all(&into).expect("a folder");
        fs::write(into.join(format!("{msg_id}.xml")), answer).expect("written");
        fs::remove_file(&file).expect("taken");
        answered += 1;
    }
    answered
}

/// Institutions, and behind them banks, each with the bank into which it clears, all by number.
pub(crate) fn participants(institutions: usize, clears_into: &[usize]) -> Participants {
    let endpoint = || "http://127.0.0.1:9/epcc".parse().expect("an endpoint");
    let id = |index: usize| {
        let class = if index < institutions { "Z2" } else { "C1" };
        InstitutionId::parse(format!("{class}{index:012}").as_bytes()).expect("an id")
    };
    let participant = |index: usize| {
        let bank = index.checked_sub(institutions);
        let kind = if bank.is_some() { ParticipantKind::Bank } else { ParticipantKind::Institution };
        let mut participant = Participant::new(index as u16, id(index), kind, endpoint());
        let clearing = bank.map(|bank| (bank, clears_into[bank])).filter(|(bank, into)| bank != into);
        participant.clearing_bank = clearing.map(|(_, into)| id(institutions + into));
        participant
    };
    Participants::new((0..institutions + clears_into.len()).map(participant).collect()).expect("participants")
}
