//! Payments of two hours, made by the switch's own table of states: of all outcomes, of a bank that clears through another,
//! and one correction of a payment in the second.

use std::sync::Arc;

use clearway::Error;
use clearway::domain::dispute::{
    Adjustment, AdjustmentState, Case, CaseState, Direction, DisputeBatchId, Reason, Reasons,
};
use clearway::domain::link::LinkNumber;
use clearway::domain::record::{Attachment, Record, RecordKind, Role};
use clearway::domain::register::{Image, Key};
use clearway::domain::statement::Particulars;
use clearway::domain::{Acceptance, Business, Event, Leg, Outcome, Party, Payment, Timing, UnknownCause, transition};
use clearway::registrar::Registrar;
use clearway_codec::value::{BatchId, BeijingTime, TrxStatus};

use crate::desk::Memory;

/// Institutions, by index from 0; banks follow, and the last of them clears through the first.
pub(crate) const INSTITUTIONS: u16 = 1;
pub(crate) const BANKS: u16 = 3;
/// Payments of each hour.
const PAYMENTS: u64 = 24;
const DAY: u128 = 20_261_120 * 10_u128.pow(23);
const SHARD: u128 = 770_101;
const SECOND_US: u64 = 1_000_000;

/// Writes the payments of the hour that begins at `hour_us`, all of them final at last.
pub(crate) fn write_hour(memory: &Memory, hour_us: u64) {
    let first = hour_us / (3_600 * SECOND_US) % 1_000 * 100;
    for number in first..first + PAYMENTS {
        let at_us = hour_us + number % 100 * 140 * SECOND_US;
        let mut payment = Payment::accept(&acceptance(number, at_us), at_us, &Timing::default()).0;
        payment = record(memory, RecordKind::Accepted, at_us, None, &payment);
        for event in events(number) {
            let now_us = if event == Event::Due { payment.due_at_us } else { payment.accepted_at_us + SECOND_US };
            if payment.is_final() {
                break;
            }
            if let Outcome::Changed { next, .. } = transition(&payment, event, now_us, &Timing::default()) {
                payment = record(memory, RecordKind::Event(event), now_us, Some(&payment), &next);
            }
        }
        assert!(payment.is_final(), "payment {number}");
        // All have been told, so that nothing is left to do for it.
        for told in Party::ALL.map(Event::NoticeAcknowledged).into_iter().chain([Event::ReceiptDelivered]) {
            let now_us = payment.finished_at_us + SECOND_US;
            if let Outcome::Changed { next, .. } = transition(&payment, told, now_us, &Timing::default()) {
                payment = record(memory, RecordKind::Event(told), now_us, Some(&payment), &next);
            }
        }
        assert!(!payment.is_unfinished(), "payment {number}");
    }
}

fn acceptance(number: u64, at_us: u64) -> Acceptance {
    let bank = |draw: u64| INSTITUTIONS + (draw % u64::from(BANKS)) as u16;
    Acceptance {
        trx_id: DAY + u128::from(number) * 10_000_000 + SHARD,
        original: 0,
        digest: [7; 16],
        amount_fen: 100 + number * 37 % 5_000,
        account: 0,
        unrefundable: false,
        reserves_nothing: false,
        batch: BatchId::at(BeijingTime::from_unix_micros(at_us)).as_u32(),
        institution: (number % u64::from(INSTITUTIONS)) as u16,
        banks: [bank(number), bank(number / 3 + 1)],
        ways: [0; 2],
        business: Business::AgreementPayment,
    }
}

/// What happens to a payment: most succeed.
fn events(number: u64) -> Vec<Event> {
    let one = Event::LegSucceeded(Leg::One);
    let silence = |leg| {
        let round = [Event::Due, Event::QueryUnanswered(leg)];
        std::iter::once(Event::LegUnknown(leg, UnknownCause::TimedOut)).chain(round.into_iter().cycle().take(40))
    };
    match number % 8 {
        0 => vec![Event::LegRefused(Leg::One, *b"PB520011")],
        1 => std::iter::once(one).chain(silence(Leg::Two)).collect(),
        2 => silence(Leg::One).collect(),
        _ => vec![one, Event::LegSucceeded(Leg::Two)],
    }
}

/// As a worker does it: under the payment's lock the books, the journal, the table.
fn record(memory: &Memory, kind: RecordKind, at_us: u64, before: Option<&Payment>, after: &Payment) -> Payment {
    let mut particulars = Vec::new();
    let serials: [&[u8]; 2] = [b"DEBIT1", b"CREDIT1"];
    let said = Particulars { biz_tp: b"110001", trx_time: b"2026-11-20T08:00:00", sgn_no: b"EPT1", serials };
    said.encode(&mut particulars);
    let attachment = |role, message| Attachment { role, party: Party::Institution, at_us, message };
    let becomes_final = after.is_final() && before.is_none_or(|before| !before.is_final());
    let attachments = match kind {
        RecordKind::Accepted => vec![attachment(Role::Request, &b"request"[..])],
        _ if becomes_final => vec![attachment(Role::Receipt, b"receipt"), attachment(Role::Particulars, &particulars)],
        _ => Vec::new(),
    };
    let link = LinkNumber::NONE;
    let record = Record { kind, at_us, link, payment: after, original: None, images: &[], attachments: &attachments };
    let mut bytes = Vec::new();
    record.encode(&mut bytes);
    let mut guard = memory.table.lock(after.trx_id);
    let entry = memory.live.enter(0, before, after).expect("the batch is open");
    let appended = memory.journal.append(clearway::journal::Work::Running, &[&bytes]).expect("room");
    let placed = record.payment_at(appended.position.as_u64());
    match before {
        None => guard.insert(placed).expect("new"),
        Some(_) => guard.replace(placed),
    }
    entry.book(&placed, appended.position.as_u64());
    placed
}

/// One adjustment, made in the dispute batch of the hour that begins at `hour_us`: money goes back to the payer.
pub(crate) fn write_adjustment(memory: &Memory, hour_us: u64) {
    let batch = DisputeBatchId::at(BeijingTime::from_unix_micros(hour_us));
    let trx_key = DAY + SHARD;
    let (direction, state) = (Direction::ToPayer, AdjustmentState::Made);
    let adjustment = Adjustment { trx_key: trx_key + 10_000_000, amount_fen: 77, batch, direction, state };
    let case = Case {
        trx_key,
        reasons: Reasons::of(Reason::Submitted),
        state: CaseState::Adjusted,
        status: TrxStatus::PresumedSuccess,
        business: Business::AgreementPayment.code(),
        amount_fen: 500,
        institution: 0,
        banks: [INSTITUTIONS, INSTITUTIONS + 1],
        has_reserve: true,
        code: *b"00000000",
        asked: None,
        opened_at_us: hour_us,
        changed_at_us: hour_us,
        version: 1,
        adjustments: vec![adjustment],
    };
    let registrar = Registrar::new(Arc::clone(&memory.registers), Arc::clone(&memory.journal));
    let turn = registrar.turn().expect("a turn");
    let recorded = turn.record::<Error>(hour_us, &Key::Case(trx_key), |_| Ok(vec![Image::Case(case)]));
    assert_eq!(recorded.expect("recorded"), 1);
}
