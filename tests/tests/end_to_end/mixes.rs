//! What a mix file asks for, against the node: suites side by side, every size, requests that were changed after they were signed. And what the
//! node's journal says of it, played once more.

use std::time::Duration;

use clearway_crypto::Suite;
use clearway_loadgen::mix::MixFile;
use clearway_loadgen::run::drive;
use clearway_loadgen::schedule::{Replay, Trace};
use clearway_loadgen::{Behaviours, Mix, Oracle, Plan, Profile, Settlement};
use clearway_tests::site::Site;

use crate::NODE;

const MIX: &str = r#"
    format = 1
    [mix]
    payments = 70
    refunds = 10
    payouts = 10
    queries = 10
    duplicates = 5
    bad-signatures = 10
    text = { kind = "uniform", from = 0.0, to = 1.0 }
    [mix.suites]
    ed25519 = 50
    sm2-sm3 = 50
"#;

/// One run, settled; the report must be free of errors and the verdict good.
fn carry_out(site: &Site, plan: &Plan) -> clearway_loadgen::Report {
    let mut driven = drive(plan, site.parties(), &site.target(), &mut ()).expect("a run");
    driven.settle(&Settlement::default(), site.parties(), &site.target()).expect("a settlement");
    let books = || Ok(site.books());
    let verdict = Oracle::await_agreement(books, &driven.tracker, Duration::from_secs(20)).expect("books");
    let report = driven.record.report;
    assert!(verdict.ok, "{verdict:#?}\n{report}");
    assert_eq!((report.unknown, report.refused_unasked, report.unrefused), (0, 0, 0), "{report}");
    report
}

/// Story: the peers' load tools replay yesterday's traffic. Here it comes from the journal: when, and of which business, and nothing else.
#[test]
fn suites_sizes_and_altered_requests_and_their_journal_replayed() {
    let site = Site::with(NODE, &Behaviours::healthy(), |options| {
        options.institution_suites = vec![Suite::Ed25519, Suite::Sm2Sm3];
    });
    let node = site.start();
    let mix = MixFile::parse(MIX).expect("a mix").mix;
    let plan = Plan { profile: Profile::constant(100.0), duration: Duration::from_secs(2), mix, ..Plan::default() };
    let report = carry_out(&site, &plan);
    let altered = &report.kinds["bad-signature"];
    assert!(altered.sent > 5 && altered.outcomes.get("ES000025") == Some(&altered.sent), "{report}");
    assert!(report.suite.contains("ed25519") && report.suite.contains("sm2-sm3"), "{}", report.suite);

    let out = site.config().with_file_name("trace.csv").display().to_string();
    let journal = site.journal().display().to_string();
    let exported = site.run(&["journal", "arrivals", &journal, "--out", &out]);
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let trace = Trace::load(out.as_ref()).expect("every line is understood");
    let began = ["payment", "refund", "payout"].iter().map(|kind| report.kinds[*kind].sent).sum::<u64>();
    assert_eq!(trace.len() as u64, began, "queries, repetitions and refusals leave no arrival");

    let replay = Replay::load(out.as_ref(), 0.5).expect("a trace");
    let mix = Mix::payments_only();
    let again = Plan { duration: replay.length(), profile: Profile::Replay(replay), mix, ..Plan::default() };
    let replayed = carry_out(&site, &again);
    assert_eq!(replayed.sent, began);
    assert_eq!(node.terminate().code, Some(0));
}
