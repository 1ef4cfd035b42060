//! Whole answers: from a machine that is made up, so that what must come out is known.

use super::answer::{Answer, ScalingLaw};
use super::measurements::{BooksFigure, FORMAT, Floors, MachineFacts, Measurements, Setting, Step, Usage, Variant};
use super::request::{Prices, Request, YearMonth};
use super::usl::Usl;
use super::{answer, derive};
use clearway_loadgen::histogram::Quantiles;
use proptest::prelude::*;

/// The law of the machine that is made up; its peak is sqrt(0.8 / 0.0019) = 20.5 under way.
const TRUTH: Usl = Usl { lambda: 1_000.0, sigma: 0.2, kappa: 0.0019 };

fn step(in_flight: f64) -> Step {
    let rate = TRUTH.at(in_flight);
    let time_us = in_flight / rate * 1e6;
    let p99 = (time_us * 4.0) as u64;
    let times = Quantiles { p50: time_us as u64, p99, mean: time_us, ..Quantiles::default() };
    let usage = Usage {
        cpu_us_per_payment: 240.0,
        busy_cores: rate * 240e-6,
        journal_bytes_per_payment: 6_000.0,
        syncs_per_payment: 0.2,
        ..Usage::default()
    };
    Step {
        name: format!("step-{in_flight}"),
        offered_per_s: rate,
        achieved_per_s: rate,
        seconds: 10.0,
        response_us: times,
        service_us: times,
        internal_us: times,
        in_flight_mean: in_flight,
        usage,
        breaches: if p99 > 20_000 { vec![format!("p99 {p99} us is not below 20,000 us")] } else { Vec::new() },
        ..Step::default()
    }
}

pub(in crate::capacity) fn measured() -> Measurements {
    Measurements {
        format: FORMAT.to_owned(),
        seed: 11,
        machine: MachineFacts {
            cpu: "made up".into(),
            cores: 16,
            node_cores: 1,
            memory_bytes: 64 << 30,
            build: "release".into(),
            commit: Some("0123456789ab".into()),
            ..MachineFacts::default()
        },
        setting: Setting { suite: "ed25519".into(), transport: "plain".into(), ..Setting::default() },
        steps: [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 11.0, 15.0, 20.0, 30.0].map(step).to_vec(),
        suites: vec![Variant { name: "ed25519".into(), step: step(2.0), ..Variant::default() }],
        floors: Floors { disk_bytes_per_s: Some(5e8), bytes_per_live_payment: Some(300.0), ..Floors::default() },
        books: Some(BooksFigure {
            payments: 50_000,
            archive_bytes: 5_000_000,
            statement_bytes: 2_500_000,
            seal_seconds: 0.01,
            archive_seconds: 0.2,
            statement_seconds: 0.4,
            compression: "zstd".into(),
        }),
        ..Measurements::default()
    }
}

pub(in crate::capacity) fn request() -> Request {
    Request {
        growth_per_month: 0.04,
        horizon_months: 18,
        start: YearMonth { year: 2026, month: 11 },
        bootstrap_samples: 200,
        prices: Some(Prices { currency: "EUR".into(), node_month: 400.0, storage_gb_month: 0.05, traffic_gb: 0.0 }),
        ..Request::default()
    }
}

fn answered(measurements: Measurements, request: Request) -> Answer {
    derive(measurements, request).expect("an answer")
}

#[test]
fn a_made_up_machine_gets_the_plan_that_follows_from_it() {
    let answer = answered(measured(), request());
    let rated = answer.rated.as_ref().unwrap();
    // p99 = 4 N / X: 20 ms are passed between 15 (X = 3,572) and 20 (X = 3,622) under way.
    assert_eq!((rated.step.as_str(), rated.first_bad.as_ref().unwrap().step.as_str()), ("step-15", "step-20"));
    let working = (80_000.0 * 1.1 / (TRUTH.at(15.0) * 0.7)).ceil() as u64;
    let expected = [working.div_ceil(6), (working + 1).div_ceil(6), working.div_ceil(5), working.div_ceil(4)];
    let needed: Vec<u64> = answer.topology.iter().map(|situation| situation.nodes_per_centre.unwrap()).collect();
    assert_eq!(needed, expected);
    let ScalingLaw::Fitted(law) = &answer.load_law else { panic!("{:?}", answer.load_law) };
    assert!((law.sigma.value - 0.2).abs() < 1e-6 && (law.kappa.value - 0.0019).abs() < 1e-8, "{law:?}");
    assert_eq!((law.n_peak, law.peak_is_extrapolated), (Some(20.0), false));
    assert!(matches!(answer.core_law, ScalingLaw::Refused { .. }));
    assert!(answer.little.iter().all(|check| (check.ratio - 1.0).abs() < 1e-6));
    assert!(answer.resources[0].binds && answer.resources[0].name == "CPU");
    assert_eq!(answer.growth.len(), 19);
}

#[test]
fn the_headline_says_nothing_that_stands_nowhere_else() {
    let answer = answered(measured(), request());
    let text = answer.headline.join("\n");
    let installation = answer.installation.as_ref().unwrap();
    let cost = answer.cost.as_ref().unwrap();
    for part in [
        format!("{} final payments/s", grouped(answer.rated.as_ref().unwrap().measured_per_s)),
        format!("{} nodes in all", installation.nodes_total),
        format!("outgrows them in {}", installation.outgrown.unwrap()),
        format!("order by {}", installation.act_by.unwrap()),
        format!("{:.2} EUR for a million", cost.per_million_payments),
        "80,000 payments/s from 6 centre(s) in 3 cities".to_owned(),
    ] {
        assert!(text.contains(&part) || installation.late_months > 0 && part.starts_with("order"), "{part}: {text}");
    }
}

fn grouped(number: f64) -> String {
    let thousands = (number.round() / 1_000.0).floor();
    format!("{thousands:.0},{:03.0}", number.round() - thousands * 1_000.0)
}

#[test]
fn an_answer_survives_its_own_document_and_is_the_same_every_time() {
    let write = |answer: &Answer| serde_json::to_string_pretty(answer).unwrap();
    let first = answered(measured(), request());
    let text = write(&first);
    assert_eq!(text, write(&answered(measured(), request())));
    // A document that is read again gives the same answer: nine digits are read as they were written.
    let read: Answer = serde_json::from_str(&text).unwrap();
    assert_eq!(text, write(&read));
}

#[test]
fn without_a_step_that_held_there_is_a_page_and_no_plan() {
    let broken = Measurements { steps: vec![step(30.0)], ..measured() };
    for measurements in [Measurements::default(), broken] {
        let answer = answered(measurements, request());
        assert!(
            answer.rated.is_none() && answer.topology.is_empty() && answer.growth.is_empty() && answer.cost.is_none()
        );
        assert!(answer.headline[0].starts_with("No valid step held") && !answer.caveats.is_empty());
    }
}

#[test]
fn invalid_steps_stand_in_the_answer_and_change_nothing_else() {
    let mut disturbed = measured();
    let wild = Step { achieved_per_s: 90_000.0, invalid: vec!["generator late".into()], ..step(12.0) };
    disturbed.steps.insert(7, wild);
    let (plain, other) = (answered(measured(), request()), answered(disturbed, request()));
    assert_eq!(other.measurements.steps.len(), plain.measurements.steps.len() + 1);
    assert_eq!((plain.rated, plain.load_law, plain.topology), (other.rated, other.load_law, other.topology));
    assert!(other.caveats.iter().any(|caveat| caveat.starts_with("1 of 11 steps")));
}

#[test]
fn a_request_that_cannot_be_answered_and_a_figure_that_is_none_are_refused() {
    assert!(derive(measured(), Request { centres: 0, ..request() }).is_err());
    let mut broken = measured();
    broken.floors.exchange_us = f64::NAN;
    let error = derive(broken, request()).unwrap_err().to_string();
    assert!(error.contains("is no number"), "{error}");
    assert_eq!(answer::FORMAT, "clearway-capacity-report/1");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    /// Whatever is asked: more target takes no fewer nodes, more reserve neither, and all of it stays consistent.
    #[test]
    fn more_of_anything_takes_no_fewer_nodes(
        target in 100.0..1e6_f64, more in 1.0..4.0_f64, centres in 2_u32..12, growth in 0.0..0.1_f64,
        buffer in 0.0..0.5_f64, utilisation in 0.3..0.99_f64,
    ) {
        let base = Request {
            target_per_s: target, growth_per_month: growth, centres, cities: 2, buffer, utilisation,
            bootstrap_samples: 100, ..request()
        };
        let total = |request: Request| answered(measured(), request).installation.unwrap().nodes_total;
        let nodes = total(base.clone());
        let (faster, safer, idler) = (
            total(Request { target_per_s: target * more, ..base.clone() }),
            total(Request { buffer: buffer + 0.3, ..base.clone() }),
            total(Request { utilisation: utilisation * 0.7, ..base.clone() }),
        );
        prop_assert!([faster, safer, idler].iter().all(|other| *other >= nodes), "{faster} {safer} {idler} {nodes}");
        let answer = answered(measured(), base);
        prop_assert!(answer.growth.windows(2).all(|pair| pair[1].nodes_total >= pair[0].nodes_total));
        let mut outgrown = answer.growth.iter().filter(|month| month.outgrown).map(|month| month.label);
        prop_assert_eq!(outgrown.next(), answer.installation.unwrap().outgrown);
    }
}
