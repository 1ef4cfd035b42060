//! Journals of made-up histories, for the tests of the books.

use std::path::Path;

use clearway_codec::value::{BatchId, BeijingTime, DisputeBatchId, TrxStatus};

use crate::domain::business::{Business, KEY_TAG};
use crate::domain::clearing::{Adjusted, BatchName, Positions};
use crate::domain::dispute::{Adjustment, AdjustmentState, Case, CaseState, Direction, Reason, Reasons, Request};
use crate::domain::link::LinkNumber;
use crate::domain::record::{Attachment, Record, RecordKind, Role};
use crate::domain::register::Image;
use crate::domain::statement::{Line, Particulars};
use crate::domain::transaction::samples::{START_US, timing, trx_id};
use crate::domain::transaction::{Acceptance, Event, Leg, Outcome, Party, Payment, UnknownCause, transition};
use crate::journal::{Journal, Options, Position, Work};

/// Of the splitmix kind: the same numbers for the same seed.
pub(in crate::books) struct Dice(pub(in crate::books) u64);

impl Dice {
    pub(in crate::books) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// A payment that became final, as the record says it that made it so.
#[derive(Clone, Debug)]
pub(in crate::books) struct Ended {
    pub(in crate::books) payment: Payment,
    pub(in crate::books) particulars: Vec<u8>,
    pub(in crate::books) position: u64,
}

impl Ended {
    pub(in crate::books) fn line(&self) -> Option<Line<'_>> {
        Line::of(&self.payment, Particulars::decode(&self.particulars).expect("own particulars"))
    }
}

/// What happened over three hours.
pub(in crate::books) struct History {
    pub(in crate::books) ended: Vec<Ended>,
    pub(in crate::books) batches: Vec<BatchName>,
}

impl History {
    pub(in crate::books) fn of(&self, batch: BatchName) -> Vec<&Ended> {
        let hour = batch.hour().as_u32();
        self.ended.iter().filter(|ended| ended.payment.batch == hour && ended.line().is_some()).collect()
    }

    /// The sums as the live side makes them.
    pub(in crate::books) fn positions(&self, batch: BatchName) -> Positions {
        let mut positions = Positions::default();
        self.of(batch).iter().for_each(|ended| positions.book(&ended.payment));
        positions
    }
}

/// A journal of small segments in `dir`.
pub(in crate::books) fn open_journal(dir: &Path) -> Journal {
    let mut options = Options::new(dir);
    options.group_bytes_max = 64 << 10;
    options.segment_bytes = 256 << 10;
    options.backlog_bytes_max = 4 << 20;
    options.reserve_bytes = 128 << 10;
    Journal::open(options).expect("a journal").0
}

/// Writes the history of `payments` payments of all businesses that move money, and of some that move none, to the journal.
pub(in crate::books) fn write_history(journal: &Journal, payments: u64, seed: u64) -> History {
    let mut dice = Dice(seed);
    let mut now_us = START_US;
    // Three hours of it.
    let step_us = 3 * 3_600_000_000 / (payments * 4 + 1);
    let mut history = History { ended: Vec::new(), batches: Vec::new() };
    let mut running: Vec<Payment> = Vec::new();
    let mut begun = 0;
    while begun < payments || !running.is_empty() {
        now_us += step_us;
        let name = batch_at(now_us);
        if history.batches.last() != Some(&name) && begun < payments {
            history.batches.push(name);
        }
        if begun < payments && (running.is_empty() || dice.below(3) == 0) {
            begun += 1;
            let payment = begin(begun, now_us, &mut dice);
            append(journal, RecordKind::Accepted, now_us, &payment, None);
            running.push(payment);
            continue;
        }
        let at = dice.below(running.len() as u64) as usize;
        let payment = running[at];
        let event = any_event(&mut dice);
        let due_us = if event == Event::Due { now_us.max(payment.due_at_us) } else { now_us };
        if let Outcome::Changed { next, .. } = transition(&payment, event, due_us, &timing()) {
            let ends = next.is_final() && !payment.is_final();
            let particulars = if ends { any_particulars(&mut dice) } else { Vec::new() };
            let position = append(journal, RecordKind::Event(event), now_us, &next, ends.then_some(&particulars));
            if ends {
                history.ended.push(Ended { payment: next, particulars, position });
            }
            running[at] = next;
        }
        if running[at].is_final() && dice.below(3) == 0 {
            running.swap_remove(at);
        }
    }
    journal.flush().expect("durable");
    history
}

pub(in crate::books) fn batch_at(us: u64) -> BatchName {
    BatchName::payments(BatchId::at(BeijingTime::from_unix_micros(us)))
}

fn begin(number: u64, now_us: u64, dice: &mut Dice) -> Payment {
    use Business as B;
    let business = [
        B::AgreementPayment,
        B::AgreementPayment,
        B::CertifiedPayment,
        B::EntrustedPayment,
        B::GatewayPayment,
        B::Refund,
        B::Payout,
        B::MandateEnd,
    ][dice.below(8) as usize];
    let is_refund = business == B::Refund;
    let acceptance = Acceptance {
        trx_id: trx_id(number),
        original: if is_refund { trx_id(number + 1_000_000) } else { 0 },
        digest: [7; 16],
        amount_fen: if business == B::MandateEnd { 0 } else { 1 + dice.below(1_000_000) },
        account: 0,
        unrefundable: business == B::EntrustedPayment && dice.below(2) == 0,
        reserves_nothing: is_refund,
        batch: batch_at(now_us).hour().as_u32(),
        institution: dice.below(5) as u16,
        banks: [10 + dice.below(4) as u16, 10 + dice.below(4) as u16],
        ways: [0, 0],
        business,
    };
    Payment::accept(&acceptance, now_us, &timing()).0
}

fn any_event(dice: &mut Dice) -> Event {
    match dice.below(12) {
        0..3 => Event::LegSucceeded(Leg::One),
        3..6 => Event::LegSucceeded(Leg::Two),
        6 => Event::LegRefused(Leg::One, *b"PB520011"),
        7 => Event::LegUnknown(Leg::One, UnknownCause::TimedOut),
        8 => Event::LegUnknown(Leg::Two, UnknownCause::TimedOut),
        9 => Event::ReceiptDelivered,
        _ => Event::Due,
    }
}

fn any_particulars(dice: &mut Dice) -> Vec<u8> {
    let serials = [format!("D{:020}", dice.below(u64::MAX)), format!("C{:012}", dice.below(1 << 40))];
    let sgn_no = format!("EP{:032}", dice.below(u64::MAX));
    let cut: &[u8] = if dice.below(50) == 0 { "商".as_bytes().split_at(2).0 } else { b"" };
    let particulars = Particulars {
        biz_tp: [b"110001".as_slice(), b"130001", cut][dice.below(3) as usize],
        trx_time: b"2026-11-20T10:00:00",
        sgn_no: if dice.below(2) == 0 { sgn_no.as_bytes() } else { b"" },
        serials: [serials[0].as_bytes(), serials[1].as_bytes()],
    };
    let mut bytes = Vec::new();
    particulars.encode(&mut bytes);
    bytes
}

pub(in crate::books) fn append(
    journal: &Journal,
    kind: RecordKind,
    at_us: u64,
    payment: &Payment,
    particulars: Option<&Vec<u8>>,
) -> u64 {
    let attachment = particulars.map(|message| Attachment {
        role: Role::Particulars,
        party: Party::Institution,
        at_us,
        message: message.as_slice(),
    });
    let attachments: &[_] = attachment.as_slice();
    let record = Record { kind, at_us, link: LinkNumber::NONE, payment, original: None, images: &[], attachments };
    let mut bytes = Vec::new();
    record.encode(&mut bytes);
    loop {
        match journal.append(Work::New, &[&bytes]) {
            Ok(appended) => return appended.position.as_u64(),
            Err(_) => journal.flush().expect("the disk takes it"),
        }
    }
}

/// Appends an entry of its own that holds these register images.
pub(in crate::books) fn append_images(journal: &Journal, at_us: u64, images: &[u8]) -> Position {
    let mut bytes = Vec::new();
    crate::domain::record::encode_registers(at_us, &mut bytes);
    bytes.extend_from_slice(images);
    let appended = journal.append(Work::New, &[&bytes]).expect("taken");
    journal.flush().expect("durable");
    appended.position
}

/// Images of cases with adjustments of this hour, as disputes leave them: running, made, failed, in several versions. Gives the
/// adjustments that count.
pub(in crate::books) fn write_cases(journal: &Journal, at_us: u64, seed: u64) -> Vec<Adjusted> {
    let mut dice = Dice(seed);
    let hour = DisputeBatchId::at(BeijingTime::from_unix_micros(at_us));
    let other = DisputeBatchId::at(BeijingTime::from_unix_micros(at_us - 3_600_000_000));
    let mut made = Vec::new();
    for number in 1..=40 {
        let mut case = Case { has_reserve: dice.below(3) > 0, ..case(number, at_us) };
        for adjustment in 0..1 + dice.below(3) {
            let direction = if dice.below(2) == 0 { Direction::ToPayer } else { Direction::ToPayee };
            let batch = if dice.below(4) == 0 { other } else { hour };
            let amount_fen = 1 + dice.below(1_000);
            // All that the console makes of a case have one key.
            let trx_key = 4 * KEY_TAG + trx_id(number * 100 + adjustment * (number % 2));
            let running = AdjustmentState::Running;
            case.adjustments.push(Adjustment { trx_key, amount_fen, batch, direction, state: running });
            let last = case.adjustments.len() - 1;
            for state in [running, [AdjustmentState::Made, AdjustmentState::Failed, running][dice.below(3) as usize]] {
                case.version += 1;
                case.adjustments[last].state = state;
                let mut images = Vec::new();
                Image::Case(case.clone()).encode(&mut images);
                append_images(journal, at_us + number, &images);
            }
            made.extend(Adjusted::of(&case, &case.adjustments[last]).filter(|_| batch == hour));
        }
    }
    made
}

fn case(number: u64, at_us: u64) -> Case {
    Case {
        trx_key: trx_id(number),
        reasons: Reasons::default().with(Reason::Submitted),
        state: CaseState::Agreed,
        status: TrxStatus::PresumedFailure,
        business: if number.is_multiple_of(2) { Business::AgreementPayment } else { Business::Payout }.code(),
        has_reserve: true,
        amount_fen: 1_000_000,
        institution: 3,
        banks: [10 + (number % 3) as u16, 20],
        code: *b"00000000",
        asked: Some(Request { direction: Direction::ToPayer, amount_fen: 7, by: 10, of: 3 }),
        opened_at_us: at_us,
        changed_at_us: at_us,
        version: 1,
        adjustments: Vec::new(),
    }
}
