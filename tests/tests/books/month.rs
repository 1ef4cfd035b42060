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
use clearway_codec::value::Date;
use clearway_tests::seed::Seed;

use crate::payments::{Asked, finished};
use crate::sheet::{Batch, Correction, Kind, Row, Session, Sheet, date, october};
use crate::world::World;

const MINUTE_US: u64 = 60_000_000;
const DAY: u32 = 24 * 60;
/// Wednesday, 30 September 2026, 00:00 in Beijing.
const MIDNIGHT_US: u64 = 1_790_697_600_000_000;
/// Tuesday, 3 November, 09:10: the interest of the day before is ordered when the large-value system opens.
const END: u32 = 34 * DAY + 9 * 60 + 10;
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

/// What the month is about is in it, whatever was drawn.
#[test]
fn the_month_has_everything() {
    let sheet = october(&mut Seed::of_test("what the month has").draws());
    let batches = sheet.batches();
    let held = |name: &str| batches.iter().filter(|batch| sheet.session(**batch).name() == name).count();
    assert!(held("202610080900") > 100, "the holiday is one long window");
    assert!(held("202610100900") > 0 && held("202610101500") > 0, "a Saturday that is worked");
    let late = batches.iter().find(|batch| batch.name() == "B202609300015").expect("the late one");
    assert_eq!((late.session().name(), sheet.session(*late).name()), ("202609301500".into(), "202610080900".into()));
    assert!(batches.iter().any(|batch| batch.of_corrections) && sheet.rows.iter().any(|row| row.bank == 4));
    let windows: BTreeSet<bool> = sheet.bookings().keys().map(|(window, ..)| window.by_day).collect();
    assert_eq!(windows.len(), 2);
}

/// Each check compares everything that the switch has with everything that the sheet has.
impl Month<'_> {
    fn positions_agree(&self) {
        let entries = BatchEntry::all(&self.world.registers).expect("readable");
        let mut ours: BTreeMap<BatchName, BTreeMap<usize, i128>> = BTreeMap::new();
        for (batch, kept) in &entries {
            let nets = kept.content.nets_fen.iter().map(|(bank, fen)| (self.of_sheet(*bank), *fen));
            ours.insert(*batch, nets.collect());
        }
        let mut theirs: BTreeMap<BatchName, BTreeMap<usize, i128>> =
            self.sheet.batches().into_iter().map(|batch| (name(batch), BTreeMap::new())).collect();
        theirs.extend(self.sheet.positions().into_iter().map(|(batch, nets)| (name(batch), nets)));
        assert_eq!(ours, theirs);
        let payments: u64 = entries.values().map(|kept| kept.content.payments).sum();
        assert_eq!(payments, (self.sheet.rows.len() + self.sheet.corrections.len()) as u64);
    }

    fn orders_agree(&self) {
        let mut batches: BTreeMap<String, BTreeSet<BatchName>> = BTreeMap::new();
        let mut orders: BTreeMap<String, BTreeMap<usize, i128>> = BTreeMap::new();
        for at in DAYS {
            for (session, kept) in sessions_of_day(&self.world.registers, day(at)).expect("readable") {
                batches.insert(session.to_string(), kept.content.batches.iter().copied().collect());
            }
            for (order, kept) in self.orders(at) {
                let Some(session) = order.set.session() else { continue };
                let of_session = orders.entry(session.to_string()).or_default();
                of_session.insert(self.of_sheet(order.bank), kept.net_fen.into());
            }
        }
        batches.retain(|_, held| !held.is_empty());
        let mut expected: BTreeMap<String, BTreeSet<BatchName>> = BTreeMap::new();
        for batch in self.sheet.batches() {
            expected.entry(self.sheet.session(batch).name()).or_default().insert(name(batch));
        }
        assert_eq!(batches, expected, "which session holds which batch");
        let mut theirs: BTreeMap<String, _> =
            self.sheet.orders().into_iter().map(|(session, nets): (Session, _)| (session.name(), nets)).collect();
        theirs.retain(|_, nets| !nets.is_empty());
        assert_eq!(orders, theirs);
    }

    fn orders(&self, at: u32) -> Vec<(clearway::domain::clearing::OrderName, OrderEntry)> {
        let orders = orders_of_day(&self.world.registers, day(at)).expect("readable");
        let orders: Vec<_> = orders.into_iter().map(|(order, kept)| (order, kept.content)).collect();
        assert!(orders.iter().all(|(_, order)| order.state == OrderState::Acknowledged), "{orders:?}");
        orders
    }

    fn interest_agrees(&self) {
        let theirs = self.sheet.interest();
        for at in DAYS {
            let expected: BTreeMap<usize, i128> = theirs
                .get(&at)
                .into_iter()
                .flatten()
                .map(|(bank, fen)| (*bank, *fen))
                .filter(|(_, fen)| *fen != 0)
                .collect();
            let notice = NoticeEntry::find(&self.world.registers, day(at)).expect("readable").map(|kept| kept.content);
            let told = notice.as_ref().map(|notice| notice.interest_fen.clone()).unwrap_or_default();
            let told: BTreeMap<usize, i128> = told.into_iter().map(|(bank, fen)| (self.of_sheet(bank), fen)).collect();
            assert_eq!(told, expected, "day {at}");
            let remainder = notice.map_or(0, |notice| notice.remainder_fen);
            assert_eq!(remainder, -expected.values().sum::<i128>(), "what rounding leaves over on day {at}");
            let ordered = self.orders(at).into_iter().filter(|(order, _)| order.set.occasion == Occasion::Interest);
            let ordered: BTreeMap<usize, i128> =
                ordered.map(|(order, entry)| (self.of_sheet(order.bank), entry.net_fen.into())).collect();
            assert_eq!(ordered, expected, "orders of day {at}");
        }
    }

    /// Every window is booked, in total for each account; there are many times fewer bookings than payments.
    fn bookings_agree(&self) {
        let booked = sheets(&self.world.registers, None).expect("readable");
        assert!(booked.iter().all(|kept| kept.content.state == SheetState::Released && !kept.content.is_late));
        let mut ours: BTreeMap<_, BTreeMap<BatchName, (i128, i128)>> = BTreeMap::new();
        for sheet in booked.iter().map(|kept| &kept.content) {
            for batch in &sheet.batches {
                let sums = BatchSums::load(self.world.dir.path(), *batch).expect("its sums");
                for (account, sum) in sums.reserves.accounts().filter(|(account, _)| account.bank == sheet.bank) {
                    let key = (sheet.window.as_u64(), usize::from(account.institution), self.of_sheet(account.bank));
                    let fen = (sum.paid_in.amount_fen.into(), sum.paid_out.amount_fen.into());
                    ours.entry(key).or_default().insert(*batch, fen);
                }
            }
        }
        let mut theirs: BTreeMap<_, BTreeMap<BatchName, (i128, i128)>> = BTreeMap::new();
        for ((window, institution, bank), batches) in self.sheet.bookings() {
            let number = (day(window.day).days() as u64) << 1 | u64::from(window.by_day);
            let batches = batches.into_iter().map(|(batch, fen)| (name(batch), fen)).collect();
            theirs.insert((number, institution, bank), batches);
        }
        assert_eq!(ours, theirs);
        let bookings: u64 = booked.iter().map(|kept| u64::from(kept.content.accounts)).sum();
        assert_eq!(bookings, theirs.len() as u64);
    }

    /// Each accounting day: what its batches move on the clearing accounts, yesterday and today, nothing in suspense.
    fn days_end(&self) {
        let mut balances: BTreeMap<String, i128> = BTreeMap::new();
        for (at, banks) in self.sheet.day_ends().into_iter().filter(|(at, _)| DAYS.contains(at)) {
            let report = report_of(self.world.dir.path(), day(at)).expect("a report");
            assert!(
                report.differences.is_empty() && report.suspense_fen == 0 && report.missing.is_empty(),
                "{report:?}"
            );
            let mut expected: BTreeMap<usize, i128> = BTreeMap::new();
            for (bank, fen) in banks {
                *expected.entry(self.sheet.clears_into[bank]).or_insert(0) += fen;
            }
            for row in &report.accounts {
                assert_eq!(
                    row.before_fen,
                    balances.get(&row.account).copied().unwrap_or(0),
                    "{} of day {at}",
                    row.account
                );
                assert_eq!(row.before_fen + row.moved_fen.values().sum::<i128>(), row.after_fen, "{}", row.account);
                balances.insert(row.account.clone(), row.after_fen);
            }
            assert_eq!(report.accounts.iter().map(|row| row.after_fen).sum::<i128>(), 0, "day {at} balances");
            let moved =
                |row: &&clearway::books::day_end::AccountRow| row.moved_fen.get("batches").copied().unwrap_or(0);
            let clearing = report.accounts.iter().filter(|row| row.account.starts_with("clearing"));
            let mut ours: Vec<i128> = clearing.map(|row| moved(&row)).filter(|fen| *fen != 0).collect();
            let mut theirs: Vec<i128> = expected.into_values().filter(|fen| *fen != 0).collect();
            ours.sort_unstable();
            theirs.sort_unstable();
            assert_eq!(ours, theirs, "clearing accounts of day {at}");
        }
    }
}
