//! The page of a machine that is made up.

use clearway_loadgen::plot::Unit;
use clearway_loadgen::record::{Stage, StageBudget};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::page;
use crate::capacity::model::measurements::{Measurements, Step};
use crate::capacity::model::tests::{measured, request};
use crate::capacity::model::{Answer, Request, derive};

/// What no figure of a report is called by itself.
const HOSTILE: &str = "<script>alert('&\"')</script>";

fn answered(measurements: Measurements, request: Request) -> Answer {
    derive(measurements, request).unwrap()
}

/// Every open element is closed, and nothing else is wrong with it as XML.
fn check_form(page: &str) {
    let mut reader = Reader::from_str(page);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return,
            Ok(_) => {}
            Err(error) => {
                let at = reader.error_position() as usize;
                panic!("{error} at {:?}", page.get(at.saturating_sub(80)..at + 80));
            }
        }
    }
}

#[test]
fn a_page_is_whole_stands_alone_and_is_the_same_every_time() {
    let stages = StageBudget {
        payments: 100,
        stages: vec![Stage { name: "verify".into(), wall_us: 60.0, cpu_us: 50.0 }],
        total_wall_us: 61.0,
        total_cpu_us: 55.0,
    };
    let answer = answered(Measurements { stages: Some(stages), ..measured() }, request());
    let text = page(&answer);
    check_form(&text);
    assert_eq!(text, page(&answer));
    for outside in ["<script", "https://", "url(", "src=", "@import"] {
        assert!(!text.contains(outside), "{outside}");
    }
    let addresses: Vec<&str> = text.match_indices("http://").map(|(at, _)| &text[at..at + 26]).collect();
    assert!(addresses.iter().all(|address| *address == "http://www.w3.org/2000/svg"), "{addresses:?}");
    for section in ["answer", "latency", "law", "stages", "resources", "topology", "growth", "cost", "storage", "books"]
    {
        assert!(text.contains(&format!("<h2 id=\"{section}\">")) && text.contains(&format!("href=\"#{section}\"")));
    }
}

#[test]
fn the_page_says_what_the_answer_says() {
    let answer = answered(measured(), request());
    let text = page(&answer);
    let (rated, installation) = (answer.rated.as_ref().unwrap(), answer.installation.as_ref().unwrap());
    for said in [
        Unit::PerSecond.print(rated.measured_per_s),
        Unit::Count.print(installation.nodes_total as f64),
        installation.outgrown.unwrap().to_string(),
        Unit::Number.print(answer.cost.as_ref().unwrap().per_million_payments),
        Unit::Bytes.print(answer.storage.bytes_per_day),
        "extrapolation".to_owned(),
        "EXTRAPOLATED".to_owned(),
    ] {
        assert!(text.contains(&said), "{said}");
    }
    for step in &answer.measurements.steps {
        assert!(text.contains(&format!(">{}<", step.name)), "{}", step.name);
    }
    for caveat in answer.headline.iter().chain(&answer.caveats) {
        let said = caveat.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;").replace('\'', "&#39;");
        assert!(text.contains(&said), "{caveat}");
    }
}

#[test]
fn invalid_runs_are_shown_as_such_and_a_machine_without_an_answer_has_a_page() {
    let invalid = |step: Step| Step { invalid: vec!["generator late".into()], ..step };
    let steps = measured().steps.into_iter().map(invalid).collect();
    let answer = answered(Measurements { steps, quick: true, ..measured() }, request());
    let text = page(&answer);
    check_form(&text);
    assert!(answer.rated.is_none() && text.contains("No answer"));
    assert_eq!(text.matches("INVALID, not used: generator late").count(), answer.measurements.steps.len());
    assert!(text.contains("p99, INVALID") && text.contains("not for quoting") && text.contains("Not measured"));
}

#[test]
fn what_names_hold_is_text() {
    let mut measurements = measured();
    measurements.machine.cpu = HOSTILE.into();
    measurements.setting.suite = HOSTILE.into();
    measurements.steps[0].name = HOSTILE.into();
    measurements.steps[1].invalid = vec![HOSTILE.into()];
    measurements.skipped = vec![HOSTILE.into()];
    let text = page(&answered(measurements, request()));
    check_form(&text);
    assert!(!text.contains("<script") && text.contains("&#60;script"));
}
