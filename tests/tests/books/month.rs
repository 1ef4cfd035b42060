//! October 2026 through the switch's books, minute by minute, against the spreadsheet: the National Day holiday, a make-up day, both
//! booking windows, payments that become final late, disputes, an indirect bank.

use std::collections::{BTreeMap, BTreeSet};

use clearway::books::day_end::report_of;
use clearway::books::reserve::{SheetState, sheets};
use clearway::books::settlement::{NoticeEntry, OrderEntry, orders_of_day, sessions_of_day};
use clearway::books::{BatchEntry, BatchSums};
use clearway::domain::clearing::{BatchName, Occasion, OrderState};
use clearway::domain::dispute::{Adjustment, AdjustmentState, Case, CaseState, Direction, Reasons};
use clearway::domain::register::Image;
use clearway::domain::{Business, Payment};
use clearway_codec::value::{Date, DisputeBatchId};
use clearway_tests::seed::Seed;

use crate::payments::{Asked, finished};
use crate::sheet::{Batch, Correction, Kind, Row, Session, Sheet, date, october};
use crate::world::World;

const MINUTE_US: u64 = 60_000_000;
const DAY: u32 = 24 * 60;
/// Wednesday, 30 September 2026, 00:00 in Beijing.
const MIDNIGHT_US: u64 = 1_790_697_600_000_000;
/// 2 November, 20:10: after the last session's information file.
const END: u32 = 33 * DAY + 20 * 60 + 10;
const DAYS: std::ops::RangeInclusive<u32> = 0..=33;

const fn at_us(minute: u32) -> u64 {
    MIDNIGHT_US + minute as u64 * MINUTE_US
}

fn name(batch: Batch) -> BatchName {
    batch.name().parse().expect("a batch")
}

fn day(day: u32) -> Date {
    Date::parse(date(day).as_bytes()).expect("a day")
}

/// The month in the switch's books.
struct Month<'s> {
    sheet: &'s Sheet,
    world: World,
}

impl<'s> Month<'s> {
    fn play(sheet: &'s Sheet) -> Self {
        let batches: BTreeSet<BatchName> = sheet.batches().into_iter().map(name).collect();
        let world = World::new(sheet.institutions, &sheet.clears_into, sheet.ppm as u32, batches);
        let mut month = Self { sheet, world };
        let mut running: BTreeMap<usize, Payment> = BTreeMap::new();
        for minute in 9 * 60..END {
            month.begin(minute, &mut running);
            month.finish(minute, &mut running);
            month.correct(minute);
            month.world.seal(at_us(minute));
            month.world.turn(at_us(minute));
        }
        assert!(running.is_empty());
        month
    }

    /// Participant index of a bank.
    fn bank(&self, bank: usize) -> u16 {
        (self.sheet.institutions + bank) as u16
    }

    fn begin(&self, minute: u32, running: &mut BTreeMap<usize, Payment>) {
        for (number, row) in self.sheet.rows.iter().enumerate().filter(|(_, row)| row.minute == minute) {
            let payment = self.asked(number, row).accepted();
            self.world.accept(&payment);
            running.insert(number, payment);
        }
    }

    fn asked(&self, number: usize, row: &Row) -> Asked {
        let (customer, other) = (self.bank(row.bank), self.bank(row.other_bank));
        let (business, banks) = match row.kind {
            Kind::In => (Business::AgreementPayment, [customer, other]),
            Kind::Out => (Business::Payout, [other, customer]),
            Kind::Direct => (Business::EntrustedPayment, [customer, other]),
        };
        Asked {
            number: number as u64,
            business,
            is_direct: row.kind == Kind::Direct,
            institution: row.institution as u16,
            banks,
            amount_fen: row.fen as u64,
            batch: name(Batch::at(row.minute, false)).hour().as_u32(),
            at_us: at_us(row.minute),
        }
    }

    fn finish(&mut self, minute: u32, running: &mut BTreeMap<usize, Payment>) {
        let done: Vec<usize> =
            running.keys().copied().filter(|number| self.sheet.rows[*number].final_minute == minute).collect();
        for number in done {
            let before = running.remove(&number).expect("it runs");
            let after = finished(&before, self.sheet.rows[number].state, at_us(minute));
            self.world.finish(&before, &after);
        }
    }

    /// Each correction is a case of its own payment with one adjustment more.
    fn correct(&self, minute: u32) {
        for (number, correction) in self.sheet.corrections.iter().enumerate() {
            if correction.minute == minute {
                self.world.registers.apply(&Image::Case(self.case(number, correction)));
            }
        }
    }

    fn case(&self, number: usize, correction: &Correction) -> Case {
        let row = &self.sheet.rows[correction.row];
        let asked = self.asked(correction.row, row);
        let payment = asked.accepted();
        let direction = if correction.to_payer { Direction::ToPayer } else { Direction::ToPayee };
        let batch = name(Batch::at(correction.minute, true)).dispute_batch().expect("a batch of disputes");
        Case {
            trx_key: payment.trx_id,
            reasons: Reasons::default(),
            state: CaseState::Adjusted,
            status: payment.status,
            business: payment.business.code(),
            has_reserve: payment.has_reserve(),
            amount_fen: payment.amount_fen,
            institution: payment.institution,
            banks: payment.banks,
            code: *b"00000000",
            asked: None,
            opened_at_us: at_us(correction.minute),
            changed_at_us: at_us(correction.minute),
            version: 1,
            adjustments: vec![Adjustment {
                trx_key: number as u128 + 1,
                amount_fen: correction.fen as u64,
                batch,
                direction,
                state: AdjustmentState::Made,
            }],
        }
    }

    /// What a number of the switch's is in the sheet.
    fn of_sheet(&self, bank: u16) -> usize {
        usize::from(bank) - self.sheet.institutions
    }
}

#[test]
fn october_agrees_with_the_spreadsheet() {
    let sheet = october(&mut Seed::of_test("october").draws());
    let month = Month::play(&sheet);
    month.positions_agree();
    month.orders_agree();
    month.interest_agrees();
    month.bookings_agree();
    month.days_end();
}
