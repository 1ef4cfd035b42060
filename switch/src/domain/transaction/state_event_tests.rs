//! Every state x every event, as one grid (business.md section 1, points 2 to 7).

use clearway_codec::value::TrxStatus;

use super::samples::{AMOUNT_FEN, START_US, acceptance, after, changed, payment, refund, succeeded, timing};
use super::*;
use crate::domain::business::Business;

const NO: [u8; 8] = *b"PB520011";

/// Columns: how each state is reached, after acceptance. `'` = leg 2 was sent again, `*` = the last query is out.
///
/// Cells, for a change:
/// `leg2` leg 2 goes out | `move1` `move2` the leg goes out again, over channel 2 | `1?` `2?` the leg is unknown, wait for the first query | `q` query | `00` `01` final, the
/// institution is told | `01u` and the bank of leg 1 is to undo | `03` `04` presumed, banks told, case | `told` the
/// institution is told 02 | `gone` its exchange is gone | `tell` it is told by notice | `note` notices again |
/// `seen` one party fewer is owed | `+` reserve | `-` release
///
/// for none: `.` irrelevant | `=` duplicate | `early` not due | `no` refused |
/// `case` late, listed | `CASE` contradicts what is settled, listed
const GRID: &str = "
 event            1S    1U    1U*   2S    2S'   2U    2U'   2U*   00    01one 01two 03    04
 one-yes          leg2  leg2  leg2  =     =     =     =     =     case  CASE  case  case  CASE
 one-no           01    01    01    CASE  CASE  CASE  CASE  CASE  CASE  case  CASE  CASE  case
 one-unknown      1?    =     =     .     .     .     .     .     .     .     .     .     .
 one-deferred     1?    =     =     =     =     =     =     =     =     =     =     =     =
 one-not-sent     01    01    01    .     .     .     .     .     .     .     .     .     .
 one-moved        move1 .     .     .     .     .     .     .     .     .     .     .     .
 one-moved-same   =     .     .     .     .     .     .     .     .     .     .     .     .
 one-q-yes        .     leg2  leg2  =     =     =     =     =     =     CASE  =     case  CASE
 one-q-no         .     01    01    CASE  CASE  CASE  CASE  CASE  CASE  =     CASE  CASE  case
 one-q-none       .     01u   01u   CASE  CASE  CASE  CASE  CASE  CASE  =     CASE  CASE  case
 one-q-silent     .     .     .     .     .     .     .     .     .     .     .     .     .
 two-yes          .     .     .     00    00    00    00    00    case  .     CASE  case  .
 two-no           .     .     .     01u   01u   01u   01u   01u   CASE  .     case  CASE  .
 two-unknown      .     .     .     2?    2?    =     =     =     .     .     .     .     .
 two-deferred     .     .     .     .     .     .     .     .     .     .     .     .     .
 two-not-sent     .     .     .     2?    2?    =     =     =     .     .     .     .     .
 two-moved        .     .     .     move2 move2 .     .     .     .     .     .     .     .
 two-moved-same   .     .     .     =     =     .     .     .     .     .     .     .     .
 two-q-yes        .     .     .     .     .     00    00    00    =     .     CASE  case  .
 two-q-no         .     .     .     .     .     01u   01u   01u   CASE  .     =     CASE  .
 two-q-none       .     .     .     .     .     leg2  =     leg2  CASE  .     =     CASE  .
 two-q-silent     .     .     .     .     .     .     .     .     .     .     .     .     .
 too-early        early early early early early early early early early early early early early
 due              1?    q     04    2?    2?    q     q     03    note  note  note  note  note
 receipt-due      told  told  told  told  told  told  told  told  .     .     .     .     .
 receipt-seen     .     .     .     .     .     .     .     .     seen  seen  seen  seen  seen
 receipt-lost     gone  gone  gone  gone  gone  gone  gone  gone  tell  tell  tell  tell  tell
 ack-institution  .     .     .     .     .     .     .     .     seen  seen  seen  seen  seen
 ack-bank1        .     .     .     .     .     .     .     .     =     =     seen  seen  seen
 ack-bank2        .     .     .     .     .     .     .     .     =     =     =     seen  =
 closed           .     .     .     .     .     .     .     .     .     .     .     .     .
 reserve          no    no    no    no    no    no    no    no    +     no    no    +     no
 release          .     .     .     .     .     .     .     .     -     .     .     -     .
";

fn state(name: &str) -> Payment {
    use Event::*;
    use Leg::{One, Two};
    let unknown = |leg| LegUnknown(leg, UnknownCause::TimedOut);
    let (one, two, none) = (LegSucceeded(One), LegSucceeded(Two), QueryNoSuchTransaction(Two));
    let part = RefundReserved(5);
    let events: &[Event] = match name {
        "1S" => &[],
        "1U" => &[unknown(One)],
        "1U*" => &[unknown(One), Due, Due],
        "2S" => &[one],
        "2S'" => &[one, unknown(Two), none],
        "2U" => &[one, unknown(Two)],
        "2U'" => &[one, unknown(Two), none, unknown(Two)],
        "2U*" => &[one, unknown(Two), Due, Due],
        "00" => &[one, two, part],
        "01one" => &[LegRefused(One, NO)],
        "01two" => &[one, LegRefused(Two, NO)],
        "03" => &[one, unknown(Two), Due, Due, Due, part],
        "04" => &[unknown(One), Due, Due, Due],
        other => panic!("unknown column {other}"),
    };
    after(payment(1), events)
}

fn event(name: &str) -> Event {
    use Event::*;
    let (leg, rest) = match name.split_once('-') {
        Some(("one", rest)) => (Leg::One, rest),
        Some(("two", rest)) => (Leg::Two, rest),
        _ => (Leg::One, name),
    };
    match rest {
        "yes" => LegSucceeded(leg),
        "no" => LegRefused(leg, NO),
        "deferred" => LegDeferred(leg),
        "closed" => Closed,
        "unknown" => LegUnknown(leg, UnknownCause::Broken),
        "not-sent" => LegNotSent(leg),
        "moved" => LegMoved(leg, 2),
        "moved-same" => LegMoved(leg, 0),
        "q-yes" => QuerySucceeded(leg),
        "q-no" => QueryRefused(leg, NO),
        "q-none" => QueryNoSuchTransaction(leg),
        "q-silent" => QueryUnanswered(leg),
        "due" | "too-early" => Due,
        "receipt-due" => ReceiptDue,
        "receipt-seen" => ReceiptDelivered,
        "receipt-lost" => ReceiptLost,
        "ack-institution" => NoticeAcknowledged(Party::Institution),
        "ack-bank1" => NoticeAcknowledged(Party::Bank1),
        "ack-bank2" => NoticeAcknowledged(Party::Bank2),
        "reserve" => RefundReserved(5),
        "release" => RefundReleased(5),
        other => panic!("unknown row {other}"),
    }
}

/// What a cell of the grid says in full.
struct Expected {
    phase: Phase,
    status: TrxStatus,
    /// Microseconds from the event until it is due again; `None` when that stays as it is.
    due_in_us: Option<u64>,
    effects: Vec<Effect>,
}

fn expected(cell: &str, before: &Payment, now_us: u64) -> Result<Expected, (Reason, Vec<Effect>)> {
    use Effect::*;
    let open_leg = before.phase.open_leg();
    let arm = |in_us: u64| ArmDue(now_us + in_us);
    let wait_of_query = |queries: u8| [10, 20].get(usize::from(queries)).copied();
    let same = |effects| Ok(Expected { phase: before.phase, status: before.status, due_in_us: None, effects });
    let moved =
        |phase, in_us, effects| Ok(Expected { phase, status: TrxStatus::InProcess, due_in_us: Some(in_us), effects });
    let ended = |status, mut effects: Vec<Effect>| {
        effects.push(arm(20));
        Ok(Expected { phase: Phase::Final, status, due_in_us: Some(20), effects })
    };
    let none = |reason, effects| Err((reason, effects));
    match cell {
        "leg2" => moved(Phase::Leg2Sent, 50, vec![SendLeg(Leg::Two), arm(50)]),
        "move1" => moved(Phase::Leg1Sent, 80, vec![SendLeg(Leg::One), arm(80)]),
        "move2" => moved(Phase::Leg2Sent, 50, vec![SendLeg(Leg::Two), arm(50)]),
        "1?" => moved(Phase::Leg1Unknown, 10, vec![arm(10)]),
        "2?" => moved(Phase::Leg2Unknown, 10, vec![arm(10)]),
        "q" => {
            let leg = open_leg.expect("a leg is open");
            let wait = wait_of_query(before.queries + 1).expect("not the last");
            moved(before.phase, wait, vec![SendQuery(leg), arm(wait)])
        }
        "00" => ended(TrxStatus::Success, vec![ReplyFinal]),
        "01" => ended(TrxStatus::Failure, vec![ReplyFinal]),
        "01u" => ended(TrxStatus::Failure, vec![ReplyFinal, Notify(Party::Bank1)]),
        "03" => {
            let told = vec![ReplyFinal, Notify(Party::Bank1), Notify(Party::Bank2), OpenCase(CaseKind::Presumed03)];
            ended(TrxStatus::PresumedSuccess, told)
        }
        "04" => {
            ended(TrxStatus::PresumedFailure, vec![ReplyFinal, Notify(Party::Bank1), OpenCase(CaseKind::Presumed04)])
        }
        "told" => same(vec![ReplyInProcess]),
        "gone" | "seen" | "+" | "-" => same(vec![]),
        "tell" => same(vec![Notify(Party::Institution)]),
        "note" => {
            let mut effects: Vec<_> = before.owed.iter().map(Notify).collect();
            effects.push(arm(40));
            Ok(Expected { phase: Phase::Final, status: before.status, due_in_us: Some(40), effects })
        }
        "." => none(Reason::Irrelevant, vec![]),
        "=" => none(Reason::Duplicate, vec![]),
        "early" => none(Reason::NotDue, vec![]),
        "no" => none(Reason::Refused, vec![]),
        "case" => none(Reason::Late, vec![OpenCase(CaseKind::LateAnswer)]),
        "CASE" => none(Reason::Late, vec![OpenCase(CaseKind::LateAnswerContradicts)]),
        other => panic!("unknown cell {other}"),
    }
}

#[test]
fn every_state_and_event_has_the_cell_of_the_grid() {
    let mut rows = GRID.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).filter(|row| !row.is_empty());
    let columns = rows.next().expect("a heading");
    let mut cells = 0;
    for row in rows {
        assert_eq!(row.len(), columns.len(), "row {}", row[0]);
        for (column, cell) in columns.iter().zip(&row).skip(1) {
            let before = state(column);
            let now_us = if row[0] == "too-early" { before.due_at_us - 1 } else { before.due_at_us };
            let place = format!("{} in {column} = {cell}", row[0]);
            check_cell(&before, event(row[0]), now_us, cell, &place);
            cells += 1;
        }
    }
    assert_eq!(cells, 13 * 33, "the grid is whole");
}

fn check_cell(before: &Payment, event: Event, now_us: u64, cell: &str, place: &str) {
    match (transition(before, event, now_us, &timing()), expected(cell, before, now_us)) {
        (Outcome::Changed { next, effects }, Ok(expected)) => {
            assert_eq!((next.phase, next.status), (expected.phase, expected.status), "{place}");
            assert_eq!(effects.as_slice(), expected.effects, "{place}");
            assert_eq!(next.step, before.step + 1, "{place}");
            let due_at_us = expected.due_in_us.map(|wait| now_us + wait);
            let unowed = next.is_final() && next.owed.is_empty();
            assert_eq!(next.due_at_us, due_at_us.unwrap_or(if unowed { 0 } else { before.due_at_us }), "{place}");
            check_what_never_changes(before, &next, place);
            let moved = |leg| if event == Event::LegMoved(leg, 2) { 2 } else { before.way(leg) };
            assert_eq!(next.ways, Leg::ALL.map(moved), "{place}");
        }
        (Outcome::Unchanged { reason, effects }, Err((expected_reason, expected_effects))) => {
            assert_eq!((reason, effects.as_slice()), (expected_reason, expected_effects.as_slice()), "{place}");
        }
        (outcome, Ok(expected)) => panic!("{place}: {outcome:?} instead of {:?}", expected.phase),
        (outcome, Err(expected)) => panic!("{place}: {outcome:?} instead of {expected:?}"),
    }
}

fn check_what_never_changes(before: &Payment, next: &Payment, place: &str) {
    let fixed = |payment: &Payment| {
        let Payment {
            trx_id, original, digest, amount_fen, accepted_at_us, batch, institution, banks, business, ..
        } = *payment;
        (trx_id, original, digest, amount_fen, accepted_at_us, batch, institution, banks, business)
    };
    assert_eq!(fixed(before), fixed(next), "{place}");
}

/// The grid's columns are every phase, and its rows every kind of event on every leg and party.
#[test]
fn the_grid_has_every_phase_and_every_event() {
    let mut lines = GRID.lines().filter(|line| !line.trim().is_empty());
    let heading = lines.next().expect("a heading");
    let phases: Vec<_> = heading.split_whitespace().skip(1).map(|name| state(name).phase).collect();
    // What rests has a table of its own, by business.
    assert!(Phase::ALL.iter().all(|phase| phases.contains(phase) || *phase == Phase::Waiting));
    let statuses: Vec<_> = heading.split_whitespace().skip(1).map(|name| state(name).status).collect();
    assert!(TrxStatus::ALL.iter().all(|status| statuses.contains(status)));
    let rows: Vec<_> = lines.filter_map(|line| line.split_whitespace().next().map(event)).collect();
    let legs = Leg::ALL.into_iter().flat_map(|leg| {
        use Event::*;
        [
            LegSucceeded(leg),
            LegRefused(leg, NO),
            LegUnknown(leg, UnknownCause::Broken),
            LegNotSent(leg),
            LegMoved(leg, 2),
            LegDeferred(leg),
            QuerySucceeded(leg),
            QueryRefused(leg, NO),
            QueryNoSuchTransaction(leg),
            QueryUnanswered(leg),
        ]
    });
    let parties = Party::ALL.map(Event::NoticeAcknowledged);
    let others = [Event::Closed, Event::Due, Event::ReceiptDue, Event::ReceiptDelivered, Event::ReceiptLost];
    let refunds = [Event::RefundReserved(5), Event::RefundReleased(5)];
    for wanted in legs.chain(parties).chain(others).chain(refunds) {
        // No wildcard: a new event must be put into the grid.
        match wanted {
            Event::LegSucceeded(_) | Event::LegRefused(..) | Event::LegUnknown(..) | Event::LegNotSent(_) => {}
            Event::LegMoved(..) => {}
            Event::QuerySucceeded(_) | Event::QueryRefused(..) | Event::QueryNoSuchTransaction(_) => {}
            Event::QueryUnanswered(_) | Event::Due | Event::ReceiptDue | Event::ReceiptDelivered => {}
            Event::ReceiptLost | Event::NoticeAcknowledged(_) | Event::LegDeferred(_) | Event::Closed => {}
            Event::RefundReserved(_) | Event::RefundReleased(_) => {}
        }
        assert!(rows.contains(&wanted), "{wanted:?}");
    }
}

#[test]
fn a_cause_of_not_knowing_makes_no_difference() {
    for cause in UnknownCause::ALL {
        let (next, _) = changed(&payment(1), Event::LegUnknown(Leg::One, cause));
        assert_eq!(next, changed(&payment(1), Event::LegUnknown(Leg::One, UnknownCause::TimedOut)).0);
    }
}

/// The way of a leg is kept, counted or not, and a way of a leg that is not there is refused.
#[test]
fn ways_and_what_counts_them_are_kept() {
    let moved = after(payment(1), &[Event::LegMoved(Leg::One, 255), Event::LegSucceeded(Leg::One)]);
    let moved = after(moved, &[Event::LegMoved(Leg::Two, 7)]).with_counted(Leg::Two, true);
    assert_eq!((moved.ways, moved.is_counted(Leg::One), moved.is_counted(Leg::Two)), ([255, 7], false, true));
    assert_eq!(moved.to_bytes()[134..136], [255, 7]);
    assert_eq!(Payment::from_bytes(&moved.to_bytes()), Ok(moved));
    assert_eq!(moved.with_counted(Leg::One, true).with_counted(Leg::One, false), moved);
    let signing = Acceptance { business: Business::Signing, amount_fen: 0, ways: [3, 0], ..acceptance(1) };
    let signing = Payment::accept(&signing, START_US, &timing()).0;
    assert_eq!(Payment::from_bytes(&signing.to_bytes()), Ok(signing));
    let impossible = Payment { ways: [0, 3], ..signing };
    assert_eq!(Payment::from_bytes(&impossible.to_bytes()), Err(Corrupt("ways of this business")));
}

#[test]
fn acceptance_sends_leg_1_and_arms_both_timers() {
    let (payment, effects) = Payment::accept(&acceptance(1), START_US, &timing());
    let expected = [Effect::SendLeg(Leg::One), Effect::ArmDue(START_US + 80), Effect::ArmReceiptDue(START_US + 200)];
    assert_eq!(effects.as_slice(), expected);
    assert_eq!((payment.phase, payment.status, payment.step), (Phase::Leg1Sent, TrxStatus::InProcess, 1));
    assert_eq!((payment.due_at_us, payment.amount_fen, payment.refunded_fen), (START_US + 80, AMOUNT_FEN, 0));
}

/// The code that decided, and whose it is: the bank's own, or that of the rule.
#[test]
fn the_deciding_code_is_kept() {
    let rows: [(&str, &[u8; 8]); 5] =
        [("00", b"00000000"), ("01one", &NO), ("01two", &NO), ("03", b"RS600031"), ("04", b"PS500031")];
    for (name, code) in rows {
        assert_eq!(state(name).outcome().as_bytes(), code, "{name}");
    }
    let none = after(state("1U"), &[Event::QueryNoSuchTransaction(Leg::One)]);
    assert_eq!(none.outcome().as_bytes(), b"PB531001");
    assert_eq!(after(payment(1), &[Event::LegNotSent(Leg::One)]).outcome().as_bytes(), b"PS500030");
    assert_eq!(payment(1).outcome().as_bytes(), b"ES000033");
}

/// Point 5: once the institution was told 02, or its exchange is gone, the final state goes to it by notice, at once.
#[test]
fn without_an_exchange_the_institution_is_notified() {
    for lost in [Event::ReceiptDue, Event::ReceiptLost] {
        let told = after(payment(1), &[lost, Event::LegSucceeded(Leg::One)]);
        let (next, effects) = changed(&told, Event::LegSucceeded(Leg::Two));
        assert_eq!(effects.as_slice(), [Effect::Notify(Party::Institution), Effect::ArmDue(next.due_at_us)]);
        assert_eq!(next.owed, Parties::INSTITUTION);
        let again = transition(&told, lost, START_US, &timing());
        assert_eq!(again, Outcome::Unchanged { reason: Reason::Duplicate, effects: Effects::NONE }, "told once");
    }
}

/// Point 6: resent by the schedule, to whoever has not acknowledged, then left to the statement file.
#[test]
fn notices_are_resent_until_acknowledged_or_the_schedule_ends() {
    let mut payment = state("03");
    let mut log = Vec::new();
    while payment.due_at_us != 0 {
        let at_us = payment.due_at_us - payment.finished_at_us;
        let effects;
        (payment, effects) = changed(&payment, Event::Due);
        let told: Vec<_> = effects
            .iter()
            .filter_map(|effect| if let Effect::Notify(party) = effect { Some(*party) } else { None })
            .collect();
        log.push((at_us, told));
        if log.len() == 1 {
            payment = after(payment, &[Event::NoticeAcknowledged(Party::Bank1)]);
        }
    }
    let everyone = Party::ALL.to_vec();
    let rest = vec![Party::Institution, Party::Bank2];
    assert_eq!(log, [(20, everyone), (60, rest.clone()), (200, rest)]);
    assert!(payment.owed.contains(Party::Bank2), "still known not to have seen it");
    let late = after(payment, &[Event::NoticeAcknowledged(Party::Bank2), Event::ReceiptDelivered]);
    assert!(late.owed.is_empty());
}

/// When everybody has seen the final state there is nothing left to do.
#[test]
fn the_last_acknowledgement_stops_the_timer() {
    let seen = after(succeeded(1), &[Event::ReceiptDelivered]);
    assert_eq!((seen.due_at_us, seen.owed), (0, Parties::NONE));
    let due = transition(&seen, Event::Due, u64::MAX, &timing());
    assert_eq!(due, Outcome::Unchanged { reason: Reason::NotDue, effects: Effects::NONE });
}

/// A refund that ends without moving money gives its amount back, and only then.
#[test]
fn a_refund_releases_its_original_when_it_moves_no_money() {
    use Event::*;
    use Leg::{One, Two};
    let unknown = |leg| LegUnknown(leg, UnknownCause::TimedOut);
    let rows: [(&[Event], Event, bool); 7] = [
        (&[LegSucceeded(One)], LegSucceeded(Two), false),
        (&[LegSucceeded(One), unknown(Two), Due, Due], Due, false),
        (&[], LegRefused(One, NO), true),
        (&[], LegNotSent(One), true),
        (&[unknown(One)], QueryNoSuchTransaction(One), true),
        (&[LegSucceeded(One)], LegRefused(Two, NO), true),
        (&[unknown(One), Due, Due], Due, true),
    ];
    for (events, last, releases) in rows {
        let (next, effects) = changed(&after(refund(2, 1, 700), events), last);
        assert!(next.is_final());
        assert_eq!(effects.contains(Effect::ReleaseRefund), releases, "{last:?} -> {}", samples::wire(next.status));
        assert_ne!(next.moves_money(), releases);
    }
}

#[test]
fn a_refund_needs_an_original_that_it_fits() {
    use refund::reserve;
    let original = succeeded(1);
    let request = RefundRequest { amount_fen: 1, institution: 3, original_amount_fen: Some(AMOUNT_FEN) };
    let all = RefundRequest { amount_fen: AMOUNT_FEN, ..request };
    let is = |original: Option<&Payment>, request| {
        reserve(original, &request, START_US, &timing()).map(|next| next.refunded_fen)
    };
    let partly = reserve(Some(&original), &request, START_US, &timing()).expect("fits");
    let rows = [
        ("first part", is(Some(&original), request), Ok(1)),
        ("second part", is(Some(&partly), request), Ok(2)),
        ("the whole", is(Some(&original), all), Ok(AMOUNT_FEN)),
        ("a fen too much", is(Some(&partly), all), Err(RefundRefusal::ExceedsOriginal)),
        (
            "overflow",
            is(Some(&partly), RefundRequest { amount_fen: u64::MAX, ..request }),
            Err(RefundRefusal::ExceedsOriginal),
        ),
        (
            "nothing",
            is(Some(&original), RefundRequest { amount_fen: 0, ..request }),
            Err(RefundRefusal::ExceedsOriginal),
        ),
        ("no original", is(None, request), Err(RefundRefusal::OriginalUnknown)),
        (
            "another's",
            is(Some(&original), RefundRequest { institution: 4, ..request }),
            Err(RefundRefusal::OriginalUnknown),
        ),
        ("of a refund", is(Some(&refund(2, 1, 700)), request), Err(RefundRefusal::OriginalUnknown)),
        (
            "other amount",
            is(Some(&original), RefundRequest { original_amount_fen: Some(1), ..request }),
            Err(RefundRefusal::OriginalUnknown),
        ),
        ("in process", is(Some(&payment(1)), request), Err(RefundRefusal::OriginalNotSuccessful)),
        ("failed", is(Some(&state("01two")), request), Err(RefundRefusal::OriginalNotSuccessful)),
        ("presumed failure", is(Some(&state("04")), request), Err(RefundRefusal::OriginalNotSuccessful)),
        ("presumed success", is(Some(&after(payment(1), &presumed_success())), request), Ok(1)),
        (
            "changed too often",
            is(Some(&Payment { step: STEP_MAX, ..original }), request),
            Err(RefundRefusal::ExceedsOriginal),
        ),
    ];
    for (name, is, expected) in rows {
        assert_eq!(is, expected, "{name}");
    }
    let released = refund::release(&partly, &refund(2, 1, 1), START_US, &timing()).expect("was reserved");
    assert_eq!(released.refunded_fen, 0);
    assert_eq!(refund::release(&released, &refund(2, 1, 1), START_US, &timing()), None, "never below nothing");
}

fn presumed_success() -> [Event; 5] {
    use Event::*;
    [LegSucceeded(Leg::One), LegUnknown(Leg::Two, UnknownCause::TimedOut), Due, Due, Due]
}

/// Declined before anything was done: as final as any other end, kept, and owed to the institution until it has seen it.
#[test]
fn a_declined_payment_is_final_from_the_first_step() {
    let (declined, effects) = Payment::decline(&acceptance(1), NO, START_US, &timing());
    assert!(declined.is_final() && !declined.moves_money() && declined.is_unfinished());
    assert_eq!((declined.status, declined.step, declined.code), (TrxStatus::Failure, 1, NO));
    assert_eq!(effects.iter().next(), Some(&Effect::ReplyFinal));
    assert_eq!(Payment::from_bytes(&declined.to_bytes()), Ok(declined));
    let Outcome::Changed { next: seen, .. } = transition(&declined, Event::ReceiptDelivered, START_US + 1, &timing())
    else {
        panic!("the institution has seen it")
    };
    assert!(!seen.is_unfinished());
    let lost = transition(&declined, Event::ReceiptLost, START_US + 1, &timing());
    assert!(matches!(lost, Outcome::Changed { effects, .. } if effects.contains(Effect::Notify(Party::Institution))));
    let refund = Event::RefundReserved(1);
    assert!(matches!(
        transition(&declined, refund, START_US, &timing()),
        Outcome::Unchanged { reason: Reason::Refused, .. }
    ));
}
