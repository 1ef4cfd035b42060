//! Every business x every leg x every outcome: which state, whose receipt, whose notices, what became of the money.
//!
//! Columns are what happens: `1` and `2` are legs, `yes` and `no` answers, `?` an outcome that stays unknown until the query brings
//! `yes`, `no`, `none` (no such transaction) or `never` anything; `!` a leg of which no byte could leave; `>` one that then took another channel; `w` a leg that rests with a
//! person, until `yes`, `no`, a `close`, or `late`: nobody has decided in time, and the last query brings `yes`, `no` or nothing.
//!
//! Cells are the final status, then who is told by a notice beside the initiator's receipt: `a` whom leg 1 went to, `b` whom leg 2 went
//! to. `-` means that the business has no such leg, or that leg never rests.

use clearway_codec::value::{BatchId, BeijingTime, TrxStatus};
use proptest::prelude::*;

use super::samples::{START_US, acceptance, any_event, timing};
use super::*;
use crate::domain::business::{BUSINESSES, BusinessRules, Initiator, Notice, RestEnd};
use crate::domain::timing::Timing;

const GRID: &str = "
 business             yes 1no 1?yes 1?no 1?none 1?never 1!  1>yes 1>! 2no 2?yes 2?no 2?none 2?never 2!yes 2>yes wyes wno wclose wlate-yes wlate-no wlate
 agreement-payment    00  01  00    01   01a    04a     01  00    01  01a 00    01a  00     03ab    00    00    -    -   -      -         -        -
 refund               00  01  00    01   01a    04a     01  00    01  01a 00    01a  00     03ab    00    00    -    -   -      -         -        -
 payout               00  01  00    01   01a    04a     01  00    01  01a 00    01a  00     03ab    00    00    -    -   -      -         -        -
 certified-payment    00  01  00    01   01a    04a     01  00    01  01a 00    01a  00     03ab    00    00    -    -   -      -         -        -
 entrusted-payment    00  01  00    01   01a    04a     01  00    01  01a 00    01a  00     03ab    00    00    -    -   -      -         -        -
 gateway-payment      00  01  00    01   01a    04a     01  00    01  01a 00    01a  00     03ab    00    00    00   01  01a    00        01       01a
 identity-check       00  01  00    01   01a    04a     01  00    01  -   -     -    -      -       -     -     -    -   -      -         -        -
 signing              00  01  00    01   01a    04a     01  00    01  -   -     -    -      -       -     -     -    -   -      -         -        -
 agreement-end        00  01  00    01   01a    03a     01  00    01  -   -     -    -      -       -     -     -    -   -      -         -        -
 forced-agreement-end 00a -   -     -    -      -       -   -     -   -   -     -    -      -       -     -     -    -   -      -         -        -
 mandate              00  01  00    01   01a    04a     01  00    01  -   -     -    -      -       -     -     00   01  -      00        01       01a
 mandate-end          00  01  00    01   01a    03a     01  00    01  -   -     -    -      -       -     -     -    -   -      -         -        -
 mandate-end-by-bank  00  01  00    01   01a    00a     00a 00    00a -   -     -    -      -       -     -     00   01  -      -         -        00a
 dispute-submission   00  01  00    01   01     03      03  00    03  -   -     -    -      -       -     -     -    -   -      -         -        -
 dispute-decision     00  01  00    01   01     03      03  00    03  -   -     -    -      -       -     -     -    -   -      -         -        -
 dispute-adjustment   00  01  00    01   01     03      03  00    03  -   -     -    -      -       -     -     -    -   -      -         -        -
";

const NO: [u8; 8] = *b"PB520011";
const REST_US: u64 = 5_000;

/// What one life came to.
struct Life {
    payment: Payment,
    effects: Effects,
    sent: [u32; 2],
}

impl Life {
    fn begin(row: &'static BusinessRules) -> Self {
        let original = if row.has_original() { acceptance(9).trx_id } else { 0 };
        let amount_fen = if row.moves_money { 700 } else { 0 };
        let asked = Acceptance { business: row.business, original, amount_fen, ..acceptance(1) };
        let (payment, effects) = Payment::accept(&asked, START_US, &resting());
        let mut life = Self { payment, effects, sent: [0, 0] };
        life.note(None);
        life
    }

    /// Counts what leaves; of a leg that moved, nothing had left before.
    fn note(&mut self, event: Option<Event>) {
        assert_eq!(Payment::from_bytes(&self.payment.to_bytes()), Ok(self.payment), "it can be stored");
        for effect in self.effects.iter() {
            if let Effect::SendLeg(leg) = effect
                && !matches!(event, Some(Event::LegMoved(moved, _)) if moved == *leg)
            {
                self.sent[leg.index()] += 1;
            }
        }
    }

    fn take(&mut self, event: Event) {
        if self.payment.is_final() {
            return;
        }
        let now_us = if event == Event::Due { self.payment.due_at_us } else { self.payment.accepted_at_us + 1 };
        match transition(&self.payment, event, now_us, &resting()) {
            Outcome::Changed { next, effects } => {
                (self.payment, self.effects) = (next, effects);
                self.note(Some(event));
            }
            Outcome::Unchanged { reason, .. } => panic!("{event:?} leaves {:?} as it is: {reason:?}", self.payment),
        }
    }

    /// Time passes until it is final.
    fn wait(&mut self) {
        for _ in 0..20 {
            if self.payment.is_final() {
                return;
            }
            self.take(Event::Due);
        }
        panic!("{:?} never ends", self.payment);
    }

    fn told(&self) -> String {
        let letter = |party| match party {
            Party::Institution => None,
            Party::Bank1 => Some('a'),
            Party::Bank2 => Some('b'),
        };
        self.effects
            .iter()
            .filter_map(|effect| if let Effect::Notify(party) = effect { letter(*party) } else { None })
            .collect()
    }
}

fn resting() -> Timing {
    Timing { rest_until_us: START_US + REST_US, ..timing() }
}

/// The events of a column; none where the business has no such leg, or it never rests.
fn live(row: &'static BusinessRules, column: &str) -> Option<Life> {
    use Event::*;
    let leg = if column.starts_with('2') { Leg::Two } else { Leg::One };
    let rest = row.leg(Leg::One).and_then(|leg| leg.rest);
    let is_there = match column.as_bytes()[0] {
        b'w' => rest.is_some(),
        b'y' => true,
        _ => row.leg(leg).is_some(),
    };
    let is_asked = rest.is_none_or(|rest| matches!(rest.end, RestEnd::QueryThenFail(_)));
    let has_page = column != "wclose" || row.closable;
    if !is_there || !has_page || (column.starts_with("wlate-") && !is_asked) {
        return None;
    }
    let mut life = Life::begin(row);
    if leg == Leg::Two {
        life.take(LegSucceeded(Leg::One));
    }
    let unknown = LegUnknown(leg, UnknownCause::TimedOut);
    match column.trim_start_matches(['1', '2']) {
        "yes" if column == "yes" => row.legs.iter().zip(Leg::ALL).for_each(|(_, leg)| life.take(LegSucceeded(leg))),
        "no" => life.take(LegRefused(leg, NO)),
        "?yes" => [unknown, QuerySucceeded(leg)].into_iter().for_each(|event| life.take(event)),
        "?no" => [unknown, QueryRefused(leg, NO)].into_iter().for_each(|event| life.take(event)),
        "?none" => [unknown, QueryNoSuchTransaction(leg)].into_iter().for_each(|event| life.take(event)),
        "?never" => life.take(unknown),
        "!" | "!yes" => life.take(LegNotSent(leg)),
        ">yes" => [LegMoved(leg, 1), LegSucceeded(leg)].into_iter().for_each(|event| life.take(event)),
        ">!" => [LegMoved(leg, 1), LegMoved(leg, 2), LegNotSent(leg)].into_iter().for_each(|event| life.take(event)),
        "wyes" => [LegDeferred(leg), LegSucceeded(leg)].into_iter().for_each(|event| life.take(event)),
        "wno" => [LegDeferred(leg), LegRefused(leg, NO)].into_iter().for_each(|event| life.take(event)),
        "wclose" => [LegDeferred(leg), Closed].into_iter().for_each(|event| life.take(event)),
        "wlate-yes" => [LegDeferred(leg), Due, QuerySucceeded(leg)].into_iter().for_each(|event| life.take(event)),
        "wlate-no" => [LegDeferred(leg), Due, QueryRefused(leg, NO)].into_iter().for_each(|event| life.take(event)),
        "wlate" => life.take(LegDeferred(leg)),
        other => panic!("unknown column {other}"),
    }
    // What goes on by itself: the other leg, the leg that was sent again, presumption.
    if life.payment.phase == Phase::Leg2Sent && column != "2?never" {
        life.take(LegSucceeded(Leg::Two));
    }
    if column == "2!yes" {
        life.take(QuerySucceeded(Leg::Two));
    }
    life.wait();
    Some(life)
}

#[test]
fn every_business_comes_to_the_state_of_the_grid() {
    let mut rows = GRID.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).filter(|row| !row.is_empty());
    let columns = rows.next().expect("a heading");
    let mut seen = Vec::new();
    for cells in rows {
        let row = BUSINESSES.iter().find(|row| row.name == cells[0]).unwrap_or_else(|| panic!("business {}", cells[0]));
        assert_eq!(cells.len(), columns.len(), "{}", row.name);
        for (column, cell) in columns.iter().zip(&cells).skip(1) {
            let place = format!("{} {column}", row.name);
            match live(row, column) {
                None => assert_eq!(*cell, "-", "{place}"),
                Some(life) => {
                    assert_eq!(format!("{}{}", life.payment.status.code(), life.told()), *cell, "{place}");
                    check_money(row, &life, &place);
                    check_receipt(row, &life, column, &place);
                }
            }
        }
        seen.push(row.business);
    }
    assert_eq!(seen, BUSINESSES.iter().map(|row| row.business).collect::<Vec<_>>(), "every business has its line");
}

/// 00 and 03 move the money once; 01 and 04 leave none of it moved, and the debit is undone where there was one.
fn check_money(row: &BusinessRules, life: &Life, place: &str) {
    let payment = &life.payment;
    let moves = matches!(payment.status, TrxStatus::Success | TrxStatus::PresumedSuccess);
    assert_eq!(payment.moves_money(), moves, "{place}");
    if !row.moves_money {
        assert_eq!(payment.amount_fen, 0, "{place}");
        return;
    }
    assert_eq!(life.sent[0], 1, "{place}: a debit leaves once");
    assert!(life.sent[1] <= 2, "{place}: a credit at most once more");
    assert_eq!(payment.leg_happened(Leg::Two), moves, "{place}");
    assert!(payment.leg_happened(Leg::One) || !moves, "{place}");
    assert_eq!(payment.debit_is_undone(), payment.leg_happened(Leg::One) && !moves, "{place}");
    assert_eq!(life.effects.contains(Effect::ReleaseRefund), row.reserves_original && !moves, "{place}");
}

/// The initiator gets its receipt on its exchange, or a notice once it has been told that the transaction rests.
fn check_receipt(row: &BusinessRules, life: &Life, column: &str, place: &str) {
    let rested = column.starts_with('w');
    assert_eq!(life.effects.contains(Effect::ReplyFinal), !rested, "{place}");
    assert_eq!(life.effects.contains(Effect::Notify(Party::Institution)), rested, "{place}");
    assert!(life.payment.owed.contains(Party::Institution), "{place}");
    if row.notice == Notice::Nobody {
        assert_eq!(life.told(), "", "{place}");
    }
    let told_by_request = row.notice == Notice::Request && row.notice_to(Party::Bank1) == row.request;
    assert_eq!(told_by_request, row.legs.is_empty(), "{place}");
}

/// A dispute goes by the name of the transaction that it is about: a notice of its end would be taken for one of that.
#[test]
fn nobody_is_told_how_a_dispute_ended_by_a_notice() {
    for row in BUSINESSES.iter().filter(|row| row.initiator == Initiator::Party) {
        for lost_first in [true, false] {
            let mut life = Life::begin(row);
            let lost = |life: &mut Life| {
                if let Outcome::Changed { next, effects } =
                    transition(&life.payment, Event::ReceiptLost, START_US + 2, &resting())
                {
                    (life.payment, life.effects) = (next, effects);
                }
            };
            if lost_first {
                lost(&mut life);
            }
            life.take(Event::LegUnknown(Leg::One, UnknownCause::TimedOut));
            life.wait();
            if !lost_first {
                assert!(life.effects.contains(Effect::ReplyFinal), "{}", row.name);
                let due = transition(&life.payment, Event::Due, life.payment.due_at_us, &resting());
                let Outcome::Changed { next, effects } = due else { panic!("{}: {due:?}", row.name) };
                assert_eq!((next.is_unfinished(), effects), (false, Effects::NONE), "{}", row.name);
                lost(&mut life);
            }
            let is_told = life.effects.iter().any(|effect| matches!(effect, Effect::Notify(_)));
            assert_eq!((is_told, life.payment.is_unfinished()), (false, false), "{} {lost_first}", row.name);
        }
    }
}

/// A refusal that says "it is so already" is as good as a yes.
#[test]
fn what_is_so_already_has_succeeded() {
    for row in &BUSINESSES {
        for code in row.leg(Leg::One).map_or(&[][..], |leg| leg.done_already) {
            let mut life = Life::begin(row);
            life.take(Event::LegRefused(Leg::One, *code));
            assert_eq!(life.payment.status, TrxStatus::Success, "{}", row.name);
        }
    }
}

/// What may be sent again is, on the schedule of queries; money never is, but for a credit that its bank does not know.
#[test]
fn only_what_moves_no_money_is_sent_again() {
    for row in BUSINESSES.iter().filter(|row| row.leg(Leg::One).is_some()) {
        let mut life = Life::begin(row);
        life.take(Event::LegUnknown(Leg::One, UnknownCause::TimedOut));
        life.wait();
        let again = u32::from(timing().query_schedule.steps());
        let told = matches!(row.initiator, Initiator::Party) || row.name == "mandate-end-by-bank";
        assert_eq!(life.sent[0], 1 + if told { again } else { 0 }, "{}", row.name);
    }
}

/// Whoever it rests with may take its time, and the clock decides to the microsecond.
#[test]
fn a_rest_ends_when_its_time_is_over_and_not_before() {
    for row in BUSINESSES.iter().filter(|row| row.leg(Leg::One).is_some_and(|leg| leg.rest.is_some())) {
        let mut life = Life::begin(row);
        life.take(Event::LegDeferred(Leg::One));
        assert_eq!((life.payment.phase, life.payment.status), (Phase::Waiting, TrxStatus::InProcess), "{}", row.name);
        assert_eq!(
            life.effects.as_slice(),
            [Effect::ReplyInProcess, Effect::ArmDue(START_US + REST_US)],
            "{}",
            row.name
        );
        let early = transition(&life.payment, Event::Due, START_US + REST_US - 1, &resting());
        assert_eq!(early, Outcome::Unchanged { reason: Reason::NotDue, effects: Effects::NONE }, "{}", row.name);
        assert!(matches!(
            transition(&life.payment, Event::Due, START_US + REST_US, &resting()),
            Outcome::Changed { .. }
        ));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever happens to a transaction of whatever business, in any order: a final state stays, what is open has a timer, what is
    /// recorded can be read, and time alone brings it to an end.
    #[test]
    fn any_life_of_any_business(
        row in prop::sample::select(BUSINESSES.iter().collect::<Vec<_>>()),
        events in prop::collection::vec((any_event(), 0_u64..60), 0..60),
    ) {
        let mut payment = Life::begin(row).payment;
        let mut now_us = START_US;
        let silence = std::iter::repeat_n((Event::Due, REST_US), 40);
        for (event, wait_us) in events.into_iter().chain(silence) {
            now_us += wait_us;
            let Outcome::Changed { next, effects } = transition(&payment, event, now_us, &resting()) else { continue };
            prop_assert_eq!(next.step, payment.step + 1);
            prop_assert_eq!(Payment::from_bytes(&next.to_bytes()), Ok(next));
            if payment.is_final() {
                prop_assert_eq!((next.status, next.code, next.finished_at_us), (payment.status, payment.code, payment.finished_at_us));
            }
            prop_assert!(next.is_final() || next.due_at_us != 0);
            let ends_rest = payment.phase == Phase::Waiting && next.phase != Phase::Waiting;
            let batch_of_now = BatchId::at(BeijingTime::from_unix_micros(now_us)).as_u32();
            prop_assert_eq!(next.batch, if ends_rest { batch_of_now } else { payment.batch });
            prop_assert!(next.refunded_fen <= next.amount_fen);
            let moved = matches!(event, Event::LegMoved(Leg::One, _));
            let moves_twice = row.moves_money && !moved && effects.contains(Effect::SendLeg(Leg::One));
            prop_assert!(!moves_twice, "a debit is never sent again");
            payment = next;
        }
        prop_assert!(payment.is_final(), "{:?}", payment);
        prop_assert!(!payment.is_unfinished(), "notices end");
    }
}
