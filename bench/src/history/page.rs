//! The history as a page: for every machine and suite its figures, run after run.

use std::collections::BTreeMap;

use askama::Template;
use clearway_loadgen::html::{Figure, Shell, Table};
use clearway_loadgen::plot::{Axis, Chart, Colour, Series, Shape, Unit};

use super::entry::Entry;

#[derive(Template)]
#[template(path = "history.html")]
struct Body {
    groups: Vec<Group>,
}

/// Runs that may be compared: one machine, one suite.
struct Group {
    title: String,
    figures: Vec<Figure>,
    runs: Table,
}

const FOOT: &str = "clearway-bench history. Accepted runs only: valid, verdict good, release build.";

/// The page.
pub(super) fn page(entries: &[Entry]) -> String {
    let mut by_group = BTreeMap::<(&str, &str), Vec<&Entry>>::new();
    for entry in entries {
        by_group.entry((&entry.machine, &entry.suite)).or_default().push(entry);
    }
    let groups: Vec<Group> = by_group
        .into_iter()
        .enumerate()
        .map(|(place, ((machine, suite), runs))| group(place, machine, suite, runs))
        .collect();
    let lead = format!(
        "{} accepted runs; fsync on, one node, figures of one machine and suite beside each other",
        entries.len()
    );
    Shell::new("History of measured runs", lead, Body { groups }.to_string(), FOOT).to_string()
}

fn group(place: usize, machine: &str, suite: &str, mut runs: Vec<&Entry>) -> Group {
    // Moments in this form sort as text.
    runs.sort_by(|one, other| one.started_at.cmp(&other.started_at));
    let line = |pick: &dyn Fn(&Entry) -> Option<f64>| -> Vec<(f64, f64)> {
        let points = runs.iter().enumerate().map(|(at, run)| (at as f64 + 1.0, pick(run)));
        points.filter_map(|(at, value)| Some((at, value?))).collect()
    };
    let latency = vec![
        Series::new("response p99", Colour::Orange, Shape::Beads(line(&|run| Some(run.response_us.p99 as f64)))),
        Series::new("response p50", Colour::Blue, Shape::Beads(line(&|run| Some(run.response_us.p50 as f64)))),
    ];
    let rate = vec![Series::new("", Colour::Green, Shape::Beads(line(&|run| Some(run.payments_per_second))))];
    let cost = vec![Series::new("", Colour::Purple, Shape::Beads(line(&|run| run.cpu_us_per_payment)))];
    let (count, cost_unit) = (runs.len(), Axis::linear("CPU a payment", Unit::Micros));
    let charts = [
        chart(place, "rate", "Payments a second", Axis::linear("payments", Unit::PerSecond), rate, count),
        chart(place, "latency", "Response time", Axis::log("response time", Unit::Micros), latency, count),
        chart(place, "cost", "CPU of the node a payment", cost_unit, cost, count),
    ];
    let has_points = |chart: &&Chart| chart.series.iter().any(|series| !series.is_empty());
    Group {
        title: format!("{suite} on {machine}"),
        figures: charts
            .iter()
            .filter(has_points)
            .map(|chart| Figure::of(chart, "By run, as numbered below."))
            .collect(),
        runs: table(&runs),
    }
}

fn chart(place: usize, name: &str, title: &str, y: Axis, series: Vec<Series>, runs: usize) -> Chart {
    Chart {
        id: format!("{name}-{place}"),
        title: title.into(),
        description: format!("{title}, {runs} runs in the order of their time."),
        x: Axis::linear("run", Unit::Count).between(0.0, runs as f64 + 1.0),
        y,
        series,
        marks: Vec::new(),
    }
}

fn table(runs: &[&Entry]) -> Table {
    let headings = [
        "#run",
        "when",
        "commit",
        "what",
        "schedule",
        "#window",
        "#payments",
        "#response p50",
        "#response p99",
        "#internal p99",
        "#CPU a payment",
    ];
    let mut table = Table::new("", &headings);
    for (place, run) in runs.iter().enumerate() {
        let micros = |value: u64| Unit::Micros.print(value as f64);
        table.push([
            (place + 1).to_string(),
            run.started_at.get(..16).unwrap_or(&run.started_at).replace('T', " "),
            run.commit.clone(),
            run.command.clone(),
            run.schedule.clone(),
            Unit::Seconds.print(run.seconds),
            Unit::PerSecond.print(run.payments_per_second),
            micros(run.response_us.p50),
            micros(run.response_us.p99),
            micros(run.internal_us.p99),
            run.cpu_us_per_payment.map_or_else(|| "–".into(), |cost| Unit::Micros.print(cost)),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::source::{entry_of, tests::accepted};

    fn entry(suite: &str, started_at: &str, commit: &str) -> Entry {
        let entry = entry_of(&serde_json::to_string(&accepted()).unwrap()).unwrap();
        Entry { suite: suite.into(), started_at: started_at.into(), commit: commit.into(), ..entry }
    }

    #[test]
    fn each_machine_and_suite_has_its_own_section_in_the_order_of_time() {
        let entries = [
            entry("sm2-sm3", "2026-11-21T09:00:00.000Z", "second"),
            entry("ed25519", "2026-11-20T09:00:00.000Z", "<other>"),
            entry("sm2-sm3", "2026-11-20T09:00:00.000Z", "first"),
        ];
        let page = page(&entries);
        let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text} in the page"));
        assert!(at("ed25519 on AMD EPYC") < at("sm2-sm3 on AMD EPYC"));
        assert!(at(">first<") < at(">second<"), "by time, not by line");
        assert!(page.contains("&#60;other&#62;") && !page.contains("<other>"));
        assert!(page.contains("2026-11-21 09:00") && !page.contains("CPU of the node a payment"));
        assert_eq!(page, super::page(&entries), "the same history gives the same bytes");
    }

    #[test]
    fn an_empty_history_is_a_page_too() {
        assert!(page(&[]).contains("Nothing was accepted yet"));
    }
}
