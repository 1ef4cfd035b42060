//! The gate as a whole: questions, changes, restarts, threads.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use clearway_codec::value::{BeijingTime, Date};
use proptest::prelude::*;

use super::samples::{BANK, INSTITUTION, NOON_US, code, config, id, plain};

use super::*;
use crate::config::{LimitTable, MaintenanceWindow, PairLimit};
use crate::error::{Error, Fault};
use crate::settings::Refusal;

fn time(text: &str) -> BeijingTime {
    BeijingTime::parse(text.as_bytes()).unwrap()
}

fn spend(amount_fen: u64, account: u64) -> Spend {
    Spend { institution: 0, bank: 1, account, amount_fen, day: Date::from_ymd(2026, 11, 20).unwrap() }
}

fn day_amount(fen: u64) -> LimitTable {
    LimitTable { day_amount_fen: Some(fen), ..LimitTable::default() }
}

fn accept(_: &Setting) -> Result<(), Error> {
    Ok(())
}

fn participant(admission: &Admission, body: &str) -> Result<Setting, Refusal> {
    admission.change(&Request::participant(BANK, body.as_bytes())?, NOON_US, &accept)
}

fn limit(admission: &Admission, body: &str) -> Result<Setting, Refusal> {
    admission.change(&Request::limit(body.as_bytes())?, NOON_US, &accept)
}

fn maintenance(admission: &Admission, body: &str) -> Result<Setting, Refusal> {
    admission.change(&Request::maintenance(body.as_bytes())?, NOON_US, &accept)
}

#[test]
fn without_rules_everything_passes_and_nothing_is_counted() {
    let admission = plain();
    for index in [0, 1, 2, 3, u16::MAX] {
        assert!(admission.allows(index, 1) && admission.rate(index, 0) && !admission.is_drained(index, u64::MAX));
        assert_eq!(admission.pace(index, 7, 0), 0);
    }
    assert_eq!(admission.reserve(&spend(u64::MAX, 1)), Ok(Layers::NONE));
    assert_eq!(admission.cards(), 0);
}

#[test]
fn what_is_configured_is_in_force() {
    let admission = Admission::new(
        &config(|config, list| {
            list[0].admission.businesses = Some(vec!["refund".to_owned()]);
            list[0].admission.rate_per_s = Some(1);
            list[1].limits = day_amount(100);
            list[1].card_limits = LimitTable { day_count: Some(1), ..LimitTable::default() };
            list[1].admission.pacing_ms = 100;
            list[2].admission.drained = true;
            let limit = LimitTable { per_payment_fen: Some(60), ..LimitTable::default() };
            config.pair_limits = vec![PairLimit { institution: id(INSTITUTION), bank: id(BANK), limit }];
        }),
        code,
    )
    .unwrap();
    assert!(!admission.allows(0, 1) && admission.allows(0, 2) && !admission.allows(0, 200) && admission.allows(1, 1));
    assert!(admission.rate(0, NOON_US) && !admission.rate(0, NOON_US) && admission.rate(0, NOON_US + 1_000_000));
    assert!(admission.is_drained(2, 0) && !admission.is_drained(1, 0));
    assert_eq!(
        [admission.pace(1, 5, NOON_US), admission.pace(1, 5, NOON_US), admission.pace(1, 6, NOON_US)],
        [0, 100_000, 0]
    );
    assert_eq!(admission.reserve(&spend(61, 1)), Err(*b"PB521023"));
    assert!(admission.reserve(&spend(60, 1)).is_ok());
    assert_eq!(admission.reserve(&spend(1, 1)), Err(*b"PB521021"));
    assert_eq!(admission.reserve(&spend(41, 2)), Err(*b"PB521024"));
    assert!(admission.reserve(&spend(40, 2)).is_ok());
    assert_eq!(admission.cards(), 2);
}

#[test]
fn a_business_that_does_not_exist_is_refused_at_start_and_at_run_time() {
    let wrong = config(|_, list| list[0].admission.businesses = Some(vec!["lottery".to_owned()]));
    let error = Admission::new(&wrong, code).unwrap_err();
    assert!(error.fault() == Fault::Configuration && error.to_string().contains("lottery"), "{error}");
    let admission = plain();
    let refusal = participant(&admission, r#"{"by":"a","businesses":["lottery"]}"#).unwrap_err();
    assert!(refusal.to_string().contains("businesses: there is no business"), "{refusal}");
}

#[test]
fn a_limit_changed_at_run_time_counts_from_then_on() {
    let admission = plain();
    let early = admission.reserve(&spend(70, 1)).unwrap();
    limit(&admission, &format!(r#"{{"by":"li","layer":"bank","bank":"{BANK}","day_amount_fen":100}}"#)).unwrap();
    let counted = admission.reserve(&spend(100, 1)).unwrap();
    admission.release(&spend(70, 1), early);
    assert_eq!(admission.reserve(&spend(1, 1)), Err(*b"PB521024"));
    admission.release(&spend(100, 1), counted);
    assert!(admission.reserve(&spend(100, 2)).is_ok());
    limit(&admission, &format!(r#"{{"by":"li","layer":"bank","bank":"{BANK}","day_amount_fen":null}}"#)).unwrap();
    assert_eq!(admission.reserve(&spend(1, 1)), Ok(Layers::NONE));
}

#[test]
fn rules_are_changed_one_by_one_and_set_back_to_the_file() {
    let configured = config(|_, list| list[1].admission.pacing_ms = 50);
    let admission = Admission::new(&configured, code).unwrap();
    participant(&admission, r#"{"by":"li","drained":true,"rate_per_s":5,"rate_burst":2}"#).unwrap();
    participant(&admission, r#"{"by":"wang","businesses":["payout"]}"#).unwrap();
    assert!(admission.is_drained(1, 0) && admission.allows(1, 3) && !admission.allows(1, 1));
    let _ = admission.pace(1, 1, NOON_US);
    assert_eq!(admission.pace(1, 1, NOON_US), 50_000);
    let page = admission.participants_json(NOON_US);
    assert!(page.contains(r#""changed":{"by":"wang","at_us":1795147200000000}"#), "{page}");
    participant(&admission, r#"{"by":"li","rate_per_s":null}"#).unwrap();
    assert!((0..100).all(|_| admission.rate(1, NOON_US)));
    participant(&admission, r#"{"by":"li","as_configured":true}"#).unwrap();
    assert!(!admission.is_drained(1, 0) && admission.allows(1, 1));
    assert!(!admission.participants_json(NOON_US).contains("wang"));
}

#[test]
fn a_window_closes_the_bank_from_its_first_second_to_its_last_and_can_be_taken_back() {
    let admission = plain();
    let body = format!(r#"{{"by":"li","bank":"{BANK}","from":"2026-11-20T13:00:00","until":"2026-11-20T14:00:00"}}"#);
    maintenance(&admission, &body).unwrap();
    let from_us = time("2026-11-20T13:00:00").unix_micros();
    let hour_us = 3_600_000_000;
    for (at_us, closed) in
        [(from_us - 1, false), (from_us, true), (from_us + hour_us - 1, true), (from_us + hour_us, false)]
    {
        assert_eq!(admission.is_drained(1, at_us), closed, "{at_us}");
        assert!(!admission.is_drained(2, at_us) && !admission.is_drained(0, at_us));
    }
    assert_eq!(admission.windows(NOON_US).iter().map(|window| window.number).collect::<Vec<_>>(), [1001]);
    maintenance(&admission, r#"{"by":"li","cancel":1001}"#).unwrap();
    assert!(!admission.is_drained(1, from_us) && admission.windows(NOON_US).is_empty());
    let again = maintenance(&admission, r#"{"by":"li","cancel":1001}"#).unwrap_err();
    assert!(matches!(again, Refusal::Unknown(_)), "{again}");
}

#[test]
fn maintenance_of_the_centre_closes_everybody() {
    let window = MaintenanceWindow {
        bank: None,
        from: time("2026-11-20T13:00:00"),
        until: time("2026-11-20T14:00:00"),
        text: "move".to_owned(),
    };
    let from_us = window.from.unix_micros();
    let admission = Admission::new(&config(|config, _| config.maintenance = vec![window]), code).unwrap();
    assert!((0..3).all(|index| admission.is_drained(index, from_us) && !admission.is_drained(index, from_us - 1)));
    assert_eq!(admission.closed(from_us).len(), 3);
    assert!(admission.maintenance_json(from_us).contains(r#""phase":"running""#));
}

#[test]
fn a_change_is_recorded_before_it_is_in_force_and_not_made_when_the_journal_fails() {
    let admission = plain();
    let seen = RefCell::new(Vec::new());
    let record = |setting: &Setting| {
        assert!(!admission.is_drained(1, 0), "it is in force too early");
        seen.borrow_mut().push(setting.encode());
        Ok(())
    };
    let request = Request::participant(BANK, br#"{"by":"li","drained":true}"#).unwrap();
    admission.change(&request, NOON_US, &record).unwrap();
    assert!(admission.is_drained(1, 0));
    assert_eq!(
        String::from_utf8(seen.take().remove(0)).unwrap(),
        concat!(
            r#"{"v":1,"key":1,"version":1,"at_us":1795147200000000,"by":"li","#,
            r#""change":{"participant":{"id":"C1000111000015","rules":"#,
            r#"{"businesses":null,"rate_per_s":null,"rate_burst":null,"pacing_ms":0,"drained":true}}}}"#
        )
    );
    let failing = |_: &Setting| Err(Error::new(Fault::Environment, "disk full"));
    let back = Request::participant(BANK, br#"{"by":"li","drained":false}"#).unwrap();
    let refusal = admission.change(&back, NOON_US, &failing).unwrap_err();
    assert!(matches!(refusal, Refusal::NotRecorded(_)) && refusal.to_string().contains("disk full"), "{refusal}");
    assert!(admission.is_drained(1, 0), "what was not recorded is not made");
}

type Read<'a> = &'a dyn Fn(&[u8]) -> Result<Request, Refusal>;

#[test]
fn requests_are_strict_and_say_what_is_wrong() {
    let admission = plain();
    let bank = |rest: &str| format!(r#"{{"by":"li","layer":"bank","bank":"{BANK}"{rest}}}"#);
    let pair = |rest: &str| format!(r#"{{"by":"li","layer":"institution","bank":"{BANK}"{rest}}}"#);
    let window =
        |from: &str, until: &str| format!(r#"{{"by":"li","bank":"{BANK}","from":"{from}","until":"{until}"}}"#);
    let long = format!(r#"{{"by":"{}","drained":true}}"#, "x".repeat(65));
    let (limit, maintenance) = (Request::limit as fn(&[u8]) -> _, Request::maintenance as fn(&[u8]) -> _);
    let rules = |body: &[u8]| Request::participant(BANK, body);
    let table: &[(Read<'_>, String, &str)] = &[
        (&rules, r#"{"drained":true}"#.into(), "missing field `by`"),
        (&rules, r#"{"by":"","drained":true}"#.into(), "by: must be a name"),
        (&rules, r#"{"by":"a\nb","drained":true}"#.into(), "by: must be a name"),
        (&rules, long, "by: must be a name"),
        (&rules, r#"{"by":"li"}"#.into(), "nothing to change"),
        (&rules, r#"{"by":"li","drained":true,"as_configured":true}"#.into(), "as_configured: stands alone"),
        (&rules, r#"{"by":"li","drained":1}"#.into(), "invalid type"),
        (&rules, r#"{"by":"li","drained":true,"drained":false}"#.into(), "duplicate field"),
        (&rules, r#"{"by":"li","dried":true}"#.into(), "unknown field `dried`"),
        (&rules, r#"{"by":"li","drained":true} x"#.into(), "trailing characters"),
        (&rules, r#"{"by":"li","rate_per_s":0}"#.into(), "rate_per_s: must be 1 to"),
        (&rules, r#"{"by":"li","rate_burst":5}"#.into(), "rate_burst: needs rate_per_s"),
        (&rules, r#"{"by":"li","pacing_ms":10001}"#.into(), "pacing_ms: must be 0 to"),
        (&rules, r#"{"by":"li","pacing_ms":-1}"#.into(), "invalid value"),
        (&rules, r#"{"by":"li","businesses":[]}"#.into(), "businesses: must be 1 to"),
        (&rules, r#"{"by":"li","businesses":["refund","refund"]}"#.into(), "twice"),
        (&rules, r#"{"by":"li","businesses":["Refund"]}"#.into(), "small letters"),
        (&limit, bank(""), "nothing to change"),
        (&limit, bank(r#","day_count":0"#), "day_count: must be 1 to"),
        (&limit, bank(r#","day_count":1.5"#), "invalid type"),
        (&limit, bank(&format!(r#","institution":"{INSTITUTION}","day_count":1"#)), "institution: belongs to"),
        (&limit, pair(r#","day_count":1"#), "institution: is missing"),
        (&limit, pair(&format!(r#","institution":"{BANK}","day_count":1"#)), "institution: is no institution"),
        (&limit, pair(r#","institution":"Z2999933000017","day_count":1"#), "no such participant"),
        (&limit, r#"{"by":"li","layer":"city","bank":"x","day_count":1}"#.into(), "unknown variant"),
        (&limit, r#"{"by":"li","layer":"bank","bank":"' or 1=1","day_count":1}"#.into(), "no such participant"),
        (&maintenance, window("2026-11-20T13:00:00", "2026-11-20T13:00:00"), "until: must be later"),
        (&maintenance, window("2026-11-20T13:00:00", "2027-01-20T13:00:00"), "31 days"),
        (&maintenance, window("2026-11-20T10:00:00", "2026-11-20T11:00:00"), "until: is over already"),
        (&maintenance, window("tomorrow", "2026-11-20T13:00:00"), "from: must be a Beijing time"),
        (&maintenance, format!(r#"{{"by":"li","bank":"{BANK}","from":"2026-11-20T13:00:00"}}"#), "until: is missing"),
        (&maintenance, r#"{"by":"li","from":"x","until":"y"}"#.into(), "bank: name either"),
        (&maintenance, format!(r#"{{"by":"li","bank":"{BANK}","centre":true}}"#), "bank: name either"),
        (&maintenance, r#"{"by":"li","cancel":1001,"centre":true}"#.into(), "cancel: stands alone"),
        (&maintenance, r#"{"by":"li","cancel":1}"#.into(), "no window 1 that was made at run time"),
        (&maintenance, "[]".into(), "invalid"),
        (&maintenance, String::new(), "EOF"),
    ];
    for (read, body, expected) in table {
        let made = read(body.as_bytes()).and_then(|request| admission.change(&request, NOON_US, &accept));
        let refusal = made.expect_err(body).to_string();
        assert!(refusal.contains(expected), "{body}: {refusal}");
    }
    let unknown = Request::participant("C1999911000015", br#"{"by":"li","drained":true}"#).unwrap();
    assert!(matches!(admission.change(&unknown, NOON_US, &accept), Err(Refusal::Unknown(_))));
    assert!(admission.limits_json() == "[]" && admission.windows(NOON_US).is_empty(), "nothing was changed");
}

#[test]
fn settings_of_another_form_are_told_from_ours() {
    let admission = plain();
    let cancelled = r#""key":1,"version":1,"at_us":1,"by":"x","change":{"maintenance-cancelled":{"number":1}}}"#;
    let of_version = |version: u32| format!(r#"{{"v":{version},{cancelled}"#);
    assert!(admission.apply_settings([of_version(1).as_bytes()]).is_ok());
    for bytes in ["", "{}", "[]", &of_version(2), &of_version(1)[1..]] {
        assert!(admission.apply_settings([bytes.as_bytes()]).is_err(), "{bytes}");
    }
    let strange = r#"{"v":1,"key":1,"version":1,"at_us":1,"by":"x","change":{"participant":{"id":"C1999911000015","rules":null}}}"#;
    assert!(admission.apply_settings([strange.as_bytes()]).unwrap_err().to_string().contains("no such participant"));
}

/// Windows come and go for years; what has to be kept of them does not grow, and no number comes twice.
#[test]
fn keys_of_windows_that_are_over_are_used_again() {
    let admission = plain();
    let (keys, numbers) = (RefCell::new(std::collections::BTreeSet::new()), RefCell::new(Vec::new()));
    let record = |setting: &Setting| {
        keys.borrow_mut().insert(setting.key());
        numbers.borrow_mut().push((setting.key(), setting.version()));
        Ok(())
    };
    for _ in 0..20 {
        let body =
            format!(r#"{{"by":"li","bank":"{BANK}","from":"2026-11-20T13:00:00","until":"2026-11-20T14:00:00"}}"#);
        admission.change(&Request::maintenance(body.as_bytes()).unwrap(), NOON_US, &record).unwrap();
        let number = admission.windows(NOON_US)[0].number;
        let cancel = format!(r#"{{"by":"li","cancel":{number}}}"#);
        admission.change(&Request::maintenance(cancel.as_bytes()).unwrap(), NOON_US, &record).unwrap();
    }
    assert_eq!(keys.borrow().len(), 2, "the last one's and the one before");
    let numbers = numbers.borrow();
    assert!(numbers.iter().enumerate().all(|(at, one)| !numbers[..at].contains(one)), "{numbers:?}");
}

/// Any changes; afterwards a restart with the last setting of each key gives the same rules.
#[derive(Debug, Clone)]
enum Step {
    Rules(String),
    Limit(String),
    Window(String),
}

const NEXT_WINDOW: &str = r#"{"by":"li","centre":true,"from":"2026-11-21T01:00:00","until":"2026-11-21T02:00:00"}"#;

fn any_step() -> impl Strategy<Value = Step> {
    let rules = (prop::option::of(1..9_u32), any::<bool>(), 0..3_u64, any::<bool>()).prop_map(
        |(rate, drained, pacing, back)| {
            Step::Rules(if back {
                r#"{"by":"li","as_configured":true}"#.to_owned()
            } else {
                let rate = rate.map_or_else(|| "null".to_owned(), |rate| rate.to_string());
                format!(r#"{{"by":"li","rate_per_s":{rate},"drained":{drained},"pacing_ms":{pacing}}}"#)
            })
        },
    );
    let limit = (0..3_usize, prop::option::of(1..500_u64)).prop_map(|(layer, fen)| {
        let fen = fen.map_or_else(|| r#""as_configured":true"#.to_owned(), |fen| format!(r#""day_amount_fen":{fen}"#));
        let layer = [
            r#""layer":"bank""#.to_owned(),
            r#""layer":"card""#.to_owned(),
            format!(r#""layer":"institution","institution":"{INSTITUTION}""#),
        ][layer]
            .clone();
        Step::Limit(format!(r#"{{"by":"wang",{layer},"bank":"{BANK}",{fen}}}"#))
    });
    let window = (13..20_u32, any::<bool>(), 1001..1006_u64).prop_map(|(hour, cancel, number)| {
        Step::Window(if cancel {
            format!(r#"{{"by":"li","cancel":{number}}}"#)
        } else {
            format!(
                r#"{{"by":"li","bank":"{BANK}","from":"2026-11-20T{hour}:00:00","until":"2026-11-20T{hour}:30:00"}}"#
            )
        })
    });
    prop_oneof![rules, limit, window]
}

proptest! {
    #[test]
    fn no_body_and_no_setting_makes_it_panic(text in ".{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let admission = plain();
        let embedded = format!(r#"{{"by":"li","layer":"bank","bank":{text:?},"from":{text:?},"until":{text:?},"text":{text:?}}}"#);
        for body in [text.as_bytes(), &bytes, embedded.as_bytes()] {
            for request in [Request::participant(&text, body), Request::limit(body), Request::maintenance(body)] {
                let _ = request.and_then(|request| admission.change(&request, NOON_US, &accept));
            }
            let _ = admission.apply_settings([body]);
            let _ = crate::operations::is_acknowledged(body);
        }
    }

    #[test]
    fn a_restart_brings_back_what_was_changed(steps in prop::collection::vec(any_step(), 1..25)) {
        let admission = plain();
        let kept = RefCell::new(std::collections::BTreeMap::new());
        let record = |setting: &Setting| {
            let before: Option<Setting> = kept.borrow_mut().insert(setting.key(), setting.clone());
            assert_eq!(before.map_or(0, |before| before.version()) + 1, setting.version());
            Ok(())
        };
        let pages =
            |one: &Admission| (one.participants_json(NOON_US), one.limits_json(), one.maintenance_json(NOON_US));
        let mut numbers = std::collections::BTreeSet::new();
        for (at, step) in steps.iter().enumerate() {
            let request = match step {
                Step::Rules(body) => Request::participant(BANK, body.as_bytes()),
                Step::Limit(body) => Request::limit(body.as_bytes()),
                Step::Window(body) => Request::maintenance(body.as_bytes()),
            };
            // Cancelling a window that is not there is refused, and that is all.
            let made = admission.change(&request.unwrap(), NOON_US + at as u64, &record);
            if let Ok(Change::Maintenance { number, .. }) = made.map(|setting| setting.change) {
                prop_assert!(numbers.insert(number), "number {} twice", number);
            }
            let again = plain();
            let bytes: Vec<_> = kept.borrow().values().map(Setting::encode).collect();
            again.apply_settings(bytes.iter().map(Vec::as_slice)).unwrap();
            prop_assert_eq!(pages(&again), pages(&admission));
            // The next change after a restart is made under the same key, version and number as without it.
            let next = Request::maintenance(NEXT_WINDOW.as_bytes()).unwrap();
            let setting = |one: &Admission| next.setting(&one.state.lock(), NOON_US).unwrap();
            prop_assert_eq!(setting(&again), setting(&admission));
        }
    }
}

/// Story: fifty refunds of one customer at once. Whatever the threads do, not one fen more than the limit is ever
/// reserved, and when nothing is left under way the limit is used up to the last fen that fits.
#[test]
fn many_threads_never_reserve_one_fen_more() {
    const LIMIT: u64 = 10_000;
    let admission = Admission::new(
        &config(|_, list| {
            list[1].limits = day_amount(LIMIT);
            list[1].card_limits = day_amount(LIMIT / 2);
        }),
        code,
    )
    .unwrap();
    let (kept, most) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let (admission, kept, most) = (&admission, &kept, &most);
            scope.spawn(move || {
                for turn in 0..2_000_u64 {
                    let one = spend(1 + (turn * 7 + thread) % 13, 1 + turn % 3);
                    let Ok(counted) = admission.reserve(&one) else { continue };
                    // Only what is really reserved is in the sum, so it may never pass the limit.
                    let sum = kept.fetch_add(one.amount_fen, Ordering::SeqCst) + one.amount_fen;
                    most.fetch_max(sum, Ordering::SeqCst);
                    if (turn + thread) % 3 == 0 {
                        kept.fetch_sub(one.amount_fen, Ordering::SeqCst);
                        admission.release(&one, counted);
                    }
                }
            });
        }
    });
    assert!(most.load(Ordering::SeqCst) <= LIMIT);
    while admission.reserve(&spend(1, 1)).is_ok() || admission.reserve(&spend(1, 2)).is_ok() {
        kept.fetch_add(1, Ordering::SeqCst);
    }
    assert_eq!(kept.load(Ordering::SeqCst), LIMIT);
}

#[test]
fn a_restart_brings_back_what_was_spent() {
    let limited = || Admission::new(&config(|_, list| list[1].limits = day_amount(100)), code).unwrap();
    let admission = limited();
    let counted = admission.reserve(&spend(80, 1)).unwrap();
    let again = limited();
    again.restore([(spend(80, 1), counted), (spend(50, 1), Layers::NONE)].into_iter());
    assert_eq!(again.reserve(&spend(21, 2)), Err(*b"PB521024"));
    assert!(again.reserve(&spend(20, 2)).is_ok());
    again.release(&spend(80, 1), counted);
    assert!(again.reserve(&spend(80, 3)).is_ok());
}
