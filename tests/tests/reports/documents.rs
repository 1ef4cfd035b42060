//! What holds for every page whatever stands in it: well formed, alone, the same each time.

use crate::{pages, samples};
use clearway_loadgen::html::{page_of, run_page};
use quick_xml::Reader;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeSet;

/// Elements that fetch, run or send something.
const FORBIDDEN: [&str; 12] =
    ["script", "link", "iframe", "object", "embed", "img", "image", "form", "video", "audio", "base", "use"];
/// Attributes that name another document.
const REFERENCES: [&str; 7] = ["href", "src", "action", "srcset", "data", "poster", "xlink:href"];

/// Every element of a page, with its attributes; fails where it is not well-formed XML.
fn elements(name: &str, page: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut reader = Reader::from_str(page);
    reader.config_mut().check_end_names = true;
    let mut seen = Vec::new();
    let mut open = 0_i32;
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{name}: {error} at {}", reader.error_position())) {
            Event::Start(start) => {
                open += 1;
                seen.push(element(name, &start));
            }
            Event::Empty(start) => seen.push(element(name, &start)),
            Event::End(_) => open -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open, 0, "{name}: every element is closed");
    seen
}

fn element(page: &str, start: &BytesStart<'_>) -> (String, Vec<(String, String)>) {
    let attribute = |attribute: Attribute<'_>| (attribute.key.as_ref().to_owned(), attribute.value.into_owned());
    let name = start.name().as_ref().to_owned();
    let attributes = start.attributes().map(|found| attribute(found.unwrap_or_else(|error| panic!("{page}: {error}"))));
    (name, attributes.collect())
}

#[test]
fn pages_are_well_formed_and_fetch_nothing() {
    for (name, page) in pages() {
        let mut ids = BTreeSet::new();
        for (element, attributes) in elements(&name, &page) {
            assert!(!FORBIDDEN.contains(&element.as_str()), "{name}: <{element}>");
            for (key, value) in attributes {
                let is_outside = REFERENCES.contains(&key.as_str()) && !value.starts_with('#');
                assert!(!is_outside, "{name}: <{element} {key}=\"{value}\">");
                assert!(!key.starts_with("on") && key != "style", "{name}: <{element} {key}>");
                assert!(key != "id" || ids.insert(value.clone()), "{name}: id {value} stands twice");
            }
        }
        let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
        assert!(page.contains(policy), "{name}");
        for fetching in ["url(", "@import", "javascript:", "http-equiv=\"refresh\""] {
            assert!(!page.contains(fetching), "{name}: {fetching}");
        }
    }
}

#[test]
fn every_plot_names_and_describes_itself() {
    for (name, page) in pages() {
        let plots = page.matches("<svg ").count();
        assert!(plots >= 2, "{name}");
        for part in ["<title id=", "<desc id=", "role=\"img\" aria-labelledby="] {
            assert_eq!(page.matches(part).count(), plots, "{name}: {part}");
        }
    }
}

#[test]
fn the_same_record_gives_the_same_bytes_also_from_its_json() {
    for ((name, one), (_, other)) in pages().into_iter().zip(pages()) {
        assert_eq!(one, other, "{name}");
    }
    let record = samples::run_record(7, 20, 100);
    let json = serde_json::to_string(&record).expect("a record is JSON");
    assert_eq!(page_of(&json).expect("a run"), run_page(&record));
    for (json, why) in [("{}", "format"), ("no", "format"), (r#"{"format":"other/1"}"#, "this program draws")] {
        assert!(page_of(json).is_err_and(|said| said.contains(why)), "{json}");
    }
}

#[test]
fn what_a_record_holds_cannot_become_markup() {
    let mut record = samples::run_record(9, 10, 50);
    let nasty = "</p><script>alert(1)</script>\u{1}&<svg onload=\"x\">'\"";
    record.report.suite = nasty.into();
    record.report.invalid = vec![nasty.into()];
    if let Some(stages) = &mut record.stages {
        stages.stages[0].name = nasty.into();
    }
    let page = run_page(&record);
    let names: BTreeSet<String> = elements("nasty", &page).into_iter().map(|(name, _)| name).collect();
    assert!(!names.contains("script"), "{names:?}");
    assert!(!page.contains("<svg onload"));
}
