//! Printed figures against the record that they come from, read back from the page by a reader of its own.

use crate::samples;
use clearway_loadgen::histogram::Quantiles;
use clearway_loadgen::html::{overload_page, run_page, search_page};

/// The texts of a page's table rows, cell by cell.
fn rows(page: &str) -> Vec<Vec<String>> {
    let rows = page.split("<tr>").skip(1).map(|row| row.split("</tr>").next().unwrap_or_default());
    rows.map(|row| row.split("<t").skip(1).map(text_of).collect()).collect()
}

/// The text of a cell, without what stands small beneath it.
fn text_of(cell: &str) -> String {
    let text = cell.split_once('>').map_or("", |(_, rest)| rest);
    text.split('<').next().unwrap_or_default().replace("&#60;", "<").trim().to_owned()
}

fn row<'a>(rows: &'a [Vec<String>], name: &str) -> &'a [String] {
    &rows.iter().find(|row| row.first().is_some_and(|cell| cell == name)).unwrap_or_else(|| panic!("no row {name}"))
        [1..]
}

/// A printed number in its base unit: microseconds, a share, events a second.
fn read(text: &str) -> f64 {
    let (number, unit) = match text.split_once([' ', '/']) {
        Some((number, unit)) => (number, unit),
        None => (text, ""),
    };
    let number: f64 = number.replace(',', "").parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    number
        * match unit {
            "µs" | "s" if text.contains('/') => 1.0,
            "µs" | "" => 1.0,
            "ms" => 1e3,
            "s" => 1e6,
            "%" => 0.01,
            other => panic!("{text}: unit {other}"),
        }
}

/// Three significant digits.
fn assert_printed(text: &str, value: f64, what: &str) {
    let read = read(text);
    assert!(
        (read - value).abs() <= value.abs() * 0.005_01 + 1e-12,
        "{what}: {text} is {read}, the record says {value}"
    );
}

#[test]
fn a_run_prints_what_its_record_says() {
    let record = samples::run_record(1, 60, 400);
    let report = &record.report;
    let rows = rows(&run_page(&record));
    let latencies: [(&str, &Quantiles); 4] = [
        ("response", &report.response_us),
        ("service", &report.service_us),
        ("inside the node", &report.internal_us),
        ("lateness of the generator", &report.lateness_us),
    ];
    for (name, quantiles) in latencies {
        let values = [quantiles.p50, quantiles.p90, quantiles.p99, quantiles.p999, quantiles.max];
        for (text, value) in row(&rows, name).iter().zip(values) {
            assert_printed(text, value as f64, name);
        }
        assert_printed(&row(&rows, name)[5], quantiles.mean, name);
    }
    let counts = [
        ("scheduled", report.scheduled),
        ("sent", report.sent),
        ("late", report.late),
        ("dropped", report.dropped),
        ("unknown", report.unknown),
        ("refused", report.refused),
        ("finals", report.finals),
        ("affected", report.affected),
        ("errors", report.errors),
    ];
    for (name, count) in counts {
        assert_eq!(read(&row(&rows, name)[0]), count as f64, "{name}: counts are printed whole");
        assert_printed(&row(&rows, name)[1], count as f64 / report.scheduled as f64, name);
    }
    let budget = record.stages.as_ref().expect("the sample has stages");
    for stage in &budget.stages {
        assert_printed(&row(&rows, &stage.name)[0], stage.wall_us, &stage.name);
        assert_printed(&row(&rows, &stage.name)[2], stage.cpu_us, &stage.name);
    }
    assert_printed(&row(&rows, "residual")[0], budget.residual_wall_us(), "residual");
    assert_printed(&row(&rows, "total")[2], budget.total_cpu_us, "total");
}

#[test]
fn a_search_prints_every_trial() {
    let record = samples::search_record(3);
    let rows = rows(&search_page(&record));
    for trial in &record.trials {
        let row = row(&rows, &trial.number.to_string());
        assert_printed(&row[1], trial.rate_per_s, "offered");
        assert_eq!(row[2], trial.outcome.to_string());
        assert_printed(&row[3], trial.report.payments_per_second, "payments");
        let shown: Vec<&str> = trial.judgement.criteria.iter().map(|judged| judged.shown.as_str()).collect();
        assert_eq!(row[4..4 + shown.len()], shown);
    }
}

#[test]
fn a_sweep_prints_every_load() {
    let record = samples::overload_record(4);
    let rows = rows(&overload_page(&record));
    for step in &record.steps {
        let row = row(&rows, &format!("{} ×", step.factor));
        let rates = [step.rate_per_s, step.report.achieved_per_s, step.goodput_per_s];
        for (text, value) in row.iter().zip(rates) {
            assert_printed(text, value, "rate");
        }
        assert_printed(&row[5], step.report.response_us.p99 as f64, "p99");
    }
}
