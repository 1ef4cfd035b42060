//! The board: settings of the operator, before and after a restart, and what its page says.

use std::cell::RefCell;
use std::sync::Arc;

use clearway_codec::value::InstitutionId;

use super::*;
use crate::clock::Clock;
use crate::config::{LinkConfig, LinkRole, LinksSection, Participant, ParticipantKind, Participants};
use crate::domain::link::{LinkNumber, Observation, Takers};
use crate::error::{Error, Fault};
use crate::net::transport::Connector;
use crate::settings::{Refusal, Space};

const BANK: &str = "C1000111000015";

fn board(names: &[&str]) -> Arc<Board> {
    let link = |(place, name): (usize, &&str)| LinkConfig {
        name: (*name).to_owned(),
        role: if place == 0 { LinkRole::Active } else { LinkRole::Standby },
        ..LinkConfig::main("http://127.0.0.1:9/epcc".parse().unwrap())
    };
    let links: Vec<_> = names.iter().enumerate().map(link).collect();
    let endpoint = links[0].endpoint.clone();
    let mut bank = Participant::new(3, InstitutionId::parse(BANK.as_bytes()).unwrap(), ParticipantKind::Bank, endpoint);
    bank.links = links;
    let participants = Participants::new(vec![bank]).unwrap();
    Board::new(&participants, &LinksSection::default(), 2, &Clock::real(), |_, _| Connector::plain())
}

fn ask(board: &Board, deed: &str, link: Option<&str>, journal: &RefCell<Vec<Setting>>) -> Result<Setting, Refusal> {
    let link = link.map_or_else(String::new, |link| format!(r#","link":"{link}""#));
    let body = format!(r#"{{"by":"li.wei","do":"{deed}","participant":"{BANK}"{link}}}"#);
    let record = |setting: &Setting| {
        journal.borrow_mut().push(setting.clone());
        Ok(())
    };
    board.change(&Request::read(body.as_bytes())?, 7, &record)
}

fn in_use(board: &Board) -> Takers {
    board.bundle(3).unwrap().takers()
}

fn only(link: u8) -> Takers {
    Takers::only(LinkNumber::new(link).unwrap())
}

#[test]
fn what_the_operator_said_outlives_a_restart_in_any_order() {
    let (first, journal) = (board(&["main", "spare", "third"]), RefCell::default());
    ask(&first, "drain", Some("main"), &journal).unwrap();
    assert_eq!(in_use(&first), only(2));
    ask(&first, "switch", Some("third"), &journal).unwrap();
    ask(&first, "undrain", Some("main"), &journal).unwrap();
    ask(&first, "drain", Some("spare"), &journal).unwrap();
    assert_eq!(in_use(&first), only(3));
    let all = journal.into_inner();
    assert!(all.iter().all(|setting| Space::of(setting.key()) == Some(Space::Links) && setting.by == "li.wei"));
    let versions: Vec<_> = all.iter().map(|setting| (setting.key() & 0xff_ffff, setting.version())).collect();
    assert_eq!(versions, [(1, 1), (2, 1), (1, 2), (3, 1)]);
    // The last of each key, as the registers keep them.
    let kept: Vec<_> = [&all[2], &all[1], &all[3]].map(Setting::encode).into();
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let again = board(&["main", "spare", "third"]);
        again.apply_settings(order.iter().map(|at: &usize| kept[*at].as_slice())).unwrap();
        assert_eq!(in_use(&again), only(3), "{order:?}");
        let view = again.view();
        assert_eq!(view.iter().map(|one| one.drained).collect::<Vec<_>>(), [false, true, false]);
        let next = ask(&again, "drain", Some("main"), &RefCell::default()).unwrap();
        assert_eq!((next.key() & 0xff_ffff, next.version()), (1, 3), "keys go on where they were");
    }
}

#[test]
fn a_setting_of_a_link_that_is_gone_is_passed_over() {
    let (first, journal) = (board(&["main", "spare"]), RefCell::default());
    ask(&first, "switch", Some("spare"), &journal).unwrap();
    let bytes = journal.into_inner()[0].encode();
    let again = board(&["main", "other"]);
    again.apply_settings([bytes.as_slice()]).unwrap();
    assert_eq!(in_use(&again), only(1));
    assert!(again.apply_settings([b"nonsense".as_slice()]).is_err());
}

#[test]
fn what_does_not_fit_changes_nothing_and_is_not_recorded() {
    let (board, journal) = (board(&["main", "spare"]), RefCell::default());
    for (body, key) in [
        (r#"{"by":"li","do":"drain","participant":"C1000111000015"}"#, "link"),
        (r#"{"by":"li","do":"switch-back","participant":"C1000111000015","link":"main"}"#, "link"),
        (r#"{"by":"","do":"switch-back","participant":"C1000111000015"}"#, "by"),
        (r#"{"by":"li","do":"mend","participant":"C1000111000015"}"#, "mend"),
        (r#"{"by":"li","do":"drain","participant":"C1000111000015","link":"main","more":1}"#, "more"),
        ("", "EOF"),
    ] {
        let refusal = Request::read(body.as_bytes()).expect_err(body).to_string();
        assert!(refusal.contains(key), "{body}: {refusal}");
    }
    assert!(matches!(ask(&board, "drain", Some("nowhere"), &journal), Err(Refusal::Unknown(_))));
    let stranger = br#"{"by":"li","do":"switch-back","participant":"C9999999999999"}"#;
    let made = board.change(&Request::read(stranger).unwrap(), 1, &|_| Ok(()));
    assert!(matches!(made, Err(Refusal::Unknown(_))));
    ask(&board, "drain", Some("spare"), &RefCell::default()).unwrap();
    assert!(ask(&board, "switch", Some("spare"), &journal).is_err(), "drained");
    let bundle = board.bundle(3).unwrap();
    (0..2).for_each(|_| bundle.probe_ended(LinkNumber::new(1).unwrap(), Observation::ProbeRefused, 0));
    assert!(ask(&board, "switch", Some("main"), &journal).is_err(), "down");
    let full = |_: &Setting| Err(Error::new(Fault::Environment, "the disk is full"));
    let undrain =
        Request::read(br#"{"by":"li","do":"undrain","participant":"C1000111000015","link":"spare"}"#).unwrap();
    assert!(matches!(board.change(&undrain, 1, &full), Err(Refusal::NotRecorded(_))));
    assert!(in_use(&board).is_empty() && journal.into_inner().is_empty());
}

#[test]
fn the_page_says_how_every_link_is_and_who_changed_it() {
    let (board, journal) = (board(&["main", "spare"]), RefCell::default());
    ask(&board, "drain", Some("main"), &journal).unwrap();
    let page: serde_json::Value = serde_json::from_str(&board.to_json()).unwrap();
    let [main, spare] = [&page[0], &page[1]];
    assert_eq!((&main["participant"], &main["link"], &main["state"]), (&BANK.into(), &"main".into(), &"up".into()));
    assert_eq!((&main["drained"], &main["in_use"], &spare["in_use"]), (&true.into(), &false.into(), &true.into()));
    assert_eq!((&main["changed"]["by"], &main["changed"]["at_us"]), (&"li.wei".into(), &7.into()));
    assert!(spare["changed"].is_null() && main["url"] == "http://127.0.0.1:9/epcc");
    let html = board.to_html();
    assert!(html.contains("<td>main") && html.contains("standby") && !html.contains("<script"), "{html}");
}

#[test]
fn latencies_fall_into_their_buckets() {
    assert_eq!((BUCKETS_US[0], BUCKETS_US[15]), (250, 8_192_000));
    let slot = Slot::default();
    for took_us in [0, 250, 251, 8_192_000, 8_192_001, u64::from(u32::MAX)] {
        slot.answer.record(took_us);
    }
    let mut reading = LatencyReading::default();
    reading.add(&slot.answer);
    assert_eq!((reading.counts[0], reading.counts[1], reading.counts[15], reading.counts[16]), (2, 1, 1, 2));
    assert_eq!(reading.count(), 6);
    assert_eq!(LatencyReading::default().mean_us(), 0);
}
