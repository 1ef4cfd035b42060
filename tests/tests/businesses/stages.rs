//! The node's account of where payments' time and CPU go: it explains every payment to the tick, whatever came of it.
//!
//! A debug build checks each payment for itself (`account` in the pipeline); here it is the sums that must agree with what was measured
//! without the stages. No claim about how long anything takes.

use std::time::Duration;

use clearway_loadgen::bank::{Behaviour, Behaviours, Delay, Fault};
use clearway_loadgen::{Mix, Plan, Profile, Run, Settlement, Target, settle};
use clearway_tests::admin;
use clearway_tests::seed::Seed;
use clearway_tests::site::Site;
use serde_json::Value;

use crate::NODE;

/// Stages are kept in ticks of so many microseconds.
const TICK_US: f64 = 0.1;

/// Every business, with banks that are slow, refuse, are silent and forget: two legs, one, none; declined, refused, presumed.
fn explain(secure: bool, workers: usize) {
    let seed = Seed::of_test("stages");
    let usual = Behaviour { delay: Delay::Exponential { mean_ms: 5.0 }, refuses: 0.1, ..Behaviour::default() };
    let behaviour = usual.with_fault(Fault::NeverAnswers, 0.03).with_fault(Fault::Garbage, 0.03);
    let site = Site::with(NODE, &Behaviours::all(seed.number(), behaviour), |options| {
        (options.plain_http, options.workers) = (!secure, workers);
    });
    let node = site.start();
    let scheme = if secure { "https" } else { "http" };
    let target: Target = format!("{scheme}://{}{}", site.address(), site.target().path()).parse().expect("a target");
    let plan = Plan {
        profile: Profile::constant(120.0),
        duration: Duration::from_secs(3),
        mix: Mix::all(),
        seed: seed.number(),
        ..Plan::default()
    };
    let mut finished = Run::start(&plan, site.parties(), &target).and_then(Run::wait).expect("a run");
    let settlement = Settlement { limit: Duration::from_secs(15), ..Settlement::default() };
    settle(&settlement, site.parties(), &target, &mut finished.tracker).expect("a settlement");
    let status = admin::json(node.ready.admin, "/status");
    println!("{}\n{:#}", finished.report, status["stages"]);
    assert_explained(&status);
}

fn assert_explained(status: &Value) {
    let stages = &status["stages"];
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{value} is no number"));
    let payments = number(&stages["payments"]);
    assert!(payments > 50.0, "too few to mean anything: {payments}");
    assert_eq!(payments, number(&status["internal_us"]["count"]), "those whose time in the platform is told");
    let all = stages["stages"].as_array().expect("stages");
    let sum = |key: &str| all.iter().map(|stage| number(&stage[key])).sum::<f64>();
    for stage in all {
        let expected = if stage["name"] == "reactor" { 0.0 } else { payments };
        assert_eq!(number(&stage["count"]), expected, "{stage}");
    }
    let whole = number(&stages["total"]["wall_sum_us"]);
    assert!((sum("wall_sum_us") - whole).abs() <= payments * TICK_US, "{} of {whole}", sum("wall_sum_us"));
    assert!(number(&stages["residual_wall_us"]).abs() <= TICK_US, "{stages:#}");
    // The workers and the journal are threads of the process; its clock is read after theirs.
    let (spent, process) = (sum("cpu_sum_us"), number(&stages["total"]["cpu_sum_us"]));
    assert!(spent > 0.0 && spent <= process, "{spent} of {process}");
}

#[test]
fn the_stages_explain_every_payment_of_every_business() {
    explain(false, 1);
}

#[test]
fn the_stages_explain_every_payment_over_tls_and_two_workers() {
    explain(true, 2);
}
