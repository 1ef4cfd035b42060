//! What happens in which order, case by case.

use super::*;
use crate::books::settlement::{SessionEntry, sessions_of_day};
use crate::domain::clearing::SessionName;

fn session(world: &World, name: &str) -> Option<SessionEntry> {
    let name: SessionName = name.parse().expect("a session");
    let found = sessions_of_day(&world.registers, name.day).expect("readable");
    found.into_iter().find(|(one, _)| *one == name).map(|(_, kept)| kept.content)
}

#[test]
fn a_session_is_netted_collected_and_paid_out() {
    let world = World::new();
    let mut settlement = world.open();
    world.sealed("B202611190016", [-500, 300, 200]);
    world.sealed("B202611200003", [100, -100, 0]);
    world.sealed("D202611200003", [0, 50, -50]);
    assert!(world.turn(&mut settlement, "2026-11-20T08:59:59").is_nothing());
    assert_eq!(world.turn(&mut settlement, "2026-11-20T09:00:00").sessions, 1);
    let held = session(&world, "202611200900").expect("held");
    assert_eq!(held.batches.len(), 3);
    assert_eq!((held.orders, held.moved_fen, held.is_ordered), (3, 400, true));
    // Bank 0 pays 400; banks 1 and 2 get 250 and 150 when that is there.
    assert_eq!(world.out(), ["2026112010000001.xml"]);
    assert_eq!([1, 2].map(|bank| world.state(&format!("20261120100{bank:03}"))), [OrderState::Waiting; 2]);
    assert!(world.turn(&mut settlement, "2026-11-20T09:00:01").is_nothing());
    world.answer("a.xml", "2026112010000001", "PR03");
    world.turn(&mut settlement, "2026-11-20T09:01:00");
    assert_eq!(world.state("20261120100000"), OrderState::Sent, "it is on its way");
    world.answer("b.xml", "2026112010000001", "PR04");
    world.turn(&mut settlement, "2026-11-20T09:02:00");
    assert_eq!(world.out(), ["2026112010000101.xml", "2026112010000201.xml"]);
    for bank in [1, 2] {
        world.answer(&format!("{bank}.xml"), &format!("202611201000{bank:02}01"), "PR04");
    }
    let last = world.turn(&mut settlement, "2026-11-20T09:03:00");
    assert_eq!(last.answers, 2);
    assert!(settlement.live.is_empty() && world.out().is_empty() && world.cases().is_empty());
    assert!(world.turn(&mut settlement, "2026-11-20T14:59:59").is_nothing());
}

#[test]
fn a_session_waits_for_a_batch_and_then_goes_without_it() {
    let world = World::new();
    let mut settlement = world.open();
    world.sealed("B202611200002", [-5, 5, 0]);
    world.batch("B202611200003", BatchPhase::Stopped, [-7, 0, 7]);
    world.awaited.borrow_mut().insert(batch("D202611200004"));
    assert_eq!(world.turn(&mut settlement, "2026-11-20T09:29:59").sessions, 0);
    assert_eq!(world.turn(&mut settlement, "2026-11-20T09:30:00").sessions, 1);
    let held = session(&world, "202611200900").expect("held");
    assert_eq!(held.batches, [batch("B202611200002")]);
    assert_eq!(held.left_out, [batch("B202611200003"), batch("D202611200004")]);
    let late = world.cases();
    assert!(late.len() == 2 && late.iter().all(|(kind, _)| *kind == CaseKind::LateBatch), "{late:?}");
    world.sealed("B202611200003", [-7, 0, 7]);
    world.awaited.borrow_mut().clear();
    world.sealed("B202611200012", [1, 0, -1]);
    assert_eq!(world.turn(&mut settlement, "2026-11-20T15:00:00").sessions, 1);
    let held = session(&world, "202611201500").expect("held");
    assert_eq!(held.batches, [batch("B202611200003"), batch("B202611200012")]);
    assert!(held.left_out.is_empty());
    assert_eq!(world.order("20261120200002").net_fen, 6);
}

#[test]
fn what_a_missed_session_should_have_held_goes_into_the_next() {
    let world = World::new();
    world.sealed("B202611190003", [-5, 5, 0]);
    let mut settlement = world.open();
    world.turn(&mut settlement, "2026-11-19T09:00:00");
    world.sealed("B202611190010", [-1, 1, 0]);
    world.sealed("B202611200001", [-2, 2, 0]);
    world.sealed("B202611200010", [-4, 4, 0]);
    // The node was away from Thursday 09:00 on; on Friday after the close there is nothing to hold any more.
    let mut settlement = world.open();
    assert_eq!(world.turn(&mut settlement, "2026-11-20T17:00:00").sessions, 0);
    assert_eq!(world.turn(&mut settlement, "2026-11-23T09:00:00").sessions, 1);
    assert_eq!(session(&world, "202611230900").expect("held").batches.len(), 3);
    assert_eq!(world.order("20261123100000").net_fen, -7);
    assert_eq!(world.cases(), [(CaseKind::Failure, "session 202611201500".to_owned())]);
}

#[test]
fn the_books_may_begin_at_any_hour_and_a_window_may_be_empty() {
    let world = World::new();
    let mut settlement = world.open();
    assert!(world.turn(&mut settlement, "2026-11-20T09:10:00").is_nothing());
    world.sealed("B202611200010", [0, 0, 0]);
    assert!(world.turn(&mut settlement, "2026-11-20T10:10:00").is_nothing(), "it belongs to the afternoon");
    assert_eq!(world.turn(&mut settlement, "2026-11-20T15:00:00").sessions, 1);
    assert_eq!(session(&world, "202611201500").expect("held").orders, 0);
    assert_eq!(world.turn(&mut settlement, "2026-11-23T09:00:00").sessions, 1);
    assert!(session(&world, "202611230900").expect("held").batches.is_empty());
}

#[test]
fn a_refused_order_is_made_again_under_another_msg_id() {
    let world = World::new();
    world.sealed("B202611200003", [-5, 5, 0]);
    let mut settlement = world.open();
    world.turn(&mut settlement, "2026-11-20T09:00:00");
    world.answer("a.xml", "2026112010000001", "PR09");
    world.turn(&mut settlement, "2026-11-20T09:01:00");
    assert_eq!(world.state("20261120100000"), OrderState::Rejected);
    assert_eq!(world.cases(), [(CaseKind::OrderRejected, "order 20261120100000".to_owned())]);
    assert!(world.out().is_empty());
    assert!(world.turn(&mut settlement, "2026-11-20T09:10:59").is_nothing());
    world.turn(&mut settlement, "2026-11-20T09:11:00");
    assert_eq!(world.out(), ["2026112010000002.xml"]);
    // The refusal of the first attempt once more, late.
    world.answer("b.xml", "2026112010000001", "PR09");
    world.turn(&mut settlement, "2026-11-20T09:12:00");
    assert_eq!((world.state("20261120100000"), world.cases().len()), (OrderState::Sent, 1));
    world.answer("c.xml", "2026112010000002", "PR04");
    world.turn(&mut settlement, "2026-11-20T09:13:00");
    let order = world.order("20261120100000");
    assert_eq!((order.state, order.attempt, order.earlier.len()), (OrderState::Acknowledged, 2, 1));
    assert_eq!(world.state("20261120100001"), OrderState::Sent, "now it pays out");
}

#[test]
fn what_is_not_answered_is_sent_again_as_it_was() {
    let world = World::new();
    world.sealed("B202611200003", [-5, 5, 0]);
    let mut settlement = world.open();
    world.turn(&mut settlement, "2026-11-20T09:00:00");
    let out = world.dir().join("settlement/out");
    let first = files(&out);
    for (minute, writings, is_overdue) in [(9, 1, false), (10, 2, false), (20, 3, false), (30, 4, false), (40, 4, true)]
    {
        fs::remove_dir_all(&out).ok();
        world.turn(&mut settlement, &format!("2026-11-20T09:{minute}:00").replace(":9:", ":09:"));
        let order = world.order("20261120100000");
        assert_eq!((order.writings, order.is_overdue), (writings, is_overdue), "09:{minute}");
        let written = files(&out);
        assert!(written.is_empty() || written == first);
    }
    assert_eq!(world.cases(), [(CaseKind::OrderUnanswered, "order 20261120100000".to_owned())]);
    assert_eq!(world.judge(&mut settlement, "20261120100000", Judgement::Resend), Ok(()));
    assert_eq!(files(&out), first);
    assert_eq!(world.judge(&mut settlement, "20261120100000", Judgement::Remake), Err(Refused::State("sent")));
    assert_eq!(world.judge(&mut settlement, "20261120100000", Judgement::Moved), Ok(()));
    assert_eq!(
        world.judge(&mut settlement, "20261120100000", Judgement::NotMoved),
        Err(Refused::State("acknowledged"))
    );
    assert_eq!(world.judge(&mut settlement, "20261120100002", Judgement::Moved), Err(Refused::Unknown));
    let order = world.order("20261120100000");
    assert_eq!(order.answer.map(|word| (word.by, word.code)), Some(("li".to_owned(), "acknowledge".to_owned())));
}

#[test]
fn a_word_against_an_earlier_word_stops_the_order_until_a_person_judges() {
    let world = World::new();
    world.sealed("B202611200003", [-5, 5, 0]);
    let mut settlement = world.open();
    world.turn(&mut settlement, "2026-11-20T09:00:00");
    world.answer("a.xml", "2026112010000001", "PR09");
    world.turn(&mut settlement, "2026-11-20T09:01:00");
    world.turn(&mut settlement, "2026-11-20T09:11:00");
    assert_eq!(world.out(), ["2026112010000002.xml"]);
    world.answer("b.xml", "2026112010000001", "PR04");
    world.turn(&mut settlement, "2026-11-20T09:12:00");
    assert_eq!(world.state("20261120100000"), OrderState::Contested);
    assert!(world.out().is_empty(), "the second attempt is taken back if nobody has taken it");
    assert!(world.cases().contains(&(CaseKind::BadAnswer, "order 2026112010000001".to_owned())));
    assert!(world.turn(&mut settlement, "2026-11-20T12:00:00").is_nothing());
    assert_eq!(world.judge(&mut settlement, "20261120100000", Judgement::Moved), Ok(()));
    world.turn(&mut settlement, "2026-11-20T12:01:00");
    assert_eq!(world.out(), ["2026112010000101.xml"]);
    // Against an acknowledged order nothing changes but that somebody should look.
    world.answer("c.xml", "2026112010000002", "PR09");
    world.turn(&mut settlement, "2026-11-20T12:02:00");
    assert_eq!(world.state("20261120100000"), OrderState::Acknowledged);
    assert!(world.cases().contains(&(CaseKind::BadAnswer, "order 2026112010000002".to_owned())));
}

#[test]
fn bad_answers_are_put_aside_with_a_case() {
    let world = World::new();
    world.sealed("B202611200003", [-5, 5, 0]);
    let mut settlement = world.open();
    world.turn(&mut settlement, "2026-11-20T09:00:00");
    let folder = world.dir().join("settlement/in");
    fs::create_dir_all(folder.join("folder.xml")).expect("a folder");
    fs::write(folder.join("half.xml.part"), "<Doc").expect("written");
    fs::write(folder.join("a.xml"), "no xml").expect("written");
    fs::write(folder.join("b.xml"), vec![b' '; 70_000]).expect("written");
    world.answer("c.xml", "2026112010000201", "PR04");
    world.answer("d.xml", "2026112010000002", "PR04");
    world.answer("e.xml", "2026112010000101", "PR04");
    assert_eq!(world.turn(&mut settlement, "2026-11-20T09:01:00").answers, 5);
    let left: Vec<String> = files(&folder).into_keys().collect();
    let refused = ["a", "b", "c", "d"].map(|name| format!("refused/20261120/{name}.xml"));
    assert_eq!(left, [&["done/20261120/e.xml".to_owned(), "half.xml.part".to_owned()], &refused[..]].concat());
    assert_eq!(world.state("20261120100000"), OrderState::Sent, "no answer was about its attempt");
    assert_eq!(world.state("20261120100001"), OrderState::Waiting, "acknowledged before it was sent");
    assert_eq!(world.cases().len(), 5);
}

#[test]
fn interest_runs_over_a_holiday_and_the_banks_are_told() {
    let world = World::new();
    // Tuesday evening before the National Day holiday of 2025 (1 to 8 October), and the day after it.
    world.sealed("B202509300016", [-100_000_000, 99_999_999, 1]);
    world.sealed("B202510090010", [5, -5, 0]);
    let mut settlement = world.open();
    assert!(world.turn(&mut settlement, "2025-10-01T09:00:00").is_nothing());
    assert_eq!(world.turn(&mut settlement, "2025-10-09T09:00:00").sessions, 1);
    assert_eq!(world.turn(&mut settlement, "2025-10-09T15:00:00").sessions, 1);
    assert!(world.turn(&mut settlement, "2025-10-09T18:59:59").notices == 0);
    assert_eq!(world.turn(&mut settlement, "2025-10-09T19:00:00").notices, 1);
    assert!(world.turn(&mut settlement, "2025-10-09T19:00:01").is_nothing());
    // 100,000,000 fen for nine days at 0.35 %: 8,750 fen.
    assert_eq!(world.order("20251009300000").net_fen, -8_750);
    assert_eq!(world.state("20251009300000"), OrderState::Made, "the large-value system is closed");
    let told = files(&world.dir().join("statements/C1000000000001/20251009/clearing"));
    let text = |name: &str| String::from_utf8(told[name].clone()).expect("text");
    let clearing = text("C1000000000001_20251009_CLR.txt");
    let (lines, trailer) = clearing.trim_end().rsplit_once('\n').expect("a trailer");
    let head = "CLEARING|1|C1000000000001|20251009\nB|202510090900|B202509300016|-100000000\n";
    assert_eq!(
        lines,
        format!(
            "{head}S|202510090900|1|-100000000|20251009100000\nB|202510091500|B202510090010|5\nS|202510091500|1|5|20251009200000\n\
             I|20251009|-8750|20251009300000"
        )
    );
    assert!(trailer.starts_with("END|5|-99999995|sha256:"), "{trailer}");
    let interest = text("C1000000000001_20251009_INT.txt");
    assert!(interest.contains("\nA|202510090900|B202509300016|-100000000|9|-900000000\n"), "{interest}");
    assert!(interest.contains("\nI|-900000000|3500|360|-8750\nEND|3|-8750|sha256:"), "{interest}");
    let all = fs::read_to_string(world.dir().join("interest/20251009.txt")).expect("the switch's file");
    assert!(all.contains("\nI|C1000000000002|8750|20251009300001\nR|0\nEND|3|0|"), "{all}");
    world.turn(&mut settlement, "2025-10-10T09:00:00");
    assert!(world.out().contains(&"2025100930000001.xml".to_owned()));
}

#[test]
fn days_that_were_slept_through_are_told_one_by_one() {
    let world = World::new();
    world.sealed("B202611200003", [-5, 5, 0]);
    let mut settlement = world.open();
    world.turn(&mut settlement, "2026-11-20T09:00:00");
    let mut settlement = world.open();
    let told: Vec<usize> = (0..4).map(|_| world.turn(&mut settlement, "2026-11-24T20:00:00").notices).collect();
    assert_eq!(told, [1, 1, 1, 0], "Friday, Monday, Tuesday");
    assert!(files(&world.dir().join("interest")).contains_key("20261123.txt"));
}

#[test]
fn what_a_crash_left_is_swept() {
    let world = World::new();
    world.sealed("B202611200003", [-5, 5, 0]);
    let mut settlement = world.open();
    world.turn(&mut settlement, "2026-11-20T09:00:00");
    let out = world.dir().join("settlement/out");
    for name in ["2026112010000001.xml.writing", "2026111910000001.xml", "2026112010000002.xml", "somebody.else"] {
        fs::write(out.join(name), "x").expect("written");
    }
    let mut settlement = world.open();
    world.turn(&mut settlement, "2026-11-20T09:00:01");
    assert_eq!(world.out(), ["2026112010000001.xml", "somebody.else"]);
}

#[test]
fn what_fails_keeps_nothing_else_from_being_done() {
    let world = World::new();
    world.sealed("B202611200003", [-5, 5, 0]);
    let mut settlement = world.open();
    // A file where a folder should be: no answer can be put aside.
    let folder = world.dir().join("settlement/in");
    world.answer("a.xml", "2026112010000001", "PR04");
    fs::write(folder.join("refused"), "x").expect("written");
    fs::write(folder.join("0.xml"), "x").expect("written");
    world.now_us.set(at("2026-11-20T09:00:00"));
    let turn = |desk: &Desk<'_>| settlement.turn(desk, &world.terms(), &world, world.now_us.get());
    assert!(world.with_desk(&NoSteps, turn).is_err());
    assert_eq!(world.out(), ["2026112010000001.xml"]);
    fs::remove_file(folder.join("refused")).expect("removed");
    assert_eq!(world.turn(&mut settlement, "2026-11-20T09:01:00").answers, 2);
    assert_eq!(world.state("20261120100000"), OrderState::Acknowledged);
}
