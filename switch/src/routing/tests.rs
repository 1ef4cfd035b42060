//! The router as the pipeline and the operator see it: files, changes, volumes under threads, restarts.

use std::cell::RefCell;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::admission::samples::{BANK, INSTITUTION, NOON_US, OTHER_BANK, config};
use crate::config::Participants;
use crate::domain::business::Business;
use crate::domain::route::{Asked, DirectRefund, LegEnd, SwitchState, Verdict, Why};
use crate::domain::transaction::Leg;
use crate::error::Error;

/// Participant index of [`BANK`], and of its agent [`OTHER_BANK`].
const AT: u16 = 1;
const AGENT: u16 = 2;

fn participants() -> Participants {
    config(|_, _| {}).participants
}

fn file(text: &str) -> RoutesFile {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Channel 1 of the bank, over the other one.
fn agent(more: &str) -> String {
    format!("[[channel]]\nbank = {BANK:?}\nnumber = 1\nvia = {OTHER_BANK:?}\n{more}\n")
}

fn router(text: &str) -> Router {
    let router = Router::new(participants());
    router.configure(file(text)).unwrap();
    router
}

fn asked(amount_fen: u64) -> Asked {
    Asked {
        institution: 0,
        bank: AT,
        leg: Leg::One,
        business: Business::AgreementPayment,
        amount_fen,
        account_type: None,
        card: 0,
        customer: 7,
        is_new: false,
        back: None,
        is_direct_refund: false,
    }
}

fn decide(router: &Router, asked: &Asked, tried: &[u8], now_us: u64) -> Why {
    let around = Around { is_reachable: &|_| true, is_closed: &|_| false };
    router.decide(asked, tried, &around, now_us)
}

fn place(number: u8, amount_fen: u64) -> Place {
    Place { bank: AT, number, amount_fen, accepted_at_us: NOON_US }
}

/// Makes a change; what the journal got.
fn change(router: &Router, body: &str) -> Result<Vec<u8>, String> {
    let recorded = RefCell::new(Vec::new());
    let record = |setting: &Setting| {
        recorded.replace(setting.encode());
        Ok(())
    };
    let request = Request::parse(body.as_bytes()).map_err(|refusal| refusal.to_string())?;
    router.change(&request, NOON_US, &record).map_err(|refusal| refusal.to_string())?;
    Ok(recorded.into_inner())
}

#[test]
fn without_a_table_nothing_is_decided() {
    let none = Router::new(participants());
    assert!(none.is_plain() && none.is_plain_at(AT));
    assert_eq!((none.via(AT, 0), none.via(AT, 9)), (AT, AT));
    assert_eq!(none.reserve(&place(0, 5), NOON_US), Ok(false));
    assert_eq!(none.note(AT, 0, LegEnd::Failed, NOON_US), None);
    assert_eq!(none.direct_refund(AT), DirectRefund::Refuse);
    assert_eq!(decide(&none, &asked(1), &[], NOON_US).chosen, Some(0));
    assert!(router("").is_plain(), "an empty file says nothing");
}

#[test]
fn every_key_of_the_file_is_understood() {
    let text = agent(&format!(
        "name = \"agent\"\nkind = \"switch\"\nenabled = true\npriority = 7\nshare = 100\nbusinesses = [\"refund\"]\n\
         account_types = [\"00\"]\ninstitutions = [{INSTITUTION:?}]\namount_min_fen = 1\namount_max_fen = 5\nrefunds = false\n\
         volume = {{ day_amount_fen = 1, day_count = 2, month_amount_fen = 3, month_count = 4 }}\n\
         switch_off = {{ window_ms = 1000, least = 3 }}\n\
         [[prefer]]\nbank = {BANK:?}\ninstitution = {INSTITUTION:?}\nchannel = 1\n\
         [[card]]\nbank = {BANK:?}\nchannel = 1\ndigests = [\"#00000000000000ff\"]\n\
         [cutover.general]\nshare = 5\nhalted = false\n[[cutover.bank]]\nid = {BANK:?}\ndirect_refund = \"hold\""
    ));
    let file = file(&text);
    let table = file.table(&participants(), 3).unwrap();
    let channel = table.channel(AT, 1).unwrap();
    assert_eq!((channel.via, channel.priority, channel.share, channel.name.as_str()), (AGENT, 7, 100, "agent"));
    assert_eq!((table.version(), table.cutover().direct_refund(AT)), (3, DirectRefund::Hold));
    assert!(!table.is_plain(AT) && !table.is_plain(AGENT), "the cut-over is for all");
    // What the journal keeps is the same.
    let kept = serde_json::to_string(&file).unwrap();
    assert_eq!(serde_json::from_str::<RoutesFile>(&kept).unwrap(), file);
}

#[test]
fn a_file_that_says_what_cannot_be_is_refused_and_names_the_key() {
    let card = |digest: &str| format!("[[card]]\nbank = {BANK:?}\nchannel = 0\ndigests = [{digest:?}]");
    for (text, words) in [
        (agent("priority = 0"), &["channel C1000111000015 1", "priority"][..]),
        (format!("[[channel]]\nbank = {BANK:?}\nnumber = 1"), &["via", "missing", "name the participant"]),
        (agent(&format!("institutions = [{BANK:?}]")), &["institutions", "is no institution"]),
        (agent("businesses = [\"lending\"]"), &["businesses", "is no business"]),
        (agent("account_types = [\"x\"]"), &["account_types", "two digits"]),
        (agent("amount_min_fen = 2\namount_max_fen = 1"), &["amount_min_fen", "above"]),
        (agent("name = \"\""), &["name", "1 to 40"]),
        (agent("share = 10001"), &["share"]),
        (agent("switch_off = { return_share = 6000 }"), &["return_share", "flap"]),
        (agent("").replace(OTHER_BANK, INSTITUTION), &["via", "is no bank"]),
        (agent("").replace("number = 1", "number = 0"), &["via", "the bank itself"]),
        (agent("") + &agent(""), &["number", "twice"]),
        (format!("[[prefer]]\nbank = {BANK:?}\nchannel = 1"), &["no such channel"]),
        (card("6222020200112233445"), &["card.digests", "is no digest", "hexadecimal"]),
        (card("#00000000000000ff").replace("= 0", "= 3"), &["no such channel"]),
        ("[cutover.general]\nshare = 10001".to_owned(), &["cutover", "general.share"]),
    ] {
        let error = file(&text).table(&participants(), 0).expect_err(&text).to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{text}\n{error}");
        assert!(!error.contains("6222020200112233445"), "{error}");
    }
    for text in ["[[chanel]]", "[[channel]]\nnumber = 256", "[cutover]\nhalted = true"] {
        assert!(toml::from_str::<RoutesFile>(text).is_err(), "{text}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("routes.toml");
    std::fs::write(&path, "[[channel]]\nbank = 5\n").unwrap();
    let error = RoutesFile::load(&path, &participants()).unwrap_err().to_string();
    assert!(error.contains("routes.toml") && error.contains("channel.bank (line 2)"), "{error}");
}

#[test]
fn a_change_is_in_force_at_once_and_after_a_restart() {
    let running = router(&agent("priority = 1"));
    let body = format!(
        "{{\"by\":\"li\",\"table\":{{\"channel\":[{{\"bank\":{BANK:?},\"number\":1,\"via\":{OTHER_BANK:?},\"enabled\":false}}]}}}}"
    );
    let one = change(&running, &body).unwrap();
    assert_eq!(decide(&running, &asked(1), &[], NOON_US).table, 1);
    let halted = change(&running, "{\"by\":\"li\",\"cutover\":{\"general\":{\"halted\":true}}}").unwrap();
    assert_eq!(decide(&running, &asked(1), &[], NOON_US).chosen, None, "reversed in a moment");
    let open = change(&running, "{\"by\":\"li\",\"cutover\":{}}").unwrap();
    let enabled = format!("{{\"by\":\"li\",\"channel\":{{\"bank\":{BANK:?},\"number\":1,\"enabled\":true}}}}");
    let enabled = change(&running, &enabled).unwrap();
    let back = change(&running, "{\"by\":\"li\",\"as_configured\":true}").unwrap();
    for (settings, version, chosen) in [
        (vec![&one], 1, Some(0)),
        (vec![&halted], 2, None),
        (vec![&open], 3, Some(0)),
        (vec![&enabled], 4, Some(0)),
        (vec![&back], 0, Some(0)),
        (vec![], 0, Some(0)),
    ] {
        let again = Router::new(participants());
        again.apply_settings(settings.iter().map(|bytes| bytes.as_slice())).unwrap();
        again.configure(file(&agent("priority = 1"))).unwrap();
        let why = decide(&again, &asked(1), &[], NOON_US);
        assert_eq!((why.table, why.chosen), (version, chosen));
        assert!(again.to_json(NOON_US).contains(&format!("\"version\":{version}")));
    }
    for body in [
        "{}",
        "{\"by\":\"li\"}",
        "{\"by\":\" \",\"as_configured\":true}",
        "{\"by\":\"li\",\"as_configured\":true,\"cutover\":{}}",
        "{\"by\":\"li\",\"table\":{\"chanel\":[]}}",
        "{\"by\":\"li\",\"channel\":{\"bank\":\"C1\",\"number\":9,\"enabled\":true}}",
        "{\"by\":\"li\",\"cutover\":{\"general\":{\"share\":10001}}}",
    ] {
        assert!(change(&running, body).is_err(), "{body}");
    }
    let refused = Request::parse(b"{\"by\":\"li\",\"as_configured\":true}").unwrap();
    let failing = |_: &Setting| Err(Error::new(crate::error::Fault::Stopped, "no journal"));
    let before = running.to_json(NOON_US);
    assert!(running.change(&refused, NOON_US, &failing).is_err());
    assert_eq!(running.to_json(NOON_US), before, "what is not recorded is not made");
}

#[test]
fn a_number_means_the_same_participant_for_ever() {
    let recorded = RefCell::new(Vec::new());
    let record = |setting: &Setting| {
        recorded.borrow_mut().push(setting.encode());
        Ok(())
    };
    let first = router(&agent(""));
    first.register(NOON_US, &record).unwrap();
    first.register(NOON_US, &record).unwrap();
    assert_eq!(recorded.borrow().len(), 1, "known once");
    // The channel leaves the file: whoever was asked over it still is.
    let settings = recorded.borrow().clone();
    let later = Router::new(participants());
    later.apply_settings(settings.iter().map(Vec::as_slice)).unwrap();
    assert_eq!((later.via(AT, 1), later.is_plain()), (AGENT, false));
    // The number comes again, for somebody else.
    let other = agent("").replace(&format!("via = {OTHER_BANK:?}"), &format!("via = {BANK:?}"));
    let error = later.configure(file(&other)).unwrap_err().to_string();
    assert!(error.contains("channel C1000111000015 1: via") && error.contains("never used"), "{error}");
    let body =
        format!("{{\"by\":\"li\",\"table\":{{\"channel\":[{{\"bank\":{BANK:?},\"number\":1,\"via\":{BANK:?}}}]}}}}");
    assert!(change(&later, &body).unwrap_err().contains("never used"));
}

#[test]
fn a_full_channel_is_passed_by_and_has_room_again() {
    let router = router(
        &agent("priority = 1\nvolume = { day_amount_fen = 100 }").replace("number = 1", "number = 1\nshare = 10000"),
    );
    let number = |amount_fen| decide(&router, &asked(amount_fen), &[], NOON_US).chosen;
    assert_eq!((number(100), number(101)), (Some(1), Some(0)));
    assert_eq!(router.reserve(&place(1, 60), NOON_US), Ok(true));
    assert_eq!((number(40), number(41)), (Some(1), Some(0)));
    assert_eq!(router.reserve(&place(1, 41), NOON_US), Err(Full));
    assert_eq!(router.reserve(&place(0, 41), NOON_US), Ok(false), "what has no bound is not counted");
    router.release(&place(1, 60), true, false);
    assert_eq!(number(100), Some(1));
    router.restore(&place(1, 30));
    assert_eq!((number(70), number(71)), (Some(1), Some(0)));
    assert_eq!(router.reserve(&place(9, 1), NOON_US), Err(Full), "no such channel");
}

#[test]
fn a_failing_channel_is_switched_off_and_comes_back() {
    let rule = "switch_off = { window_ms = 10000, least = 4, failure_share = 5000, timeout_share = 5000, rest_ms = 1000, \
                rest_max_ms = 8000, trials = 2, return_share = 100 }";
    let router = router(&(agent("share = 10000\n") + rule));
    let number = |now_us| decide(&router, &asked(1), &[], now_us).chosen;
    for _ in 0..3 {
        assert_eq!(router.note(AT, 1, LegEnd::Failed, NOON_US), None);
    }
    let off = router.note(AT, 1, LegEnd::TimedOut, NOON_US);
    assert_eq!(off, Some(SwitchState::Off { until_us: NOON_US + 1_000_000 }));
    assert_eq!((number(NOON_US), number(NOON_US + 1_000_000)), (Some(0), Some(1)));
    let later = NOON_US + 1_000_000;
    let reserve = || router.reserve(&Place { accepted_at_us: later, ..place(1, 1) }, later);
    assert_eq!([reserve(), reserve(), reserve()], [Ok(false), Ok(false), Err(Full)]);
    let why = decide(&router, &asked(1), &[], later);
    assert_eq!((why.chosen, why.candidates[1].verdict), (Some(0), Verdict::OnTrial));
    assert_eq!(router.note(AT, 1, LegEnd::Answered, later), None);
    assert_eq!(router.note(AT, 1, LegEnd::Answered, later), Some(SwitchState::On));
    assert_eq!(number(later), Some(1));
}

/// Many threads take and give back places while tables are swapped: the bound is never broken, and what is left is exact.
#[test]
fn volumes_are_exact_under_threads() {
    let bounded = agent("share = 10000\nvolume = { day_count = 50 }");
    let router = Arc::new(router(&bounded));
    let threads: Vec<_> = (0..4_u64)
        .map(|thread| {
            let router = Arc::clone(&router);
            std::thread::spawn(move || {
                let mut held = 0_i64;
                for turn in 0..2_000_u64 {
                    if (turn * 7 + thread) % 3 != 0 {
                        held += i64::from(router.reserve(&place(1, 1), NOON_US) == Ok(true));
                    } else if held > 0 {
                        router.release(&place(1, 1), true, true);
                        held -= 1;
                    }
                    assert!(held <= 50);
                }
                held
            })
        })
        .collect();
    for _ in 0..50 {
        router.configure(file(&bounded)).unwrap();
    }
    let held: i64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    let free = (0..60).filter(|_| router.reserve(&place(1, 1), NOON_US) == Ok(true)).count();
    assert_eq!(held + i64::try_from(free).unwrap(), 50);
}

#[test]
fn an_example_is_a_leg() {
    let participants = participants();
    let example = |text: &str| Example::parse(text).and_then(|example| example.asked(&participants));
    let whole = format!(
        "institution={INSTITUTION},bank={BANK},business=payout,amount=12.34,card=#00000000000000ff,account_type=00,new=yes,back=3"
    );
    let asked = example(&whole).unwrap();
    assert_eq!((asked.bank, asked.amount_fen, asked.card, asked.customer), (AT, 1_234, 255, 255));
    assert_eq!((asked.leg, asked.is_new, asked.back), (Leg::Two, true, Some(3)), "the customer's leg of a payout");
    let read = Example::parse(&whole).unwrap();
    assert_eq!(Example::from_query(&read.to_query()).unwrap(), read);
    for text in [
        "",
        "bank=",
        &format!("institution={INSTITUTION}"),
        &format!("institution={BANK},bank={BANK}"),
        &format!("{whole},bank={BANK}"),
        &format!("{whole},colour=red"),
        &format!("institution={INSTITUTION},bank={BANK},card=6222020200112233445"),
        &format!("institution={INSTITUTION},bank={BANK},amount=1e9"),
    ] {
        let error = example(text).expect_err(text).to_string();
        assert!(!error.contains("6222020200112233445"), "{error}");
    }
}

proptest! {
    /// Whatever stands in the query of an address: an answer or an error.
    #[test]
    fn any_text_is_an_example_or_none(text in ".{0,120}") {
        let _ = Example::from_query(&text).and_then(|example| example.asked(&participants()));
    }
}
